/**
 * The state machine of a transactional producer, as a table: what each event comes to in each state. It is pure, docs/transactions.md
 * shows it, and whatever is not in it does not happen.
 */
import type { KafkaError } from "../../../protocol/index.ts";
import { IllegalStateError, TransactionFailedError } from "../../errors.ts";
import { OpenTransaction } from "./open-transaction.ts";
import type { EventKind, EventOf, StateName, StateOf, TransactionEvent, TransactionState } from "./transaction-state.ts";

/** The event leads to a state, one of `to`; or, where `note` says so, to an error that the call throws. */
interface Transition<S extends TransactionState, E extends TransactionEvent> {
  readonly to: readonly StateName[];
  readonly go: (state: S, event: E) => TransactionState | KafkaError;
  /** What decides, where that is not plain. */
  readonly note?: string;
}

/** The event is not possible in this state: the call that it stands for throws. */
interface Refusal<S extends TransactionState> {
  readonly refuse: (state: S, transactionalId: string) => KafkaError;
}

type Cell<S extends TransactionState, E extends TransactionEvent> = Transition<S, E> | Refusal<S>;
type Row<S extends TransactionState> = { readonly [Kind in EventKind]: Cell<S, EventOf<Kind>> };
type TransactionTable = { readonly [Name in StateName]: Row<StateOf<Name>> };

/** The event changes nothing. */
function stay<Name extends StateName>(name: Name, note?: string): Transition<StateOf<Name>, TransactionEvent> {
  return { to: [name], go: (state) => state, ...(note === undefined ? {} : { note }) };
}

function refused(call: EventKind, why: string): Refusal<TransactionState> {
  return { refuse: () => new IllegalStateError(`${call}: ${why}`) };
}

/** Events that are no calls are our own doing: only a bug brings them where they make no sense. */
function impossible(event: EventKind): Refusal<TransactionState> {
  return { refuse: ({ name }) => new IllegalStateError(`'${event}' cannot happen in state ${name}`) };
}

/** Only aborting helps. */
function failed(call: EventKind): Refusal<StateOf<"ABORTABLE_ERROR">> {
  return { refuse: ({ error }, transactionalId) => new TransactionFailedError(call, transactionalId, error) };
}

/** Nothing helps. */
const dead: Refusal<StateOf<"FATAL_ERROR">> = { refuse: ({ error }) => error };

const fails: Transition<TransactionState, EventOf<"fatal error">> = {
  to: ["FATAL_ERROR"],
  go: (_state, { error }) => ({ name: "FATAL_ERROR", error }),
};

const NOT_INITIALIZED = "initTransactions() has to be called first";
const INITIALIZING = "initTransactions() has not succeeded yet; call it again";
const NOT_BEGUN = "no transaction is open; call beginTransaction() first";
const BEGUN = "a transaction is open already; commit or abort it first";
const COMMITTING = "the transaction is being committed; if commitTransaction() has failed, call it again";
const ABORTING = "the transaction is being aborted; if abortTransaction() has failed, call it again";
const INITIALIZED = "initTransactions() is called once, before the first transaction";
const DECIDED = "whether the transaction has been committed is not known; only commitTransaction(), called again, finds out";

