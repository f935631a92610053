/**
 * DescribeQuorum (key 55): tells who leads the controllers' quorum and how far its voters and observers have replicated. Sent to
 * any broker, which forwards it, or to the active controller; needs DESCRIBE on the cluster.
 *
 * There is one partition to ask about: partition 0 of `__cluster_metadata`.
 *
 * v0  flexible (KIP-595)
 * v1  when each replica last fetched and last was caught up (KIP-836)
 * v2  error messages, directory ids of the replicas, and addresses of the voters (KIP-853)
 */
import { type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

export interface DescribeQuorumRequest {
  readonly topics: readonly DescribeQuorumTopic[];
}

export interface DescribeQuorumTopic {
  /** `__cluster_metadata`; any other is answered with UNKNOWN_TOPIC_OR_PARTITION. */
  readonly topicName: string;
  readonly partitions: readonly DescribeQuorumPartition[];
}

export interface DescribeQuorumPartition {
  readonly partitionIndex: number;
}

export interface DescribeQuorumResponse {
  /** Concerns the whole request, e.g. CLUSTER_AUTHORIZATION_FAILED. */
  readonly errorCode: number;
  /** Null or empty when there was no error. */
  readonly errorMessage: string | null;
  readonly topics: readonly DescribeQuorumTopicResponse[];
  /** Where to find the voters; observers are not among them. */
  readonly nodes: readonly DescribeQuorumNode[];
}

export interface DescribeQuorumTopicResponse {
  readonly topicName: string;
  readonly partitions: readonly DescribeQuorumPartitionResponse[];
}

export interface DescribeQuorumPartitionResponse {
  readonly partitionIndex: number;
  /** NOT_LEADER_OR_FOLLOWER from a controller that is not the active one; then nothing else is filled in. */
  readonly errorCode: number;
  /** Null or empty when there was no error. */
  readonly errorMessage: string | null;
  /** The active controller, -1 when unknown. */
  readonly leaderId: number;
  /** Counts the elections; also known as the controller epoch. */
  readonly leaderEpoch: number;
  /** The offset after the last record that a majority of the voters has, -1 when a new leader does not know it yet. */
  readonly highWatermark: number;
  /** The controllers whose votes count, the leader among them. */
  readonly currentVoters: readonly DescribeQuorumReplicaState[];
  /** Who follows the log without a vote: brokers, and controllers that have not been added. Dropped when they stop fetching. */
  readonly observers: readonly DescribeQuorumReplicaState[];
}

/** How far a replica is, as the leader sees it. */
export interface DescribeQuorumReplicaState {
  /** The node's id. */
  readonly replicaId: number;
  /** The directory that holds its log, all zero when unknown. With the id it tells a rebuilt node from the one before. */
  readonly replicaDirectoryId: string;
  /** The offset after the replica's last record, -1 when unknown. */
  readonly logEndOffset: number;
  /** When the replica last fetched, by the leader's clock, -1 when unknown. For the leader itself, the time of the answer. */
  readonly lastFetchTimestamp: number;
  /** When the replica last had all that the leader had, -1 when unknown. For the leader itself, the time of the answer. */
  readonly lastCaughtUpTimestamp: number;
}

export interface DescribeQuorumNode {
  readonly nodeId: number;
  readonly listeners: readonly DescribeQuorumListener[];
}

/** One of a controller's addresses. */
export interface DescribeQuorumListener {
  /** The listener's name in the controller's configuration. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

const request: Layout<DescribeQuorumRequest> = struct((wire, it) => ({
  topics: wire.array(it.topics, topic),
}));

const topic: Layout<DescribeQuorumTopic> = struct((wire, it) => ({
  topicName: wire.string(it.topicName),
  partitions: wire.array(it.partitions, partition),
}));

const partition: Layout<DescribeQuorumPartition> = struct((wire, it) => ({
  partitionIndex: wire.int32(it.partitionIndex),
}));

const response: Layout<DescribeQuorumResponse> = struct((wire, it) => ({
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.since(2).ignorable.nullableString(it.errorMessage, ""),
  topics: wire.array(it.topics, topicResponse),
  nodes: wire.since(2).array(it.nodes, node),
}));

const topicResponse: Layout<DescribeQuorumTopicResponse> = struct((wire, it) => ({
  topicName: wire.string(it.topicName),
  partitions: wire.array(it.partitions, partitionResponse),
}));

const partitionResponse: Layout<DescribeQuorumPartitionResponse> = struct((wire, it) => ({
  partitionIndex: wire.int32(it.partitionIndex),
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.since(2).ignorable.nullableString(it.errorMessage, ""),
  leaderId: wire.int32(it.leaderId),
  leaderEpoch: wire.int32(it.leaderEpoch),
  highWatermark: wire.offset(it.highWatermark),
  currentVoters: wire.array(it.currentVoters, replicaState),
  observers: wire.array(it.observers, replicaState),
}));

const replicaState: Layout<DescribeQuorumReplicaState> = struct((wire, it) => ({
  replicaId: wire.int32(it.replicaId),
  replicaDirectoryId: wire.since(2).uuid(it.replicaDirectoryId),
  logEndOffset: wire.offset(it.logEndOffset),
  lastFetchTimestamp: wire.since(1).ignorable.timestamp(it.lastFetchTimestamp, -1),
  lastCaughtUpTimestamp: wire.since(1).ignorable.timestamp(it.lastCaughtUpTimestamp, -1),
}));

const node: Layout<DescribeQuorumNode> = struct((wire, it) => ({
  nodeId: wire.int32(it.nodeId),
  listeners: wire.array(it.listeners, listener),
}));

const listener: Layout<DescribeQuorumListener> = struct((wire, it) => ({
  name: wire.string(it.name),
  host: wire.string(it.host),
  port: wire.uint16(it.port),
}));

export const DescribeQuorum: Api<DescribeQuorumRequest, DescribeQuorumResponse> = defineApi({
  name: "DescribeQuorum",
  key: 55,
  versions: [0, 2],
  flexibleSince: 0,
  request,
  response,
});
