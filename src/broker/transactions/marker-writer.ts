import type { Cluster } from "../cluster/cluster.ts";
import { NO_LEADER, type Partition } from "../cluster/partition.ts";
import { CONSUMER_OFFSETS } from "../cluster/topics.ts";
import { AppendRefusal } from "../log/append-refusal.ts";
import { EPOCH_BUMP_VERSION, type TransactionMetadata } from "./transaction-metadata.ts";
import { isEnding } from "./transaction-state.ts";

/**
 * Tells every partition of a decided transaction how it ended. A partition that has no leader gets its marker when it has one; a
 * partition that was deleted needs none.
 */
export class MarkerWriter {
  readonly #cluster: Cluster;
  readonly #onWritten: (transaction: TransactionMetadata) => void;
  /** Transactions that lack markers, and how to stop listening for the leaders that they wait for. */
  readonly #waiting = new Map<TransactionMetadata, readonly (() => void)[]>();
  readonly #stopListening: () => void;

  constructor(cluster: Cluster, onWritten: (transaction: TransactionMetadata) => void) {
    this.#cluster = cluster;
    this.#onWritten = onWritten;
    this.#stopListening = cluster.topics.onChange(() => {
      // Those that go on waiting are put in again meanwhile.
      const waiting = [...this.#waiting.keys()];
      for (const transaction of waiting) this.write(transaction);
    });
  }

  write(transaction: TransactionMetadata): void {
    this.#forget(transaction);
    if (!isEnding(transaction.state)) return;
    const missing = this.#writeWhatCanBe(transaction);
    if (missing.length === 0) {
      this.#onWritten(transaction);
      return;
    }
    const listen = (partition: Partition) => partition.onLeaderChange(() => this.write(transaction));
    this.#waiting.set(transaction, missing.map(listen));
  }

  close(): void {
    this.#stopListening();
    for (const transaction of this.#waiting.keys()) this.#forget(transaction);
  }

  /** @returns the partitions whose leaders have to change before there is more to write */
  #writeWhatCanBe(transaction: TransactionMetadata): readonly Partition[] {
    const coordinator = this.#cluster.coordinators.partitionOf("transaction", transaction.transactionalId);
    // Nobody could send the markers, or note down that they are written.
    if (coordinator.leaderId === NO_LEADER) return [coordinator];
    const missing: Partition[] = [];
    const lacking = [...transaction.partitions];
    for (const topicPartition of lacking) {
      const partition = this.#cluster.topics.get(topicPartition.topic)?.partition(topicPartition.partition);
      if (partition?.leaderId === NO_LEADER) {
        missing.push(partition);
        continue;
      }
      // As in Kafka the transaction then hangs, until another coordinator tries again.
      if (partition !== undefined && !this.#mark(partition, transaction, coordinator.leaderEpoch)) return [coordinator];
      transaction.partitions.remove(topicPartition);
    }
    return missing;
  }

  /** @returns whether the log took it; not if somebody else has written one with a later epoch */
  #mark(partition: Partition, transaction: TransactionMetadata, coordinatorEpoch: number): boolean {
    const { producerId, producerEpoch, state, bumpsEpoch } = transaction;
    const committed = state === "PrepareCommit";
    if (partition.topic.name === CONSUMER_OFFSETS) {
      this.#cluster.groups.completeTransaction(producerId, committed);
      return true;
    }
    const type = committed ? "COMMIT" : "ABORT";
    const transactionVersion = bumpsEpoch ? EPOCH_BUMP_VERSION : 0;
    try {
      partition.log.appendEndMarker({ producerId, producerEpoch, type, coordinatorEpoch, transactionVersion });
      return true;
    } catch (error) {
      if (error instanceof AppendRefusal) return false;
      throw error;
    }
  }

  #forget(transaction: TransactionMetadata): void {
    for (const stop of this.#waiting.get(transaction) ?? []) stop();
    this.#waiting.delete(transaction);
  }
}
