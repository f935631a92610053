/**
 * AlterReplicaLogDirs (key 34): moves replicas from one log directory of a broker to another. Administrators send it to the
 * broker that holds the replicas.
 *
 * Success means that the move has begun: the broker copies the replica and changes over once the copy has caught up, which
 * DescribeLogDirs shows.
 *
 * v0  the oldest version (KIP-113)
 * v1  as v0; on throttling the broker answers at once and mutes the connection (KIP-219); the oldest version that Kafka 4 accepts
 * v2  flexible
 */
import { int32, type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

export interface AlterReplicaLogDirsRequest {
  readonly dirs: readonly AlterReplicaLogDirsTarget[];
}

/** A directory, and what shall move there. */
export interface AlterReplicaLogDirsTarget {
  /** Absolute path on the broker, one of its `log.dirs`. Naming the present directory calls off a move. */
  readonly path: string;
  readonly topics: readonly AlterReplicaLogDirsTopic[];
}

export interface AlterReplicaLogDirsTopic {
  readonly name: string;
  readonly partitions: readonly number[];
}

export interface AlterReplicaLogDirsResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  readonly results: readonly AlterReplicaLogDirsTopicResult[];
}

export interface AlterReplicaLogDirsTopicResult {
  readonly topicName: string;
  readonly partitions: readonly AlterReplicaLogDirsPartitionResult[];
}

export interface AlterReplicaLogDirsPartitionResult {
  readonly partitionIndex: number;
  /**
   * LOG_DIR_NOT_FOUND, KAFKA_STORAGE_ERROR for a directory that is offline, CLUSTER_AUTHORIZATION_FAILED, or
   * REPLICA_NOT_AVAILABLE when the broker holds no such replica (should it get one, it goes to that directory).
   */
  readonly errorCode: number;
}

const request: Layout<AlterReplicaLogDirsRequest> = struct((wire, it) => ({
  dirs: wire.array(it.dirs, target),
}));

const target: Layout<AlterReplicaLogDirsTarget> = struct((wire, it) => ({
  path: wire.string(it.path),
  topics: wire.array(it.topics, topic),
}));

const topic: Layout<AlterReplicaLogDirsTopic> = struct((wire, it) => ({
  name: wire.string(it.name),
  partitions: wire.array(it.partitions, int32),
}));

const response: Layout<AlterReplicaLogDirsResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  results: wire.array(it.results, topicResult),
}));

const topicResult: Layout<AlterReplicaLogDirsTopicResult> = struct((wire, it) => ({
  topicName: wire.string(it.topicName),
  partitions: wire.array(it.partitions, partitionResult),
}));

const partitionResult: Layout<AlterReplicaLogDirsPartitionResult> = struct((wire, it) => ({
  partitionIndex: wire.int32(it.partitionIndex),
  errorCode: wire.int16(it.errorCode),
}));

export const AlterReplicaLogDirs: Api<AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse> = defineApi({
  name: "AlterReplicaLogDirs",
  key: 34,
  versions: [0, 2],
  flexibleSince: 2,
  request,
  response,
});
