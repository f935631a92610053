/**
 * StreamsGroupDescribe (key 89): shows streams groups with their members, tasks and topology. Sent by admin tools to the group
 * coordinator of the groups; needs DESCRIBE on each group.
 *
 * v0  flexible; unstable in Kafka 4.1, stable since 4.2 (KIP-1071)
 * v1  the topology's description on demand (KIP-1331), and the assignor (KIP-1357)
 */
import { int32, type Layout, string, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

/** `authorizedOperations` when they were not asked for. */
export const STREAMS_GROUP_OPERATIONS_OMITTED = -2147483648;
/** `topologyDescriptionStatus` when the description was not asked for. */
export const TOPOLOGY_DESCRIPTION_NOT_REQUESTED = 0;

export interface StreamsGroupDescribeRequest {
  readonly groupIds: readonly string[];
  /** True to be told what the asker may do with each group. */
  readonly includeAuthorizedOperations: boolean;
  /** True to be told the whole processing graph, where a broker plugin keeps it. */
  readonly includeTopologyDescription: boolean;
}

export interface StreamsGroupDescribeResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  readonly groups: readonly DescribedStreamsGroup[];
}

export interface DescribedStreamsGroup {
  /** GROUP_ID_NOT_FOUND also for a group of another type; TOPIC_AUTHORIZATION_FAILED when its topics may not be seen. */
  readonly errorCode: number;
  /** Null when there was no error. */
  readonly errorMessage: string | null;
  readonly groupId: string;
  /** Empty, NotReady (topics are missing), Assigning, Reconciling, Stable or Dead; an empty string when there was an error. */
  readonly groupState: string;
  /** Counts the changes that call for a new assignment. */
  readonly groupEpoch: number;
  /** The group epoch that the target assignment was computed for; less than `groupEpoch` while the next one is due. */
  readonly assignmentEpoch: number;
  /** The topology that the group goes by; null when there was an error. */
  readonly topology: StreamsGroupDescribeTopology | null;
  readonly members: readonly StreamsGroupDescribeMember[];
  /** What the asker may do, one bit for each ACL operation code (bit 3 read, bit 6 delete, ...); -2^31 when not asked for. */
  readonly authorizedOperations: number;
  /** The processing graph; null unless its status is 3. */
  readonly topologyDescription: StreamsGroupDescribeTopologyDescription | null;
  /** 0 not asked for, 1 not stored, 2 the broker's plugin failed (its log says how), 3 available. */
  readonly topologyDescriptionStatus: number;
  /** Who will compute the next assignment, not necessarily who computed this one; null when there was an error. */
  readonly assignorName: string | null;
}

/** The topology as the coordinator uses it: patterns are resolved to topics, and numbers of partitions are known. */
export interface StreamsGroupDescribeTopology {
  /** Version of the topology, as the application numbers it. */
  readonly epoch: number;
  /** Null as long as source topics are missing or wrongly partitioned. */
  readonly subtopologies: readonly StreamsGroupDescribeSubtopology[] | null;
}

/** A connected part of the topology. With a partition number it makes a task. */
export interface StreamsGroupDescribeSubtopology {
  /** Unique in the topology. */
  readonly subtopologyId: string;
  /** Topics it reads, internal ones excepted. */
  readonly sourceTopics: readonly string[];
  /** Repartition topics it writes to. */
  readonly repartitionSinkTopics: readonly string[];
  /** Topics that back up its state stores. */
  readonly stateChangelogTopics: readonly StreamsGroupDescribeTopicInfo[];
  /** Repartition topics it reads from. */
  readonly repartitionSourceTopics: readonly StreamsGroupDescribeTopicInfo[];
}

/** An internal topic. */
export interface StreamsGroupDescribeTopicInfo {
  readonly name: string;
  /** 0 when the application does not say. */
  readonly partitions: number;
  /** 0 for the broker's default. */
  readonly replicationFactor: number;
  /** Topic configuration that the application asks for, by Kafka's names. */
  readonly topicConfigs: readonly StreamsGroupDescribeKeyValue[];
}

export interface StreamsGroupDescribeKeyValue {
  readonly key: string;
  readonly value: string;
}

