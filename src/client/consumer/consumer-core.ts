/** The parts of a consumer, put together: what is to be read, where it is, and its way to whoever reads. */
import { CorruptBatchError, KafkaError } from "../../protocol/index.ts";
import { Deadline } from "../async/deadline.ts";
import { type CallContext, type CallOptions, ClientCore, type ClientParts } from "../client-core.ts";
import { backoffMs } from "../cluster/backoff.ts";
import { nodeCodecs } from "../compression/node-codecs.ts";
import type { ResolvedConsumerConfig } from "../config/consumer-options.ts";
import { ClosedError, CommitFailedError, DeserializationError, IllegalStateError } from "../errors.ts";
import type { Runtime } from "../runtime.ts";
import type { AssignedPartition } from "./assignment/assigned-partition.ts";
import type { Assignment, AssignmentChange } from "./assignment/assignment.ts";
import { Holdings } from "./assignment/holdings.ts";
import type { Subscription } from "./assignment/subscription.ts";
import { outsiderOf } from "./commit/group-identity.ts";
import { OffsetCommits } from "./commit/offset-commits.ts";
import type { ConsumerClosing } from "./consumer-close-options.ts";
import { Fetcher } from "./fetch/fetcher.ts";
import { LivenessWatch } from "./liveness/liveness-watch.ts";
import { GroupMember } from "./membership/group-member.ts";
import type { ConsumerGauges } from "./metrics/consumer-gauges.ts";
import { ConsumerMetrics } from "./metrics/consumer-metrics.ts";
import type { OffsetQueryContext } from "./positions/offset-queries.ts";
import { PositionFinder } from "./positions/position-finder.ts";
import { type Backlog, FetchBuffer } from "./reading/fetch-buffer.ts";
import { ListenerCalls } from "./reading/listener-calls.ts";
import { ReadCalls } from "./reading/read-calls.ts";
import { Reader } from "./reading/reader.ts";
import type { HandedBatch } from "./reading/taken-batch.ts";
import { TurnWatch } from "./reading/turn-watch.ts";
import { RecordSettings } from "./records/record-settings.ts";
import type { RunOptions } from "./running/run-options.ts";
import { Runs } from "./running/runs.ts";

/** G12: whatever the user has done with a record may have taken so long that the next one is somebody else's. */
const STEPS_PER_LOOK_OF_MEMBERS = 1;

export class ConsumerCore {
  readonly config: ResolvedConsumerConfig;
  readonly client: ClientCore;
  readonly holdings: Holdings;
  readonly buffer: FetchBuffer;
  readonly calls: ReadCalls;
  readonly finder: PositionFinder;
  readonly fetcher: Fetcher;
  readonly commits: OffsetCommits;
  readonly liveness: LivenessWatch;
  readonly #runtime: Runtime;
  readonly #reader: Reader;
  readonly #listeners: ListenerCalls;
  readonly #turns: TurnWatch;
  readonly #metrics: ConsumerMetrics | undefined;
  readonly #runs: Runs;
  /** Of a consumer that shares partitions with others: one with a groupId, unless it assigns its partitions itself. */
  readonly member: GroupMember | undefined;
  #parts: ClientParts | undefined;
  #isStarted = false;
  #hasBegun = false;
  #closing: Promise<void> | undefined;
  /** Ends, when it is closed, what it does in the background. */
  readonly #life = new AbortController();

