/**
 * ListOffsets (key 2): finds the offset that belongs to a time, or to the beginning or end of a partition. Sent to the
 * partition's leader, by consumers that look for a place to begin and by everybody who computes lag.
 *
 * v0  several offsets per partition, each the beginning of a log segment; the oldest version
 * v1  one offset per partition, with its timestamp (KIP-79); the oldest version that Kafka 4 accepts
 * v2  isolation level (KIP-98); throttle time in the answer (KIP-124)
 * v3  as v2; on throttling the broker answers at once and mutes the connection (KIP-219)
 * v4  leader epochs: the client's, which fences old metadata, and that of the offset found (KIP-320)
 * v5  as v4; a new leader may answer OFFSET_NOT_AVAILABLE until it knows the high watermark (KIP-207)
 * v6  flexible
 * v7  as v6; `timestamp` may be -3, the record with the largest timestamp (KIP-734)
 * v8  as v7; `timestamp` may be -4, the first offset on the leader's own disks (KIP-405)
 * v9  as v8; `timestamp` may be -5, the last offset in tiered storage (KIP-1005)
 * v10 timeout for answers that need tiered storage (KIP-1075)
 * v11 as v10; `timestamp` may be -6, the first offset not yet in tiered storage (KIP-1023)
 */
import { type Layout, offset, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

/** `timestamp` for the end: the high watermark or the last stable offset, by isolation level. */
export const LATEST_TIMESTAMP = -1;
/** `timestamp` for the first offset that the partition still has, be it on disk or in tiered storage. */
export const EARLIEST_TIMESTAMP = -2;
/** `timestamp` for the record with the largest timestamp, which need not be the last one. Since v7. */
export const MAX_TIMESTAMP = -3;
/** `timestamp` for the first offset on the leader's own disks. Since v8. */
export const EARLIEST_LOCAL_TIMESTAMP = -4;
/** `timestamp` for the last offset that is in tiered storage. Since v9. */
export const LATEST_TIERED_TIMESTAMP = -5;
/** `timestamp` for the first offset that is not yet in tiered storage. Since v11. */
export const EARLIEST_PENDING_UPLOAD_TIMESTAMP = -6;

export interface ListOffsetsRequest {
  /**
   * The asking broker. Clients send -1; left at its default they would pass for broker 0, and be told of records that are not
   * yet replicated.
   */
  readonly replicaId: number;
  /** How far to look. 0: up to the high watermark; 1: up to the last stable offset, where the first open transaction begins. */
  readonly isolationLevel: number;
  readonly topics: readonly ListOffsetsTopic[];
  /** How long the broker may take to look into tiered storage. */
  readonly timeoutMs: number;
}

export interface ListOffsetsTopic {
  readonly name: string;
  /** Each partition once. */
  readonly partitions: readonly ListOffsetsPartition[];
}

export interface ListOffsetsPartition {
  readonly partitionIndex: number;
  /** The leader epoch that the client knows, -1 for "do not check". An older one is fenced, a newer one is not known yet. */
  readonly currentLeaderEpoch: number;
  /** Milliseconds since 1970: find the first record of that time or later. Or one of the negative sentinels above. */
  readonly timestamp: number;
  /** How many offsets of log segments to answer at most; only in v0. */
  readonly maxNumOffsets: number;
}

export interface ListOffsetsResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  readonly topics: readonly ListOffsetsTopicResponse[];
}

export interface ListOffsetsTopicResponse {
  readonly name: string;
  readonly partitions: readonly ListOffsetsPartitionResponse[];
}

export interface ListOffsetsPartitionResponse {
  readonly partitionIndex: number;
  /** UNSUPPORTED_VERSION: this version does not know the sentinel. That no record was found is no error. */
  readonly errorCode: number;
  /** Only in v0: offsets at which log segments begin, the latest first, all before the asked timestamp. */
  readonly oldStyleOffsets: readonly number[];
  /** Timestamp of the record found; -1 when there is none, or when a sentinel other than `MAX_TIMESTAMP` was asked for. */
  readonly timestamp: number;
  /** The offset found; -1 when there is none, e.g. because all records are older. */
  readonly offset: number;
  /** The leader epoch at `offset`, -1 when unknown. */
  readonly leaderEpoch: number;
}

const request: Layout<ListOffsetsRequest> = struct((wire, it) => ({
  replicaId: wire.int32(it.replicaId),
  isolationLevel: wire.since(2).int8(it.isolationLevel),
  topics: wire.array(it.topics, topic),
  timeoutMs: wire.since(10).ignorable.int32(it.timeoutMs),
}));

const topic: Layout<ListOffsetsTopic> = struct((wire, it) => ({
  name: wire.string(it.name),
  partitions: wire.array(it.partitions, partition),
}));

const partition: Layout<ListOffsetsPartition> = struct((wire, it) => ({
  partitionIndex: wire.int32(it.partitionIndex),
  currentLeaderEpoch: wire.since(4).ignorable.int32(it.currentLeaderEpoch, -1),
  timestamp: wire.timestamp(it.timestamp),
  maxNumOffsets: wire.until(0).int32(it.maxNumOffsets, 1),
}));

const response: Layout<ListOffsetsResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.since(2).ignorable.int32(it.throttleTimeMs),
  topics: wire.array(it.topics, topicResponse),
}));

const topicResponse: Layout<ListOffsetsTopicResponse> = struct((wire, it) => ({
  name: wire.string(it.name),
  partitions: wire.array(it.partitions, partitionResponse),
}));

const partitionResponse: Layout<ListOffsetsPartitionResponse> = struct((wire, it) => ({
  partitionIndex: wire.int32(it.partitionIndex),
  errorCode: wire.int16(it.errorCode),
  oldStyleOffsets: wire.until(0).array(it.oldStyleOffsets, offset),
  timestamp: wire.since(1).timestamp(it.timestamp, -1),
  offset: wire.since(1).offset(it.offset, -1),
  leaderEpoch: wire.since(4).int32(it.leaderEpoch, -1),
}));

export const ListOffsets: Api<ListOffsetsRequest, ListOffsetsResponse> = defineApi({
  name: "ListOffsets",
  key: 2,
  versions: [0, 11],
  // Version 0 answers with the offsets of log segments, which is not what anybody asks for today.
  clientVersions: [1, 11],
  flexibleSince: 6,
  request,
  response,
});
