import { describe, expect, it } from "vitest";
import { IllegalStateError, ProducerFencedError, RequestTimeoutError, TransactionFailedError } from "../../errors.ts";
import { OpenTransaction } from "./open-transaction.ts";
import type { EndStep, EventKind, RegisteredProducer, StateName, TransactionEvent, TransactionState } from "./transaction-state.ts";
import { nextState, transactionTable } from "./transaction-table.ts";

const ID = "payments";
const producer: RegisteredProducer = { identity: { producerId: 7n, producerEpoch: 3 }, version: 2, canTakeEpoch: true };
const nextProducer: RegisteredProducer = { ...producer, identity: { producerId: 7n, producerEpoch: 4 } };
const transaction = new OpenTransaction();
const failure = new RequestTimeoutError("a record", 1000);
const fenced = new ProducerFencedError(ID);

const states: readonly TransactionState[] = [
  { name: "UNINITIALIZED" },
  { name: "INITIALIZING" },
  { name: "READY", producer },
  { name: "IN_TRANSACTION", producer, transaction },
  { name: "COMMITTING", producer, transaction, step: "flushing" },
  { name: "COMMITTING", producer, transaction, step: "ending" },
  { name: "COMMITTING", producer, transaction, step: "taking an epoch" },
  { name: "ABORTING", producer, transaction, step: "flushing" },
  { name: "ABORTING", producer, transaction, step: "ending", error: failure },
  { name: "ABORTING", producer, transaction, step: "taking an epoch" },
  { name: "ABORTABLE_ERROR", producer, transaction, error: failure },
  { name: "FATAL_ERROR", error: fenced },
];

const events: readonly TransactionEvent[] = [
  { kind: "initTransactions" },
  { kind: "beginTransaction" },
  { kind: "send" },
  { kind: "sendOffsetsToTransaction" },
  { kind: "commitTransaction" },
  { kind: "abortTransaction" },
  { kind: "registered", producer: nextProducer },
  { kind: "ending" },
  { kind: "ended", producer: nextProducer, needsEpoch: false },
  { kind: "ended", producer: nextProducer, needsEpoch: true },
  { kind: "abortable error", error: new RequestTimeoutError("another", 1) },
  { kind: "fatal error", error: new ProducerFencedError("another") },
];

/**
 * What each of the events above comes to, in their order. `wrong`: the call is refused; `failed`: only aborting helps, says its error;
 * `dead`: it throws what has ended the producer; `bug`: cannot be.
 */
const expected: Readonly<Record<string, string>> = {
  UNINITIALIZED: "INITIALIZING wrong wrong wrong wrong wrong bug bug bug bug bug FATAL_ERROR",
  INITIALIZING: "INITIALIZING wrong wrong wrong wrong wrong READY bug bug bug bug FATAL_ERROR",
  READY: "wrong IN_TRANSACTION wrong wrong wrong wrong bug bug bug bug READY FATAL_ERROR",
  IN_TRANSACTION:
    "wrong wrong IN_TRANSACTION IN_TRANSACTION COMMITTING/flushing ABORTING/flushing bug bug bug bug ABORTABLE_ERROR FATAL_ERROR",
  "COMMITTING/flushing":
    "wrong wrong wrong wrong COMMITTING/flushing ABORTING/flushing READY COMMITTING/ending READY COMMITTING/taking-an-epoch ABORTABLE_ERROR FATAL_ERROR",
  "COMMITTING/ending":
    "wrong wrong wrong wrong COMMITTING/ending wrong READY COMMITTING/ending READY COMMITTING/taking-an-epoch ABORTABLE_ERROR FATAL_ERROR",
  "COMMITTING/taking-an-epoch":
    "wrong wrong wrong wrong COMMITTING/taking-an-epoch wrong READY COMMITTING/ending READY COMMITTING/taking-an-epoch ABORTABLE_ERROR FATAL_ERROR",
  "ABORTING/flushing":
    "wrong wrong wrong wrong wrong ABORTING/flushing READY ABORTING/ending READY ABORTING/taking-an-epoch ABORTING/flushing FATAL_ERROR",
  "ABORTING/ending":
    "wrong wrong wrong wrong wrong ABORTING/ending READY ABORTING/ending READY ABORTING/taking-an-epoch ABORTING/ending FATAL_ERROR",
  "ABORTING/taking-an-epoch":
    "wrong wrong wrong wrong wrong ABORTING/taking-an-epoch READY ABORTING/ending READY ABORTING/taking-an-epoch ABORTING/taking-an-epoch FATAL_ERROR",
  ABORTABLE_ERROR: "wrong failed failed failed failed ABORTING/flushing bug bug bug bug ABORTABLE_ERROR FATAL_ERROR",
  FATAL_ERROR: "dead dead dead dead dead dead FATAL_ERROR FATAL_ERROR FATAL_ERROR FATAL_ERROR FATAL_ERROR FATAL_ERROR",
};

