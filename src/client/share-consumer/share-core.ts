/** The parts of a share consumer, put together. */
import { KafkaError, Metadata } from "../../protocol/index.ts";
import { Deadline } from "../async/deadline.ts";
import { type CallOptions, ClientCore, type ClientParts } from "../client-core.ts";
import { backoffMs } from "../cluster/backoff.ts";
import { classOfCode } from "../cluster/error-classes.ts";
import { nodeCodecs } from "../compression/node-codecs.ts";
import type { ResolvedShareConsumerConfig } from "../config/share-consumer-options.ts";
import { TopicWatch } from "../consumer/assignment/topic-watch.ts";
import { RecordSettings } from "../consumer/records/record-settings.ts";
import { BrokerError, ClosedError, IllegalStateError } from "../errors.ts";
import { ShareMembership } from "../group/share/share-membership.ts";
import type { Runtime } from "../runtime.ts";
import type { Acknowledgement } from "./acknowledgement.ts";
import { notYet } from "./acknowledgement-failures.ts";
import { AcknowledgementReports, type Listening } from "./acknowledgement-reports.ts";
import type { AcknowledgementResult } from "./acknowledgement-result.ts";
import { InHand } from "./in-hand.ts";
import type { Lease } from "./lease.ts";
import { ShareBuffer, type Taken } from "./share-buffer.ts";
import { ShareCalls } from "./share-calls.ts";
import { ShareFetcher } from "./share-fetcher.ts";
import { ShareMetrics } from "./share-metrics.ts";
import type { AnyShareRecord } from "./share-record.ts";

/** Longer than any call: its own deadline is one that results are made of, not an error. */
const NEVER = 0x7fff_ffff;

export class ShareCore {
  readonly config: ResolvedShareConsumerConfig;
  readonly client: ClientCore;
  readonly calls: ShareCalls;
  readonly inHand: InHand = new InHand();
  readonly fetcher: ShareFetcher;
  readonly #runtime: Runtime;
  readonly #groupId: string;
  readonly #membership: ShareMembership;
  readonly #buffer: ShareBuffer;
  readonly #reports: AcknowledgementReports;
  readonly #metrics: ShareMetrics | undefined;
  readonly #watch = new TopicWatch();
  /** Told already. */
  readonly #refusedTopics = new Map<string, number>();
  #topics: ReadonlySet<string> = new Set();
  #parts: ClientParts | undefined;
  #isConnecting = false;
  #isPolling = false;
  #closing: Promise<void> | undefined;

