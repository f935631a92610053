/**
 * What an error means to a transaction: one table for the codes of brokers, by API. Java's TransactionManager says the same in the
 * handlers of its requests; where we are milder than it, the row says why.
 */
import { type ErrorName, type KafkaError, type TransactionSeverity, UnsupportedVersionError } from "../../../protocol/index.ts";
import { classOfError } from "../../cluster/error-classes.ts";
import {
  AuthenticationError,
  BootstrapError,
  BrokerError,
  ClosedError,
  ConfigError,
  IllegalStateError,
  ProducerFencedError,
  TransactionAbortedError,
  TransactionFailedError,
} from "../../errors.ts";

export type TransactionApi =
  | "InitProducerId"
  | "AddPartitionsToTxn"
  | "AddOffsetsToTxn"
  | "TxnOffsetCommit"
  | "EndTxn"
  | "Produce"
  | "FindCoordinator";

/**
 * `again`: the same request, after a pause. `abortable`: the transaction has to be aborted. `new epoch`: so it has, and a new epoch be
 * taken; fatal where the coordinator gives none (before Kafka 2.5). `fatal`: only closing is left. `fenced`: so it is, for somebody else
 * has the transactional id.
 */
export type Meaning = "again" | "abortable" | "new epoch" | "fatal" | "fenced";

interface MeaningRow {
  readonly apis: readonly TransactionApi[];
  readonly names: readonly ErrorName[];
  readonly meaning: Meaning;
  readonly why: string;
}

export const transactionApis: readonly TransactionApi[] = [
  "InitProducerId",
  "AddPartitionsToTxn",
  "AddOffsetsToTxn",
  "TxnOffsetCommit",
  "EndTxn",
  "Produce",
  "FindCoordinator",
];
const IN_TRANSACTION = ["AddPartitionsToTxn", "AddOffsetsToTxn", "TxnOffsetCommit", "EndTxn", "Produce"] as const;

export const meaningRows: readonly MeaningRow[] = [
  {
    apis: transactionApis,
    names: ["PRODUCER_FENCED"],
    meaning: "fenced",
    why: "T1: another producer has begun to use the transactional id",
  },
  {
    apis: ["InitProducerId", "AddPartitionsToTxn", "AddOffsetsToTxn", "EndTxn"],
    names: ["INVALID_PRODUCER_EPOCH"],
    meaning: "fenced",
    why: "KIP-588: coordinators before Kafka 2.7 have no other word for it",
  },
  {
    apis: ["Produce", "TxnOffsetCommit"],
    names: ["INVALID_PRODUCER_EPOCH"],
    meaning: "abortable",
    why: "P11, T14: perhaps the transaction only took too long; its coordinator will tell when it is asked to abort",
  },
  {
    apis: transactionApis,
    names: ["TRANSACTIONAL_ID_AUTHORIZATION_FAILED", "CLUSTER_AUTHORIZATION_FAILED"],
    meaning: "fatal",
    why: "T9, P6: the rights to write at all are missing",
  },
  { apis: transactionApis, names: ["UNSUPPORTED_VERSION"], meaning: "fatal", why: "no other request would be understood either" },
  {
    apis: IN_TRANSACTION,
    names: ["UNKNOWN_PRODUCER_ID", "INVALID_PRODUCER_ID_MAPPING"],
    meaning: "new epoch",
    why: "T5, P10: brokers have forgotten the producer; with another epoch they know it again (KIP-360)",
  },
  {
    apis: IN_TRANSACTION,
    names: ["TRANSACTION_ABORTABLE"],
    meaning: "abortable",
    why: "T7: a broker says so in as many words (KIP-890)",
  },
  {
    apis: IN_TRANSACTION,
    names: ["INVALID_TXN_STATE"],
    meaning: "abortable",
    why: "T6: the coordinator has ended the transaction for its age, or never heard of it. Java before 4.1 gives up for good",
  },
  { apis: ["Produce"], names: ["OUT_OF_ORDER_SEQUENCE_NUMBER"], meaning: "abortable", why: "P9: something before it is missing" },
  {
    apis: ["AddOffsetsToTxn", "TxnOffsetCommit", "FindCoordinator"],
    names: ["GROUP_AUTHORIZATION_FAILED"],
    meaning: "abortable",
    why: "T9: the rights for another group may be there",
  },
  {
    apis: ["AddPartitionsToTxn", "TxnOffsetCommit", "Produce"],
    names: ["TOPIC_AUTHORIZATION_FAILED"],
    meaning: "abortable",
    why: "T9: the rights for other topics may be there",
  },
  {
    apis: ["TxnOffsetCommit"],
    names: [
      "FENCED_INSTANCE_ID",
      "UNKNOWN_MEMBER_ID",
      "ILLEGAL_GENERATION",
      "STALE_MEMBER_EPOCH",
      "GROUP_ID_NOT_FOUND",
      "REBALANCE_IN_PROGRESS",
    ],
    meaning: "abortable",
    why: "T9, KIP-447: the consumer has lost its partitions, and somebody else reads them",
  },
  {
    apis: ["AddPartitionsToTxn"],
    names: ["OPERATION_NOT_ATTEMPTED"],
    meaning: "again",
    why: "T4: all or none are added; it was another one's fault",
  },
];

