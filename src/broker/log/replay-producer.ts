import { parseControlRecord, type RecordBatch } from "../../protocol/index.ts";
import type { ProducerStates } from "./producer-states.ts";

/** Learns from a batch that is in the log what its producer did: how a log finds out again what it has forgotten. */
export function replayProducer(producers: ProducerStates, batch: RecordBatch): void {
  const { producerId, producerEpoch, baseOffset, lastOffset, maxTimestamp } = batch;
  if (producerId < 0n) return;
  if (!batch.isControl) {
    producers.add({
      producerId,
      producerEpoch,
      isTransactional: batch.isTransactional,
      lastOffset,
      timestamp: maxTimestamp,
      firstSequence: batch.baseSequence,
      lastSequence: batch.lastSequence,
      firstOffset: baseOffset,
    });
    return;
  }
  for (const { key, value } of batch) {
    const { coordinatorEpoch } = parseControlRecord(key, value);
    if (coordinatorEpoch !== undefined) producers.addMarker({ producerId, producerEpoch, coordinatorEpoch }, maxTimestamp);
  }
}