  constructor(config: ResolvedShareConsumerConfig, runtime: Runtime) {
    this.config = config;
    this.#runtime = runtime;
    this.#groupId = config.groupId ?? "";
    this.client = new ClientCore("share-consumer", config, runtime);
    this.#metrics = ShareMetrics.of({
      registry: this.client.telemetry.metrics,
      clock: runtime.clock,
      assignedPartitions: () => this.fetcher.partitions.size,
      bufferedBytes: () => this.#buffer.bytes,
    });
    this.#reports = new AcknowledgementReports(this.client.telemetry, config.acknowledgementCommitCallback, this.#metrics);
    this.#buffer = new ShareBuffer((lease) => this.#expired(lease));
    this.calls = new ShareCalls({
      take: () => this.#buffer.take(config.maxPollRecords, runtime.clock.monotonic()),
      handOut: (taken) => this.#handOut(taken),
      want: (isWanted) => this.fetcher.want(isWanted),
      isAnythingThere: () => !this.#buffer.isEmpty,
    });
    const memberId = runtime.uuid();
    this.fetcher = this.#newFetcher(memberId);
    this.#membership = this.#newMembership(memberId);
  }

  get topics(): ReadonlySet<string> {
    return this.#topics;
  }

  checkOpen(): void {
    if (this.#closing !== undefined) throw new ClosedError(this.client.name);
  }

  subscribe(topics: ReadonlySet<string>): void {
    this.#topics = topics;
    this.#refusedTopics.clear();
    this.#watch.follow(topics);
    this.#membership.subscribed();
  }

  async poll(timeoutMs: number, signal: AbortSignal | undefined): Promise<readonly AnyShareRecord[]> {
    const { config, calls, inHand } = this;
    calls.begin();
    try {
      signal?.throwIfAborted();
      const isImplicit = config.shareAcknowledgementMode === "implicit";
      if (!isImplicit && inHand.hasUndecided) {
        throw new IllegalStateError(
          "poll: records of the last poll are not acknowledged: each of them has to be, in explicit mode",
        );
      }
      this.#send(inHand.take(isImplicit), { isHeard: false });
      this.#isPolling = true;
      this.#begin();
      const { hands, problem } = await calls.take(new Deadline(this.#runtime.clock, timeoutMs, signal));
      if (problem !== undefined) throw problem;
      const polled = hands.flatMap(({ records }) => records);
      this.#metrics?.handedOut(polled.length);
      return polled;
    } finally {
      this.#isPolling = false;
      this.#membership.pollEnded();
      calls.end();
    }
  }

  /** Of each partition one result. */
  async commit(options: CallOptions): Promise<AcknowledgementResult[]> {
    const taken = this.inHand.take(this.config.shareAcknowledgementMode === "implicit");
    const listening = { isHeard: true };
    this.#send(taken, listening);
    this.fetcher.drain();
    const heard = taken.filter(({ offsets }) => offsets.length > 0);
    if (heard.length === 0) return [];
    const { timeoutMs = this.config.defaultApiTimeoutMs } = options;
    try {
      return await this.client.call("commit", { ...options, timeoutMs: NEVER }, async ({ deadline: { signal } }) => {
        const deadline = new Deadline(this.#runtime.clock, timeoutMs, signal);
        return Promise.all(heard.map((one) => this.#resultOf(one, deadline)));
      });
    } catch (error) {
      // The brokers are told nevertheless.
      listening.isHeard = false;
      throw error;
    }
  }

  close(timeoutMs: number): Promise<void> {
    this.#closing ??= this.#close(timeoutMs);
    return this.#closing;
  }

  async #close(timeoutMs: number): Promise<void> {
    const deadline = new Deadline(this.#runtime.clock, timeoutMs);
    this.calls.close(new ClosedError(this.client.name));
    // What is undecided is released when the sessions end.
    this.#send(this.inHand.take(false), { isHeard: false });
    await this.fetcher.close(deadline);
    await this.#membership.leave(deadline);
    this.#membership.close();
    await deadline.race(this.#reports.idle(), () => new Error("acknowledgements are under way")).catch(() => undefined);
    this.#buffer.clear();
    this.#watch.stop();
    await this.client.close();
  }

  #send(acknowledgements: readonly Acknowledgement[], listening: Listening): void {
    for (const one of acknowledgements) this.#reports.follow(one, listening);
    this.fetcher.acknowledge(acknowledgements);
  }

  /** What nobody gets to see, gaps for instance, waits for nobody. */
  #handOut({ hands }: Taken): void {
    for (const hand of hands) {
      if (hand.hasOffsets) this.inHand.add(hand);
      else this.#send(hand.take().acknowledgements, { isHeard: true });
    }
  }

  /** A result that comes later is told to the callback. */
  async #resultOf(acknowledgement: Acknowledgement, deadline: Deadline): Promise<AcknowledgementResult> {
    const late = notYet(acknowledgement.lease, deadline.timeoutMs);
    try {
      return acknowledgement.result(await deadline.race(acknowledgement.outcome, () => late));
    } catch (error) {
      if (error === late) return acknowledgement.result(late);
      throw error;
    }
  }

  #expired({ topic, partition }: Lease): void {
    const text = `topic '${topic}' partition ${partition}: the locks of records ran out before they were polled; they are delivered again`;
    this.client.telemetry.warning("LOCKS_EXPIRED", text, { topic, partition });
  }

  /** Connects, if nobody does or has; and says that somebody polls. */
  #begin(): void {
    if (this.#parts !== undefined) this.#membership.pollBegan();
    else if (!this.#isConnecting) void this.#connect();
  }

  async #connect(): Promise<void> {
    this.#isConnecting = true;
    try {
      const { bootstrapTimeoutMs: timeoutMs } = this.config;
      await this.client.call("reading", { timeoutMs }, async ({ cluster, pool, deadline }) => {
        await cluster.bootstrap(deadline);
        this.#attach({ cluster, pool });
      });
      if (this.#isPolling) this.#membership.pollBegan();
    } catch (thrown) {
      // Whoever polls is told, and who then polls again begins again.
      if (this.#closing === undefined)
        this.calls.raise(thrown instanceof KafkaError ? thrown : new IllegalStateError(String(thrown)));
    } finally {
      this.#isConnecting = false;
    }
  }

  #attach(parts: ClientParts): void {
    const { cluster } = parts;
    this.#parts = parts;
    this.#watch.attach(cluster);
    this.fetcher.attach(parts);
    cluster.onChange(({ metadata }) => this.#tellRefusals(metadata.problems));
  }

  /** What a topic's metadata may be answered with that waiting does not cure. */
  #tellRefusals(problems: ReadonlyMap<string, number>): void {
    for (const topic of this.#topics) {
      const code = problems.get(topic);
      if (code === undefined || classOfCode(code, Metadata.name).remedy !== "fatal") this.#refusedTopics.delete(topic);
      else if (this.#refusedTopics.get(topic) !== code) {
        this.#refusedTopics.set(topic, code);
        this.calls.raise(new BrokerError(code, { api: Metadata.name, topic }));
      }
    }
  }

  #newFetcher(memberId: string): ShareFetcher {
    const { config } = this;
    const { codecs = nodeCodecs } = this.#runtime;
    const { checkCrcs, keyDeserializer, valueDeserializer } = config;
    return new ShareFetcher({
      config,
      groupId: this.#groupId,
      memberId,
      runtime: this.#runtime,
      telemetry: this.client.telemetry,
      settings: new RecordSettings({ checkCrcs, codecs, keyDeserializer, valueDeserializer, isShared: true }),
      metrics: this.#metrics,
      topics: () => this.#topics,
      onPart: (part) => {
        this.#buffer.add(part);
        // Nothing more is locked before this has been taken.
        this.fetcher.want(false);
        this.calls.readable();
      },
      onRenewed: (hand) => {
        this.#buffer.renewed(hand);
        this.calls.readable();
      },
      onProblem: (error) => this.calls.raise(error),
    });
  }

  #newMembership(memberId: string): ShareMembership {
    const { config, client } = this;
    const { clock, random } = this.#runtime;
    return new ShareMembership({
      rules: { maxPollIntervalMs: config.maxPollIntervalMs, backoffMs: (failures) => backoffMs(failures, config, random) },
      cluster: () => {
        if (this.#parts === undefined) throw new IllegalStateError("share group: not connected");
        return this.#parts.cluster;
      },
      groupId: this.#groupId,
      rackId: config.clientRack === "" ? undefined : config.clientRack,
      memberId,
      clock,
      host: {
        topics: () => this.#topics,
        assigned: (partitions) => {
          this.fetcher.assign(partitions);
          this.#giveBackUnassigned();
        },
        raise: (error) => this.calls.raise(error),
        away: (awayMs) => {
          const text = `nobody has polled for ${Math.round(awayMs)} ms (maxPollIntervalMs): it leaves the group until somebody does`;
          client.telemetry.warning("POLL_INTERVAL_EXCEEDED", text, { group: this.#groupId, awayMs });
        },
      },
    });
  }

  /** What nobody has got yet of partitions that are read elsewhere now. */
  #giveBackUnassigned(): void {
    const { partitions } = this.fetcher;
    for (const hand of this.#buffer.giveBack((lease) => !partitions.has(lease))) {
      this.#send(hand.take().acknowledgements, { isHeard: true });
    }
    this.fetcher.drain();
  }
}
