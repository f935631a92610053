/**
 * CreateTopics (key 19): creates topics, or checks whether they could be created. It is the controller's work: with KRaft any
 * broker passes the request on, with ZooKeeper it must go to the controller itself.
 *
 * Every topic succeeds or fails by itself. Success means that the controller has recorded the topic; brokers learn of it a
 * moment later, and until then may answer UNKNOWN_TOPIC_OR_PARTITION.
 *
 * v0  the oldest version, up to Kafka 3.9
 * v1  `validateOnly`, and error messages (KIP-4)
 * v2  throttle time in the answer (KIP-124); the oldest version that Kafka 4 accepts
 * v3  as v2; on throttling the broker answers at once and mutes the connection (KIP-219)
 * v4  as v3; -1 leaves the number of partitions and replicas to the broker's defaults (KIP-464)
 * v5  flexible; the answer tells partitions, replicas and configuration of the new topic (KIP-525)
 * v6  as v5; the broker may answer THROTTLING_QUOTA_EXCEEDED (KIP-599)
 * v7  topic id in the answer (KIP-516)
 */
import { int32, type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

/** `numPartitions` and `replicationFactor` for "what the cluster does by default", and wherever `assignments` are given. */
export const CREATE_TOPICS_BROKER_DEFAULT = -1;

export interface CreateTopicsRequest {
  /** What to create. A name that occurs twice fails with INVALID_REQUEST. */
  readonly topics: readonly CreatableTopic[];
  /** How long the controller may take; after REQUEST_TIMED_OUT the topics may still come into being. */
  readonly timeoutMs: number;
  /** Only check everything, the broker's policies included, and create nothing. */
  readonly validateOnly: boolean;
}

export interface CreatableTopic {
  readonly name: string;
  /** How many partitions. -1 (up to v3 only together with `assignments`): as `assignments` say, or else the broker's default. */
  readonly numPartitions: number;
  /** Replicas per partition. -1 as for `numPartitions`. */
  readonly replicationFactor: number;
  /** Where the replicas shall live, for every partition from 0 on without gaps; empty to let the controller choose. */
  readonly assignments: readonly CreatableTopicAssignment[];
  /** Settings that differ from the broker's defaults. */
  readonly configs: readonly CreatableTopicConfig[];
}

/** The replicas of one partition. */
export interface CreatableTopicAssignment {
  readonly partitionIndex: number;
  /** The brokers that shall hold it; the first is the preferred leader. */
  readonly brokerIds: readonly number[];
}

export interface CreatableTopicConfig {
  /** E.g. `retention.ms`. */
  readonly name: string;
  /** Always as text. Null fails with INVALID_CONFIG. */
  readonly value: string | null;
}

export interface CreateTopicsResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /** One result per topic, in no particular order. */
  readonly topics: readonly CreateTopicResult[];
}

export interface CreateTopicResult {
  readonly name: string;
  /** The id of the new topic, all zero on errors. Made up when `validateOnly` was set. */
  readonly topicId: string;
  /** E.g. TOPIC_ALREADY_EXISTS, INVALID_REPLICATION_FACTOR, INVALID_CONFIG, POLICY_VIOLATION, TOPIC_AUTHORIZATION_FAILED. */
  readonly errorCode: number;
  /** More about the error, null for nothing to add. */
  readonly errorMessage: string | null;
  /** How many partitions the topic has, -1 when the broker does not tell. */
  readonly numPartitions: number;
  /** How many replicas each partition has, -1 when the broker does not tell. */
  readonly replicationFactor: number;
  /** All settings of the topic, defaults included. Null or empty on errors and when the client may not see them. */
  readonly configs: readonly CreatedTopicConfig[] | null;
  /** TOPIC_AUTHORIZATION_FAILED when the topic was created by somebody who may not see its settings, 0 otherwise. */
  readonly topicConfigErrorCode: number;
}

export interface CreatedTopicConfig {
  readonly name: string;
  /** Null when the setting is sensitive. */
  readonly value: string | null;
  /** Whether the setting cannot be changed. */
  readonly readOnly: boolean;
  /** Where the value comes from, numbered as in DescribeConfigs (1 the topic itself, 5 Kafka's default); -1 when unknown. */
  readonly configSource: number;
  /** Whether the value is a secret, which is never told. */
  readonly isSensitive: boolean;
}

const request: Layout<CreateTopicsRequest> = struct((wire, it) => ({
  topics: wire.array(it.topics, topic),
  timeoutMs: wire.int32(it.timeoutMs, 60_000),
  validateOnly: wire.since(1).boolean(it.validateOnly),
}));

const topic: Layout<CreatableTopic> = struct((wire, it) => ({
  name: wire.string(it.name),
  numPartitions: wire.int32(it.numPartitions),
  replicationFactor: wire.int16(it.replicationFactor),
  assignments: wire.array(it.assignments, assignment),
  configs: wire.array(it.configs, config),
}));

const assignment: Layout<CreatableTopicAssignment> = struct((wire, it) => ({
  partitionIndex: wire.int32(it.partitionIndex),
  brokerIds: wire.array(it.brokerIds, int32),
}));

const config: Layout<CreatableTopicConfig> = struct((wire, it) => ({
  name: wire.string(it.name),
  value: wire.nullableString(it.value, ""),
}));

const response: Layout<CreateTopicsResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.since(2).ignorable.int32(it.throttleTimeMs),
  topics: wire.array(it.topics, topicResult),
}));

const topicResult: Layout<CreateTopicResult> = struct((wire, it) => ({
  name: wire.string(it.name),
  topicId: wire.since(7).ignorable.uuid(it.topicId),
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.since(1).ignorable.nullableString(it.errorMessage, ""),
  numPartitions: wire.since(5).ignorable.int32(it.numPartitions, -1),
  replicationFactor: wire.since(5).ignorable.int16(it.replicationFactor, -1),
  configs: wire.since(5).ignorable.nullableArray(it.configs, createdConfig, []),
  topicConfigErrorCode: wire.since(5).ignorable.tag(0).int16(it.topicConfigErrorCode),
}));

const createdConfig: Layout<CreatedTopicConfig> = struct((wire, it) => ({
  name: wire.string(it.name),
  value: wire.nullableString(it.value, ""),
  readOnly: wire.boolean(it.readOnly),
  configSource: wire.int8(it.configSource, -1),
  isSensitive: wire.boolean(it.isSensitive),
}));

export const CreateTopics: Api<CreateTopicsRequest, CreateTopicsResponse> = defineApi({
  name: "CreateTopics",
  key: 19,
  versions: [0, 7],
  flexibleSince: 5,
  request,
  response,
});