  constructor(config: ResolvedConsumerConfig, runtime: Runtime) {
    this.config = config;
    this.#runtime = runtime;
    this.client = new ClientCore("consumer", config, runtime);
    this.#metrics = this.#newMetrics();
    this.holdings = this.#newHoldings();
    this.#listeners = new ListenerCalls(this.client.telemetry, () => this.calls.needCare());
    const { clock, afterTurn = (run): unknown => clock.schedule(0, run) } = runtime;
    const patience = config.groupId === undefined ? {} : { mostStepsPerLook: STEPS_PER_LOOK_OF_MEMBERS };
    this.#turns = new TurnWatch({ clock, afterTurn, onAway: () => this.member?.away(), ...patience });
    this.buffer = this.#newBuffer();
    this.#reader = this.#newReader();
    this.calls = this.#newCalls();
    const { calls, buffer } = this;
    this.#runs = new Runs({ calls, buffer, turns: this.#turns, clock, commit: (batch) => this.commitBatch(batch) });
    this.commits = this.#newCommits();
    this.member = this.#newMember();
    this.finder = this.#newFinder();
    this.fetcher = this.#newFetcher();
    this.liveness = this.#newLiveness();
  }

  get assignment(): Assignment {
    return this.holdings.assignment;
  }

  get isClosed(): boolean {
    return this.#closing !== undefined;
  }