/** For what the table says nothing of and what is not retriable anyway (cluster/error-classes.ts). */
const otherwise: Readonly<Record<TransactionApi, Meaning>> = {
  InitProducerId: "fatal",
  // T11: whether it has ended is anybody's guess, and neither direction would be right.
  EndTxn: "fatal",
  // Aborting is always right where nothing is decided. Java gives up for good at some of these, as OFFSET_METADATA_TOO_LARGE.
  AddPartitionsToTxn: "abortable",
  AddOffsetsToTxn: "abortable",
  TxnOffsetCommit: "abortable",
  Produce: "abortable",
  FindCoordinator: "fatal",
};

const meanings: ReadonlyMap<string, Meaning> = new Map(
  meaningRows.flatMap(({ apis, names, meaning }) =>
    apis.flatMap((api) => names.map((name): [string, Meaning] => [`${api} ${name}`, meaning])),
  ),
);

/** What a failure of that request means, be it a broker's word or that none came. */
export function meaningOf(error: unknown, api: TransactionApi): Meaning {
  const asked = error instanceof BrokerError && error.context.api === "FindCoordinator" ? "FindCoordinator" : api;
  const row = error instanceof BrokerError ? meanings.get(`${asked} ${error.code}`) : undefined;
  if (row !== undefined) return row;
  if (classOfError(error, asked).remedy !== "fatal") return "again";
  return isBeyondTransactions(error) ? "fatal" : otherwise[asked];
}

/** Nothing that has to do with this transaction, or with any. */
function isBeyondTransactions(error: unknown): boolean {
  return (
    error instanceof AuthenticationError ||
    error instanceof BootstrapError ||
    error instanceof UnsupportedVersionError ||
    error instanceof ConfigError ||
    error instanceof ClosedError
  );
}

export interface Circumstances {
  readonly transactionalId: string;
  /** Whether the coordinator gives new epochs. */
  readonly canTakeEpoch: boolean;
  /** What to do when asking again has not helped in time: in a transaction that is to abort it (T8). */
  readonly exhausted: TransactionSeverity;
}

/** The error as the user gets it: of a class that says what it is, and with a severity. */
export function withSeverity(error: KafkaError, api: TransactionApi, circumstances: Circumstances): KafkaError {
  const { transactionalId, canTakeEpoch, exhausted } = circumstances;
  if (isTold(error)) return error;
  switch (meaningOf(error, api)) {
    case "fenced": {
      const fenced = new ProducerFencedError(transactionalId, { cause: error });
      if (error.verdict !== undefined) fenced.verdict = error.verdict;
      return fenced;
    }
    case "fatal":
      error.severity = "fatal";
      break;
    case "new epoch":
      error.severity = canTakeEpoch ? "abortable" : "fatal";
      break;
    case "abortable":
      error.severity = "abortable";
      break;
    case "again":
      error.severity = exhausted;
      break;
  }
  return error;
}

/** Ours already, with the severity that it has; or a wrong call, which changes nothing. */
function isTold(error: KafkaError): boolean {
  return (
    error instanceof ProducerFencedError ||
    error instanceof TransactionAbortedError ||
    error instanceof TransactionFailedError ||
    error instanceof IllegalStateError
  );
}
