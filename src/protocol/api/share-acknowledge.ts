/**
 * ShareAcknowledge (key 79): tells what became of records that ShareFetch acquired, when there is nothing to fetch at the same
 * time. Sent by a member of a share group to the partitions' leader, within the share session that a ShareFetch opened there.
 *
 * Version 0 was an early access of Kafka 4.0 that no later broker accepts.
 *
 * v1  the oldest version, flexible (KIP-932)
 * v2  acknowledgements that renew the lock, and how long it then lasts (KIP-1222)
 */
import { int8, type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

/** Acknowledge type of an offset that holds no record for the member, e.g. after compaction, or a transaction marker. */
export const ACKNOWLEDGE_GAP = 0;
/** Acknowledge type of a record that was processed. */
export const ACKNOWLEDGE_ACCEPT = 1;
/** Acknowledge type of a record that shall be delivered again, to whichever member. */
export const ACKNOWLEDGE_RELEASE = 2;
/** Acknowledge type of a record that cannot be processed and shall not be delivered again. */
export const ACKNOWLEDGE_REJECT = 3;
/** Acknowledge type of a record that is still being processed: its lock begins anew. From v2 on. */
export const ACKNOWLEDGE_RENEW = 4;

export interface ShareAcknowledgeRequest {
  /** The share group. Null on the wire is possible, but never useful. */
  readonly groupId: string | null;
  /** The member id of ShareGroupHeartbeat. Null on the wire is possible, but never useful. */
  readonly memberId: string | null;
  /** The session's next epoch, counted together with its fetches; -1 closes it. 0 is refused: only ShareFetch opens sessions. */
  readonly shareSessionEpoch: number;
  /** Says that some acknowledgement below is a renewal. */
  readonly isRenewAck: boolean;
  readonly topics: readonly ShareAcknowledgeTopic[];
}

export interface ShareAcknowledgeTopic {
  readonly topicId: string;
  readonly partitions: readonly ShareAcknowledgePartition[];
}

export interface ShareAcknowledgePartition {
  readonly partitionIndex: number;
  /** Ascending and without overlap, else INVALID_REQUEST. */
  readonly acknowledgementBatches: readonly ShareAcknowledgeBatch[];
}

/** What became of the records of a range of offsets. */
export interface ShareAcknowledgeBatch {
  /** Offset of the first record. */
  readonly firstOffset: number;
  /** Offset of the last record, itself included. */
  readonly lastOffset: number;
  /** One for each offset, or a single one for all of them. 0: gap; 1: accept; 2: release; 3: reject; 4: renew. */
  readonly acknowledgeTypes: readonly number[];
}

export interface ShareAcknowledgeResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /** Concerns the whole request, e.g. SHARE_SESSION_NOT_FOUND or INVALID_SHARE_SESSION_EPOCH: open a new session. */
  readonly errorCode: number;
  /** More about the error, null without one. */
  readonly errorMessage: string | null;
  /** How long renewed records are locked for this member, counted from now. */
  readonly acquisitionLockTimeoutMs: number;
  /** One result for each partition of the request. */
  readonly responses: readonly ShareAcknowledgeTopicResponse[];
  /** Addresses of the leaders that `currentLeader` names. */
  readonly nodeEndpoints: readonly ShareAcknowledgeNodeEndpoint[];
}

export interface ShareAcknowledgeTopicResponse {
  readonly topicId: string;
  readonly partitions: readonly ShareAcknowledgePartitionData[];
}

export interface ShareAcknowledgePartitionData {
  readonly partitionIndex: number;
  /** INVALID_RECORD_STATE: a record was not, or no longer, locked for this member. */
  readonly errorCode: number;
  /** More about the error, null for nothing to add. */
  readonly errorMessage: string | null;
  /** The new leader, when the error is NOT_LEADER_OR_FOLLOWER or FENCED_LEADER_EPOCH; otherwise all zero. */
  readonly currentLeader: ShareAcknowledgeLeaderIdAndEpoch;
}

export interface ShareAcknowledgeLeaderIdAndEpoch {
  /** -1 when unknown. */
  readonly leaderId: number;
  /** The newest leader epoch that the broker knows. */
  readonly leaderEpoch: number;
}

export interface ShareAcknowledgeNodeEndpoint {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  /** Null for none. */
  readonly rack: string | null;
}

const request: Layout<ShareAcknowledgeRequest> = struct((wire, it) => ({
  groupId: wire.nullableString(it.groupId),
  memberId: wire.nullableString(it.memberId, ""),
  shareSessionEpoch: wire.int32(it.shareSessionEpoch),
  isRenewAck: wire.since(2).boolean(it.isRenewAck),
  topics: wire.array(it.topics, topic),
}));

const topic: Layout<ShareAcknowledgeTopic> = struct((wire, it) => ({
  topicId: wire.uuid(it.topicId),
  partitions: wire.array(it.partitions, partition),
}));

const partition: Layout<ShareAcknowledgePartition> = struct((wire, it) => ({
  partitionIndex: wire.int32(it.partitionIndex),
  acknowledgementBatches: wire.array(it.acknowledgementBatches, batch),
}));

const batch: Layout<ShareAcknowledgeBatch> = struct((wire, it) => ({
  firstOffset: wire.offset(it.firstOffset),
  lastOffset: wire.offset(it.lastOffset),
  acknowledgeTypes: wire.array(it.acknowledgeTypes, int8),
}));

const response: Layout<ShareAcknowledgeResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.nullableString(it.errorMessage),
  acquisitionLockTimeoutMs: wire.since(2).ignorable.int32(it.acquisitionLockTimeoutMs),
  responses: wire.array(it.responses, topicResponse),
  nodeEndpoints: wire.array(it.nodeEndpoints, nodeEndpoint),
}));

const topicResponse: Layout<ShareAcknowledgeTopicResponse> = struct((wire, it) => ({
  topicId: wire.uuid(it.topicId),
  partitions: wire.array(it.partitions, partitionData),
}));

const partitionData: Layout<ShareAcknowledgePartitionData> = struct((wire, it) => ({
  partitionIndex: wire.int32(it.partitionIndex),
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.nullableString(it.errorMessage),
  currentLeader: wire.struct(it.currentLeader, leaderIdAndEpoch),
}));

const leaderIdAndEpoch: Layout<ShareAcknowledgeLeaderIdAndEpoch> = struct((wire, it) => ({
  leaderId: wire.int32(it.leaderId),
  leaderEpoch: wire.int32(it.leaderEpoch),
}));

const nodeEndpoint: Layout<ShareAcknowledgeNodeEndpoint> = struct((wire, it) => ({
  nodeId: wire.int32(it.nodeId),
  host: wire.string(it.host),
  port: wire.int32(it.port),
  rack: wire.nullableString(it.rack),
}));

export const ShareAcknowledge: Api<ShareAcknowledgeRequest, ShareAcknowledgeResponse> = defineApi({
  name: "ShareAcknowledge",
  key: 79,
  versions: [1, 2],
  flexibleSince: 0,
  request,
  response,
});
