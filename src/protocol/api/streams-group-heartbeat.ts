/**
 * StreamsGroupHeartbeat (key 88): joins, stays in and leaves a streams group, whose tasks the broker assigns. Sent by a member of a
 * Kafka Streams application to the group's coordinator.
 *
 * A join says everything; later heartbeats say only what changed, and null (or -1) means "as before". The answer does the same.
 * Members that lost an answer say everything again. Brokers up to Kafka 4.3 refuse static members, warm-up tasks, task offsets and
 * source regexes with INVALID_REQUEST.
 *
 * v0  flexible; unstable in Kafka 4.1, stable since 4.2 (KIP-1071)
 * v1  recovery lag of 64 bits, a wish for the topology's description (KIP-1331), and the status MISSING_CLIENT_TAGS
 */
import { int16, int32, type Layout, string, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

/** `memberEpoch` of a member that joins, or joins again after it was fenced. */
export const STREAMS_JOIN_EPOCH = 0;
/** `memberEpoch` of a member that leaves for good. */
export const STREAMS_LEAVE_EPOCH = -1;
/** `memberEpoch` of a static member that leaves and will be back: its tasks wait for it. */
export const STREAMS_STATIC_LEAVE_EPOCH = -2;
/** `rebalanceTimeoutMs` of a heartbeat that does not change it. */
export const UNCHANGED_STREAMS_REBALANCE_TIMEOUT = -1;
/** `acceptableRecoveryLag` of a broker that has no such setting. */
export const NO_ACCEPTABLE_RECOVERY_LAG = -1n;

export interface StreamsGroupHeartbeatRequest {
  readonly groupId: string;
  /** Chosen by the member, a random uuid, and kept for the life of its process. */
  readonly memberId: string;
  /** The epoch that the coordinator last gave; 0 to join, -1 to leave, -2 to leave as a static member. */
  readonly memberEpoch: number;
  /** The epoch of the endpoints that the member knows, -1 for none yet; the coordinator sends them when it has a newer one. */
  readonly endpointInformationEpoch: number;
  /** Makes the member a static one; null for none, or unchanged. */
  readonly instanceId: string | null;
  /** The member's rack; null for none, or unchanged. */
  readonly rackId: string | null;
  /** How long the member may take to give up tasks before it is fenced; -1 for unchanged, not allowed when joining. */
  readonly rebalanceTimeoutMs: number;
  /** What the application reads and writes; sent when joining, null otherwise. */
  readonly topology: StreamsGroupHeartbeatTopology | null;
  /** Active tasks that the member has, empty when joining. Null for unchanged, and then all three kinds are. */
  readonly activeTasks: readonly StreamsGroupHeartbeatTaskIds[] | null;
  /** Standby tasks that the member has, see `activeTasks`. */
  readonly standbyTasks: readonly StreamsGroupHeartbeatTaskIds[] | null;
  /** Warm-up tasks that the member has, see `activeTasks`. */
  readonly warmupTasks: readonly StreamsGroupHeartbeatTaskIds[] | null;
  /** The process that the member runs in: its members share a disk, and count as one when tasks are spread. Null for unchanged. */
  readonly processId: string | null;
  /** Where the application answers interactive queries; null for nowhere, or unchanged. */
  readonly userEndpoint: StreamsGroupHeartbeatEndpoint | null;
  /** Tags by which standby tasks are kept apart; null for unchanged. */
  readonly clientTags: readonly StreamsGroupHeartbeatKeyValue[] | null;
  /** How far the member has restored each task, as the sum over its changelogs; null for unchanged. */
  readonly taskOffsets: readonly StreamsGroupHeartbeatTaskOffset[] | null;
  /** How far there is to restore, as the sum of the changelogs' ends; null for unchanged. */
  readonly taskEndOffsets: readonly StreamsGroupHeartbeatTaskOffset[] | null;
  /** True tells all members, by the status 4, to shut down. */
  readonly shutdownApplication: boolean;
}

/** The application as far as the coordinator must know it: to create internal topics, and to derive the tasks. */
export interface StreamsGroupHeartbeatTopology {
  /** Version of the topology, for applications that change theirs. Members behind the group's are told so by the status 0. */
  readonly epoch: number;
  readonly subtopologies: readonly StreamsGroupHeartbeatSubtopology[];
}

/** A connected part of the topology. With a partition number it makes a task. */
export interface StreamsGroupHeartbeatSubtopology {
  /** Unique in the topology, and the same for every member. */
  readonly subtopologyId: string;
  /** Topics it reads by name, internal ones excepted. */
  readonly sourceTopics: readonly string[];
  /** Patterns of topics it reads. */
  readonly sourceTopicRegex: readonly string[];
  /** Topics that back up its state stores; the coordinator creates them. */
  readonly stateChangelogTopics: readonly StreamsGroupHeartbeatTopicInfo[];
  /** Repartition topics it writes to. */
  readonly repartitionSinkTopics: readonly string[];
  /** Repartition topics it reads from; the coordinator creates them. */
  readonly repartitionSourceTopics: readonly StreamsGroupHeartbeatTopicInfo[];
  /** Sources that must have equally many partitions. */
  readonly copartitionGroups: readonly StreamsGroupHeartbeatCopartitionGroup[];
}

/** An internal topic, as it shall be created. */
export interface StreamsGroupHeartbeatTopicInfo {
  readonly name: string;
  /** 0 leaves it to the coordinator, and always for changelogs, which have as many as their subtopology's sources. */
  readonly partitions: number;
  /** 0 for the broker's default. */
  readonly replicationFactor: number;
  /** Topic configuration, by Kafka's names. */
  readonly topicConfigs: readonly StreamsGroupHeartbeatKeyValue[];
}

/** Indexes into the subtopology's arrays of the same names. */
export interface StreamsGroupHeartbeatCopartitionGroup {
  readonly sourceTopics: readonly number[];
  readonly sourceTopicRegex: readonly number[];
  readonly repartitionSourceTopics: readonly number[];
}

/** Tasks of one subtopology. */
export interface StreamsGroupHeartbeatTaskIds {
  readonly subtopologyId: string;
  /** One task each. */
  readonly partitions: readonly number[];
}

export interface StreamsGroupHeartbeatEndpoint {
  readonly host: string;
  readonly port: number;
}

export interface StreamsGroupHeartbeatKeyValue {
  readonly key: string;
  readonly value: string;
}

export interface StreamsGroupHeartbeatTaskOffset {
  readonly subtopologyId: string;
  readonly partition: number;
  /** Sum of the positions in all changelogs of the task. */
  readonly offset: number;
}

export interface StreamsGroupHeartbeatResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /**
   * UNKNOWN_MEMBER_ID and FENCED_MEMBER_EPOCH: give up all tasks and join again. NOT_COORDINATOR and the like: look for the
   * coordinator. STREAMS_INVALID_TOPOLOGY, STREAMS_INVALID_TOPOLOGY_EPOCH and STREAMS_TOPOLOGY_FENCED: mend the application.
   */
  readonly errorCode: number;
  /** Null when there was no error. */
  readonly errorMessage: string | null;
  /** As in the request. */
  readonly memberId: string;
  /** The epoch for the next heartbeat. */
  readonly memberEpoch: number;
  /** When to send the next heartbeat, unless there is something to say before. */
  readonly heartbeatIntervalMs: number;
  /** As `acceptableRecoveryLag`, which replaced it. */
  readonly acceptableRecoveryLagLegacy: number;
  /** How often to send task offsets. */
  readonly taskOffsetIntervalMs: number;
  /**
   * How many offsets a task may be behind and still become active, -1 when the broker has no such setting. Exact, because 2^63 - 1
   * is a usual way to say "any".
   */
  readonly acceptableRecoveryLag: bigint;
  /** What is wrong with the group; null or empty for nothing. */
  readonly status: readonly StreamsGroupHeartbeatStatus[] | null;
  /** Active tasks that the member shall have. Null for unchanged; the three kinds come together. */
  readonly activeTasks: readonly StreamsGroupHeartbeatTaskIds[] | null;
  /** Standby tasks that the member shall have, see `activeTasks`. */
  readonly standbyTasks: readonly StreamsGroupHeartbeatTaskIds[] | null;
  /** Warm-up tasks that the member shall have, see `activeTasks`. */
  readonly warmupTasks: readonly StreamsGroupHeartbeatTaskIds[] | null;
  /** True asks the member to send StreamsGroupTopologyDescriptionUpdate. It need not. */
  readonly topologyDescriptionRequired: boolean;
  /** The epoch of the endpoints, for the next heartbeat. */
  readonly endpointInformationEpoch: number;
  /** Who answers interactive queries for which partitions, one entry for each member; null for unchanged. */
  readonly partitionsByUserEndpoint: readonly StreamsGroupHeartbeatEndpointToPartitions[] | null;
}

