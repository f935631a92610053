/** KIP-126: a batch that the broker finds too large goes on as several smaller ones. */
import { RecordBatch, sizeOfRecord } from "../../../protocol/index.ts";
import { nodeCodecs } from "../../compression/node-codecs.ts";
import { sequenceAfter } from "../accumulator/partition-sequences.ts";
import type { ProducerBatch } from "../accumulator/producer-batch.ts";

/** The header of a batch. */
const BATCH_OVERHEAD = 61;

/**
 * The parts have the records of the whole, in their order, those who wait for them, and its place in the sequence. Each has at most half
 * of it, so that single records are reached at last.
 *
 * @param newBatch an empty one that takes so many bytes
 */
export function splitBatch(
  whole: ProducerBatch,
  batchSize: number,
  newBatch: (maxBytes: number) => ProducerBatch,
): readonly ProducerBatch[] {
  const bytes = whole.packedBytes;
  if (bytes === undefined) throw new Error("only a batch that was sent can be split");
  const source = RecordBatch.decode(bytes, { codecs: nodeCodecs });
  const records = source.records();
  const size = records.reduce((sum, { key, value, headers }) => sum + sizeOfRecord({ key, value, headers }), 0);
  const maxBytes = Math.max(1, Math.min(batchSize, BATCH_OVERHEAD + Math.ceil(size / 2)));
  const parts: ProducerBatch[] = [];
  let part: ProducerBatch | undefined;
  for (const record of records) {
    const { timestamp, key, value, headers } = record;
    const pairs = headers.map((header) => [header[0], header[1]] as const);
    if (part === undefined || part.tryAppend(timestamp, key, value, pairs) < 0) {
      part?.close();
      part = newBatch(maxBytes);
      part.tryAppend(timestamp, key, value, pairs);
      parts.push(part);
    }
  }
  part?.close();
  share(whole, parts);
  return parts;
}

/** Hands over what belongs to the records: sequence, memory, recipients, flushes, history. */
function share(whole: ProducerBatch, parts: readonly ProducerBatch[]): void {
  let first = 0;
  let leftBytes = whole.heldBytes;
  for (const [index, part] of parts.entries()) {
    const end = first + part.recordCount;
    const isLast = index === parts.length - 1;
    part.heldBytes = isLast ? leftBytes : Math.floor((whole.heldBytes * part.recordCount) / whole.recordCount);
    leftBytes -= part.heldBytes;
    if (whole.stamp !== undefined) {
      part.stamp = { ...whole.stamp, baseSequence: sequenceAfter(whole.stamp.baseSequence, first) };
    }
    part.attempts = whole.attempts - 1;
    part.lastError = whole.lastError;
    part.isPossiblyPersisted = whole.isPossiblyPersisted;
    whole.recipients.moveTo(part.recipients, first, end);
    for (const flush of whole.flushes) part.addFlush(flush);
    first = end;
  }
  whole.heldBytes = 0;
}
