/**
 * What to do about the codes of brokers: one table for all APIs, and one of what single APIs mean by a code.
 *
 * Java's exception classes say the same in pieces (RetriableException, InvalidMetadataException, the handlers of its admin client,
 * librdkafka's `rd_kafka_err_action`).
 */
import type { ErrorName } from "../../protocol/index.ts";

/**
 * `retry`: the same again after a pause. `refresh metadata`, `find coordinator`, `find controller`: that first, then again.
 * `rebootstrap`: forget the cluster, begin again from the bootstrap servers, then again. `fatal`: asking the same again cannot help.
 */
export type Remedy = "fatal" | "retry" | "find coordinator" | "find controller" | "refresh metadata" | "rebootstrap";

/** Whether the broker has done what it was asked, as far as the error tells: `no` is librdkafka's NOT_PERSISTED (NP), `possibly` its PP. */
export type Applied = "no" | "possibly" | "yes";

export interface ErrorClass {
  readonly remedy: Remedy;
  readonly applied: Applied;
  /** Why it is classed so. */
  readonly why: string;
}

export interface CodeClass extends ErrorClass {
  readonly names: readonly ErrorName[];
}

export const codes: readonly CodeClass[] = [
  // ── nothing wrong
  { names: ["NONE"], remedy: "fatal", applied: "yes", why: "no error: there is nothing to do again" },

  // ── retriable
  {
    names: ["CORRUPT_MESSAGE"],
    remedy: "retry",
    applied: "no",
    why: "the checksum is looked at before anything is written; the bytes may have been damaged on the way",
  },
  {
    names: ["REQUEST_TIMED_OUT"],
    remedy: "retry",
    applied: "possibly",
    why: "the leader has it, the replicas did not confirm in time",
  },
  { names: ["NOT_ENOUGH_REPLICAS"], remedy: "retry", applied: "no", why: "refused before it was written" },
  {
    names: ["NOT_ENOUGH_REPLICAS_AFTER_APPEND"],
    remedy: "retry",
    applied: "possibly",
    why: "written, but to fewer replicas than were asked for; an unclean election may still lose it",
  },
  {
    names: ["COORDINATOR_LOAD_IN_PROGRESS"],
    remedy: "retry",
    applied: "no",
    why: "it is the right broker, which is still reading the coordinator's state",
  },
  { names: ["CONCURRENT_TRANSACTIONS"], remedy: "retry", applied: "no", why: "the transaction before it is still being completed" },
  { names: ["UNSTABLE_OFFSET_COMMIT"], remedy: "retry", applied: "no", why: "an open transaction is about to decide the offset" },
  {
    names: ["UNKNOWN_LEADER_EPOCH"],
    remedy: "retry",
    applied: "no",
    why: "M3: the broker is behind us and catches up; our metadata is the newer one",
  },
  {
    names: ["OFFSET_NOT_AVAILABLE"],
    remedy: "retry",
    applied: "no",
    why: "a new leader has to hear from its followers before it knows its high watermark",
  },
  { names: ["THROTTLING_QUOTA_EXCEEDED"], remedy: "retry", applied: "no", why: "refused by a quota, that recovers with time" },
  {
    names: [
      "FETCH_SESSION_ID_NOT_FOUND",
      "INVALID_FETCH_SESSION_EPOCH",
      "FETCH_SESSION_TOPIC_ID_ERROR",
      "SHARE_SESSION_NOT_FOUND",
      "INVALID_SHARE_SESSION_EPOCH",
    ],
    remedy: "retry",
    applied: "no",
    why: "whoever owns the session opens another; the broker and the leader are the right ones",
  },
  { names: ["SHARE_SESSION_LIMIT_REACHED"], remedy: "retry", applied: "no", why: "there is room again when another session ends" },

  // ── retriable, after the way has been looked up anew
  {
    names: ["COORDINATOR_NOT_AVAILABLE", "NOT_COORDINATOR"],
    remedy: "find coordinator",
    applied: "no",
    why: "the coordinator has moved, or is not there yet",
  },
  { names: ["NOT_CONTROLLER"], remedy: "find controller", applied: "no", why: "M17: the controller has moved" },
  {
    names: ["UNKNOWN_TOPIC_OR_PARTITION", "UNKNOWN_TOPIC_ID", "INCONSISTENT_TOPIC_ID"],
    remedy: "refresh metadata",
    applied: "no",
    why: "M5, M8: perhaps only not known to that broker yet, or made anew under another id",
  },
  {
    names: ["LEADER_NOT_AVAILABLE", "NOT_LEADER_OR_FOLLOWER", "FENCED_LEADER_EPOCH", "REPLICA_NOT_AVAILABLE", "LISTENER_NOT_FOUND"],
    remedy: "refresh metadata",
    applied: "no",
    why: "M1, M2: the leader is another, or about to be",
  },
  {
    names: ["KAFKA_STORAGE_ERROR"],
    remedy: "refresh metadata",
    applied: "possibly",
    why: "the disk failed below the write; the leadership is about to move",
  },
  {
    names: ["NETWORK_EXCEPTION"],
    remedy: "refresh metadata",
    applied: "possibly",
    why: "a broker lost the broker behind it before that one had answered",
  },
  {
    names: ["PREFERRED_LEADER_NOT_AVAILABLE", "ELIGIBLE_LEADERS_NOT_AVAILABLE", "ELECTION_NOT_NEEDED"],
    remedy: "refresh metadata",
    applied: "no",
    why: "the view of replicas and leaders that the request was made from is old (ElectLeaders: see below)",
  },
  {
    names: ["REBOOTSTRAP_REQUIRED"],
    remedy: "rebootstrap",
    applied: "no",
    why: "M11, KIP-1102 and 1242: this is not the cluster or the node that we believe it to be",
  },

  // ── fatal for the request, and somebody's state machine goes on from there
  {
    names: [
      "ILLEGAL_GENERATION",
      "UNKNOWN_MEMBER_ID",
      "REBALANCE_IN_PROGRESS",
      "MEMBER_ID_REQUIRED",
      "FENCED_INSTANCE_ID",
      "FENCED_MEMBER_EPOCH",
      "STALE_MEMBER_EPOCH",
      "UNRELEASED_INSTANCE_ID",
      "STREAMS_INVALID_TOPOLOGY_EPOCH",
      "STREAMS_TOPOLOGY_FENCED",
    ],
    remedy: "fatal",
    applied: "no",
    why: "the group member has to join again or to stop, not to repeat itself",
  },
  {
    names: [
      "INVALID_PRODUCER_EPOCH",
      "INVALID_PRODUCER_ID_MAPPING",
      "PRODUCER_FENCED",
      "UNKNOWN_PRODUCER_ID",
      "OUT_OF_ORDER_SEQUENCE_NUMBER",
      "INVALID_TXN_STATE",
      "TRANSACTION_ABORTABLE",
    ],
    remedy: "fatal",
    applied: "no",
    why: "the producer has to abort, to take a new epoch or to stop",
  },
  {
    names: ["DUPLICATE_SEQUENCE_NUMBER"],
    remedy: "fatal",
    applied: "yes",
    why: "the broker has the batch already: a success in disguise",
  },
  { names: ["OFFSET_OUT_OF_RANGE"], remedy: "fatal", applied: "no", why: "the consumer's offset reset policy decides" },
  {
    names: ["FENCED_STATE_EPOCH", "INVALID_RECORD_STATE"],
    remedy: "fatal",
    applied: "no",
    why: "the share group has given the records to another member",
  },
  {
    names: ["UNKNOWN_SUBSCRIPTION_ID", "TELEMETRY_TOO_LARGE"],
    remedy: "fatal",
    applied: "no",
    why: "the metrics have to be collected anew for another subscription or size",
  },

  // ── fatal: not allowed
  {
    names: [
      "TOPIC_AUTHORIZATION_FAILED",
      "GROUP_AUTHORIZATION_FAILED",
      "CLUSTER_AUTHORIZATION_FAILED",
      "TRANSACTIONAL_ID_AUTHORIZATION_FAILED",
      "DELEGATION_TOKEN_AUTHORIZATION_FAILED",
      "SASL_AUTHENTICATION_FAILED",
      "UNSUPPORTED_SASL_MECHANISM",
      "ILLEGAL_SASL_STATE",
      "DELEGATION_TOKEN_AUTH_DISABLED",
      "DELEGATION_TOKEN_NOT_FOUND",
      "DELEGATION_TOKEN_OWNER_MISMATCH",
      "DELEGATION_TOKEN_REQUEST_NOT_ALLOWED",
      "DELEGATION_TOKEN_EXPIRED",
      "INVALID_PRINCIPAL_TYPE",
      "SECURITY_DISABLED",
      "POLICY_VIOLATION",
      "UNACCEPTABLE_CREDENTIAL",
      "TOPIC_DELETION_DISABLED",
    ],
    remedy: "fatal",
    applied: "no",
    why: "somebody has to change rights, credentials or the broker's configuration first",
  },

  // ── fatal: the request cannot be carried out as it is
  {
    names: [
      "INVALID_FETCH_SIZE",
      "MESSAGE_TOO_LARGE",
      "OFFSET_METADATA_TOO_LARGE",
      "INVALID_TOPIC_EXCEPTION",
      "RECORD_LIST_TOO_LARGE",
      "INVALID_REQUIRED_ACKS",
      "INCONSISTENT_GROUP_PROTOCOL",
      "INVALID_GROUP_ID",
      "INVALID_SESSION_TIMEOUT",
      "INVALID_COMMIT_OFFSET_SIZE",
      "INVALID_TIMESTAMP",
      "UNSUPPORTED_VERSION",
      "INVALID_PARTITIONS",
      "INVALID_REPLICATION_FACTOR",
      "INVALID_REPLICA_ASSIGNMENT",
      "INVALID_CONFIG",
      "INVALID_REQUEST",
      "UNSUPPORTED_FOR_MESSAGE_FORMAT",
      "INVALID_TRANSACTION_TIMEOUT",
      "UNSUPPORTED_COMPRESSION_TYPE",
      "INVALID_RECORD",
      "DUPLICATE_RESOURCE",
      "INVALID_UPDATE_VERSION",
      "UNSUPPORTED_ASSIGNOR",
      "MISMATCHED_ENDPOINT_TYPE",
      "UNSUPPORTED_ENDPOINT_TYPE",
      "INVALID_REGULAR_EXPRESSION",
      "STREAMS_INVALID_TOPOLOGY",
      "INCONSISTENT_CLUSTER_ID",
    ],
    remedy: "fatal",
    applied: "no",
    why: "the same request would be refused for the same reason",
  },

  // ── fatal: the state of what it is about
  {
    names: [
      "TOPIC_ALREADY_EXISTS",
      "LOG_DIR_NOT_FOUND",
      "REASSIGNMENT_IN_PROGRESS",
      "NO_REASSIGNMENT_IN_PROGRESS",
      "NON_EMPTY_GROUP",
      "GROUP_ID_NOT_FOUND",
      "GROUP_MAX_SIZE_REACHED",
      "GROUP_SUBSCRIBED_TO_TOPIC",
      "RESOURCE_NOT_FOUND",
      "TRANSACTIONAL_ID_NOT_FOUND",
      "OPERATION_NOT_ATTEMPTED",
      "BROKER_NOT_AVAILABLE",
      "BROKER_ID_NOT_REGISTERED",
      "UNKNOWN_CONTROLLER_ID",
      "CONTROLLER_ID_NOT_REGISTERED",
      "OFFSET_MOVED_TO_TIERED_STORAGE",
    ],
    remedy: "fatal",
    applied: "no",
    why: "it answers the question; whether to ask again later is for the caller to know",
  },
  {
    names: ["UNKNOWN_SERVER_ERROR", "FEATURE_UPDATE_FAILED", "GROUP_DELETION_FAILED", "STREAMS_TOPOLOGY_DESCRIPTION_UPDATE_FAILED"],
    remedy: "fatal",
    applied: "possibly",
    why: "something broke inside the broker, nobody knows how far it had come; in Java not retriable either",
  },

  // ── never meant for clients
  {
    names: [
      "STALE_CONTROLLER_EPOCH",
      "TRANSACTION_COORDINATOR_FENCED",
      "STALE_BROKER_EPOCH",
      "INCONSISTENT_VOTER_SET",
      "PRINCIPAL_DESERIALIZATION_FAILURE",
      "SNAPSHOT_NOT_FOUND",
      "POSITION_OUT_OF_RANGE",
      "DUPLICATE_BROKER_REGISTRATION",
      "INELIGIBLE_REPLICA",
      "NEW_LEADER_ELECTED",
      "INVALID_REGISTRATION",
      "INVALID_VOTER_KEY",
      "DUPLICATE_VOTER",
      "VOTER_NOT_FOUND",
    ],
    remedy: "fatal",
    applied: "no",
    why: "said between brokers and controllers; for an administrator's tool an answer",
  },
];

