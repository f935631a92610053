/**
 * DescribeProducers (key 61): what a broker remembers of the idempotent and transactional producers of a partition. Administrators
 * in search of hanging transactions send it to the partition's leader, or to a follower to compare.
 *
 * v0  flexible; the only version (KIP-664)
 */
import { int32, type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

export interface DescribeProducersRequest {
  readonly topics: readonly DescribeProducersTopic[];
}

export interface DescribeProducersTopic {
  readonly name: string;
  readonly partitionIndexes: readonly number[];
}

export interface DescribeProducersResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  readonly topics: readonly DescribeProducersTopicResult[];
}

export interface DescribeProducersTopicResult {
  readonly name: string;
  readonly partitions: readonly DescribeProducersPartitionResult[];
}

export interface DescribeProducersPartitionResult {
  readonly partitionIndex: number;
  /** E.g. NOT_LEADER_OR_FOLLOWER, UNKNOWN_TOPIC_OR_PARTITION, or TOPIC_AUTHORIZATION_FAILED for whoever may not read it. */
  readonly errorCode: number;
  /** More about the error, null for nothing to add. */
  readonly errorMessage: string | null;
  /** The producers whose state has not expired (`producer.id.expiration.ms`), whether they are still alive or not. */
  readonly activeProducers: readonly ActiveProducer[];
}

export interface ActiveProducer {
  readonly producerId: bigint;
  /** Epoch of its last batch or transaction marker. The wire has 32 bits for it, though epochs have 16. */
  readonly producerEpoch: number;
  /** Sequence number of its last record, -1 when there is none in this epoch. */
  readonly lastSequence: number;
  /** Timestamp of its last batch or transaction marker, -1 when unknown. */
  readonly lastTimestamp: number;
  /** Epoch of the transaction coordinator that wrote its last transaction marker, -1 when there was none. */
  readonly coordinatorEpoch: number;
  /** Offset of the first record of its open transaction, -1 when none is open. An old one holds back the last stable offset. */
  readonly currentTxnStartOffset: number;
}

const request: Layout<DescribeProducersRequest> = struct((wire, it) => ({
  topics: wire.array(it.topics, topic),
}));

const topic: Layout<DescribeProducersTopic> = struct((wire, it) => ({
  name: wire.string(it.name),
  partitionIndexes: wire.array(it.partitionIndexes, int32),
}));

const response: Layout<DescribeProducersResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  topics: wire.array(it.topics, topicResult),
}));

const topicResult: Layout<DescribeProducersTopicResult> = struct((wire, it) => ({
  name: wire.string(it.name),
  partitions: wire.array(it.partitions, partitionResult),
}));

const partitionResult: Layout<DescribeProducersPartitionResult> = struct((wire, it) => ({
  partitionIndex: wire.int32(it.partitionIndex),
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.nullableString(it.errorMessage),
  activeProducers: wire.array(it.activeProducers, activeProducer),
}));

const activeProducer: Layout<ActiveProducer> = struct((wire, it) => ({
  producerId: wire.int64(it.producerId),
  producerEpoch: wire.int32(it.producerEpoch),
  lastSequence: wire.int32(it.lastSequence, -1),
  lastTimestamp: wire.timestamp(it.lastTimestamp, -1),
  coordinatorEpoch: wire.int32(it.coordinatorEpoch),
  currentTxnStartOffset: wire.offset(it.currentTxnStartOffset, -1),
}));

export const DescribeProducers: Api<DescribeProducersRequest, DescribeProducersResponse> = defineApi({
  name: "DescribeProducers",
  key: 61,
  versions: [0, 0],
  flexibleSince: 0,
  request,
  response,
});
