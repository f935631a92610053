/** Where reading begins, and whether it is still right: looked up in the background, for all partitions that need it at once. */
import { type KafkaError, OffsetFetch } from "../../../protocol/index.ts";
import { CoarseTimer } from "../../async/coarse-timer.ts";
import type { Deadline } from "../../async/deadline.ts";
import type { ClientParts } from "../../client-core.ts";
import { backoffMs } from "../../cluster/backoff.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import type { ResolvedConsumerConfig } from "../../config/consumer-options.ts";
import { ClosedError, LogTruncationError, NoOffsetError, RequestTimeoutError } from "../../errors.ts";
import type { Runtime } from "../../runtime.ts";
import type { Telemetry } from "../../telemetry/telemetry.ts";
import type { AssignedPartition } from "../assignment/assigned-partition.ts";
import type { Assignment } from "../assignment/assignment.ts";
import type { PartitionMap, TopicPartition } from "../topic-partition.ts";
import { LeaderLookups } from "./leader-lookups.ts";
import { isCurrent, lookupOf } from "./lookup.ts";
import { Lookups } from "./lookups.ts";
import { untilSought } from "./out-of-range.ts";
import { PositionWaits } from "./position-waits.ts";
import { RecreatedTopics } from "./recreated-topics.ts";
import { ResetPace } from "./reset-pace.ts";

const NO_EPOCH = -1;

export interface CommittedPosition {
  readonly offset: number;
  /** Of the record before; -1 for unknown. */
  readonly leaderEpoch: number;
}

/** What a group has committed; what it has not is missing. */
export type FindCommitted = (partitions: readonly TopicPartition[], deadline: Deadline) => Promise<PartitionMap<CommittedPosition>>;

export interface PositionFinderInit {
  readonly config: ResolvedConsumerConfig;
  readonly runtime: Runtime;
  readonly telemetry: Telemetry;
  readonly assignment: Assignment;
  /** Undefined without a group. */
  readonly committed: FindCommitted | undefined;
  /** Positions are known that were not: something may be fetched. */
  readonly onFound: () => void;
  /** The reader has to be told. `partition.problem` is set; once it is not any more, `wake` makes the finder try again. */
  readonly onProblem: (partition: AssignedPartition, error: KafkaError) => void;
}

export class PositionFinder {
  readonly #init: PositionFinderInit;
  readonly #lookups: Lookups;
  readonly #leaders: LeaderLookups;
  readonly #waits = new PositionWaits();
  readonly #pace = new ResetPace();
  readonly #recreated = new RecreatedTopics();
  readonly #timer: CoarseTimer;
  #cluster: Cluster | undefined;
  #isRoundDue = false;
  #closed: ClosedError | undefined;

  constructor(init: PositionFinderInit) {
    this.#init = init;
    const { config, runtime, telemetry, onFound } = init;
    const onProblem = (partition: AssignedPartition, error: KafkaError): void => this.#problem(partition, error);
    this.#lookups = new Lookups({ config, runtime, onProblem, onEnd: () => this.wake() });
    const onLost = (partition: AssignedPartition, because: KafkaError): void => this.reset(partition, because);
    this.#leaders = new LeaderLookups({ config, runtime, telemetry, lookups: this.#lookups, onFound, onProblem, onLost });
    const onDue = (): number => {
      this.#round();
      return Number.POSITIVE_INFINITY;
    };
    // While every broker is away it may be all that keeps the process from ending under whoever reads.
    this.#timer = new CoarseTimer(runtime.clock, onDue, { background: false });
  }

  attach({ cluster }: Pick<ClientParts, "cluster">): void {
    this.#cluster = cluster;
    this.wake();
  }

