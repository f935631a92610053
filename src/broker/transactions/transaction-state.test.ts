import { describe, expect, it } from "vitest";
import { TransactionMetadata } from "./transaction-metadata.ts";
import {
  isEnding,
  isIdle,
  isTransactionState,
  TRANSACTION_STATES,
  type TransactionState,
  VALID_PREVIOUS_STATES,
} from "./transaction-state.ts";

const NOW = 1000;
const ending = { bumpsEpoch: true, nextProducerId: -1n, nowMs: NOW };

/** Everything that can be done to a transaction, and to which state it leads; PrepareEpochFence is passed through. */
const MOVES: readonly (readonly [TransactionState, (transaction: TransactionMetadata) => void])[] = [
  ["Empty", (transaction) => void transaction.incrementEpoch(60_000, undefined, NOW)],
  ["Empty", (transaction) => transaction.rotateProducerId(9n, 60_000, true, NOW)],
  ["Ongoing", (transaction) => transaction.addPartitions([{ topic: "orders", partition: 0 }], NOW)],
  ["PrepareCommit", (transaction) => transaction.end({ committed: true, ...ending })],
  ["PrepareAbort", (transaction) => transaction.end({ committed: false, ...ending })],
  ["PrepareEpochFence", (transaction) => transaction.fence(ending)],
  ["Dead", (transaction) => transaction.expire(NOW)],
];

/** A transaction in a state, brought there by the only way there is. */
function inState(state: TransactionState): TransactionMetadata {
  const transaction = new TransactionMetadata({ transactionalId: "id", producerId: 1n, timeoutMs: 60_000, nowMs: NOW });
  transaction.incrementEpoch(60_000, undefined, NOW);
  if (state === "Empty") return transaction;
  if (state === "Dead") transaction.expire(NOW);
  else transaction.addPartitions([{ topic: "orders", partition: 0 }], NOW);
  if (state.endsWith("Commit")) transaction.end({ committed: true, ...ending });
  if (state.endsWith("Abort")) transaction.end({ committed: false, ...ending });
  if (state.startsWith("Complete")) transaction.complete(NOW);
  return transaction;
}

const reachable = TRANSACTION_STATES.filter((state) => state !== "PrepareEpochFence");
const cases = reachable.flatMap((from) =>
  MOVES.map(([to, move]) => ({ from, to, move, isAllowed: VALID_PREVIOUS_STATES[to].includes(from) })),
);

describe("a transaction", () => {
  it.each(cases.filter(({ isAllowed }) => isAllowed))("goes from $from to $to", ({ from, to, move }) => {
    const transaction = inState(from);
    expect(transaction.state).toBe(from);
    move(transaction);
    expect(transaction.state).toBe(to === "PrepareEpochFence" ? "PrepareAbort" : to);
  });

  it.each(cases.filter(({ isAllowed }) => !isAllowed))("does not go from $from to $to", ({ from, to, move }) => {
    const transaction = inState(from);
    expect(() => move(transaction)).toThrow(new TypeError(`a transaction cannot go from ${from} to ${to}`));
    expect(transaction.state).toBe(from);
  });

  it.each(reachable.filter((state) => !isEnding(state)))("cannot complete out of %s", (state) => {
    expect(() => inState(state).complete(NOW)).toThrow("cannot go from");
  });

  it("is either idle, open, ending, or gone", () => {
    expect(TRANSACTION_STATES.filter(isIdle)).toEqual(["Empty", "CompleteCommit", "CompleteAbort"]);
    expect(TRANSACTION_STATES.filter(isEnding)).toEqual(["PrepareCommit", "PrepareAbort"]);
  });

  it("has states that are known by their exact names", () => {
    expect(["Ongoing", "ongoing", "", "constructor"].filter(isTransactionState)).toEqual(["Ongoing"]);
  });
});
