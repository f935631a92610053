/**
 * Produce (key 0): appends record batches to partitions that this broker leads.
 *
 * Each partition gets one batch. With `acks` 0 the broker sends no answer at all; when such a request fails, it closes the
 * connection. A batch that carries a producer id can be sent again when its answer was lost: the leader knows it by its
 * sequence numbers.
 *
 * ApiVersions lists Produce from version 0 on even for Kafka 4, because old clients insist; 0 to 2 are refused nevertheless.
 *
 * v0  message sets of format 0; the oldest version
 * v1  throttle time in the answer (KIP-124)
 * v2  message sets of format 1, with timestamps; log append time in the answer (KIP-32)
 * v3  record batches of format 2; transactional id (KIP-98); the oldest version that Kafka 4 accepts
 * v4  as v3; the broker may answer KAFKA_STORAGE_ERROR (KIP-112)
 * v5  log start offset in the answer (KIP-192)
 * v6  as v5; on throttling the broker answers at once and mutes the connection (KIP-219)
 * v7  as v6; batches may be compressed with zstd (KIP-110)
 * v8  which records the broker objected to, and why (KIP-467)
 * v9  flexible
 * v10 the new leader and its endpoint, when it has moved (KIP-951)
 * v11 as v10; the broker may answer TRANSACTION_ABORTABLE (KIP-890)
 * v12 as v11; in a transaction, the broker adds the partition to it, so the feature `transaction.version` must be 2 (KIP-890)
 * v13 topic ids instead of names (KIP-516)
 */
