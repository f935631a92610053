/**
 * Metadata (key 3): the map of the cluster: its brokers, and for each topic where the leaders of its partitions are. Clients
 * send it to any broker, when they start, when an error says that their map is old, and every few minutes.
 *
 * A broker answers from its own copy of the map, which may lag behind; the leader epoch tells an older answer from a newer one.
 *
 * v0  no topics in the request means all topics
 * v1  racks (KIP-36), the controller, and which topics are internal; null topics means all, empty means none (KIP-4)
 * v2  cluster id (KIP-78)
 * v3  throttle time in the answer (KIP-124)
 * v4  the client may forbid the creation of missing topics
 * v5  offline replicas (KIP-112)
 * v6  as v5; on throttling the broker answers at once and mutes the connection (KIP-219)
 * v7  leader epochs (KIP-320)
 * v8  operations that the client may perform on the topics and the cluster (KIP-430)
 * v9  flexible
 * v10 topic ids in the answer (KIP-516)
 * v11 no more operations on the cluster: DescribeCluster tells them (KIP-700)
 * v12 as v11; topics may be asked for by id (KIP-516)
 * v13 an error for the whole answer: REBOOTSTRAP_REQUIRED (KIP-1102)
 */
import { int32, type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

/** `topicAuthorizedOperations` and `clusterAuthorizedOperations` when nobody asked for them. */
export const METADATA_OPERATIONS_NOT_ASKED = -0x8000_0000;
/** `controllerId` when the broker knows of none. */
export const NO_CONTROLLER = -1;

export interface MetadataRequest {
  /** The topics of interest. Null for all, empty for none; in v0 empty for all. */
  readonly topics: readonly MetadataRequestTopic[] | null;
  /** Whether the broker may create topics that are missing, if its `auto.create.topics.enable` agrees. Always true up to v3. */
  readonly allowAutoTopicCreation: boolean;
  /** Whether to tell what the client may do with the cluster. From v11 on DescribeCluster tells it. */
  readonly includeClusterAuthorizedOperations: boolean;
  /** Whether to tell what the client may do with each topic. */
  readonly includeTopicAuthorizedOperations: boolean;
}

export interface MetadataRequestTopic {
  /** To ask by id, from v12 on; all zero to ask by name. Brokers do not look at it in v10 and v11. */
  readonly topicId: string;
  /** To ask by name; null to ask by id, from v12 on. */
  readonly name: string | null;
}

export interface MetadataResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /** The brokers that are alive, with the address of the listener on which the request came in. */
  readonly brokers: readonly MetadataBroker[];
  /** The id that the cluster was given when it was set up; null when the broker does not know it. */
  readonly clusterId: string | null;
  /**
   * Where to send what only the controller can do; -1 for none. With KRaft clients do not reach the controller, and this is any
   * broker that is alive: brokers pass such requests on.
   */
  readonly controllerId: number;
  /** What was asked for; of all topics only those that the client may describe. */
  readonly topics: readonly MetadataTopic[];
  /** What the client may do with the cluster: bit n stands for the ACL operation with code n. -2^31 when not asked for. */
  readonly clusterAuthorizedOperations: number;
  /** REBOOTSTRAP_REQUIRED: forget these brokers and start again from the bootstrap servers. */
  readonly errorCode: number;
}

export interface MetadataBroker {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  /** Null for none. */
  readonly rack: string | null;
}

export interface MetadataTopic {
  /** LEADER_NOT_AVAILABLE: just being created. UNKNOWN_TOPIC_OR_PARTITION: perhaps not known to this broker yet. */
  readonly errorCode: number;
  /** Null only on errors, when the topic was asked for by id. */
  readonly name: string | null;
  /** All zero only on errors, when it was asked for by name. A topic that was deleted and created again has a new id. */
  readonly topicId: string;
  /** Whether Kafka itself keeps its books in the topic, as in `__consumer_offsets`. */
  readonly isInternal: boolean;
  /** In no particular order. */
  readonly partitions: readonly MetadataPartition[];
  /** What the client may do with the topic: bit n stands for the ACL operation with code n. -2^31 when not asked for. */
  readonly topicAuthorizedOperations: number;
}