export interface StreamsGroupDescribeMember {
  /** Chosen by the member, a random uuid. */
  readonly memberId: string;
  /** The group epoch that the member has arrived at. */
  readonly memberEpoch: number;
  /** Null unless the member is static. */
  readonly instanceId: string | null;
  /** Null when the member told none. */
  readonly rackId: string | null;
  readonly clientId: string;
  /** The address that the member's requests come from. */
  readonly clientHost: string;
  /** Version of the member's own topology; behind the group's while the member runs an older application. */
  readonly topologyEpoch: number;
  /** The process that the member runs in, with others perhaps. */
  readonly processId: string;
  /** Where the application answers interactive queries; null for nowhere. */
  readonly userEndpoint: StreamsGroupDescribeEndpoint | null;
  /** Tags by which standby tasks are kept apart. */
  readonly clientTags: readonly StreamsGroupDescribeKeyValue[];
  /** How far the member has restored each task, as the sum over its changelogs. */
  readonly taskOffsets: readonly StreamsGroupDescribeTaskOffset[];
  /** How far there is to restore, as the sum of the changelogs' ends. */
  readonly taskEndOffsets: readonly StreamsGroupDescribeTaskOffset[];
  /** What the member has. */
  readonly assignment: StreamsGroupDescribeAssignment;
  /** What the member shall have. */
  readonly targetAssignment: StreamsGroupDescribeAssignment;
  /** True for a member that still speaks the classic protocol. */
  readonly isClassic: boolean;
}

export interface StreamsGroupDescribeEndpoint {
  readonly host: string;
  readonly port: number;
}

export interface StreamsGroupDescribeTaskOffset {
  readonly subtopologyId: string;
  readonly partition: number;
  /** Sum of the positions in all changelogs of the task. */
  readonly offset: number;
}

export interface StreamsGroupDescribeAssignment {
  /** Tasks that process records. */
  readonly activeTasks: readonly StreamsGroupDescribeTaskIds[];
  /** Tasks that keep a copy of the state, to take over. */
  readonly standbyTasks: readonly StreamsGroupDescribeTaskIds[];
  /** Tasks that restore state, to become active here soon. */
  readonly warmupTasks: readonly StreamsGroupDescribeTaskIds[];
}

/** Tasks of one subtopology. */
export interface StreamsGroupDescribeTaskIds {
  readonly subtopologyId: string;
  /** One task each. */
  readonly partitions: readonly number[];
}

/** The whole processing graph, as a member sent it with StreamsGroupTopologyDescriptionUpdate. */
export interface StreamsGroupDescribeTopologyDescription {
  readonly subtopologies: readonly StreamsGroupDescribedSubtopology[];
  /** Stores that every process fills completely by itself. */
  readonly globalStores: readonly StreamsGroupDescribedGlobalStore[];
}

export interface StreamsGroupDescribedSubtopology {
  /** Unique in the topology. */
  readonly subtopologyId: string;
  readonly nodes: readonly StreamsGroupDescribedNode[];
}

/** A step that records go through. */
export interface StreamsGroupDescribedNode {
  /** Unique in the topology, e.g. "KSTREAM-SOURCE-0000000000". */
  readonly name: string;
  /** 1 source, 2 processor, 3 sink. */
  readonly nodeType: number;
  /** What a source reads; empty when that is a pattern, and for other nodes. */
  readonly sourceTopics: readonly string[];
  /** Where a sink writes; null when that depends on the record, and for other nodes. */
  readonly sinkTopic: string | null;
  /** The state stores that a processor uses; empty for other nodes. */
  readonly stores: readonly string[];
  /** Names of the nodes that it hands records to. */
  readonly successors: readonly string[];
}

export interface StreamsGroupDescribedGlobalStore {
  /** Reads the topic behind the store. */
  readonly source: StreamsGroupDescribedNode;
  /** Writes what was read into the store. */
  readonly processor: StreamsGroupDescribedNode;
}

const request: Layout<StreamsGroupDescribeRequest> = struct((wire, it) => ({
  groupIds: wire.array(it.groupIds, string),
  includeAuthorizedOperations: wire.boolean(it.includeAuthorizedOperations),
  includeTopologyDescription: wire.since(1).boolean(it.includeTopologyDescription),
}));

const response: Layout<StreamsGroupDescribeResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  groups: wire.array(it.groups, group),
}));

const group: Layout<DescribedStreamsGroup> = struct((wire, it) => ({
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.nullableString(it.errorMessage),
  groupId: wire.string(it.groupId),
  groupState: wire.string(it.groupState),
  groupEpoch: wire.int32(it.groupEpoch),
  assignmentEpoch: wire.int32(it.assignmentEpoch),
  topology: wire.nullableStruct(it.topology, topology),
  members: wire.array(it.members, member),
  authorizedOperations: wire.int32(it.authorizedOperations, STREAMS_GROUP_OPERATIONS_OMITTED),
  topologyDescription: wire.since(1).nullableStruct(it.topologyDescription, topologyDescription),
  topologyDescriptionStatus: wire.since(1).int8(it.topologyDescriptionStatus, TOPOLOGY_DESCRIPTION_NOT_REQUESTED),
  assignorName: wire.since(1).ignorable.nullableString(it.assignorName),
}));

