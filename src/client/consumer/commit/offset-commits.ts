import { Deadline } from "../../async/deadline.ts";
import type { CallOptions, ClientCore } from "../../client-core.ts";
import { backoffMs } from "../../cluster/backoff.ts";
import type { OffsetCommitCallback, ResolvedConsumerConfig } from "../../config/consumer-options.ts";
import { BrokerError, IllegalStateError } from "../../errors.ts";
import type { Runtime } from "../../runtime.ts";
import type { Telemetry } from "../../telemetry/telemetry.ts";
import type { AssignedPartition } from "../assignment/assigned-partition.ts";
import type { Assignment } from "../assignment/assignment.ts";
import { PartitionMap, type TopicPartition, type TopicPartitionOffset } from "../topic-partition.ts";
import { AutoCommit } from "./auto-commit.ts";
import { CommitCallbacks } from "./commit-callbacks.ts";
import { type CommitEntry, checkPartitions, entriesFrom, offsetOf, positionOf, processedPartOf } from "./commit-entry.ts";
import { CommitQueue } from "./commit-queue.ts";
import { type CommittedOffset, fetchCommitted } from "./committed-offsets.ts";
import { type GroupIdentity, isSameIdentity } from "./group-identity.ts";
import { PendingCommit } from "./pending-commit.ts";

export interface CommitsInit {
  readonly config: ResolvedConsumerConfig;
  readonly runtime: Runtime;
  readonly telemetry: Telemetry;
  readonly assignment: Assignment;
  readonly call: ClientCore["call"];
  /** As of now; only asked with a groupId. */
  readonly identity: () => GroupIdentity;
  /** Why nothing can be committed now: whoever is to be a member, and is none, must not commit as an outsider. */
  readonly problem?: (() => Error | undefined) | undefined;
  /** A coordinator has refused a commit in that name. */
  readonly onRefused?: ((error: BrokerError, identity: GroupIdentity) => void) | undefined;
  /** A coordinator has answered a commit, after so long. */
  readonly onAnswered?: ((latencyMs: number) => void) | undefined;
}

/** Where a group goes on; the leader epoch is -1 for unknown. */
export interface CommittedPlace {
  readonly offset: number;
  readonly leaderEpoch: number;
}

const UNKNOWN_EPOCH = -1;

type Retries = PendingCommit["retries"];

const always: Retries = () => true;
const never: Retries = () => false;
/** A consumer that is being closed does not wait for a topic to be made. */
const unlessUnknown: Retries = (error) => !(error instanceof BrokerError && error.code.startsWith("UNKNOWN_TOPIC"));

/** The offsets of this consumer's group: how they are committed, and what is. */
export class OffsetCommits {
  /** Commits what is processed, from time to time; undefined without a group, or when the user does not want it. */
  readonly auto: AutoCommit | undefined;
  readonly #init: CommitsInit;
  readonly #queue: CommitQueue;
  readonly #callbacks: CommitCallbacks;
  /** Why nothing can be committed any more. */
  #closed: Error | undefined;

  constructor(init: CommitsInit) {
    this.#init = init;
    const { config, runtime, telemetry, identity, onAnswered, onRefused } = init;
    const { clock, random } = runtime;
    const onOutcome = this.#heard.bind(this);
    this.#queue = new CommitQueue({ settings: config, clock, random, identity, onAnswered, onRefused, onOutcome });
    this.#callbacks = new CommitCallbacks(telemetry);
    this.auto = config.groupId !== undefined && config.enableAutoCommit ? this.#newAutoCommit() : undefined;
  }

