/**
 * Fetch (key 1): reads record batches from partitions that this broker leads (or, for consumers in the same rack, follows).
 *
 * A long poll: the broker answers as soon as `minBytes` are there or something is wrong, or after `maxWaitMs`. It sends its log
 * as it is: the first batch may begin before the asked offset, and the last one may be cut off at the byte limit.
 *
 * v0  the oldest version; answers carry message sets of format 0
 * v1  throttle time in the answer (KIP-124)
 * v2  message sets of format 1, with timestamps (KIP-32)
 * v3  limit of the whole answer (KIP-74)
 * v4  record batches of format 2, isolation level and aborted transactions (KIP-98); the oldest version that Kafka 4 accepts
 * v5  log start offset (KIP-107)
 * v6  as v5; the broker may answer KAFKA_STORAGE_ERROR (KIP-112)
 * v7  fetch sessions: only what changed is asked and answered (KIP-227)
 * v8  as v7; on throttling the broker answers at once and mutes the connection (KIP-219)
 * v9  current leader epoch, which fences clients with old metadata (KIP-320)
 * v10 zstd-compressed batches (KIP-110)
 * v11 rack id, and a preferred read replica in the answer (KIP-392)
 * v12 flexible; last fetched epoch and diverging epoch, which detect truncation (KIP-595)
 * v13 topic ids instead of names (KIP-516)
 * v14 as v13; followers may be answered OFFSET_MOVED_TO_TIERED_STORAGE (KIP-405)
 * v15 followers identify themselves by a tagged replica state (KIP-903)
 * v16 endpoints of new leaders (KIP-951)
 * v17 followers name their log directory (KIP-853)
 * v18 followers tell their high watermark (KIP-1166)
 */
import { int32, type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

/** The `replicaId` of everybody who is not a broker. */
export const CONSUMER_REPLICA_ID = -1;
/** `sessionId` of a fetch outside any session, or one that opens a session. */
export const NO_FETCH_SESSION = 0;
/** `sessionEpoch` of a full fetch that opens a session. */
export const INITIAL_FETCH_SESSION_EPOCH = 0;
/** `sessionEpoch` of a full fetch that wants no session, or closes the one it names. */
export const FINAL_FETCH_SESSION_EPOCH = -1;

export interface FetchRequest {
  /** The asking broker, -1 for consumers. From v15 on it is part of `replicaState`. */
  readonly replicaId: number;
  /** How long the broker may wait for `minBytes`. */
  readonly maxWaitMs: number;
  /** The answer is sent as soon as this many bytes are there. */
  readonly minBytes: number;
  /** Limit of the whole answer. Only the first batch of all is returned even when it is larger. */
  readonly maxBytes: number;
  /** 0: everything; 1: only up to the last stable offset, with a list of aborted transactions for the reader to drop. */
  readonly isolationLevel: number;
  /** The fetch session to go on with, 0 for none or a new one. */
  readonly sessionId: number;
  /** Counts the fetches of a session from 1; 0 opens a session, -1 wants none. */
  readonly sessionEpoch: number;
  /** What to read, served in this order until `maxBytes` are reached. Within a session: what is new, or has moved. */
  readonly topics: readonly FetchTopic[];
  /** What to drop from the session. */
  readonly forgottenTopicsData: readonly ForgottenTopic[];
  /** The consumer's rack; the broker may point to a closer replica. Empty for none. */
  readonly rackId: string;
  /** Checked by controllers only. */
  readonly clusterId: string | null;
  /** Who the asking broker is; consumers leave it at its default. */
  readonly replicaState: ReplicaState;
}

export interface ReplicaState {
  /** The asking broker, -1 for consumers. */
  readonly replicaId: number;
  /** Its epoch, -1 when unknown. */
  readonly replicaEpoch: bigint;
}

export interface FetchTopic {
  /** The topic's name, up to v12. */
  readonly topic: string;
  /** The topic's id, from v13 on. */
  readonly topicId: string;
  readonly partitions: readonly FetchPartition[];
}

export interface FetchPartition {
  readonly partition: number;
  /** The leader epoch that the client knows, -1 for "do not check". An older one is fenced, a newer one is not known yet. */
  readonly currentLeaderEpoch: number;
  /** The first offset to read. */
  readonly fetchOffset: number;
  /** Epoch of the last record that was read, -1 for "do not check": lets the broker notice that the logs diverge. */
  readonly lastFetchedEpoch: number;
  /** First offset of a follower's log, -1 for consumers. */
  readonly logStartOffset: number;
  /** Limit for this partition, with the same exception. */
  readonly partitionMaxBytes: number;
  /** Log directory of a follower, all zero for consumers. */
  readonly replicaDirectoryId: string;
  /** The high watermark that a follower knows; -1 for "unknown", 2^63 - 1 when it cannot say (KIP-1166). */
  readonly highWatermark: bigint;
}

export interface ForgottenTopic {
  /** The topic's name, up to v12. */
  readonly topic: string;
  /** The topic's id, from v13 on. */
  readonly topicId: string;
  readonly partitions: readonly number[];
}

export interface FetchResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /** Concerns the whole fetch, e.g. FETCH_SESSION_ID_NOT_FOUND. */
  readonly errorCode: number;
  /** The session that the next fetch may go on with, 0 for none. */
  readonly sessionId: number;
  /** Within a session: only partitions that have news. */
  readonly responses: readonly FetchableTopicResponse[];
  /** Addresses of the leaders that `currentLeader` names. */
  readonly nodeEndpoints: readonly FetchNodeEndpoint[];
}