const topology: Layout<StreamsGroupDescribeTopology> = struct((wire, it) => ({
  epoch: wire.int32(it.epoch),
  subtopologies: wire.nullableArray(it.subtopologies, subtopology),
}));

const subtopology: Layout<StreamsGroupDescribeSubtopology> = struct((wire, it) => ({
  subtopologyId: wire.string(it.subtopologyId),
  sourceTopics: wire.array(it.sourceTopics, string),
  repartitionSinkTopics: wire.array(it.repartitionSinkTopics, string),
  stateChangelogTopics: wire.array(it.stateChangelogTopics, topicInfo),
  repartitionSourceTopics: wire.array(it.repartitionSourceTopics, topicInfo),
}));

const topicInfo: Layout<StreamsGroupDescribeTopicInfo> = struct((wire, it) => ({
  name: wire.string(it.name),
  partitions: wire.int32(it.partitions),
  replicationFactor: wire.int16(it.replicationFactor),
  topicConfigs: wire.array(it.topicConfigs, keyValue),
}));

const keyValue: Layout<StreamsGroupDescribeKeyValue> = struct((wire, it) => ({
  key: wire.string(it.key),
  value: wire.string(it.value),
}));

const member: Layout<StreamsGroupDescribeMember> = struct((wire, it) => ({
  memberId: wire.string(it.memberId),
  memberEpoch: wire.int32(it.memberEpoch),
  instanceId: wire.nullableString(it.instanceId),
  rackId: wire.nullableString(it.rackId),
  clientId: wire.string(it.clientId),
  clientHost: wire.string(it.clientHost),
  topologyEpoch: wire.int32(it.topologyEpoch),
  processId: wire.string(it.processId),
  userEndpoint: wire.nullableStruct(it.userEndpoint, endpoint),
  clientTags: wire.array(it.clientTags, keyValue),
  taskOffsets: wire.array(it.taskOffsets, taskOffset),
  taskEndOffsets: wire.array(it.taskEndOffsets, taskOffset),
  assignment: wire.struct(it.assignment, assignment),
  targetAssignment: wire.struct(it.targetAssignment, assignment),
  isClassic: wire.boolean(it.isClassic),
}));

const endpoint: Layout<StreamsGroupDescribeEndpoint> = struct((wire, it) => ({
  host: wire.string(it.host),
  port: wire.uint16(it.port),
}));

const taskOffset: Layout<StreamsGroupDescribeTaskOffset> = struct((wire, it) => ({
  subtopologyId: wire.string(it.subtopologyId),
  partition: wire.int32(it.partition),
  offset: wire.offset(it.offset),
}));

const assignment: Layout<StreamsGroupDescribeAssignment> = struct((wire, it) => ({
  activeTasks: wire.array(it.activeTasks, taskIds),
  standbyTasks: wire.array(it.standbyTasks, taskIds),
  warmupTasks: wire.array(it.warmupTasks, taskIds),
}));

const taskIds: Layout<StreamsGroupDescribeTaskIds> = struct((wire, it) => ({
  subtopologyId: wire.string(it.subtopologyId),
  partitions: wire.array(it.partitions, int32),
}));

const topologyDescription: Layout<StreamsGroupDescribeTopologyDescription> = struct((wire, it) => ({
  subtopologies: wire.array(it.subtopologies, describedSubtopology),
  globalStores: wire.array(it.globalStores, describedGlobalStore),
}));

const describedSubtopology: Layout<StreamsGroupDescribedSubtopology> = struct((wire, it) => ({
  subtopologyId: wire.string(it.subtopologyId),
  nodes: wire.array(it.nodes, describedNode),
}));

const describedNode: Layout<StreamsGroupDescribedNode> = struct((wire, it) => ({
  name: wire.string(it.name),
  nodeType: wire.int8(it.nodeType),
  sourceTopics: wire.array(it.sourceTopics, string),
  sinkTopic: wire.nullableString(it.sinkTopic),
  stores: wire.array(it.stores, string),
  successors: wire.array(it.successors, string),
}));

const describedGlobalStore: Layout<StreamsGroupDescribedGlobalStore> = struct((wire, it) => ({
  source: wire.struct(it.source, describedNode),
  processor: wire.struct(it.processor, describedNode),
}));

export const StreamsGroupDescribe: Api<StreamsGroupDescribeRequest, StreamsGroupDescribeResponse> = defineApi({
  name: "StreamsGroupDescribe",
  key: 89,
  versions: [0, 1],
  flexibleSince: 0,
  request,
  response,
});
