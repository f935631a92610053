/**
 * WriteTxnMarkers (key 27): appends the markers that end transactions to partitions that this broker leads. Transaction
 * coordinators send it when a transaction is decided; administrators do so to abort one that hangs (KIP-664).
 *
 * v0  the oldest version (KIP-98)
 * v1  flexible; the oldest version that Kafka 4 accepts
 * v2  transaction version, by which the leader checks the epoch (KIP-1228)
 */
import { int32, type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

export interface WriteTxnMarkersRequest {
  readonly markers: readonly TxnMarker[];
}

/** The end of one transaction, for all its partitions on this broker. */
export interface TxnMarker {
  /** Of the producer whose transaction ends. */
  readonly producerId: bigint;
  /** The producer's epoch for the marker. INVALID_PRODUCER_EPOCH when the partition has seen a later one. */
  readonly producerEpoch: number;
  /** True: committed; false: aborted. */
  readonly transactionResult: boolean;
  readonly topics: readonly TxnMarkerTopic[];
  /**
   * Counts the coordinators of the transactional id: leader epoch of the partition of `__transaction_state` that holds it. One
   * that was replaced is answered with TRANSACTION_COORDINATOR_FENCED. Administrators take it from DescribeProducers.
   */
  readonly coordinatorEpoch: number;
  /** The level of the feature `transaction.version` that the transaction ran at: from 2 on the marker must bring a new epoch. */
  readonly transactionVersion: number;
}

export interface TxnMarkerTopic {
  readonly name: string;
  readonly partitionIndexes: readonly number[];
}

/** Without a throttle time: brokers are not throttled. */
export interface WriteTxnMarkersResponse {
  readonly markers: readonly TxnMarkerResult[];
}

export interface TxnMarkerResult {
  /** Which of the markers this is about. */
  readonly producerId: bigint;
  readonly topics: readonly TxnMarkerTopicResult[];
}

export interface TxnMarkerTopicResult {
  readonly name: string;
  readonly partitions: readonly TxnMarkerPartitionResult[];
}

export interface TxnMarkerPartitionResult {
  readonly partitionIndex: number;
  /** NOT_LEADER_OR_FOLLOWER: the marker belongs to another broker now. */
  readonly errorCode: number;
}

const request: Layout<WriteTxnMarkersRequest> = struct((wire, it) => ({
  markers: wire.array(it.markers, marker),
}));

const marker: Layout<TxnMarker> = struct((wire, it) => ({
  producerId: wire.int64(it.producerId),
  producerEpoch: wire.int16(it.producerEpoch),
  transactionResult: wire.boolean(it.transactionResult),
  topics: wire.array(it.topics, topic),
  coordinatorEpoch: wire.int32(it.coordinatorEpoch),
  transactionVersion: wire.since(2).ignorable.int8(it.transactionVersion),
}));

const topic: Layout<TxnMarkerTopic> = struct((wire, it) => ({
  name: wire.string(it.name),
  partitionIndexes: wire.array(it.partitionIndexes, int32),
}));

const response: Layout<WriteTxnMarkersResponse> = struct((wire, it) => ({
  markers: wire.array(it.markers, markerResult),
}));

const markerResult: Layout<TxnMarkerResult> = struct((wire, it) => ({
  producerId: wire.int64(it.producerId),
  topics: wire.array(it.topics, topicResult),
}));

const topicResult: Layout<TxnMarkerTopicResult> = struct((wire, it) => ({
  name: wire.string(it.name),
  partitions: wire.array(it.partitions, partitionResult),
}));

const partitionResult: Layout<TxnMarkerPartitionResult> = struct((wire, it) => ({
  partitionIndex: wire.int32(it.partitionIndex),
  errorCode: wire.int16(it.errorCode),
}));

export const WriteTxnMarkers: Api<WriteTxnMarkersRequest, WriteTxnMarkersResponse> = defineApi({
  name: "WriteTxnMarkers",
  key: 27,
  versions: [0, 2],
  flexibleSince: 1,
  request,
  response,
});