export interface FetchableTopicResponse {
  /** The topic's name, up to v12. */
  readonly topic: string;
  /** The topic's id, from v13 on. */
  readonly topicId: string;
  readonly partitions: readonly FetchPartitionData[];
}

export interface FetchPartitionData {
  readonly partitionIndex: number;
  /** OFFSET_OUT_OF_RANGE: the log does not have that offset. NOT_LEADER_OR_FOLLOWER, FENCED_LEADER_EPOCH: look for the leader. */
  readonly errorCode: number;
  /** The offset after the last record that is replicated to all in-sync replicas; consumers see nothing beyond it. */
  readonly highWatermark: number;
  /** The offset before which every transaction is decided, -1 when unknown. */
  readonly lastStableOffset: number;
  /** The first offset that the log still has, -1 when unknown. */
  readonly logStartOffset: number;
  /** Transactions whose records must be dropped when reading committed records; null when reading everything. */
  readonly abortedTransactions: readonly AbortedTransaction[] | null;
  /** The replica to read from next time, -1 to stay. */
  readonly preferredReadReplica: number;
  /** Record batches, see `records/`. Null and empty both mean "none"; the last batch may be cut off. */
  readonly records: Uint8Array | null;
  /** Set when the reader's log has gone its own way: what it has from `endOffset` on is not in the leader's log. */
  readonly divergingEpoch: FetchEpochEndOffset;
  /** The new leader, when the error is NOT_LEADER_OR_FOLLOWER or FENCED_LEADER_EPOCH. */
  readonly currentLeader: FetchLeaderIdAndEpoch;
  /** Where a follower finds the snapshot for an offset before the log start. */
  readonly snapshotId: FetchSnapshotId;
}

export interface AbortedTransaction {
  /** The producer whose batches to drop, from `firstOffset` up to its abort marker. */
  readonly producerId: bigint;
  /** Offset of its first record in this partition. */
  readonly firstOffset: number;
}

export interface FetchEpochEndOffset {
  /** The largest epoch in the leader's log that is not above `lastFetchedEpoch`, -1 for "no divergence". */
  readonly epoch: number;
  /** The offset after that epoch's last record in the leader's log, -1 for "no divergence". */
  readonly endOffset: number;
}

export interface FetchLeaderIdAndEpoch {
  /** -1 when unknown. */
  readonly leaderId: number;
  /** -1 when unknown. */
  readonly leaderEpoch: number;
}

export interface FetchSnapshotId {
  /** -1 for none. */
  readonly endOffset: number;
  /** -1 for none. */
  readonly epoch: number;
}

export interface FetchNodeEndpoint {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  /** Null for none. */
  readonly rack: string | null;
}

const request: Layout<FetchRequest> = struct((wire, it) => ({
  replicaId: wire.until(14).int32(it.replicaId, CONSUMER_REPLICA_ID),
  maxWaitMs: wire.int32(it.maxWaitMs),
  minBytes: wire.int32(it.minBytes),
  maxBytes: wire.since(3).ignorable.int32(it.maxBytes, 0x7fff_ffff),
  isolationLevel: wire.since(4).ignorable.int8(it.isolationLevel),
  sessionId: wire.since(7).ignorable.int32(it.sessionId, NO_FETCH_SESSION),
  sessionEpoch: wire.since(7).ignorable.int32(it.sessionEpoch, FINAL_FETCH_SESSION_EPOCH),
  topics: wire.array(it.topics, topic),
  forgottenTopicsData: wire.since(7).array(it.forgottenTopicsData, forgottenTopic),
  rackId: wire.since(11).ignorable.string(it.rackId),
  clusterId: wire.since(12).ignorable.tag(0).nullableString(it.clusterId),
  replicaState: wire.since(15).tag(1).struct(it.replicaState, replicaState),
}));