  checkOpen(): void {
    if (this.#closing !== undefined) throw new ClosedError(this.client.name);
  }

  subscribe(subscription: Exclude<Subscription, { readonly kind: "none" }>): void {
    this.member?.subscribed();
    this.holdings.subscribe(subscription);
  }

  unsubscribe(): void {
    const { defaultApiTimeoutMs, enableAutoCommit } = this.config;
    void this.member?.leave(this.deadline(defaultApiTimeoutMs, this.#life.signal), { commits: enableAutoCommit });
    this.holdings.subscribe({ kind: "none" });
  }

  /** Something that is looked up or fetched may have become possible. */
  wake(): void {
    if (!this.#hasBegun) return;
    this.finder.wake();
    this.fetcher.wake();
  }

  call<T>(what: string, options: CallOptions, work: (context: CallContext) => Promise<T>): Promise<T> {
    return this.client.call(what, options, (context) => {
      this.#attach(context);
      return work(context);
    });
  }

  /** A question to the leaders of partitions. */
  query<T>(what: string, options: CallOptions, work: (context: OffsetQueryContext) => Promise<T>): Promise<T> {
    const { config } = this;
    const { random } = this.#runtime;
    return this.call(what, options, ({ cluster, deadline }) => work({ cluster, deadline, config, random }));
  }

  deadline(timeoutMs: number, signal?: AbortSignal): Deadline {
    return new Deadline(this.#runtime.clock, timeoutMs, signal);
  }

  /** Connects, if nobody does or has. */
  start(): void {
    if (this.#isStarted || this.#closing !== undefined) return;
    this.#isStarted = true;
    this.liveness.begin();
    this.#begin();
    void this.#connect();
  }

  async run(options: RunOptions<unknown, unknown>): Promise<void> {
    try {
      await this.#runs.run(options);
    } finally {
      if (!this.isClosed) this.commits.auto?.now();
    }
  }

  async commitBatch({ partition: { topic, partition, isAssigned }, nextOffset, leaderEpoch }: HandedBatch): Promise<void> {
    const { groupId: group } = this.config;
    // Whoever has the partition by now must not find it where we were.
    if (!isAssigned && group !== undefined) throw new CommitFailedError("the partition is not assigned to it any more", { group });
    await this.commits.commit([{ topic, partition, offset: nextOffset, leaderEpoch }]);
  }

  close(how: ConsumerClosing): Promise<void> {
    this.#closing ??= this.#close(how);
    return this.#closing;
  }

  async #close({ timeoutMs, autocommit: commits, leaveGroup }: ConsumerClosing): Promise<void> {
    const deadline = new Deadline(this.#runtime.clock, timeoutMs);
    const closed = new ClosedError(this.client.name);
    this.calls.close(closed);
    await this.#runs.settled(deadline);
    this.holdings.stopFollowing();
    this.liveness.close();
    this.finder.close();
    if (commits) this.#reader.processedPolled();
    if (this.member?.isWanted === true) await this.member.takeLeave(deadline, { commits, leaveGroup });
    else if (commits) await this.commits.commitProcessed(deadline);
    this.member?.close();
    this.#life.abort(closed);
    await this.commits.settled(deadline);
    await this.fetcher.close(deadline);
    this.commits.close(closed);
    for (const partition of this.assignment.all()) this.buffer.drop(partition);
    this.holdings.stop();
    await this.client.close();
  }

  async #connect(): Promise<void> {
    const { bootstrapTimeoutMs } = this.config;
    try {
      await this.call("reading", { timeoutMs: bootstrapTimeoutMs }, ({ cluster, deadline }) => cluster.bootstrap(deadline));
    } catch (thrown) {
      if (this.isClosed) return;
      // Whoever reads is told, and who then reads again begins again.
      this.#isStarted = false;
      this.calls.raise(thrown instanceof KafkaError ? thrown : new IllegalStateError(String(thrown)));
    }
  }

  #attach({ cluster, pool }: CallContext): void {
    if (this.#parts !== undefined) return;
    this.#parts = { cluster, pool };
    this.member?.attach(cluster);
    this.holdings.attach(cluster);
    cluster.onChange(({ metadata }) => this.holdings.learn(metadata));
    this.#begin();
  }

  /** Looks for positions, and fetches: as soon as somebody reads, not because somebody commits or asks something. */
  #begin(): void {
    const parts = this.#parts;
    if (parts === undefined || !this.#isStarted || this.#hasBegun) return;
    this.#hasBegun = true;
    this.finder.attach(parts);
    this.fetcher.attach(parts);
    parts.cluster.onChange(() => {
      this.finder.metadataChanged();
      this.fetcher.metadataChanged();
    });
    this.wake();
  }

  #newHoldings(): Holdings {
    return new Holdings({
      config: this.config,
      runtime: this.#runtime,
      onCourseLeft: (partition) => {
        this.#metrics?.dropped(partition);
        this.buffer.drop(partition);
      },
      onReplace: () => this.commits.auto?.now(),
      onReplaced: (change) => this.#replaced(change),
      tell: (listener, { added, removed }) => this.#listeners.add(listener, added, removed),
      onProblem: (error) => this.calls.raise(error),
      share: () => this.member,
    });
  }

  #newMember(): GroupMember | undefined {
    const { config, client, holdings, commits, calls } = this;
    const { groupId } = config;
    if (groupId === undefined) return undefined;
    const { telemetry } = client;
    const own = { runtime: this.#runtime, runs: this.#runs, metrics: this.#metrics?.membership };
    return new GroupMember({ groupId, config, telemetry, holdings, commits, calls, ...own });
  }

  #newMetrics(): ConsumerMetrics | undefined {
    const { clock } = this.#runtime;
    const { isolationLevel } = this.config;
    const gauges = new CoreGauges(this);
    return ConsumerMetrics.of({ registry: this.client.telemetry.metrics, gauges, clock, isolationLevel });
  }

  #newBuffer(): FetchBuffer {
    const metrics = this.#metrics;
    return new FetchBuffer({
      onReadable: () => this.calls.readable(),
      onRoom: (partition) => this.fetcher.wake(partition),
      onRead: metrics && ((part) => metrics.partRead(part)),
    });
  }

  #newReader(): Reader {
    return new Reader({
      buffer: this.buffer,
      onUnreadable: (backlog, error) => this.#unreadable(backlog, error),
      onOpened: (batch) => {
        this.commits.auto?.wake();
        this.#metrics?.batchOpened(batch);
      },
    });
  }

  #newCommits(): OffsetCommits {
    const { config, assignment } = this;
    const metrics = this.#metrics;
    return new OffsetCommits({
      config,
      runtime: this.#runtime,
      telemetry: this.client.telemetry,
      assignment,
      call: (what, options, work) => this.call(what, options, work),
      identity: () => this.member?.identity ?? outsiderOf(config.groupId ?? ""),
      problem: () => this.member?.commitProblem,
      onRefused: (error, identity) => this.member?.commitRefused(error, identity),
      onAnswered: metrics && ((latencyMs) => metrics.commitAnswered(latencyMs)),
    });
  }

