/**
 * Reads zstd without any library: for Node before 22.15 and for browsers. Frames of known and unknown size, several in a row,
 * and skippable ones, as Java reads them. Dictionaries do not occur in Kafka. The content checksum of a frame is not computed:
 * the batch's own checksum covers the same bytes.
 */
import { type DecompressOptions, OutputLimitError } from "./codec.ts";
import { ZstdBlockDecoder, type ZstdOutput } from "./zstd-block.ts";
import { malformedZstd } from "./zstd-entropy.ts";
import { MAX_ZSTD_BLOCK_BYTES, zstdFrames } from "./zstd-frame.ts";

const MIN_OUTPUT_BYTES = 4096;

class GrowingOutput implements ZstdOutput {
  bytes: Uint8Array;
  position = 0;
  readonly #maxBytes: number;

  constructor(initialBytes: number, maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.bytes = new Uint8Array(Math.min(initialBytes, maxBytes));
  }

  reserve(size: number): void {
    const needed = this.position + size;
    if (needed <= this.bytes.length) return;
    if (needed > this.#maxBytes) throw new OutputLimitError("zstd", this.#maxBytes);
    const grown = new Uint8Array(Math.min(this.#maxBytes, Math.max(needed, this.bytes.length * 2)));
    grown.set(this.bytes.subarray(0, this.position));
    this.bytes = grown;
  }
}

export function decompressZstd(bytes: Uint8Array, { maxOutputBytes }: DecompressOptions): Uint8Array {
  const output = new GrowingOutput(Math.max(MIN_OUTPUT_BYTES, bytes.length * 4), maxOutputBytes);
  for (const frame of zstdFrames(bytes)) {
    if (frame.dictionaryId !== 0) throw malformedZstd(`a frame needs the dictionary ${frame.dictionaryId}`, frame.start);
    const frameStart = output.position;
    if (frame.contentSize !== undefined) output.reserve(Math.min(frame.contentSize, frame.blocks.length * MAX_ZSTD_BLOCK_BYTES));
    const decoder = new ZstdBlockDecoder(bytes, output);
    for (const block of frame.blocks) {
      if (block.type === "compressed") decoder.decode(block.start, block.end);
      else {
        output.reserve(block.size);
        const end = output.position + block.size;
        if (block.type === "stored") output.bytes.set(bytes.subarray(block.start, block.end), output.position);
        else output.bytes.fill(bytes[block.start]!, output.position, end);
        output.position = end;
      }
    }
    const size = output.position - frameStart;
    if (frame.contentSize !== undefined && frame.contentSize !== size) {
      throw malformedZstd(`a frame unfolds to ${size} bytes, ${frame.contentSize} were declared`, frame.start);
    }
  }
  return output.bytes.subarray(0, output.position);
}