const replicaState: Layout<ReplicaState> = struct((wire, it) => ({
  replicaId: wire.int32(it.replicaId, CONSUMER_REPLICA_ID),
  replicaEpoch: wire.int64(it.replicaEpoch, -1n),
}));

const topic: Layout<FetchTopic> = struct((wire, it) => ({
  topic: wire.until(12).ignorable.string(it.topic),
  topicId: wire.since(13).ignorable.uuid(it.topicId),
  partitions: wire.array(it.partitions, partition),
}));

const partition: Layout<FetchPartition> = struct((wire, it) => ({
  partition: wire.int32(it.partition),
  currentLeaderEpoch: wire.since(9).ignorable.int32(it.currentLeaderEpoch, -1),
  fetchOffset: wire.offset(it.fetchOffset),
  lastFetchedEpoch: wire.since(12).int32(it.lastFetchedEpoch, -1),
  logStartOffset: wire.since(5).ignorable.offset(it.logStartOffset, -1),
  partitionMaxBytes: wire.int32(it.partitionMaxBytes),
  replicaDirectoryId: wire.since(17).ignorable.tag(0).uuid(it.replicaDirectoryId),
  highWatermark: wire.since(18).ignorable.tag(1).int64(it.highWatermark, 0x7fff_ffff_ffff_ffffn),
}));

const forgottenTopic: Layout<ForgottenTopic> = struct((wire, it) => ({
  topic: wire.until(12).ignorable.string(it.topic),
  topicId: wire.since(13).ignorable.uuid(it.topicId),
  partitions: wire.array(it.partitions, int32),
}));

const response: Layout<FetchResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.since(1).ignorable.int32(it.throttleTimeMs),
  errorCode: wire.since(7).ignorable.int16(it.errorCode),
  sessionId: wire.since(7).int32(it.sessionId, NO_FETCH_SESSION),
  responses: wire.array(it.responses, topicResponse),
  nodeEndpoints: wire.since(16).tag(0).array(it.nodeEndpoints, nodeEndpoint),
}));

const topicResponse: Layout<FetchableTopicResponse> = struct((wire, it) => ({
  topic: wire.until(12).ignorable.string(it.topic),
  topicId: wire.since(13).ignorable.uuid(it.topicId),
  partitions: wire.array(it.partitions, partitionData),
}));

const partitionData: Layout<FetchPartitionData> = struct((wire, it) => ({
  partitionIndex: wire.int32(it.partitionIndex),
  errorCode: wire.int16(it.errorCode),
  highWatermark: wire.offset(it.highWatermark),
  lastStableOffset: wire.since(4).ignorable.offset(it.lastStableOffset, -1),
  logStartOffset: wire.since(5).ignorable.offset(it.logStartOffset, -1),
  abortedTransactions: wire.since(4).ignorable.nullableArray(it.abortedTransactions, abortedTransaction, []),
  preferredReadReplica: wire.since(11).int32(it.preferredReadReplica, -1),
  records: wire.nullableRecords(it.records),
  divergingEpoch: wire.since(12).tag(0).struct(it.divergingEpoch, epochEndOffset),
  currentLeader: wire.since(12).tag(1).struct(it.currentLeader, leaderIdAndEpoch),
  snapshotId: wire.since(12).tag(2).struct(it.snapshotId, snapshotId),
}));

const abortedTransaction: Layout<AbortedTransaction> = struct((wire, it) => ({
  producerId: wire.int64(it.producerId),
  firstOffset: wire.offset(it.firstOffset),
}));

const epochEndOffset: Layout<FetchEpochEndOffset> = struct((wire, it) => ({
  epoch: wire.int32(it.epoch, -1),
  endOffset: wire.offset(it.endOffset, -1),
}));

const leaderIdAndEpoch: Layout<FetchLeaderIdAndEpoch> = struct((wire, it) => ({
  leaderId: wire.int32(it.leaderId, -1),
  leaderEpoch: wire.int32(it.leaderEpoch, -1),
}));

const snapshotId: Layout<FetchSnapshotId> = struct((wire, it) => ({
  endOffset: wire.offset(it.endOffset, -1),
  epoch: wire.int32(it.epoch, -1),
}));

const nodeEndpoint: Layout<FetchNodeEndpoint> = struct((wire, it) => ({
  nodeId: wire.int32(it.nodeId),
  host: wire.string(it.host),
  port: wire.int32(it.port),
  rack: wire.nullableString(it.rack),
}));

export const Fetch: Api<FetchRequest, FetchResponse> = defineApi({
  name: "Fetch",
  key: 1,
  versions: [0, 18],
  // Older answers may hold formats that brokers since 0.11 have to convert to; nobody needs to ask for them.
  clientVersions: [4, 18],
  flexibleSince: 12,
  request,
  response,
});
