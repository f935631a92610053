/** Where a batch ends: the rules of Java's `ByteBufferLogInputStream`, which the three formats share. */
import { MalformedMessageError } from "../malformed-message-error.ts";
import { BATCH_HEADER_BYTES, BATCH_LENGTH, LEGACY_MIN_LENGTH, LOG_OVERHEAD, MAGIC } from "./batch-layout.ts";
import { readInt32 } from "./big-endian.ts";

/** Not all of the batch is there: a fetch may end in the middle of one. */
export const PARTIAL_BATCH = -1;

/**
 * The size in bytes of the batch at `start`, or {@link PARTIAL_BATCH} when it goes on behind `end`. A length that no batch can
 * have is an error and not a partial batch: stepping over it would lose records.
 */
export function batchSizeAt(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < LOG_OVERHEAD) return PARTIAL_BATCH;
  const length = readInt32(bytes, start + BATCH_LENGTH);
  if (length < LEGACY_MIN_LENGTH) {
    throw new MalformedMessageError(`a batch of length ${length} cannot be; the smallest is ${LEGACY_MIN_LENGTH}`, {
      path: "batchLength",
      offset: start + BATCH_LENGTH,
    });
  }
  if (end - start <= MAGIC) return PARTIAL_BATCH;
  const magic = bytes[start + MAGIC]!;
  if (magic > 2) throw new MalformedMessageError(`unknown record format ${magic}`, { path: "magic", offset: start + MAGIC });
  const size = LOG_OVERHEAD + length;
  if (end - start < size) return PARTIAL_BATCH;
  if (magic === 2 && size < BATCH_HEADER_BYTES) {
    throw new MalformedMessageError(`a batch of length ${length} has no room for its header`, {
      path: "batchLength",
      offset: start + BATCH_LENGTH,
    });
  }
  return size;
}