export interface StreamsGroupHeartbeatStatus {
  /**
   * 0 stale topology, 1 missing source topics, 2 incorrectly partitioned topics, 3 missing internal topics, 4 shut down,
   * 5 assignment delayed, 6 missing client tags.
   */
  readonly statusCode: number;
  /** The same in words, with the topics concerned. */
  readonly statusDetail: string;
}

/** What one member can answer. Members of one process share an endpoint: join their entries. */
export interface StreamsGroupHeartbeatEndpointToPartitions {
  readonly userEndpoint: StreamsGroupHeartbeatEndpoint;
  /** Source partitions of its active tasks, those of repartition topics included. */
  readonly activePartitions: readonly StreamsGroupHeartbeatTopicPartition[];
  /** Source partitions of its standby and warm-up tasks, whose state may lag. */
  readonly standbyPartitions: readonly StreamsGroupHeartbeatTopicPartition[];
}

export interface StreamsGroupHeartbeatTopicPartition {
  readonly topic: string;
  readonly partitions: readonly number[];
}

const request: Layout<StreamsGroupHeartbeatRequest> = struct((wire, it) => ({
  groupId: wire.string(it.groupId),
  memberId: wire.string(it.memberId),
  memberEpoch: wire.int32(it.memberEpoch),
  endpointInformationEpoch: wire.int32(it.endpointInformationEpoch),
  instanceId: wire.nullableString(it.instanceId),
  rackId: wire.nullableString(it.rackId),
  rebalanceTimeoutMs: wire.int32(it.rebalanceTimeoutMs, UNCHANGED_STREAMS_REBALANCE_TIMEOUT),
  topology: wire.nullableStruct(it.topology, topology),
  activeTasks: wire.nullableArray(it.activeTasks, taskIds),
  standbyTasks: wire.nullableArray(it.standbyTasks, taskIds),
  warmupTasks: wire.nullableArray(it.warmupTasks, taskIds),
  processId: wire.nullableString(it.processId),
  userEndpoint: wire.nullableStruct(it.userEndpoint, endpoint),
  clientTags: wire.nullableArray(it.clientTags, keyValue),
  taskOffsets: wire.nullableArray(it.taskOffsets, taskOffset),
  taskEndOffsets: wire.nullableArray(it.taskEndOffsets, taskOffset),
  shutdownApplication: wire.boolean(it.shutdownApplication),
}));