  /** Something may have to be looked up, or a position is known by other means: after an assignment, a seek, a problem that was told. */
  wake(): void {
    if (this.#isRoundDue || this.#closed !== undefined) return;
    this.#isRoundDue = true;
    queueMicrotask(() => {
      this.#isRoundDue = false;
      this.#round();
    });
  }

  /** At once: partitions with another leader are no longer to be fetched when this returns. */
  metadataChanged(): void {
    const cluster = this.#cluster;
    if (cluster === undefined || this.#closed !== undefined) return;
    this.#learn(cluster);
    this.wake();
  }

  /** The log does not have the position (any more): the policy says where to go on, or that the reader has to be told. */
  reset(partition: AssignedPartition, because: KafkaError | undefined): void {
    const { config, runtime, telemetry } = this.#init;
    const { autoOffsetReset } = config;
    const { topic, partition: index, offset } = partition;
    this.wake();
    if (autoOffsetReset === "none") {
      this.#problem(partition, because === undefined ? this.#noOffset([partition]) : untilSought(partition, because));
      return;
    }
    const nowMs = runtime.clock.monotonic();
    const before = this.#pace.note(partition, nowMs);
    partition.reset(autoOffsetReset);
    if (before > 0) {
      partition.failures = before;
      partition.retryAtMs = nowMs + backoffMs(before, config, runtime.random);
    }
    if (because === undefined) return;
    const target = typeof autoOffsetReset === "string" ? autoOffsetReset : `${autoOffsetReset.durationMs} ms ago`;
    const text = `topic '${topic}' partition ${index}: offset ${offset} cannot be read on (${because.code})`;
    const facts = { topic, partition: index, offset, target, error: because.message };
    telemetry.warning("OFFSET_RESET", `${text}; by autoOffsetReset it goes on at: ${target}`, facts);
  }

  /** Its leader is asked whether it has the position, before anything else is fetched. */
  validate(partition: AssignedPartition, leaderEpoch: number): void {
    const { whereabouts } = partition;
    if (whereabouts.kind === "validating" && whereabouts.leaderEpoch >= leaderEpoch) return;
    partition.validate(leaderEpoch);
    this.wake();
  }

  /**
   * For `position()`: the next offset to be handed out, once it is known and valid. What was in the way is tried again first.
   *
   * @throws what is in the way; RequestTimeoutError at the deadline, with what failed last
   */
  async find(partition: AssignedPartition, deadline: Deadline): Promise<number> {
    if (this.#closed !== undefined) throw this.#closed;
    const { topic, partition: index, whereabouts, position } = partition;
    if (whereabouts.kind === "known" && position !== undefined) return position;
    partition.problem = undefined;
    this.wake();
    const what = `position of topic '${topic}' partition ${index}`;
    return this.#waits.wait(partition, deadline, () => {
      return new RequestTimeoutError(what, deadline.timeoutMs, { cause: this.#lookups.lastFailure(partition) });
    });
  }

  /** Why it was not found, or not valid, when somebody was asked last. */
  lastFailure(partition: AssignedPartition): KafkaError | undefined {
    return this.#lookups.lastFailure(partition);
  }

  /** Afterwards nothing is under way, and nobody waits. */
  close(): void {
    if (this.#closed !== undefined) return;
    this.#closed = new ClosedError(`consumer client '${this.#init.config.clientId}'`);
    this.#timer.cancel();
    this.#lookups.close(this.#closed);
    this.#waits.close(this.#closed);
  }

  #round(): void {
    if (this.#closed !== undefined) return;
    this.#waits.settle();
    const cluster = this.#cluster;
    if (cluster === undefined) return;
    this.#learn(cluster);
    const nowMs = this.#init.runtime.clock.monotonic();
    const unknown: AssignedPartition[] = [];
    const led: AssignedPartition[] = [];
    for (const partition of this.#init.assignment.all()) {
      const { kind } = partition.whereabouts;
      if (kind === "known" || partition.problem !== undefined || this.#lookups.isUnderWay(partition)) continue;
      if (partition.retryAtMs > nowMs) this.#timer.by(partition.retryAtMs);
      else if (kind === "unknown") unknown.push(partition);
      else led.push(partition);
    }
    if (led.length > 0) this.#leaders.start(cluster, led);
    if (unknown.length > 0) this.#findStarts(cluster, unknown);
  }

  /** What the metadata say of what is read. */
  #learn(cluster: Cluster): void {
    const { assignment } = this.#init;
    const recreated = this.#recreated.since(assignment.topics(), cluster.metadata);
    for (const partition of assignment.all()) {
      if (recreated.has(partition.topic)) this.#beginAnew(partition);
      this.#followLeader(cluster, partition);
    }
  }

  /** M8: another topic of that name. Its offsets have nothing to do with those of the one that was read. */
  #beginAnew(partition: AssignedPartition): void {
    const { topic, partition: index, whereabouts, offset } = partition;
    if (whereabouts.kind === "resetting") partition.reset(whereabouts.to);
    if (whereabouts.kind === "resetting" || whereabouts.kind === "unknown") return;
    // The position must not be used, also after the reader was told.
    if (this.#init.config.autoOffsetReset === "none") partition.forget();
    this.reset(partition, new LogTruncationError({ topic, partition: index, offset }));
  }

  /** What was read from one leader has to be in the log of the next one (KIP-320). */
  #followLeader(cluster: Cluster, partition: AssignedPartition): void {
    const leader = cluster.metadata.leaderOf(partition.topic, partition.partition);
    if (leader === undefined) return;
    this.#lookups.leaderKnown(partition, leader);
    const { whereabouts, leaderEpoch, fetchEpoch } = partition;
    // F23: the latest one counts, however often it changes meanwhile.
    if (whereabouts.kind === "validating" && whereabouts.leaderEpoch < leader.leaderEpoch) partition.validate(leader.leaderEpoch);
    if (whereabouts.kind !== "known" || leader.leaderEpoch < 0 || leader.leaderEpoch === leaderEpoch) return;
    // Whether a follower is nearer than that one is for that one to say.
    partition.preferredReplica = undefined;
    if (fetchEpoch < 0) partition.leaderEpoch = leader.leaderEpoch;
    else partition.validate(leader.leaderEpoch);
  }

  #findStarts(cluster: Cluster, partitions: readonly AssignedPartition[]): void {
    const { committed } = this.#init;
    if (committed === undefined) this.#usePolicy(partitions);
    else void this.#findCommitted(cluster, partitions, committed);
  }

  #findCommitted(cluster: Cluster, partitions: readonly AssignedPartition[], committed: FindCommitted): Promise<void> {
    const lookups = partitions.map((one) => lookupOf(one, cluster.metadata.leaderOf(one.topic, one.partition)));
    return this.#lookups.run(cluster, OffsetFetch.name, lookups, async () => {
      const places = partitions.map(({ topic, partition }) => ({ topic, partition }));
      const found = await committed(places, this.#lookups.deadline());
      const current = lookups.filter(isCurrent).map(({ assigned }) => assigned);
      const without = current.filter((partition) => {
        const position = found.get(partition.topic, partition.partition);
        if (position === undefined) return true;
        partition.moveTo(position.offset, position.leaderEpoch);
        // Whoever will turn out to lead it is asked whether it has that.
        if (position.leaderEpoch >= 0) partition.validate(NO_EPOCH);
        this.#lookups.succeeded(partition);
        this.#followLeader(cluster, partition);
        return false;
      });
      if (without.length > 0) this.#usePolicy(without);
      if (without.length < current.length) this.#init.onFound();
    });
  }

  /** Nobody has said where to begin. */
  #usePolicy(partitions: readonly AssignedPartition[]): void {
    const { autoOffsetReset } = this.#init.config;
    if (autoOffsetReset === "none") {
      const error = this.#noOffset(partitions);
      for (const partition of partitions) this.#problem(partition, error);
    } else for (const partition of partitions) partition.reset(autoOffsetReset);
    this.wake();
  }

  #noOffset(partitions: readonly AssignedPartition[]): NoOffsetError {
    const { groupId } = this.#init.config;
    const places = partitions.map(({ topic, partition }) => ({ topic, partition }));
    return new NoOffsetError(places, groupId === undefined ? {} : { group: groupId });
  }

  #problem(partition: AssignedPartition, error: KafkaError): void {
    partition.problem = error;
    this.#init.onProblem(partition, error);
  }
}
