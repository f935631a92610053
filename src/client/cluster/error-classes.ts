/**
 * What to do about an error: one table for the codes of brokers, one for the client's own errors, and what single APIs make of a code
 * differently. Everything that sends a request again, or does not, asks here.
 *
 * This file is a table. Java's exception classes say the same in pieces (RetriableException, InvalidMetadataException, the handlers
 * of its admin client, librdkafka's `rd_kafka_err_action`).
 */
import { type ErrorName, errorCode, KafkaError, MalformedMessageError, UnsupportedVersionError } from "../../protocol/index.ts";
import {
  AuthenticationError,
  BootstrapError,
  BrokerError,
  ClosedError,
  ConfigError,
  ConnectionError,
  IllegalStateError,
  type Outcome,
  RequestTimeoutError,
} from "../errors.ts";

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

interface Group extends ErrorClass {
  readonly names: readonly ErrorName[];
}

const groups: readonly Group[] = [
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

interface Exception extends ErrorClass {
  readonly apis: readonly string[];
  readonly names: readonly ErrorName[];
}

const exceptions: readonly Exception[] = [
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

const classes: ReadonlyMap<ErrorName, ErrorClass> = new Map(groups.flatMap((group) => group.names.map((name) => [name, group])));
const classesByApi: ReadonlyMap<string, ErrorClass> = new Map(
  exceptions.flatMap((one) => one.apis.flatMap((api) => one.names.map((name): [string, ErrorClass] => [`${api} ${name}`, one]))),
);

/** A code that nobody knows is like UNKNOWN_SERVER_ERROR, as in Java. */
const unknownError: ErrorClass = {
  remedy: "fatal",
  applied: "possibly",
  why: "a code that this client does not know: nothing is known of what it means",
};

/** What a broker's code asks for, in the answer to that API. */
export function classOfCode(code: number, api: string): ErrorClass {
  const { name } = errorCode(code);
  return classesByApi.get(`${api} ${name}`) ?? classes.get(name) ?? unknownError;
}

/** Whether a code has a row of its own. */
export function hasRow(name: ErrorName): boolean {
  return classes.has(name);
}

/** The client's own errors: the first row that an error is an instance of holds. */
const clientErrors: readonly (readonly [type: (error: unknown) => boolean, remedy: Remedy, why: string])[] = [
  [(error) => error instanceof AuthenticationError, "fatal", "credentials and certificates do not mend themselves (C27, C30)"],
  [(error) => error instanceof UnsupportedVersionError, "fatal", "broker and client have no version in common for what is asked"],
  [(error) => error instanceof MalformedMessageError, "fatal", "the answer cannot be read; the next would be as wrong (C19)"],
  [(error) => error instanceof ConfigError, "fatal", "the options have to change"],
  [(error) => error instanceof IllegalStateError, "fatal", "the call is wrong, not the cluster"],
  [(error) => error instanceof ClosedError, "fatal", "there is no client any more"],
  [
    (error) => error instanceof ConnectionError && error.retriable,
    "refresh metadata",
    "the broker may be gone, and what it led or coordinated be elsewhere (C1, C5 to C8)",
  ],
  [(error) => error instanceof ConnectionError, "fatal", "the connection itself says that another one cannot succeed"],
  [
    (error) => error instanceof RequestTimeoutError,
    "refresh metadata",
    "a broker that does not answer may have lost its part of the cluster without knowing (C8, C15)",
  ],
  [(error) => error instanceof BootstrapError && error.retriable, "retry", "no server is there at the moment"],
  [(error) => error instanceof BootstrapError, "fatal", "every server refuses who we are"],
];

/** What an error that was thrown asks for; anything that is none of ours is fatal: it is a bug or an abort. */
export function classOfError(error: unknown, api: string): ErrorClass {
  if (rebootstrapDemand(error) !== undefined) return classOfCode(REBOOTSTRAP_REQUIRED, api);
  if (error instanceof BrokerError) return classOfCode(error.errorCode, api);
  const row = clientErrors.find(([isOne]) => isOne(error));
  const applied = outcomeOf(error) === "unknown" ? "possibly" : "no";
  if (row === undefined)
    return { remedy: "fatal", applied, why: error instanceof KafkaError ? "no rule says otherwise" : "not an error of Kafka's" };
  return { remedy: row[1], applied, why: row[2] };
}

/** What the connection knows of a request that failed. */
function outcomeOf(error: unknown): Outcome {
  return error instanceof ConnectionError || error instanceof RequestTimeoutError || error instanceof ClosedError
    ? error.outcome
    : "not sent";
}

const REBOOTSTRAP_REQUIRED = 129;
/** A chain of causes that is longer is a circle. */
const LONGEST_CHAIN = 16;

/** The broker's demand to begin again, perhaps wrapped into the failure of a connection whose ApiVersions request it answered. */
export function rebootstrapDemand(error: unknown): BrokerError | undefined {
  let one = error;
  for (let depth = 0; depth < LONGEST_CHAIN && one instanceof Error; depth++, one = one.cause) {
    if (one instanceof BrokerError && one.errorCode === REBOOTSTRAP_REQUIRED) return one;
  }
  return undefined;
}

/** From the mildest to the most drastic: of several errors in one answer the last one's remedy helps against all. */
const byForce: readonly Remedy[] = ["fatal", "retry", "find coordinator", "find controller", "refresh metadata", "rebootstrap"];

/** The class of the code that asks for the most; undefined when none makes sense to retry. */
export function strongestRetriable(
  codes: readonly number[],
  api: string,
): { readonly code: number; readonly class: ErrorClass } | undefined {
  let strongest: { readonly code: number; readonly class: ErrorClass } | undefined;
  for (const code of codes) {
    const found = classOfCode(code, api);
    if (found.remedy === "fatal") continue;
    if (strongest === undefined || byForce.indexOf(found.remedy) > byForce.indexOf(strongest.class.remedy))
      strongest = { code, class: found };
  }
  return strongest;
}