export interface MetadataPartition {
  /** LEADER_NOT_AVAILABLE: no leader at present. LISTENER_NOT_FOUND: the leader lacks the listener that was asked. */
  readonly errorCode: number;
  readonly partitionIndex: number;
  /** The broker to read from and write to, -1 for none. */
  readonly leaderId: number;
  /** Counts the leaders of this partition, -1 when unknown. What has a smaller one than the client knows is out of date. */
  readonly leaderEpoch: number;
  /** The brokers that hold the partition, the preferred leader first. */
  readonly replicaNodes: readonly number[];
  /** Those of them that are in sync with the leader. */
  readonly isrNodes: readonly number[];
  /** Those of them that are down, or whose log directory is. */
  readonly offlineReplicas: readonly number[];
}

const request: Layout<MetadataRequest> = struct((wire, it) => ({
  topics: wire.nullableArray(it.topics, requestTopic, [], 1),
  allowAutoTopicCreation: wire.since(4).boolean(it.allowAutoTopicCreation, true),
  includeClusterAuthorizedOperations: wire.since(8).until(10).boolean(it.includeClusterAuthorizedOperations),
  includeTopicAuthorizedOperations: wire.since(8).boolean(it.includeTopicAuthorizedOperations),
}));

const requestTopic: Layout<MetadataRequestTopic> = struct((wire, it) => ({
  topicId: wire.since(10).ignorable.uuid(it.topicId),
  name: wire.nullableString(it.name, "", 10),
}));

const response: Layout<MetadataResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.since(3).ignorable.int32(it.throttleTimeMs),
  brokers: wire.array(it.brokers, broker),
  clusterId: wire.since(2).ignorable.nullableString(it.clusterId),
  controllerId: wire.since(1).ignorable.int32(it.controllerId, NO_CONTROLLER),
  topics: wire.array(it.topics, topic),
  clusterAuthorizedOperations: wire.since(8).until(10).int32(it.clusterAuthorizedOperations, METADATA_OPERATIONS_NOT_ASKED),
  errorCode: wire.since(13).ignorable.int16(it.errorCode),
}));

const broker: Layout<MetadataBroker> = struct((wire, it) => ({
  nodeId: wire.int32(it.nodeId),
  host: wire.string(it.host),
  port: wire.int32(it.port),
  rack: wire.since(1).ignorable.nullableString(it.rack),
}));

const topic: Layout<MetadataTopic> = struct((wire, it) => ({
  errorCode: wire.int16(it.errorCode),
  name: wire.nullableString(it.name, "", 12),
  topicId: wire.since(10).ignorable.uuid(it.topicId),
  isInternal: wire.since(1).ignorable.boolean(it.isInternal),
  partitions: wire.array(it.partitions, partition),
  topicAuthorizedOperations: wire.since(8).int32(it.topicAuthorizedOperations, METADATA_OPERATIONS_NOT_ASKED),
}));

const partition: Layout<MetadataPartition> = struct((wire, it) => ({
  errorCode: wire.int16(it.errorCode),
  partitionIndex: wire.int32(it.partitionIndex),
  leaderId: wire.int32(it.leaderId),
  leaderEpoch: wire.since(7).ignorable.int32(it.leaderEpoch, -1),
  replicaNodes: wire.array(it.replicaNodes, int32),
  isrNodes: wire.array(it.isrNodes, int32),
  offlineReplicas: wire.since(5).ignorable.array(it.offlineReplicas, int32),
}));

export const Metadata: Api<MetadataRequest, MetadataResponse> = defineApi({
  name: "Metadata",
  key: 3,
  versions: [0, 13],
  flexibleSince: 9,
  request,
  response,
});
