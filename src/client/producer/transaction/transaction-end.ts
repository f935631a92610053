import { BrokerError } from "../../errors.ts";
import { endTxn } from "./end-txn.ts";
import type { TransactionCall } from "./transaction-call.ts";
import { meaningOf } from "./transaction-errors.ts";
import type { RegisteredProducer, StateOf } from "./transaction-state.ts";
import { transactionVersion } from "./transaction-version.ts";

type Ending = StateOf<"COMMITTING"> | StateOf<"ABORTING">;

export interface TransactionEnd {
  /** What the next transaction begins with, unless it needs another epoch. */
  readonly producer: RegisteredProducer;
  readonly needsEpoch: boolean;
}

/** Ends the transaction at the coordinator, if there is anything to end. */
export async function endTransaction(call: TransactionCall, state: Ending): Promise<TransactionEnd> {
  const { producer, transaction } = state;
  if (!hasToBeEnded(state)) return { producer, needsEpoch: needsEpoch(state) };
  try {
    const { identity, coordinator } = await endTxn(call, producer, transaction, state.name === "COMMITTING");
    const version = transactionVersion(call.context.pool, coordinator) ?? producer.version;
    // Java's client takes an epoch with the change, too: batches of both kinds never have the same.
    if (producer.version === 1 && version === 2) return { producer: { ...producer, identity }, needsEpoch: producer.canTakeEpoch };
    return { producer: { ...producer, identity, version }, needsEpoch: producer.version === 1 && needsEpoch(state) };
  } catch (error) {
    if (state.name === "ABORTING" && isEndedAnyway(error, state)) return { producer, needsEpoch: producer.canTakeEpoch };
    throw error;
  }
}

function hasToBeEnded(state: Ending): boolean {
  const { transaction, producer } = state;
  // The coordinator has already said that it does not know this id: it would only say so again.
  if (state.name === "ABORTING" && state.error !== undefined && isForgotten(state.error)) return false;
  // T13: version 2 may abort what is empty, and so need not know whether anything has arrived.
  if (state.name === "ABORTING" && producer.version === 2) return true;
  return transaction.begun !== "no";
}

function needsEpoch(state: Ending): boolean {
  const hasFailed = state.transaction.needsEpoch || (state.name === "ABORTING" && state.error !== undefined);
  return state.producer.canTakeEpoch && hasFailed;
}

/** Aborting is refused because there is nothing to abort. */
function isEndedAnyway(error: unknown, { producer, transaction }: Ending): boolean {
  if (!(error instanceof BrokerError)) return false;
  if (error.code === "INVALID_TXN_STATE") return producer.version === 1 && transaction.begun === "maybe";
  return producer.canTakeEpoch && meaningOf(error, "EndTxn") === "new epoch";
}

function isForgotten(error: Error): boolean {
  return error instanceof BrokerError && error.code === "INVALID_PRODUCER_ID_MAPPING";
}
