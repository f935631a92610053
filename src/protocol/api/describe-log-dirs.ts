/**
 * DescribeLogDirs (key 35): the log directories of one broker, their disk space and the replicas in them. Administrators send it
 * to each broker that they want to know about, e.g. to watch the moves that AlterReplicaLogDirs began.
 *
 * v0  the oldest version (KIP-113)
 * v1  as v0; on throttling the broker answers at once and mutes the connection (KIP-219); the oldest version that Kafka 4 accepts
 * v2  flexible
 * v3  error code of the whole answer (KIP-784)
 * v4  size and free space of the volume (KIP-827)
 * v5  cordoned directories (KIP-1066)
 */
import { int32, type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

export interface DescribeLogDirsRequest {
  /** The replicas of interest, null for all. Empty, the schema's default, lists directories without replicas. */
  readonly topics: readonly DescribeLogDirsTopic[] | null;
}

export interface DescribeLogDirsTopic {
  readonly topic: string;
  readonly partitions: readonly number[];
}

export interface DescribeLogDirsResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /** Concerns the whole request: CLUSTER_AUTHORIZATION_FAILED. Up to v2 an answer without directories means the same. */
  readonly errorCode: number;
  /** All of the broker's log directories. */
  readonly results: readonly DescribedLogDir[];
}

export interface DescribedLogDir {
  /** KAFKA_STORAGE_ERROR when the directory is offline. */
  readonly errorCode: number;
  /** Absolute path on the broker. */
  readonly logDir: string;
  /** Replicas in this directory, as far as they were asked for. */
  readonly topics: readonly DescribedLogDirTopic[];
  /** Bytes that the volume holds in all, -1 when unknown. A bigint because brokers report 2^63 - 1 for vast network volumes. */
  readonly totalBytes: bigint;
  /** Bytes that the broker can still use of the volume, -1 when unknown. A bigint as `totalBytes` is. */
  readonly usableBytes: bigint;
  /** Whether new replicas are kept out of this directory (`cordoned.log.dirs`). */
  readonly isCordoned: boolean;
}

export interface DescribedLogDirTopic {
  readonly name: string;
  readonly partitions: readonly DescribedLogDirPartition[];
}

/** A replica, or the copy that will replace it. */
export interface DescribedLogDirPartition {
  readonly partitionIndex: number;
  /** Bytes of its segments on this disk; tiered ones do not count. */
  readonly partitionSize: number;
  /** Records behind the high watermark; for a future replica, behind the present replica. -1 when unknown. */
  readonly offsetLag: number;
  /** Whether this is a copy in the making, which replaces the present replica once it has caught up. */
  readonly isFutureKey: boolean;
}

const request: Layout<DescribeLogDirsRequest> = struct((wire, it) => ({
  topics: wire.nullableArray(it.topics, topic, []),
}));

const topic: Layout<DescribeLogDirsTopic> = struct((wire, it) => ({
  topic: wire.string(it.topic),
  partitions: wire.array(it.partitions, int32),
}));

const response: Layout<DescribeLogDirsResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  errorCode: wire.since(3).ignorable.int16(it.errorCode),
  results: wire.array(it.results, logDir),
}));

const logDir: Layout<DescribedLogDir> = struct((wire, it) => ({
  errorCode: wire.int16(it.errorCode),
  logDir: wire.string(it.logDir),
  topics: wire.array(it.topics, logDirTopic),
  totalBytes: wire.since(4).ignorable.int64(it.totalBytes, -1n),
  usableBytes: wire.since(4).ignorable.int64(it.usableBytes, -1n),
  isCordoned: wire.since(5).ignorable.boolean(it.isCordoned),
}));

const logDirTopic: Layout<DescribedLogDirTopic> = struct((wire, it) => ({
  name: wire.string(it.name),
  partitions: wire.array(it.partitions, logDirPartition),
}));

const logDirPartition: Layout<DescribedLogDirPartition> = struct((wire, it) => ({
  partitionIndex: wire.int32(it.partitionIndex),
  partitionSize: wire.int53(it.partitionSize),
  offsetLag: wire.int53(it.offsetLag),
  isFutureKey: wire.boolean(it.isFutureKey),
}));

export const DescribeLogDirs: Api<DescribeLogDirsRequest, DescribeLogDirsResponse> = defineApi({
  name: "DescribeLogDirs",
  key: 35,
  versions: [0, 5],
  flexibleSince: 2,
  request,
  response,
});
