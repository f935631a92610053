/**
 * ElectLeaders (key 43): makes the preferred replicas leaders again, or accepts loss of records to get any leader at all. It is
 * the controller's work: with KRaft any broker passes the request on, with ZooKeeper it must go to the controller itself.
 *
 * v0  the oldest version; preferred leaders only, then called ElectPreferredLeaders (KIP-183)
 * v1  unclean elections, and an error code of the whole answer (KIP-460)
 * v2  flexible
 */
import { int32, type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

/** `electionType` that makes the first replica leader, if it is in sync. Nothing is lost. */
export const PREFERRED_ELECTION = 0;
/** `electionType` for partitions without a leader: takes any living replica, and loses what that replica does not have. */
export const UNCLEAN_ELECTION = 1;

export interface ElectLeadersRequest {
  /** 0 for the preferred leader, 1 for any living replica. */
  readonly electionType: number;
  /** Where to hold elections, null for all partitions. Empty, the schema's default, elects nobody. */
  readonly topicPartitions: readonly ElectLeadersTopic[] | null;
  /** How long the controller may take. */
  readonly timeoutMs: number;
}

export interface ElectLeadersTopic {
  readonly topic: string;
  readonly partitions: readonly number[];
}

export interface ElectLeadersResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /** Concerns the whole request, e.g. CLUSTER_AUTHORIZATION_FAILED or NOT_CONTROLLER. */
  readonly errorCode: number;
  /** When all partitions were asked for: without those that needed no election. */
  readonly replicaElectionResults: readonly ElectLeadersTopicResult[];
}

export interface ElectLeadersTopicResult {
  readonly topic: string;
  readonly partitionResult: readonly ElectLeadersPartitionResult[];
}

export interface ElectLeadersPartitionResult {
  readonly partitionId: number;
  /** E.g. ELECTION_NOT_NEEDED, PREFERRED_LEADER_NOT_AVAILABLE, ELIGIBLE_LEADERS_NOT_AVAILABLE, UNKNOWN_TOPIC_OR_PARTITION. */
  readonly errorCode: number;
  /** More about the error, null for nothing to add. */
  readonly errorMessage: string | null;
}

const request: Layout<ElectLeadersRequest> = struct((wire, it) => ({
  electionType: wire.since(1).int8(it.electionType, PREFERRED_ELECTION),
  topicPartitions: wire.nullableArray(it.topicPartitions, topic, []),
  timeoutMs: wire.int32(it.timeoutMs, 60_000),
}));

const topic: Layout<ElectLeadersTopic> = struct((wire, it) => ({
  topic: wire.string(it.topic),
  partitions: wire.array(it.partitions, int32),
}));

const response: Layout<ElectLeadersResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  errorCode: wire.since(1).int16(it.errorCode),
  replicaElectionResults: wire.array(it.replicaElectionResults, topicResult),
}));

const topicResult: Layout<ElectLeadersTopicResult> = struct((wire, it) => ({
  topic: wire.string(it.topic),
  partitionResult: wire.array(it.partitionResult, partitionResult),
}));

const partitionResult: Layout<ElectLeadersPartitionResult> = struct((wire, it) => ({
  partitionId: wire.int32(it.partitionId),
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.nullableString(it.errorMessage, ""),
}));

export const ElectLeaders: Api<ElectLeadersRequest, ElectLeadersResponse> = defineApi({
  name: "ElectLeaders",
  key: 43,
  versions: [0, 2],
  flexibleSince: 2,
  request,
  response,
});