import { type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

/** `acks` of a producer that wants no answer. */
export const ACKS_NONE = 0;
/** `acks`: answer when the leader has appended the batch; it is lost if the leader dies before a follower has it. */
export const ACKS_LEADER = 1;
/** `acks`: answer when all in-sync replicas have the batch, at least `min.insync.replicas` of them. */
export const ACKS_ALL = -1;

export interface ProduceRequest {
  /** Who writes in a transaction; null outside of one. The broker checks the right to use it. */
  readonly transactionalId: string | null;
  /** When the broker answers: 0 never, 1 when the leader has the batch, -1 when all in-sync replicas have. */
  readonly acks: number;
  /** With `acks` -1: how long the leader waits for its followers. REQUEST_TIMED_OUT after that, but the batch stays in the log. */
  readonly timeoutMs: number;
  readonly topicData: readonly ProduceTopic[];
}

export interface ProduceTopic {
  /** The topic's name, up to v12. */
  readonly name: string;
  /** The topic's id, from v13 on. */
  readonly topicId: string;
  readonly partitionData: readonly ProducePartition[];
}

export interface ProducePartition {
  readonly index: number;
  /** Exactly one record batch of magic 2, see `records/`. Brokers refuse null, although the layout has room for it. */
  readonly records: Uint8Array | null;
}

export interface ProduceResponse {
  readonly responses: readonly ProduceTopicResponse[];
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /** Addresses of the leaders that `currentLeader` names. */
  readonly nodeEndpoints: readonly ProduceNodeEndpoint[];
}

export interface ProduceTopicResponse {
  /** The topic's name, up to v12. */
  readonly name: string;
  /** The topic's id, from v13 on. */
  readonly topicId: string;
  readonly partitionResponses: readonly ProducePartitionResponse[];
}

export interface ProducePartitionResponse {
  readonly index: number;
  /** DUPLICATE_SEQUENCE_NUMBER is a success: the batch is in the log, only its offset is no longer known. */
  readonly errorCode: number;
  /** Offset of the batch's first record, -1 on errors. The others follow one by one. */
  readonly baseOffset: number;
  /** When the broker appended the batch, if the topic keeps log append time; -1 when the producer's timestamps stand. */
  readonly logAppendTimeMs: number;
  /** The first offset that the log still has, -1 when unknown. Tells a producer that was forgotten from one that lost records. */
  readonly logStartOffset: number;
  /** The records because of which the whole batch was refused; empty when the error does not concern single ones. */
  readonly recordErrors: readonly ProduceRecordError[];
  /** Why the batch was refused, null for nothing to add to the error code. */
  readonly errorMessage: string | null;
  /** The new leader, when the error is NOT_LEADER_OR_FOLLOWER. */
  readonly currentLeader: ProduceLeaderIdAndEpoch;
}

export interface ProduceRecordError {
  /** Position of the record in its batch, from 0. */
  readonly batchIndex: number;
  /** What is wrong with it; null when `errorMessage` says it all. */
  readonly batchIndexErrorMessage: string | null;
}

export interface ProduceLeaderIdAndEpoch {
  /** -1 when unknown. */
  readonly leaderId: number;
  /** -1 when unknown. */
  readonly leaderEpoch: number;
}

export interface ProduceNodeEndpoint {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  /** Null for none. */
  readonly rack: string | null;
}

const request: Layout<ProduceRequest> = struct((wire, it) => ({
  transactionalId: wire.since(3).nullableString(it.transactionalId),
  acks: wire.int16(it.acks),
  timeoutMs: wire.int32(it.timeoutMs),
  topicData: wire.array(it.topicData, topic),
}));

const topic: Layout<ProduceTopic> = struct((wire, it) => ({
  name: wire.until(12).ignorable.string(it.name),
  topicId: wire.since(13).ignorable.uuid(it.topicId),
  partitionData: wire.array(it.partitionData, partition),
}));

const partition: Layout<ProducePartition> = struct((wire, it) => ({
  index: wire.int32(it.index),
  records: wire.nullableRecords(it.records),
}));

const response: Layout<ProduceResponse> = struct((wire, it) => ({
  responses: wire.array(it.responses, topicResponse),
  throttleTimeMs: wire.since(1).ignorable.int32(it.throttleTimeMs),
  nodeEndpoints: wire.since(10).tag(0).array(it.nodeEndpoints, nodeEndpoint),
}));

const topicResponse: Layout<ProduceTopicResponse> = struct((wire, it) => ({
  name: wire.until(12).ignorable.string(it.name),
  topicId: wire.since(13).ignorable.uuid(it.topicId),
  partitionResponses: wire.array(it.partitionResponses, partitionResponse),
}));

const partitionResponse: Layout<ProducePartitionResponse> = struct((wire, it) => ({
  index: wire.int32(it.index),
  errorCode: wire.int16(it.errorCode),
  baseOffset: wire.offset(it.baseOffset),
  logAppendTimeMs: wire.since(2).ignorable.timestamp(it.logAppendTimeMs, -1),
  logStartOffset: wire.since(5).ignorable.offset(it.logStartOffset, -1),
  recordErrors: wire.since(8).ignorable.array(it.recordErrors, recordError),
  errorMessage: wire.since(8).ignorable.nullableString(it.errorMessage),
  currentLeader: wire.since(10).tag(0).struct(it.currentLeader, leaderIdAndEpoch),
}));

const recordError: Layout<ProduceRecordError> = struct((wire, it) => ({
  batchIndex: wire.int32(it.batchIndex),
  batchIndexErrorMessage: wire.nullableString(it.batchIndexErrorMessage),
}));

const leaderIdAndEpoch: Layout<ProduceLeaderIdAndEpoch> = struct((wire, it) => ({
  leaderId: wire.int32(it.leaderId, -1),
  leaderEpoch: wire.int32(it.leaderEpoch, -1),
}));

const nodeEndpoint: Layout<ProduceNodeEndpoint> = struct((wire, it) => ({
  nodeId: wire.int32(it.nodeId),
  host: wire.string(it.host),
  port: wire.int32(it.port),
  rack: wire.nullableString(it.rack),
}));

export const Produce: Api<ProduceRequest, ProduceResponse> = defineApi({
  name: "Produce",
  key: 0,
  versions: [0, 13],
  // Older versions carry older record formats, and brokers of Kafka 4 refuse them although they advertise them.
  clientVersions: [3, 13],
  flexibleSince: 9,
  request,
  response,
});