export const transactionTable: TransactionTable = {
  UNINITIALIZED: {
    initTransactions: { to: ["INITIALIZING"], go: () => ({ name: "INITIALIZING" }) },
    beginTransaction: refused("beginTransaction", NOT_INITIALIZED),
    send: refused("send", NOT_INITIALIZED),
    sendOffsetsToTransaction: refused("sendOffsetsToTransaction", NOT_INITIALIZED),
    commitTransaction: refused("commitTransaction", NOT_INITIALIZED),
    abortTransaction: refused("abortTransaction", NOT_INITIALIZED),
    registered: impossible("registered"),
    ending: impossible("ending"),
    ended: impossible("ended"),
    "abortable error": impossible("abortable error"),
    "fatal error": fails,
  },
  INITIALIZING: {
    initTransactions: stay("INITIALIZING", "goes on"),
    beginTransaction: refused("beginTransaction", INITIALIZING),
    send: refused("send", INITIALIZING),
    sendOffsetsToTransaction: refused("sendOffsetsToTransaction", INITIALIZING),
    commitTransaction: refused("commitTransaction", INITIALIZING),
    abortTransaction: refused("abortTransaction", INITIALIZING),
    registered: { to: ["READY"], go: (_state, { producer }) => ({ name: "READY", producer }) },
    ending: impossible("ending"),
    ended: impossible("ended"),
    "abortable error": impossible("abortable error"),
    "fatal error": fails,
  },
  READY: {
    initTransactions: refused("initTransactions", INITIALIZED),
    beginTransaction: {
      to: ["IN_TRANSACTION"],
      go: ({ producer }) => ({ name: "IN_TRANSACTION", producer, transaction: new OpenTransaction() }),
    },
    send: refused("send", NOT_BEGUN),
    sendOffsetsToTransaction: refused("sendOffsetsToTransaction", NOT_BEGUN),
    commitTransaction: refused("commitTransaction", NOT_BEGUN),
    abortTransaction: refused("abortTransaction", NOT_BEGUN),
    registered: impossible("registered"),
    ending: impossible("ending"),
    ended: impossible("ended"),
    "abortable error": stay("READY", "of a transaction that has ended"),
    "fatal error": fails,
  },
  IN_TRANSACTION: {
    initTransactions: refused("initTransactions", INITIALIZED),
    beginTransaction: refused("beginTransaction", BEGUN),
    send: stay("IN_TRANSACTION"),
    sendOffsetsToTransaction: stay("IN_TRANSACTION"),
    commitTransaction: { to: ["COMMITTING"], go: (state) => ({ ...state, name: "COMMITTING", step: "flushing" }) },
    abortTransaction: { to: ["ABORTING"], go: (state) => ({ ...state, name: "ABORTING", step: "flushing" }) },
    registered: impossible("registered"),
    ending: impossible("ending"),
    ended: impossible("ended"),
    "abortable error": { to: ["ABORTABLE_ERROR"], go: (state, { error }) => ({ ...state, name: "ABORTABLE_ERROR", error }) },
    "fatal error": fails,
  },
  COMMITTING: {
    initTransactions: refused("initTransactions", INITIALIZED),
    beginTransaction: refused("beginTransaction", COMMITTING),
    send: refused("send", COMMITTING),
    sendOffsetsToTransaction: refused("sendOffsetsToTransaction", COMMITTING),
    commitTransaction: stay("COMMITTING", "goes on"),
    abortTransaction: {
      to: ["ABORTING"],
      note: "before EndTxn is sent; then refused, for the outcome may be decided",
      go: (state) =>
        state.step === "flushing" ? { ...state, name: "ABORTING" } : new IllegalStateError(`abortTransaction: ${DECIDED}`),
    },
    registered: { to: ["READY"], go: (_state, { producer }) => ({ name: "READY", producer }) },
    ending: { to: ["COMMITTING"], go: (state) => ({ ...state, step: "ending" }) },
    ended: {
      to: ["READY", "COMMITTING"],
      note: "COMMITTING if the next transaction needs another epoch",
      go: (state, { producer, needsEpoch }) =>
        needsEpoch ? { ...state, producer, step: "taking an epoch" } : { name: "READY", producer },
    },
    "abortable error": {
      to: ["ABORTABLE_ERROR"],
      go: ({ producer, transaction }, { error }) => ({ name: "ABORTABLE_ERROR", producer, transaction, error }),
    },
    "fatal error": fails,
  },
  ABORTING: {
    initTransactions: refused("initTransactions", INITIALIZED),
    beginTransaction: refused("beginTransaction", ABORTING),
    send: refused("send", ABORTING),
    sendOffsetsToTransaction: refused("sendOffsetsToTransaction", ABORTING),
    commitTransaction: refused("commitTransaction", ABORTING),
    abortTransaction: stay("ABORTING", "goes on"),
    registered: { to: ["READY"], go: (_state, { producer }) => ({ name: "READY", producer }) },
    ending: { to: ["ABORTING"], go: (state) => ({ ...state, step: "ending" }) },
    ended: {
      to: ["READY", "ABORTING"],
      note: "ABORTING if the next transaction needs another epoch",
      go: (state, { producer, needsEpoch }) =>
        needsEpoch ? { ...state, producer, step: "taking an epoch" } : { name: "READY", producer },
    },
    "abortable error": stay("ABORTING", "it is being aborted already"),
    "fatal error": fails,
  },
  ABORTABLE_ERROR: {
    initTransactions: refused("initTransactions", INITIALIZED),
    beginTransaction: failed("beginTransaction"),
    send: failed("send"),
    sendOffsetsToTransaction: failed("sendOffsetsToTransaction"),
    commitTransaction: failed("commitTransaction"),
    abortTransaction: { to: ["ABORTING"], go: (state) => ({ ...state, name: "ABORTING", step: "flushing" }) },
    registered: impossible("registered"),
    ending: impossible("ending"),
    ended: impossible("ended"),
    "abortable error": stay("ABORTABLE_ERROR", "the first one counts"),
    "fatal error": fails,
  },
  FATAL_ERROR: {
    initTransactions: dead,
    beginTransaction: dead,
    send: dead,
    sendOffsetsToTransaction: dead,
    commitTransaction: dead,
    abortTransaction: dead,
    registered: stay("FATAL_ERROR"),
    ending: stay("FATAL_ERROR"),
    ended: stay("FATAL_ERROR"),
    "abortable error": stay("FATAL_ERROR"),
    "fatal error": stay("FATAL_ERROR", "the first one counts"),
  },
};

