import type { KafkaError } from "../../../protocol/index.ts";
import type { ProducerIdentity } from "../producer-identity.ts";
import type { OpenTransaction } from "./open-transaction.ts";

/**
 * How transactions are carried out. 1 (KIP-98): the coordinator is told of every partition, and the epoch stays. 2 (KIP-890): brokers add
 * partitions by themselves, and every end takes an epoch.
 */
export type TransactionVersion = 1 | 2;

/** What the coordinator has given to this producer. */
export interface RegisteredProducer {
  readonly identity: ProducerIdentity;
  readonly version: TransactionVersion;
  /** Whether the coordinator gives another epoch to a producer that has one (KIP-360, Kafka 2.5). */
  readonly canTakeEpoch: boolean;
}

/**
 * How far an end has come. `flushing`: records are on their way, nothing is decided. `ending`: EndTxn is sent, so that the direction can
 * no longer change. `taking an epoch`: it has ended, and the next transaction needs another epoch.
 */
export type EndStep = "flushing" | "ending" | "taking an epoch";

interface Open {
  readonly producer: RegisteredProducer;
  readonly transaction: OpenTransaction;
}

export type TransactionState =
  | { readonly name: "UNINITIALIZED" }
  | { readonly name: "INITIALIZING" }
  | { readonly name: "READY"; readonly producer: RegisteredProducer }
  | (Open & { readonly name: "IN_TRANSACTION" })
  | (Open & { readonly name: "COMMITTING"; readonly step: EndStep })
  | (Open & {
      readonly name: "ABORTING";
      readonly step: EndStep /** Why, if not only because it was asked for. */;
      readonly error?: Error;
    })
  | (Open & { readonly name: "ABORTABLE_ERROR"; readonly error: Error })
  | { readonly name: "FATAL_ERROR"; readonly error: KafkaError };

export type StateName = TransactionState["name"];
export type StateOf<Name extends StateName> = Extract<TransactionState, { readonly name: Name }>;

/** What happens to a producer's transactions: calls, answers, failures. */
export type TransactionEvent =
  | { readonly kind: "initTransactions" }
  | { readonly kind: "beginTransaction" }
  | { readonly kind: "send" }
  | { readonly kind: "sendOffsetsToTransaction" }
  | { readonly kind: "commitTransaction" }
  | { readonly kind: "abortTransaction" }
  /** The coordinator has given an id and epoch. */
  | { readonly kind: "registered"; readonly producer: RegisteredProducer }
  /** The last record is settled, and EndTxn goes out. */
  | { readonly kind: "ending" }
  /** The coordinator has ended the transaction, or there was none to end. */
  | { readonly kind: "ended"; readonly producer: RegisteredProducer; readonly needsEpoch: boolean }
  | { readonly kind: "abortable error"; readonly error: Error }
  | { readonly kind: "fatal error"; readonly error: KafkaError };

export type EventKind = TransactionEvent["kind"];
export type EventOf<Kind extends EventKind> = Extract<TransactionEvent, { readonly kind: Kind }>;
