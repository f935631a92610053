/**
 * AddPartitionsToTxn (key 24): tells the transaction coordinator that a transaction is about to write to some partitions, so
 * that it will mark its end there. Producers send it before the first batch for a partition.
 *
 * Where the feature `transaction.version` is 2 producers leave it out: Produce v12 makes the partition's leader do it for them.
 *
 * v0  the oldest version (KIP-98)
 * v1  as v0; on throttling the broker answers at once and mutes the connection (KIP-219)
 * v2  as v1; the broker may answer PRODUCER_FENCED instead of INVALID_PRODUCER_EPOCH (KIP-588)
 * v3  flexible; the last version for clients
 * v4  for brokers only: many transactions at once, and asking without adding (KIP-890)
 * v5  as v4; the broker may answer TRANSACTION_ABORTABLE (KIP-890)
 */
import { int32, type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

/** Up to v3 the fields `v3AndBelow…` are the request, from v4 on `transactions` is. */
export interface AddPartitionsToTxnRequest {
  /** The transactions in question. */
  readonly transactions: readonly AddPartitionsToTxnTransaction[];
  /** Whose transaction it is. */
  readonly v3AndBelowTransactionalId: string;
  /** The producer's id. INVALID_PRODUCER_ID_MAPPING when it is not, or no longer, that of the transactional id. */
  readonly v3AndBelowProducerId: bigint;
  /** The producer's epoch. An older one than the coordinator knows is fenced. */
  readonly v3AndBelowProducerEpoch: number;
  /** The partitions to add. Those that belong to the transaction already do no harm. */
  readonly v3AndBelowTopics: readonly AddPartitionsToTxnTopic[];
}

export interface AddPartitionsToTxnTransaction {
  /** Whose transaction it is. */
  readonly transactionalId: string;
  /** The producer's id. */
  readonly producerId: bigint;
  /** The producer's epoch. */
  readonly producerEpoch: number;
  /** Only ask whether the partitions belong to the transaction, as a leader does before it appends the first batch of one. */
  readonly verifyOnly: boolean;
  /** The partitions to add, or to ask about. */
  readonly topics: readonly AddPartitionsToTxnTopic[];
}

export interface AddPartitionsToTxnTopic {
  readonly name: string;
  readonly partitions: readonly number[];
}

export interface AddPartitionsToTxnResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /** Concerns the whole request, from v4 on, e.g. CLUSTER_AUTHORIZATION_FAILED: the sender is no broker. */
  readonly errorCode: number;
  /** One for each transaction, from v4 on. */
  readonly resultsByTransaction: readonly AddPartitionsToTxnResult[];
  /** The partitions of the one transaction, up to v3. */
  readonly resultsByTopicV3AndBelow: readonly AddPartitionsToTxnTopicResult[];
}

export interface AddPartitionsToTxnResult {
  /** Whose transaction it is. */
  readonly transactionalId: string;
  readonly topicResults: readonly AddPartitionsToTxnTopicResult[];
}

export interface AddPartitionsToTxnTopicResult {
  readonly name: string;
  readonly resultsByPartition: readonly AddPartitionsToTxnPartitionResult[];
}

export interface AddPartitionsToTxnPartitionResult {
  readonly partitionIndex: number;
  /**
   * All or none are added: when one is refused, e.g. with TOPIC_AUTHORIZATION_FAILED, the rest get OPERATION_NOT_ATTEMPTED.
   * CONCURRENT_TRANSACTIONS: the producer's last transaction is still being ended, try again.
   */
  readonly partitionErrorCode: number;
}

const request: Layout<AddPartitionsToTxnRequest> = struct((wire, it) => ({
  transactions: wire.since(4).array(it.transactions, transaction),
  v3AndBelowTransactionalId: wire.until(3).string(it.v3AndBelowTransactionalId),
  v3AndBelowProducerId: wire.until(3).int64(it.v3AndBelowProducerId),
  v3AndBelowProducerEpoch: wire.until(3).int16(it.v3AndBelowProducerEpoch),
  v3AndBelowTopics: wire.until(3).array(it.v3AndBelowTopics, topic),
}));

const transaction: Layout<AddPartitionsToTxnTransaction> = struct((wire, it) => ({
  transactionalId: wire.string(it.transactionalId),
  producerId: wire.int64(it.producerId),
  producerEpoch: wire.int16(it.producerEpoch),
  verifyOnly: wire.boolean(it.verifyOnly),
  topics: wire.array(it.topics, topic),
}));

const topic: Layout<AddPartitionsToTxnTopic> = struct((wire, it) => ({
  name: wire.string(it.name),
  partitions: wire.array(it.partitions, int32),
}));

const response: Layout<AddPartitionsToTxnResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  errorCode: wire.since(4).ignorable.int16(it.errorCode),
  resultsByTransaction: wire.since(4).array(it.resultsByTransaction, result),
  resultsByTopicV3AndBelow: wire.until(3).array(it.resultsByTopicV3AndBelow, topicResult),
}));

const result: Layout<AddPartitionsToTxnResult> = struct((wire, it) => ({
  transactionalId: wire.string(it.transactionalId),
  topicResults: wire.array(it.topicResults, topicResult),
}));

const topicResult: Layout<AddPartitionsToTxnTopicResult> = struct((wire, it) => ({
  name: wire.string(it.name),
  resultsByPartition: wire.array(it.resultsByPartition, partitionResult),
}));

const partitionResult: Layout<AddPartitionsToTxnPartitionResult> = struct((wire, it) => ({
  partitionIndex: wire.int32(it.partitionIndex),
  partitionErrorCode: wire.int16(it.partitionErrorCode),
}));

export const AddPartitionsToTxn: Api<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse> = defineApi({
  name: "AddPartitionsToTxn",
  key: 24,
  versions: [0, 5],
  flexibleSince: 3,
  // From v4 on brokers talk to each other; they list these versions to clients as well, but want a broker's rights.
  clientVersions: [0, 3],
  request,
  response,
});