  /**
   * Resolves when the offsets are stored; without offsets, the positions of all assigned partitions, and where `run` is at work, what it
   * has done with. What may pass is tried again until the deadline.
   *
   * @throws IllegalStateError without a group; CommitFailedError if the group does not count this consumer among its members
   */
  async commit(offsets?: readonly TopicPartitionOffset[], options: CallOptions = {}): Promise<void> {
    const what = "commit";
    const { config, runtime } = this.#init;
    const deadline = new Deadline(runtime.clock, options.timeoutMs ?? config.defaultApiTimeoutMs, options.signal);
    const before = this.toldSoFar(deadline);
    await this.#commit(what, this.#processed(this.#entries(what, offsets)), always, options);
    // As in Java, if that takes no longer than this may.
    await before;
  }

  /**
   * The same without waiting, and without trying again: a later commit says more. How it ended the callback is told, in the order of
   * the calls.
   *
   * @throws IllegalStateError without a group, or for offsets that cannot be
   */
  commitAsync(offsets?: readonly TopicPartitionOffset[], callback?: OffsetCommitCallback): void {
    const what = "commitAsync";
    if (callback !== undefined && typeof callback !== "function") {
      throw new IllegalStateError(`${what}: the callback must be a function`);
    }
    const entries = this.#processed(this.#entries(what, offsets));
    const told = callback ?? this.#init.config.defaultOffsetCommitCallback;
    this.#callbacks.follow(this.#commit(what, entries, never, {}), entries.map(offsetOf), told);
  }

  /** null where the group has committed nothing. */
  committed(partition: TopicPartition, options?: CallOptions): Promise<CommittedOffset | null>;
  committed(partitions: readonly TopicPartition[], options?: CallOptions): Promise<(CommittedOffset | null)[]>;
  async committed(
    wanted: TopicPartition | readonly TopicPartition[],
    options: CallOptions = {},
  ): Promise<CommittedOffset | null | (CommittedOffset | null)[]> {
    const what = "committed";
    this.#checkGroup(what);
    if (isList(wanted)) {
      checkPartitions(what, wanted);
      const found = await this.#fetch(what, wanted, options);
      return wanted.map(({ topic, partition }) => found.get(topic, partition) ?? null);
    }
    checkPartitions(what, [wanted]);
    return (await this.#fetch(what, [wanted], options)).get(wanted.topic, wanted.partition) ?? null;
  }

  /** What the group has committed, for those who begin there: of each partition that it has committed anything for. */
  async committedNow(partitions: readonly TopicPartition[], deadline: Deadline): Promise<PartitionMap<CommittedPlace>> {
    const found = await this.#fetch("committed", partitions, optionsOf(deadline));
    const places = new PartitionMap<CommittedPlace>();
    for (const { topic, partition } of partitions) {
      const committed = found.get(topic, partition);
      if (committed === undefined) continue;
      const { offset, leaderEpoch = UNKNOWN_EPOCH } = committed;
      places.set(topic, partition, { offset, leaderEpoch });
      this.auto?.learn(topic, partition, offset);
    }
    return places;
  }

  /** Before the end: what is processed. Never rejects; what could not be committed is reported. */
  async commitProcessed(deadline: Deadline): Promise<void> {
    if (this.#init.config.groupId === undefined) return;
    const entries = this.auto?.due() ?? this.#each(processedPartOf);
    const before = this.toldSoFar(deadline);
    try {
      await this.#commit("commit of what is processed", entries, unlessUnknown, optionsOf(deadline));
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      const text = "what is processed was not committed, and may be read again";
      this.#init.telemetry.warning("AUTO_COMMIT_FAILED", `${text}: ${said}`, { error: said });
    }
    // They hear of what was committed before they hear that the partitions go.
    await before;
  }

  /** Resolves when those have been told who have asked so far how their commits ended, or at the deadline. Never rejects. */
  async toldSoFar(deadline: Deadline): Promise<void> {
    await deadline.race(this.#callbacks.told, outOfTime).catch(() => undefined);
  }

  /** Resolves when every callback has been called, or at the deadline. */
  async settled(deadline: Deadline): Promise<void> {
    await deadline.race(this.#callbacks.idle(), outOfTime).catch(() => undefined);
  }

  /** What is under way fails with the reason. */
  close(reason: Error): void {
    this.#closed = reason;
    this.auto?.close();
    this.#queue.close(reason);
  }

  async #commit(what: string, entries: readonly CommitEntry[], retries: Retries, options: CallOptions): Promise<void> {
    if (this.#closed !== undefined) throw this.#closed;
    if (entries.length === 0) return;
    const problem = this.#init.problem?.();
    if (problem !== undefined) throw problem;
    const commit = new PendingCommit({ entries, identity: this.#init.identity(), retries });
    this.#queue.add(commit);
    try {
      await this.#init.call(what, options, async ({ cluster, deadline }) => {
        this.#queue.serve(commit, cluster, deadline);
        await deadline.race(commit.promise, () => commit.timedOut(deadline.timeoutMs));
      });
    } finally {
      this.#queue.drop(commit);
    }
  }

  /** Without being asked: whoever wants to know of commits that nobody waits for is told, as in kafka-python. */
  #commitAlone(entries: readonly CommitEntry[]): Promise<void> {
    const commit = this.#commit("commit of what is processed", entries, never, {});
    const { defaultOffsetCommitCallback: told } = this.#init.config;
    // Without him auto-commit reports itself what goes wrong.
    if (told !== undefined) this.#callbacks.follow(commit, entries.map(offsetOf), told);
    return commit;
  }

  #fetch(what: string, partitions: readonly TopicPartition[], options: CallOptions): Promise<PartitionMap<CommittedOffset>> {
    const { config: settings, runtime, call, identity, onRefused } = this.#init;
    const { random } = runtime;
    return call(what, options, (context) => fetchCommitted(context, { settings, random, identity, onRefused }, partitions));
  }

  #entries(what: string, offsets: readonly TopicPartitionOffset[] | undefined): readonly CommitEntry[] {
    this.#checkGroup(what);
    return offsets === undefined ? this.#each(positionOf) : entriesFrom(what, offsets);
  }

  /** What the user commits he has processed: nothing that is committed by itself later goes back behind it. */
  #processed(entries: readonly CommitEntry[]): readonly CommitEntry[] {
    for (const { topic, partition, offset } of entries) this.#init.assignment.get(topic, partition)?.processedTo(offset);
    return entries;
  }

