/**
 * ShareFetch (key 78): acquires records for a member of a share group, and acknowledges earlier ones on the way. Sent to the
 * leaders of the partitions that ShareGroupHeartbeat assigned; each member has one share session with each such broker.
 *
 * Several members read the same partition, so there is no fetch offset: the broker chooses the records and locks them for this
 * member. It returns whole batches, of which only the `acquiredRecords` may be used. A record whose lock runs out unacknowledged
 * is delivered again.
 *
 * Version 0 was an early access of Kafka 4.0 that no later broker accepts.
 *
 * v1  the oldest version, flexible (KIP-932)
 * v2  acquire mode, for a strict limit of records (KIP-1206); acknowledgements that renew the lock (KIP-1222)
 */
import { int8, int32, type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

/** `shareSessionEpoch` of a fetch that opens a session, in place of an older one. */
export const INITIAL_SHARE_SESSION_EPOCH = 0;
/** `shareSessionEpoch` of a fetch that closes the session: records still locked for the member become free for others. */
export const FINAL_SHARE_SESSION_EPOCH = -1;

/** `shareAcquireMode`: whole batches, even when that exceeds `maxRecords`. */
export const SHARE_ACQUIRE_BATCH_OPTIMIZED = 0;
/** `shareAcquireMode`: never more than `maxRecords`, even when that splits a batch. */
export const SHARE_ACQUIRE_RECORD_LIMIT = 1;

export interface ShareFetchRequest {
  /** The share group. Null on the wire is possible, but never useful. */
  readonly groupId: string | null;
  /** The member id of ShareGroupHeartbeat. Null on the wire is possible, but never useful. */
  readonly memberId: string | null;
  /** 0 opens the session, -1 closes it; in between it counts the session's fetches and acknowledgements from 1. */
  readonly shareSessionEpoch: number;
  /** How long the broker may wait for `minBytes`. */
  readonly maxWaitMs: number;
  /** The answer is sent as soon as this many bytes are there. */
  readonly minBytes: number;
  /** Soft limit of the whole answer: the first batch is returned even when it is larger. */
  readonly maxBytes: number;
  /** How many records to acquire at most. Unless the acquire mode is strict, whole batches may exceed it. */
  readonly maxRecords: number;
  /** A hint: how many records one entry of `acquiredRecords` should span. Whole entries are the cheapest to acknowledge. */
  readonly batchSize: number;
  /** 0: whole batches, which is fastest; 1: exactly `maxRecords` at most. */
  readonly shareAcquireMode: number;
  /**
   * Says that some acknowledgement below is a renewal. Nothing is fetched then, and `maxWaitMs`, `minBytes`, `maxBytes` and
   * `maxRecords` must be 0.
   */
  readonly isRenewAck: boolean;
  /** What to read and to acknowledge. Within a session: partitions that are new, and those with acknowledgements. */
  readonly topics: readonly ShareFetchTopic[];
  /** What to drop from the session. */
  readonly forgottenTopicsData: readonly ShareFetchForgottenTopic[];
}

export interface ShareFetchTopic {
  readonly topicId: string;
  readonly partitions: readonly ShareFetchPartition[];
}

export interface ShareFetchPartition {
  readonly partitionIndex: number;
  /** What became of acquired records, ascending and without overlap. Must be empty in the fetch that opens the session. */
  readonly acknowledgementBatches: readonly ShareFetchAcknowledgementBatch[];
}

/** As in ShareAcknowledge. */
export interface ShareFetchAcknowledgementBatch {
  /** Offset of the first record. */
  readonly firstOffset: number;
  /** Offset of the last record, itself included. */
  readonly lastOffset: number;
  /**
   * One for each offset, or a single one for all of them. 0: there is no record (a gap); 1: accept; 2: release, deliver it
   * again; 3: reject, never deliver it again; 4: renew the lock, from v2 on.
   */
  readonly acknowledgeTypes: readonly number[];
}

export interface ShareFetchForgottenTopic {
  readonly topicId: string;
  readonly partitions: readonly number[];
}

export interface ShareFetchResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /**
   * Concerns the whole fetch. SHARE_SESSION_NOT_FOUND and INVALID_SHARE_SESSION_EPOCH: open a new session.
   * SHARE_SESSION_LIMIT_REACHED: the broker has no room for one, try later.
   */
  readonly errorCode: number;
  /** More about the error, null without one. */
  readonly errorMessage: string | null;
  /** How long the acquired records are locked for this member, counted from now. */
  readonly acquisitionLockTimeoutMs: number;
  /** Only partitions that have news: records, errors or results of acknowledgements. */
  readonly responses: readonly ShareFetchTopicResponse[];
  /** Addresses of the leaders that `currentLeader` names. */
  readonly nodeEndpoints: readonly ShareFetchNodeEndpoint[];
}

export interface ShareFetchTopicResponse {
  readonly topicId: string;
  readonly partitions: readonly ShareFetchPartitionData[];
}

