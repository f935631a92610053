/** Who may add partitions to a transaction, and whether a batch may be appended to a partition on its behalf (KIP-890). */
import type { ErrorName, KafkaRelease } from "../../protocol/index.ts";
import type { ProducerIdAndEpoch, TransactionMetadata } from "./transaction-metadata.ts";
import type { TopicPartition } from "./transaction-partitions.ts";
import { isEnding } from "./transaction-state.ts";

/** KAFKA-15449; those who lead partitions ask about batches from 3.6 on (`configs/release-defaults.ts`). */
export const FIRST_RELEASE_THAT_VERIFIES_OFFSETS: KafkaRelease = "3.7";

/** Why the producer cannot add partitions now. */
export function refusalToAdd(transaction: TransactionMetadata | undefined, producer: ProducerIdAndEpoch): ErrorName | undefined {
  if (transaction === undefined) return "INVALID_PRODUCER_ID_MAPPING";
  // First of all: while markers are written, the epoch may have gone up already.
  if (isEnding(transaction.state)) return "CONCURRENT_TRANSACTIONS";
  return refusalOfProducer(transaction, producer);
}

/** Why the partition is not known to be part of the producer's transaction. */
export function refusalToVerify(
  transaction: TransactionMetadata | undefined,
  producer: ProducerIdAndEpoch,
  partition: TopicPartition,
): ErrorName | undefined {
  if (transaction === undefined) return "INVALID_PRODUCER_ID_MAPPING";
  const error = refusalOfProducer(transaction, producer);
  if (error !== undefined) return error;
  if (isEnding(transaction.state)) return "CONCURRENT_TRANSACTIONS";
  return transaction.partitions.has(partition) ? undefined : "TRANSACTION_ABORTABLE";
}

/**
 * Where nobody asks the coordinator about offsets it is their log that refuses those of an older epoch. Here they are in none that knows
 * epochs, so the coordinator's counts.
 */
export function refusalOfOlderEpoch(
  transaction: TransactionMetadata | undefined,
  { producerId, producerEpoch }: ProducerIdAndEpoch,
): ErrorName | undefined {
  const isOlder = transaction?.producerId === producerId && producerEpoch < transaction.producerEpoch;
  return isOlder ? "PRODUCER_FENCED" : undefined;
}

function refusalOfProducer(
  transaction: TransactionMetadata,
  { producerId, producerEpoch }: ProducerIdAndEpoch,
): ErrorName | undefined {
  if (producerId !== transaction.producerId) return "INVALID_PRODUCER_ID_MAPPING";
  return producerEpoch === transaction.producerEpoch ? undefined : "PRODUCER_FENCED";
}

/** What a producer understands of errors from the coordinator that the partition's leader hands on. */
export interface ProducerUnderstanding {
  /** The leader adds partitions by itself (transaction version 2). */
  readonly addsPartitions: boolean;
  /** Knows TRANSACTION_ABORTABLE. */
  readonly knowsAbortable: boolean;
}

/** By version of Produce. */
export function understandingOfProduce(version: number): ProducerUnderstanding {
  return { addsPartitions: version >= 12, knowsAbortable: version >= 11 };
}

/** By version of TxnOffsetCommit. */
export function understandingOfTxnOffsetCommit(version: number): ProducerUnderstanding {
  return { addsPartitions: version >= 5, knowsAbortable: version >= 4 };
}

/** What becomes of the coordinator's error on the way through the broker that asked it. */
export function errorForProducer(error: ErrorName, { knowsAbortable }: ProducerUnderstanding): ErrorName {
  if (error === "PRODUCER_FENCED") return "INVALID_PRODUCER_EPOCH";
  return error === "TRANSACTION_ABORTABLE" && !knowsAbortable ? "INVALID_TXN_STATE" : error;
}

/** Errors of the coordinator that are no business of somebody who produces: here they become one that every producer retries. */
export function errorForProduce(error: ErrorName, understanding: ProducerUnderstanding): ErrorName {
  switch (error) {
    case "COORDINATOR_LOAD_IN_PROGRESS":
    case "COORDINATOR_NOT_AVAILABLE":
      return "NOT_ENOUGH_REPLICAS";
    case "CONCURRENT_TRANSACTIONS":
      return understanding.addsPartitions ? error : "NOT_ENOUGH_REPLICAS";
    default:
      return errorForProducer(error, understanding);
  }
}