  #each(entryOf: (partition: AssignedPartition) => CommitEntry | undefined): readonly CommitEntry[] {
    return Array.from(this.#init.assignment.all(), entryOf).filter((entry) => entry !== undefined);
  }

  #checkGroup(what: string): void {
    if (this.#init.config.groupId === undefined) {
      throw new IllegalStateError(`${what}: offsets belong to a group, and this consumer has none; give it a groupId`);
    }
  }

  /** In another name than the present one it is of no use: others may have committed since. */
  #heard({ topic, partition, offset }: CommitEntry, isStored: boolean, identity: GroupIdentity): void {
    const isKnown = isStored && isSameIdentity(identity, this.#init.identity());
    this.auto?.stored(topic, partition, isKnown ? offset : undefined);
  }

  #newAutoCommit(): AutoCommit {
    const { config, runtime, telemetry, assignment } = this.#init;
    return new AutoCommit({
      intervalMs: config.autoCommitIntervalMs,
      backoffMs: (failures) => backoffMs(failures, config, runtime.random),
      clock: runtime.clock,
      assignment,
      telemetry,
      isPossible: () => this.#init.problem?.() === undefined,
      commit: (entries) => this.#commitAlone(entries),
    });
  }
}

function isList(wanted: TopicPartition | readonly TopicPartition[]): wanted is readonly TopicPartition[] {
  return Array.isArray(wanted);
}

function optionsOf({ leftMs, signal }: Deadline): CallOptions {
  return { timeoutMs: leftMs, ...(signal && { signal }) };
}

/** Not an error that anybody sees. */
function outOfTime(): Error {
  return new Error("commits are still under way");
}
