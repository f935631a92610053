/** Questions that are under way in the background, and what becomes of those that fail. */
import { KafkaError } from "../../../protocol/index.ts";
import { Deadline } from "../../async/deadline.ts";
import { backoffMs } from "../../cluster/backoff.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { classOfError } from "../../cluster/error-classes.ts";
import type { ErrorClass } from "../../cluster/error-table.ts";
import type { PartitionLeader } from "../../cluster/metadata-snapshot.ts";
import type { ResolvedConsumerConfig } from "../../config/consumer-options.ts";
import { BrokerError, ClosedError } from "../../errors.ts";
import type { LeaderContext } from "../../leaders/leader-context.ts";
import type { Runtime } from "../../runtime.ts";
import type { AssignedPartition } from "../assignment/assigned-partition.ts";
import { isCurrent, isUnderWay, type Lookup } from "./lookup.ts";

export interface LookupsInit {
  readonly config: ResolvedConsumerConfig;
  readonly runtime: Runtime;
  readonly onProblem: (partition: AssignedPartition, error: KafkaError) => void;
  /** Some have ended: their partitions may have something else to ask. */
  readonly onEnd: () => void;
}

export class Lookups {
  readonly #init: LookupsInit;
  readonly #closing = new AbortController();
  readonly #underWay = new Map<AssignedPartition, Lookup>();
  /** For those who wait in vain: why. */
  readonly #lastFailures = new WeakMap<AssignedPartition, KafkaError>();
  /** Who has refused to answer: as soon as somebody else leads, there is no reason to wait any longer. */
  readonly #refusedBy = new WeakMap<AssignedPartition, { readonly leader: PartitionLeader | undefined }>();

  constructor(init: LookupsInit) {
    this.#init = init;
  }

  isUnderWay(partition: AssignedPartition): boolean {
    const lookup = this.#underWay.get(partition);
    return lookup !== undefined && isUnderWay(lookup);
  }

  lastFailure(partition: AssignedPartition): KafkaError | undefined {
    return this.#lastFailures.get(partition);
  }

  /** Does the work, which sees to every outcome by itself; what it throws is the failure of all. Never rejects for what a client meets. */
  async run(cluster: Cluster, api: string, lookups: readonly Lookup[], work: () => Promise<void>): Promise<void> {
    for (const lookup of lookups) this.#underWay.set(lookup.assigned, lookup);
    try {
      await work();
    } catch (error) {
      // The client is closed: there is nobody who would want to know.
      if (error instanceof ClosedError || this.#closing.signal.aborted) return;
      if (!(error instanceof KafkaError)) throw error;
      this.failed(
        cluster,
        api,
        lookups.map((lookup) => [lookup, error]),
      );
    } finally {
      for (const lookup of lookups) {
        if (this.#underWay.get(lookup.assigned) === lookup) this.#underWay.delete(lookup.assigned);
      }
    }
    this.#init.onEnd();
  }

  /** What may pass is asked again, all of them together, after a pause; the rest is a problem of the reader's. */
  failed(cluster: Cluster, api: string, failures: readonly (readonly [Lookup, KafkaError])[]): void {
    const again: AssignedPartition[] = [];
    const moved = new Set<string>();
    const errors = new Map<KafkaError, ErrorClass>();
    for (const [lookup, error] of failures) {
      if (!isCurrent(lookup)) continue;
      const { assigned, leader, topic } = lookup;
      this.#lastFailures.set(assigned, error);
      const found = errors.get(error) ?? classOfError(error, api);
      errors.set(error, found);
      if (found.remedy === "fatal") {
        this.#init.onProblem(assigned, error);
        continue;
      }
      again.push(assigned);
      if (found.remedy !== "refresh metadata") continue;
      moved.add(topic);
      this.#refusedBy.set(assigned, { leader });
    }
    for (const [error, { remedy }] of errors) {
      if (!(error instanceof BrokerError) || remedy === "rebootstrap") cluster.learnFailure(error, api);
    }
    if (moved.size > 0) cluster.needMetadata([...moved]);
    this.#restAll(again);
  }

  /** It was answered. */
  succeeded(partition: AssignedPartition): void {
    partition.failures = 0;
    partition.retryAtMs = 0;
    this.#lastFailures.delete(partition);
    this.#refusedBy.delete(partition);
  }

  /** Another broker leads: it is asked at once. */
  leaderKnown(partition: AssignedPartition, leader: PartitionLeader): void {
    const refused = this.#refusedBy.get(partition);
    if (refused === undefined || isSame(refused.leader, leader)) return;
    this.#refusedBy.delete(partition);
    partition.retryAtMs = 0;
  }

  /** What one request to leaders works with. */
  context(cluster: Cluster): LeaderContext {
    const { config, runtime } = this.#init;
    const { requestTimeoutMs, retryBackoffMs, retryBackoffMaxMs } = config;
    return { cluster, deadline: this.deadline(), requestTimeoutMs, retryBackoffMs, retryBackoffMaxMs, random: runtime.random };
  }

  deadline(): Deadline {
    return new Deadline(this.#init.runtime.clock, this.#init.config.requestTimeoutMs, this.#closing.signal);
  }

  close(reason: Error): void {
    this.#closing.abort(reason);
  }

  /** Until the same moment, so that they are one request again. */
  #restAll(partitions: readonly AssignedPartition[]): void {
    const { config, runtime } = this.#init;
    let failures = 0;
    for (const partition of partitions) failures = Math.max(failures, ++partition.failures);
    const atMs = runtime.clock.monotonic() + backoffMs(failures, config, runtime.random);
    for (const partition of partitions) partition.retryAtMs = atMs;
  }
}

function isSame(one: PartitionLeader | undefined, other: PartitionLeader): boolean {
  return one !== undefined && one.broker.nodeId === other.broker.nodeId && one.leaderEpoch === other.leaderEpoch;
}