const topology: Layout<StreamsGroupHeartbeatTopology> = struct((wire, it) => ({
  epoch: wire.int32(it.epoch),
  subtopologies: wire.array(it.subtopologies, subtopology),
}));

const subtopology: Layout<StreamsGroupHeartbeatSubtopology> = struct((wire, it) => ({
  subtopologyId: wire.string(it.subtopologyId),
  sourceTopics: wire.array(it.sourceTopics, string),
  sourceTopicRegex: wire.array(it.sourceTopicRegex, string),
  stateChangelogTopics: wire.array(it.stateChangelogTopics, topicInfo),
  repartitionSinkTopics: wire.array(it.repartitionSinkTopics, string),
  repartitionSourceTopics: wire.array(it.repartitionSourceTopics, topicInfo),
  copartitionGroups: wire.array(it.copartitionGroups, copartitionGroup),
}));

const topicInfo: Layout<StreamsGroupHeartbeatTopicInfo> = struct((wire, it) => ({
  name: wire.string(it.name),
  partitions: wire.int32(it.partitions),
  replicationFactor: wire.int16(it.replicationFactor),
  topicConfigs: wire.array(it.topicConfigs, keyValue),
}));

const copartitionGroup: Layout<StreamsGroupHeartbeatCopartitionGroup> = struct((wire, it) => ({
  sourceTopics: wire.array(it.sourceTopics, int16),
  sourceTopicRegex: wire.array(it.sourceTopicRegex, int16),
  repartitionSourceTopics: wire.array(it.repartitionSourceTopics, int16),
}));