  #newFinder(): PositionFinder {
    const { config, assignment, commits } = this;
    return new PositionFinder({
      config,
      runtime: this.#runtime,
      telemetry: this.client.telemetry,
      assignment,
      committed: config.groupId === undefined ? undefined : commits.committedNow.bind(commits),
      onFound: () => this.#found(),
      onProblem: (partition, error) => this.calls.raise(error, partition),
    });
  }

  #newFetcher(): Fetcher {
    const { config, assignment, buffer, finder } = this;
    const { codecs = nodeCodecs } = this.#runtime;
    const { checkCrcs, keyDeserializer, valueDeserializer } = config;
    return new Fetcher({
      config,
      runtime: this.#runtime,
      telemetry: this.client.telemetry,
      assignment,
      buffer,
      settings: new RecordSettings({ checkCrcs, codecs, keyDeserializer, valueDeserializer }),
      positions: finder,
      metrics: this.#metrics,
      onProblem: (partition, error) => this.calls.raise(error, partition),
    });
  }

  #newLiveness(): LivenessWatch {
    const { config, assignment, finder, fetcher, client } = this;
    const { clock } = this.#runtime;
    const { telemetry } = client;
    return new LivenessWatch({ config, clock, telemetry, assignment, finder, fetcher, cluster: () => client.parts?.cluster });
  }

  #newCalls(): ReadCalls {
    const { keyDeserializer, valueDeserializer } = this.config;
    return new ReadCalls({
      reader: this.#reader,
      clock: this.#runtime.clock,
      turns: this.#turns,
      hasDeserializers: keyDeserializer !== undefined || valueDeserializer !== undefined,
      metrics: this.#metrics,
      onCome: () => this.member?.come(),
      prepare: (deadline) => {
        this.start();
        this.wake();
        return this.member?.prepare(deadline) ?? this.#listeners.pending();
      },
    });
  }

  #replaced({ added, removed }: AssignmentChange): void {
    this.#metrics?.assignmentChanged();
    this.liveness.follow();
    if (added.length > 0 || removed.length > 0) this.wake();
  }

  /** Also who reads nothing may have a position to commit. */
  #found(): void {
    this.fetcher.wake();
    this.commits.auto?.wake();
  }

  /** It stays where it is; others go on. What cannot be deserialized will not be otherwise next time, but bytes may be (F5, F9). */
  #unreadable(backlog: Backlog, error: unknown): void {
    const { partition } = backlog;
    if (error instanceof DeserializationError) {
      this.buffer.yieldTurn(backlog);
      return;
    }
    const failures = partition.failures + 1;
    partition.rewind();
    partition.failures = failures;
    partition.retryAtMs = this.#runtime.clock.monotonic() + backoffMs(failures, this.config, this.#runtime.random);
    const { topic, partition: index, offset } = partition;
    const code = error instanceof CorruptBatchError ? "CORRUPT_BATCH" : "UNREADABLE_BATCH";
    const said = error instanceof Error ? error.message : String(error);
    this.client.telemetry.warning(code, said, { topic, partition: index, offset });
    this.fetcher.wake();
  }
}

/** What metrics read of it. */
class CoreGauges implements ConsumerGauges {
  readonly #core: ConsumerCore;

  constructor(core: ConsumerCore) {
    this.#core = core;
  }

  get assignedPartitions(): number {
    return this.#core.assignment.size;
  }

  partitions(): Iterable<AssignedPartition> {
    return this.#core.assignment.all();
  }

  get bufferedBytes(): number {
    return this.#core.buffer.bytes;
  }

  get fetchesInFlight(): number {
    return this.#core.fetcher.requestsInFlight;
  }

  get stalledPartitions(): number {
    return this.#core.liveness.stalled;
  }
}
