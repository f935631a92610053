/**
 * CreatePartitions (key 37): adds partitions to topics, which changes the partition that most keys are sent to. It is the
 * controller's work: with KRaft any broker passes the request on, with ZooKeeper it must go to the controller itself.
 *
 * Partitions cannot be taken away again.
 *
 * v0  the oldest version (KIP-195)
 * v1  as v0; on throttling the broker answers at once and mutes the connection (KIP-219)
 * v2  flexible
 * v3  as v2; the broker may answer THROTTLING_QUOTA_EXCEEDED (KIP-599)
 */
import { int32, type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

export interface CreatePartitionsRequest {
  /** What to enlarge. A name that occurs twice fails with INVALID_REQUEST. */
  readonly topics: readonly CreatePartitionsTopic[];
  /** How long the controller may take; after REQUEST_TIMED_OUT the partitions may still come into being. */
  readonly timeoutMs: number;
  /** Only check everything and create nothing. */
  readonly validateOnly: boolean;
}

export interface CreatePartitionsTopic {
  readonly name: string;
  /** How many partitions there shall be in all, old ones included; more than now, or the answer is INVALID_PARTITIONS. */
  readonly count: number;
  /**
   * Where the replicas of the added partitions shall live, lowest partition first; null to let the controller choose.
   * Empty, the schema's default, is refused with INVALID_REPLICA_ASSIGNMENT.
   */
  readonly assignments: readonly CreatePartitionsAssignment[] | null;
}

/** The replicas of one added partition. */
export interface CreatePartitionsAssignment {
  /** The brokers that shall hold it, as many as other partitions of the topic have; the first is the preferred leader. */
  readonly brokerIds: readonly number[];
}

export interface CreatePartitionsResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /** One result per topic, in no particular order. */
  readonly results: readonly CreatePartitionsResult[];
}

export interface CreatePartitionsResult {
  readonly name: string;
  /** E.g. INVALID_PARTITIONS, INVALID_REPLICA_ASSIGNMENT, UNKNOWN_TOPIC_OR_PARTITION or TOPIC_AUTHORIZATION_FAILED. */
  readonly errorCode: number;
  /** More about the error, null for nothing to add. */
  readonly errorMessage: string | null;
}

const request: Layout<CreatePartitionsRequest> = struct((wire, it) => ({
  topics: wire.array(it.topics, topic),
  timeoutMs: wire.int32(it.timeoutMs),
  validateOnly: wire.boolean(it.validateOnly),
}));

const topic: Layout<CreatePartitionsTopic> = struct((wire, it) => ({
  name: wire.string(it.name),
  count: wire.int32(it.count),
  assignments: wire.nullableArray(it.assignments, assignment, []),
}));

const assignment: Layout<CreatePartitionsAssignment> = struct((wire, it) => ({
  brokerIds: wire.array(it.brokerIds, int32),
}));

const response: Layout<CreatePartitionsResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  results: wire.array(it.results, result),
}));

const result: Layout<CreatePartitionsResult> = struct((wire, it) => ({
  name: wire.string(it.name),
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.nullableString(it.errorMessage),
}));

export const CreatePartitions: Api<CreatePartitionsRequest, CreatePartitionsResponse> = defineApi({
  name: "CreatePartitions",
  key: 37,
  versions: [0, 3],
  flexibleSince: 2,
  request,
  response,
});