const taskIds: Layout<StreamsGroupHeartbeatTaskIds> = struct((wire, it) => ({
  subtopologyId: wire.string(it.subtopologyId),
  partitions: wire.array(it.partitions, int32),
}));

const endpoint: Layout<StreamsGroupHeartbeatEndpoint> = struct((wire, it) => ({
  host: wire.string(it.host),
  port: wire.uint16(it.port),
}));

const keyValue: Layout<StreamsGroupHeartbeatKeyValue> = struct((wire, it) => ({
  key: wire.string(it.key),
  value: wire.string(it.value),
}));

const taskOffset: Layout<StreamsGroupHeartbeatTaskOffset> = struct((wire, it) => ({
  subtopologyId: wire.string(it.subtopologyId),
  partition: wire.int32(it.partition),
  offset: wire.offset(it.offset),
}));

const response: Layout<StreamsGroupHeartbeatResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.nullableString(it.errorMessage),
  memberId: wire.string(it.memberId),
  memberEpoch: wire.int32(it.memberEpoch),
  heartbeatIntervalMs: wire.int32(it.heartbeatIntervalMs),
  acceptableRecoveryLagLegacy: wire.until(0).int32(it.acceptableRecoveryLagLegacy),
  taskOffsetIntervalMs: wire.int32(it.taskOffsetIntervalMs),
  acceptableRecoveryLag: wire.since(1).ignorable.int64(it.acceptableRecoveryLag, NO_ACCEPTABLE_RECOVERY_LAG),
  status: wire.nullableArray(it.status, status, []),
  activeTasks: wire.nullableArray(it.activeTasks, taskIds),
  standbyTasks: wire.nullableArray(it.standbyTasks, taskIds),
  warmupTasks: wire.nullableArray(it.warmupTasks, taskIds),
  topologyDescriptionRequired: wire.since(1).boolean(it.topologyDescriptionRequired),
  endpointInformationEpoch: wire.int32(it.endpointInformationEpoch),
  partitionsByUserEndpoint: wire.nullableArray(it.partitionsByUserEndpoint, endpointToPartitions),
}));

const status: Layout<StreamsGroupHeartbeatStatus> = struct((wire, it) => ({
  statusCode: wire.int8(it.statusCode),
  statusDetail: wire.string(it.statusDetail),
}));

const endpointToPartitions: Layout<StreamsGroupHeartbeatEndpointToPartitions> = struct((wire, it) => ({
  userEndpoint: wire.struct(it.userEndpoint, endpoint),
  activePartitions: wire.array(it.activePartitions, topicPartition),
  standbyPartitions: wire.array(it.standbyPartitions, topicPartition),
}));

const topicPartition: Layout<StreamsGroupHeartbeatTopicPartition> = struct((wire, it) => ({
  topic: wire.string(it.topic),
  partitions: wire.array(it.partitions, int32),
}));

export const StreamsGroupHeartbeat: Api<StreamsGroupHeartbeatRequest, StreamsGroupHeartbeatResponse> = defineApi({
  name: "StreamsGroupHeartbeat",
  key: 88,
  versions: [0, 1],
  flexibleSince: 0,
  request,
  response,
});
