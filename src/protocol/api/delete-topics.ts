/**
 * DeleteTopics (key 20): deletes topics with all their records. It is the controller's work: with KRaft any broker passes the
 * request on, with ZooKeeper it must go to the controller itself.
 *
 * Success means that the topic is gone from the cluster's metadata; its files are removed later.
 *
 * v0  the oldest version, up to Kafka 3.9
 * v1  throttle time in the answer (KIP-124); the oldest version that Kafka 4 accepts
 * v2  as v1; on throttling the broker answers at once and mutes the connection (KIP-219)
 * v3  as v2; TOPIC_DELETION_DISABLED where it was INVALID_REQUEST, when the cluster forbids deleting (KIP-322)
 * v4  flexible
 * v5  error message; the broker may answer THROTTLING_QUOTA_EXCEEDED (KIP-599)
 * v6  topics by name or by id (KIP-516)
 */
import { type Layout, string, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

export interface DeleteTopicsRequest {
  /** What to delete, from v6 on. Naming a topic twice fails with INVALID_REQUEST. */
  readonly topics: readonly DeletableTopic[];
  /** What to delete, up to v5. */
  readonly topicNames: readonly string[];
  /** How long the controller may take; after REQUEST_TIMED_OUT the topics may still disappear. */
  readonly timeoutMs: number;
}

/** Either a name or an id; both, or neither, is an INVALID_REQUEST. */
export interface DeletableTopic {
  /** Null when the id says which topic is meant. */
  readonly name: string | null;
  /** All zero when the name says which topic is meant. An id protects a topic that was made anew under the same name. */
  readonly topicId: string;
}

export interface DeleteTopicsResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /** One result per topic, in no particular order. */
  readonly responses: readonly DeleteTopicResult[];
}

export interface DeleteTopicResult {
  /** Null (from v6 on) when the topic was asked for by id, and does not exist or may not be seen by the client. */
  readonly name: string | null;
  /** All zero when the topic was asked for by name and failed. */
  readonly topicId: string;
  /** E.g. UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID or TOPIC_AUTHORIZATION_FAILED. */
  readonly errorCode: number;
  /** More about the error, null for nothing to add. */
  readonly errorMessage: string | null;
}

const request: Layout<DeleteTopicsRequest> = struct((wire, it) => ({
  topics: wire.since(6).array(it.topics, topic),
  topicNames: wire.until(5).ignorable.array(it.topicNames, string),
  timeoutMs: wire.int32(it.timeoutMs),
}));

const topic: Layout<DeletableTopic> = struct((wire, it) => ({
  name: wire.nullableString(it.name),
  topicId: wire.uuid(it.topicId),
}));

const response: Layout<DeleteTopicsResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.since(1).ignorable.int32(it.throttleTimeMs),
  responses: wire.array(it.responses, topicResult),
}));

const topicResult: Layout<DeleteTopicResult> = struct((wire, it) => ({
  name: wire.nullableString(it.name, "", 6),
  topicId: wire.since(6).ignorable.uuid(it.topicId),
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.since(5).ignorable.nullableString(it.errorMessage),
}));

export const DeleteTopics: Api<DeleteTopicsRequest, DeleteTopicsResponse> = defineApi({
  name: "DeleteTopics",
  key: 20,
  versions: [0, 6],
  flexibleSince: 4,
  request,
  response,
});
