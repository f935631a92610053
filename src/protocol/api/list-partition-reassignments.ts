/**
 * ListPartitionReassignments (key 46): the moves of partitions that are under way. Only the controller knows: with KRaft any
 * broker passes the request on, with ZooKeeper it must go to the controller itself.
 *
 * v0  flexible; the only version (KIP-455)
 */
import { int32, type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

export interface ListPartitionReassignmentsRequest {
  /** How long the controller may take. With KRaft it does not look at it. */
  readonly timeoutMs: number;
  /** The partitions of interest, null for all. */
  readonly topics: readonly ListPartitionReassignmentsTopic[] | null;
}

export interface ListPartitionReassignmentsTopic {
  readonly name: string;
  readonly partitionIndexes: readonly number[];
}

export interface ListPartitionReassignmentsResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /** Concerns the whole request, e.g. CLUSTER_AUTHORIZATION_FAILED or NOT_CONTROLLER. */
  readonly errorCode: number;
  /** More about the error, null for nothing to add. */
  readonly errorMessage: string | null;
  /** Only what is being moved; anything else that was asked for is left out without an error, even if it does not exist. */
  readonly topics: readonly OngoingTopicReassignment[];
}

export interface OngoingTopicReassignment {
  readonly name: string;
  readonly partitions: readonly OngoingPartitionReassignment[];
}

/** One move. Its goal is `replicas` without `removingReplicas`. */
export interface OngoingPartitionReassignment {
  readonly partitionIndex: number;
  /** Every broker that holds the partition now, those that come and those that go included. */
  readonly replicas: readonly number[];
  /** Those of them that are new, and still have to catch up. */
  readonly addingReplicas: readonly number[];
  /** Those of them that give the partition up when the new ones have caught up. */
  readonly removingReplicas: readonly number[];
}

const request: Layout<ListPartitionReassignmentsRequest> = struct((wire, it) => ({
  timeoutMs: wire.int32(it.timeoutMs, 60_000),
  topics: wire.nullableArray(it.topics, topic),
}));

const topic: Layout<ListPartitionReassignmentsTopic> = struct((wire, it) => ({
  name: wire.string(it.name),
  partitionIndexes: wire.array(it.partitionIndexes, int32),
}));

const response: Layout<ListPartitionReassignmentsResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.nullableString(it.errorMessage, ""),
  topics: wire.array(it.topics, ongoingTopic),
}));

const ongoingTopic: Layout<OngoingTopicReassignment> = struct((wire, it) => ({
  name: wire.string(it.name),
  partitions: wire.array(it.partitions, ongoingPartition),
}));

const ongoingPartition: Layout<OngoingPartitionReassignment> = struct((wire, it) => ({
  partitionIndex: wire.int32(it.partitionIndex),
  replicas: wire.array(it.replicas, int32),
  addingReplicas: wire.array(it.addingReplicas, int32),
  removingReplicas: wire.array(it.removingReplicas, int32),
}));

export const ListPartitionReassignments: Api<ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse> = defineApi({
  name: "ListPartitionReassignments",
  key: 46,
  versions: [0, 0],
  flexibleSince: 0,
  request,
  response,
});
