/** The states that a transactional id goes through, by the names that DescribeTransactions and ListTransactions give them. */
export const TRANSACTION_STATES = [
  /** A producer has the id and has not begun a transaction yet. */
  "Empty",
  /** Partitions or groups were added. */
  "Ongoing",
  /** Committed; markers are still missing. */
  "PrepareCommit",
  /** Aborted; markers are still missing. */
  "PrepareAbort",
  /** Committed, and every partition has its marker. */
  "CompleteCommit",
  "CompleteAbort",
  /** Another producer, or the clock, ends the transaction: passed through on the way to PrepareAbort. */
  "PrepareEpochFence",
  /** Forgotten: nobody used the transactional id for long. */
  "Dead",
] as const;

export type TransactionState = (typeof TRANSACTION_STATES)[number];

/** From which states each state may be reached. */
export const VALID_PREVIOUS_STATES: Readonly<Record<TransactionState, readonly TransactionState[]>> = {
  Empty: ["Empty", "CompleteCommit", "CompleteAbort"],
  Ongoing: ["Ongoing", "Empty", "CompleteCommit", "CompleteAbort"],
  PrepareCommit: ["Ongoing"],
  // Not only from Ongoing: since KIP-890 a producer that does not know whether anything arrived may abort all the same.
  PrepareAbort: ["Ongoing", "PrepareEpochFence", "Empty", "CompleteCommit", "CompleteAbort"],
  CompleteCommit: ["PrepareCommit"],
  CompleteAbort: ["PrepareAbort"],
  PrepareEpochFence: ["Ongoing"],
  Dead: ["Empty", "CompleteCommit", "CompleteAbort"],
};

export function isTransactionState(name: string): name is TransactionState {
  return TRANSACTION_STATES.some((known) => known === name);
}

/** Decided, and markers are still being written: everybody else has to wait. */
export function isEnding(state: TransactionState): boolean {
  return state === "PrepareCommit" || state === "PrepareAbort";
}

/** Nothing is under way, so that an id which nobody uses may be forgotten. */
export function isIdle(state: TransactionState): boolean {
  return state === "Empty" || state === "CompleteCommit" || state === "CompleteAbort";
}