/** What one API means by a code is something else than what all others mean. */
export interface ApiClass extends ErrorClass {
  readonly apis: readonly string[];
  readonly names: readonly ErrorName[];
}

export const codesOfApis: readonly ApiClass[] = [
  {
    apis: [
      "DeleteTopics",
      "CreatePartitions",
      "DescribeConfigs",
      "AlterConfigs",
      "IncrementalAlterConfigs",
      "DescribeTopicPartitions",
      "OffsetCommit",
    ],
    names: ["UNKNOWN_TOPIC_OR_PARTITION", "UNKNOWN_TOPIC_ID"],
    remedy: "fatal",
    applied: "no",
    why: "answered from the controller's or coordinator's own knowledge: the topic is not there (KafkaAdminClient, ConsumerCoordinator)",
  },
  {
    apis: ["CreateTopics", "DeleteTopics", "CreatePartitions", "UpdateFeatures", "ElectLeaders"],
    names: ["REQUEST_TIMED_OUT"],
    remedy: "fatal",
    applied: "possibly",
    why: "the work goes on behind the answer: repeated, it would find itself done (KafkaAdminClient)",
  },
  {
    apis: ["ElectLeaders"],
    names: ["PREFERRED_LEADER_NOT_AVAILABLE", "ELIGIBLE_LEADERS_NOT_AVAILABLE", "ELECTION_NOT_NEEDED"],
    remedy: "fatal",
    applied: "no",
    why: "there it is the result for that partition",
  },
  {
    apis: ["Metadata", "ListOffsets", "DeleteRecords", "DescribeProducers", "WriteTxnMarkers"],
    names: ["BROKER_NOT_AVAILABLE"],
    remedy: "refresh metadata",
    applied: "no",
    why: "the partition's leader is gone, another follows (PartitionLeaderStrategy, AbortTransactionHandler)",
  },
  {
    apis: ["Produce"],
    names: ["NOT_LEADER_OR_FOLLOWER"],
    remedy: "refresh metadata",
    applied: "possibly",
    why: "a leader that is deposed while a batch waits for its replicas says so, and the next leader may have the batch",
  },
  {
    apis: ["FindCoordinator"],
    names: ["COORDINATOR_NOT_AVAILABLE", "NOT_COORDINATOR"],
    remedy: "retry",
    applied: "no",
    why: "this is the looking-up itself: its internal topic is being made or is without leader",
  },
];
