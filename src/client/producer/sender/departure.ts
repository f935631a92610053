/** Which batch may leave now: whether it is time, whether the order allows it, and under which sequence it can be counted. */
import type { BackoffSettings } from "../../cluster/backoff.ts";
import type { PartitionQueue } from "../accumulator/partition-queue.ts";
import type { ProducerBatch } from "../accumulator/producer-batch.ts";
import type { ProducerIdentity } from "../producer-identity.ts";
import type { Transactions } from "../transaction/transactions.ts";
import type { ProducerIds } from "./producer-ids.ts";

export interface DepartureSettings extends BackoffSettings {
  readonly lingerMs: number;
  readonly maxInFlightRequestsPerConnection: number;
  readonly enableIdempotence: boolean;
}

export interface DepartureInit {
  readonly settings: DepartureSettings;
  readonly producerIds: ProducerIds;
  readonly transactions: Transactions | undefined;
  readonly now: () => number;
  /** The epoch of who leads the partition now; -1 when it is not known. */
  readonly leaderEpochOf: (partition: PartitionQueue) => number;
  /** Somebody waits for everything that is gathered: nothing lingers. */
  readonly isHurried: () => boolean;
  /** It is only a matter of time: to be asked again then (monotonic). */
  readonly dueBy: (atMs: number) => void;
}

export class Departure {
  readonly #init: DepartureInit;

  constructor(init: DepartureInit) {
    this.#init = init;
  }

  /** Whether a partition's first batch may leave for that broker. */
  isOpenFor(partition: PartitionQueue, batch: ProducerBatch, nodeId: number): boolean {
    return this.#isDue(partition, batch) && this.#mayFollow(partition, batch, nodeId) && this.#hasSequence(partition, batch);
  }

  #isDue(partition: PartitionQueue, batch: ProducerBatch): boolean {
    const now = this.#init.now();
    if (batch.retryAtMs > now) {
      // A new leader has not been tried (KIP-951).
      if (this.#init.leaderEpochOf(partition) > batch.leaderEpoch) return true;
      this.#init.dueBy(batch.retryAtMs);
      return false;
    }
    if (!batch.isOpen || this.#init.isHurried()) return true;
    const lingersUntilMs = batch.createdAtMs + this.#init.settings.lingerMs;
    if (lingersUntilMs <= now) return true;
    this.#init.dueBy(lingersUntilMs);
    return false;
  }

  /** Whether the order allows it, while others of its partition are in flight. */
  #mayFollow(partition: PartitionQueue, batch: ProducerBatch, nodeId: number): boolean {
    const { inFlight, sequences } = partition;
    if (inFlight.length === 0) return true;
    if (this.#init.settings.maxInFlightRequestsPerConnection === 1) return false;
    if (!this.#init.settings.enableIdempotence) return true;
    // Brokers recognize the last five batches only: more must not come behind one that may have to be recognized.
    if (inFlight.some(({ isPossiblyPersisted }) => isPossiblyPersisted)) return false;
    // P15; P12: what is sent again goes alone; and a broker that does not know us yet would take the second of two for the first.
    return partition.inFlightNodeId === nodeId && batch.stamp === undefined && !sequences.isBroken && sequences.isKnownToBroker;
  }

  /** Whether there is an identity under which it can be counted; a new one, if the old one cannot be used further. */
  #hasSequence(partition: PartitionQueue, batch: ProducerBatch): boolean {
    if (!this.#init.settings.enableIdempotence) return true;
    const { transactions, producerIds } = this.#init;
    const { sequences } = partition;
    const { identity } = sequences;
    if (transactions !== undefined) {
      const wanted = transactions.identity;
      if (wanted === undefined || !transactions.canSend(partition.topic, partition.partition)) return false;
      const isSame = identity?.producerId === wanted.producerId && identity.producerEpoch === wanted.producerEpoch;
      // What is missing in the log, or may be in it, keeps its number: nobody else may be taken for it.
      if (transactions.isLost) return isSame && batch.stamp !== undefined;
      if (isSame && sequences.isBroken && partition.inFlight.length === 0) this.#rewind(partition);
      return isSame || this.#restart(partition, wanted);
    }
    if (identity !== undefined && !sequences.isBroken) return true;
    // Only the broker can tell whether it has this one: with a new epoch it might be written twice.
    if (identity !== undefined && batch.stamp !== undefined && batch.isPossiblyPersisted) return true;
    const next = identity === undefined ? producerIds.current() : producerIds.after(identity);
    return next !== undefined && this.#restart(partition, next);
  }

  #restart(partition: PartitionQueue, identity: ProducerIdentity): boolean {
    if (partition.inFlight.length > 0) return false;
    partition.sequences.restart(identity);
    for (const waiting of partition.waiting) waiting.stamp = undefined;
    return true;
  }

  /** Before Kafka 2.5 there is no new epoch for the next transaction: it counts on behind what was acknowledged last. */
  #rewind(partition: PartitionQueue): void {
    partition.sequences.rewind();
    for (const waiting of partition.waiting) waiting.stamp = undefined;
  }
}