/** What the event comes to: a state, or the error that the call throws. */
export function nextState(
  state: TransactionState,
  event: TransactionEvent,
  transactionalId: string,
): TransactionState | KafkaError {
  switch (state.name) {
    case "UNINITIALIZED":
      return inRow(transactionTable.UNINITIALIZED, state, event, transactionalId);
    case "INITIALIZING":
      return inRow(transactionTable.INITIALIZING, state, event, transactionalId);
    case "READY":
      return inRow(transactionTable.READY, state, event, transactionalId);
    case "IN_TRANSACTION":
      return inRow(transactionTable.IN_TRANSACTION, state, event, transactionalId);
    case "COMMITTING":
      return inRow(transactionTable.COMMITTING, state, event, transactionalId);
    case "ABORTING":
      return inRow(transactionTable.ABORTING, state, event, transactionalId);
    case "ABORTABLE_ERROR":
      return inRow(transactionTable.ABORTABLE_ERROR, state, event, transactionalId);
    case "FATAL_ERROR":
      return inRow(transactionTable.FATAL_ERROR, state, event, transactionalId);
  }
}

function inRow<S extends TransactionState>(
  row: Row<S>,
  state: S,
  event: TransactionEvent,
  id: string,
): TransactionState | KafkaError {
  switch (event.kind) {
    case "initTransactions":
      return inCell(row.initTransactions, state, event, id);
    case "beginTransaction":
      return inCell(row.beginTransaction, state, event, id);
    case "send":
      return inCell(row.send, state, event, id);
    case "sendOffsetsToTransaction":
      return inCell(row.sendOffsetsToTransaction, state, event, id);
    case "commitTransaction":
      return inCell(row.commitTransaction, state, event, id);
    case "abortTransaction":
      return inCell(row.abortTransaction, state, event, id);
    case "registered":
      return inCell(row.registered, state, event, id);
    case "ending":
      return inCell(row.ending, state, event, id);
    case "ended":
      return inCell(row.ended, state, event, id);
    case "abortable error":
      return inCell(row["abortable error"], state, event, id);
    case "fatal error":
      return inCell(row["fatal error"], state, event, id);
  }
}

function inCell<S extends TransactionState, E extends TransactionEvent>(
  cell: Cell<S, E>,
  state: S,
  event: E,
  transactionalId: string,
): TransactionState | KafkaError {
  return "refuse" in cell ? cell.refuse(state, transactionalId) : cell.go(state, event);
}
