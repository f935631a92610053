/** What the reader is told where no policy says how to go on. */
import { errorByName, type KafkaError } from "../../../protocol/index.ts";
import { BrokerError, OffsetOutOfRangeError } from "../../errors.ts";
import type { AssignedPartition } from "../assignment/assigned-partition.ts";

const { name: OUT_OF_RANGE } = errorByName("OFFSET_OUT_OF_RANGE");

/** With `autoOffsetReset: 'none'`, F1: the position and what the log has, where the last fetch that succeeded did not say otherwise. */
export function untilSought(one: AssignedPartition, because: KafkaError): KafkaError {
  if (!(because instanceof BrokerError && because.code === OUT_OF_RANGE)) return because;
  const { topic, partition, offset, logStartOffset, highWatermark: endOffset } = one;
  const isKnown = logStartOffset !== undefined && endOffset !== undefined && (offset < logStartOffset || offset > endOffset);
  const range = isKnown ? { logStartOffset, endOffset } : {};
  return new OffsetOutOfRangeError([{ topic, partition, offset, ...range }], { cause: because });
}
