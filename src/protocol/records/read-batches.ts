/** The records field of a fetch response: batches one after the other, of any format. */
import { batchSizeAt, PARTIAL_BATCH } from "./batch-boundary.ts";
import { type DecodeBatchOptions, RecordBatch } from "./record-batch.ts";

/**
 * Each batch in turn. A partial batch at the end is left out, as a broker may cut a fetch anywhere; the next fetch brings it
 * whole. Whoever needs to know adds up `sizeInBytes`.
 * @throws MalformedMessageError and CorruptBatchError at the batch they concern, after those before it were handed out
 */
export function* readBatches(
  bytes: Uint8Array,
  options: DecodeBatchOptions = {},
  start = 0,
  end: number = bytes.length,
): Generator<RecordBatch, undefined, undefined> {
  for (let position = start; ; ) {
    const size = batchSizeAt(bytes, position, end);
    if (size === PARTIAL_BATCH) return undefined;
    yield RecordBatch.decode(bytes, options, position);
    position += size;
  }
}
