/** KIP-467: which records of a batch were refused, and why; the others were refused only because they shared its batch. */
import type { KafkaError, ProducePartitionResponse } from "../../../protocol/index.ts";
import { BrokerError } from "../../errors.ts";
import type { ProducerBatch } from "../accumulator/producer-batch.ts";

const INVALID_RECORD = 87;

/** Undefined where the error concerns all records alike. */
export function recordErrorsOf(
  error: KafkaError,
  { recordErrors }: ProducePartitionResponse,
  { topic, partition, recordCount }: ProducerBatch,
  isPossiblyPersisted: boolean,
): ((index: number) => KafkaError) | undefined {
  if (recordErrors.length === 0 || !(error instanceof BrokerError)) return undefined;
  const code = error.errorCode;
  const context = { ...error.context, topic, partition };
  const verdict = isPossiblyPersisted ? "possibly persisted" : "not persisted";
  const refused = new Map<number, BrokerError>();
  for (const { batchIndex, batchIndexErrorMessage } of recordErrors) {
    // One record alone keeps the code of its partition.
    const own = new BrokerError(recordCount === 1 ? code : INVALID_RECORD, context, batchIndexErrorMessage ?? error.brokerMessage);
    own.verdict = verdict;
    refused.set(batchIndex, own);
  }
  const note = "this record was not the reason: it was part of a batch with invalid records; send it again";
  const other = new BrokerError(code, context, error.brokerMessage, { note });
  other.verdict = verdict;
  return (index) => refused.get(index) ?? other;
}