function labelOf(state: TransactionState): string {
  return "step" in state ? `${state.name}/${state.step.replaceAll(" ", "-")}` : state.name;
}

function outcomeOf(outcome: ReturnType<typeof nextState>): string {
  if (!(outcome instanceof Error)) return labelOf(outcome);
  if (outcome === fenced) return "dead";
  if (outcome instanceof TransactionFailedError && outcome.cause === failure) return "failed";
  if (outcome instanceof IllegalStateError) return outcome.message.includes("cannot happen") ? "bug" : "wrong";
  return String(outcome);
}

describe("the table of transaction states", () => {
  it.each(states.map((state) => [labelOf(state), state] as const))("%s: every event comes to what it should", (label, state) => {
    expect(events.map((event) => outcomeOf(nextState(state, event, ID)))).toEqual(expected[label]!.split(" "));
  });

  it("has the states and events of these tests, and no others", () => {
    const names = new Set(states.map(({ name }) => name));
    const kinds = new Set(events.map(({ kind }) => kind));
    expect(new Set(Object.keys(transactionTable))).toEqual(names);
    for (const row of Object.values(transactionTable)) expect(new Set(Object.keys(row))).toEqual(kinds);
  });

  it("says of every cell which states it leads to, neither more nor less", () => {
    const reached = new Map<string, Set<StateName>>();
    for (const state of states) {
      for (const event of events) {
        const outcome = nextState(state, event, ID);
        const cell = `${state.name} ${event.kind}`;
        if (!(outcome instanceof Error)) reached.set(cell, (reached.get(cell) ?? new Set()).add(outcome.name));
      }
    }
    const declared = new Map<string, Set<StateName>>();
    for (const [name, row] of Object.entries(transactionTable)) {
      for (const [kind, cell] of Object.entries(row)) if ("to" in cell) declared.set(`${name} ${kind}`, new Set(cell.to));
    }
    expect(declared).toEqual(reached);
  });

  it("keeps what it is given: producer, transaction, error, and never changes a state in place", () => {
    const inTransaction = nextState({ name: "READY", producer }, { kind: "beginTransaction" }, ID);
    expect(inTransaction).toMatchObject({ name: "IN_TRANSACTION", producer });
    const failed = stepped({ name: "IN_TRANSACTION", producer, transaction }, { kind: "abortable error", error: failure });
    expect(failed).toEqual({ name: "ABORTABLE_ERROR", producer, transaction, error: failure });
    const aborting = stepped(failed, { kind: "abortTransaction" });
    expect(aborting).toEqual({ name: "ABORTING", step: "flushing", producer, transaction, error: failure });
    const ended = stepped(aborting, { kind: "ended", producer: nextProducer, needsEpoch: true });
    expect(ended).toMatchObject({ step: "taking an epoch" satisfies EndStep, producer: nextProducer });
    expect(stepped(ended, { kind: "registered", producer })).toEqual({ name: "READY", producer });
    for (const state of states.map((one) => Object.freeze(one))) for (const event of events) nextState(state, event, ID);
  });

  it("tells in every refusal which call it was and what to do", () => {
    for (const state of states) {
      for (const { kind } of events.slice(0, 6) as readonly { kind: Extract<EventKind, "send"> }[]) {
        const outcome = nextState(state, { kind }, ID);
        if (outcome instanceof IllegalStateError) expect(outcome.message).toMatch(new RegExp(`^${kind}: .*(call|first|once|sent)`));
        if (outcome instanceof TransactionFailedError)
          expect(outcome.message).toContain(`${kind}: the transaction can only be aborted`);
      }
    }
  });
});

function stepped(state: TransactionState, event: TransactionEvent): TransactionState {
  const next = nextState(state, event, ID);
  if (next instanceof Error) throw next;
  return next;
}