export interface ShareFetchPartitionData {
  readonly partitionIndex: number;
  /** Concerns the fetching, e.g. NOT_LEADER_OR_FOLLOWER or UNKNOWN_TOPIC_ID. */
  readonly errorCode: number;
  /** More about `errorCode`, null for nothing to add. */
  readonly errorMessage: string | null;
  /** Concerns the acknowledgements. INVALID_RECORD_STATE: a record was not, or no longer, locked for this member. */
  readonly acknowledgeErrorCode: number;
  /** More about `acknowledgeErrorCode`, null for nothing to add. */
  readonly acknowledgeErrorMessage: string | null;
  /** The new leader, when an error is NOT_LEADER_OR_FOLLOWER or FENCED_LEADER_EPOCH; otherwise all zero. */
  readonly currentLeader: ShareFetchLeaderIdAndEpoch;
  /** Record batches, see `records/`, empty for none. They also hold records that this member has not acquired: skip those. */
  readonly records: Uint8Array;
  /** Which of the records are locked for this member, ascending. Offsets without a record are acknowledged as gaps. */
  readonly acquiredRecords: readonly ShareFetchAcquiredRecords[];
}

export interface ShareFetchLeaderIdAndEpoch {
  /** -1 when unknown. */
  readonly leaderId: number;
  /** The newest leader epoch that the broker knows. */
  readonly leaderEpoch: number;
}

export interface ShareFetchAcquiredRecords {
  /** Offset of the first record. */
  readonly firstOffset: number;
  /** Offset of the last record, itself included. */
  readonly lastOffset: number;
  /** How often these records were delivered, this time included. Once at the limit that the broker sets, they are not again. */
  readonly deliveryCount: number;
}

export interface ShareFetchNodeEndpoint {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  /** Null for none. */
  readonly rack: string | null;
}

const request: Layout<ShareFetchRequest> = struct((wire, it) => ({
  groupId: wire.nullableString(it.groupId),
  memberId: wire.nullableString(it.memberId, ""),
  shareSessionEpoch: wire.int32(it.shareSessionEpoch, INITIAL_SHARE_SESSION_EPOCH),
  maxWaitMs: wire.int32(it.maxWaitMs),
  minBytes: wire.int32(it.minBytes),
  maxBytes: wire.int32(it.maxBytes, 0x7fff_ffff),
  maxRecords: wire.int32(it.maxRecords),
  batchSize: wire.int32(it.batchSize),
  shareAcquireMode: wire.since(2).ignorable.int8(it.shareAcquireMode, SHARE_ACQUIRE_BATCH_OPTIMIZED),
  isRenewAck: wire.since(2).boolean(it.isRenewAck),
  topics: wire.array(it.topics, topic),
  forgottenTopicsData: wire.array(it.forgottenTopicsData, forgottenTopic),
}));

const topic: Layout<ShareFetchTopic> = struct((wire, it) => ({
  topicId: wire.uuid(it.topicId),
  partitions: wire.array(it.partitions, partition),
}));

const partition: Layout<ShareFetchPartition> = struct((wire, it) => ({
  partitionIndex: wire.int32(it.partitionIndex),
  acknowledgementBatches: wire.array(it.acknowledgementBatches, acknowledgementBatch),
}));

const acknowledgementBatch: Layout<ShareFetchAcknowledgementBatch> = struct((wire, it) => ({
  firstOffset: wire.offset(it.firstOffset),
  lastOffset: wire.offset(it.lastOffset),
  acknowledgeTypes: wire.array(it.acknowledgeTypes, int8),
}));

const forgottenTopic: Layout<ShareFetchForgottenTopic> = struct((wire, it) => ({
  topicId: wire.uuid(it.topicId),
  partitions: wire.array(it.partitions, int32),
}));

const response: Layout<ShareFetchResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.nullableString(it.errorMessage),
  acquisitionLockTimeoutMs: wire.int32(it.acquisitionLockTimeoutMs),
  responses: wire.array(it.responses, topicResponse),
  nodeEndpoints: wire.array(it.nodeEndpoints, nodeEndpoint),
}));

const topicResponse: Layout<ShareFetchTopicResponse> = struct((wire, it) => ({
  topicId: wire.uuid(it.topicId),
  partitions: wire.array(it.partitions, partitionData),
}));

const partitionData: Layout<ShareFetchPartitionData> = struct((wire, it) => ({
  partitionIndex: wire.int32(it.partitionIndex),
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.nullableString(it.errorMessage),
  acknowledgeErrorCode: wire.int16(it.acknowledgeErrorCode),
  acknowledgeErrorMessage: wire.nullableString(it.acknowledgeErrorMessage),
  currentLeader: wire.struct(it.currentLeader, leaderIdAndEpoch),
  records: wire.records(it.records),
  acquiredRecords: wire.array(it.acquiredRecords, acquiredRecords),
}));

const leaderIdAndEpoch: Layout<ShareFetchLeaderIdAndEpoch> = struct((wire, it) => ({
  leaderId: wire.int32(it.leaderId),
  leaderEpoch: wire.int32(it.leaderEpoch),
}));

const acquiredRecords: Layout<ShareFetchAcquiredRecords> = struct((wire, it) => ({
  firstOffset: wire.offset(it.firstOffset),
  lastOffset: wire.offset(it.lastOffset),
  deliveryCount: wire.int16(it.deliveryCount),
}));

const nodeEndpoint: Layout<ShareFetchNodeEndpoint> = struct((wire, it) => ({
  nodeId: wire.int32(it.nodeId),
  host: wire.string(it.host),
  port: wire.int32(it.port),
  rack: wire.nullableString(it.rack),
}));

export const ShareFetch: Api<ShareFetchRequest, ShareFetchResponse> = defineApi({
  name: "ShareFetch",
  key: 78,
  versions: [1, 2],
  flexibleSince: 0,
  request,
  response,
});
