import type { ErrorName } from "../../protocol/index.ts";
import { isEpochExhausted, NO_PRODUCER_EPOCH, type ProducerIdAndEpoch, type TransactionMetadata } from "./transaction-metadata.ts";
import { isEnding } from "./transaction-state.ts";

/** What a producer that goes on after an error has (KIP-360); undefined for one that starts. */
export type ExpectedProducer = ProducerIdAndEpoch | undefined;

interface InitProducer {
  readonly timeoutMs: number;
  readonly expected: ExpectedProducer;
  readonly nowMs: number;
  readonly nextProducerId: () => bigint;
}

/** Gives the transactional id to the producer that asks; or an error; or "fence": an open transaction has to be aborted first. */
export function initProducerId(transaction: TransactionMetadata, init: InitProducer): ErrorName | "fence" | undefined {
  const { expected, timeoutMs, nowMs } = init;
  if (isEnding(transaction.state)) return "CONCURRENT_TRANSACTIONS";
  if (expected !== undefined && !isHolder(transaction, expected)) return "PRODUCER_FENCED";
  if (transaction.state === "Ongoing") return "fence";
  const { producerEpoch } = transaction;
  if (isEpochExhausted(producerEpoch) && (expected === undefined || expected.producerEpoch === producerEpoch)) {
    transaction.rotateProducerId(init.nextProducerId(), timeoutMs, expected !== undefined, nowMs);
    return undefined;
  }
  return transaction.incrementEpoch(timeoutMs, expected?.producerEpoch, nowMs);
}

/** Whether the producer's id is the present one, so that only the epoch has to be compared. */
function isHolder(transaction: TransactionMetadata, { producerId, producerEpoch }: ProducerIdAndEpoch): boolean {
  // The coordinator has forgotten the transactional id, and just made it anew.
  if (transaction.producerEpoch === NO_PRODUCER_EPOCH) return true;
  if (producerId === transaction.producerId) return true;
  // Asked again: the answer that brought the new id was lost.
  return producerId === transaction.prevProducerId && isEpochExhausted(producerEpoch);
}
