/** Where the batches in some bytes stand in their log: of every one the few fields that say it, and nothing else is looked at. */
import { MalformedMessageError } from "../malformed-message-error.ts";
import { CODEC_MASK } from "./batch-attributes.ts";
import { batchSizeAt, PARTIAL_BATCH } from "./batch-boundary.ts";
import { ATTRIBUTES, LAST_OFFSET_DELTA, LEGACY_ATTRIBUTES, MAGIC, NONE, PARTITION_LEADER_EPOCH } from "./batch-layout.ts";
import { readInt32, readInt64 } from "./big-endian.ts";

/** `while (scan.next())` makes the scan itself the current batch: no object per batch, no checksum, no record. */
export class BatchScan {
  readonly #bytes: Uint8Array;
  #start = 0;
  #size = 0;
  #isFormat2 = true;
  #lastOffset = -1;
  #leaderEpoch: number = NONE;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Moves to the next batch; false behind the last complete one. After an error it stays where it was. */
  next(): boolean {
    const bytes = this.#bytes;
    const start = this.#start + this.#size;
    const size = batchSizeAt(bytes, start, bytes.length);
    if (size === PARTIAL_BATCH) return false;
    const first = readInt64(bytes, start);
    const isFormat2 = bytes[start + MAGIC] === 2;
    const delta = isFormat2 ? readInt32(bytes, start + LAST_OFFSET_DELTA) : 0;
    if (delta < 0 || !(first >= 0) || !Number.isSafeInteger(first + delta + 1)) {
      throw new MalformedMessageError(`a batch cannot stand at offset ${first} and end ${delta} later`, { offset: start });
    }
    this.#start = start;
    this.#size = size;
    this.#isFormat2 = isFormat2;
    this.#lastOffset = first + delta;
    this.#leaderEpoch = isFormat2 ? readInt32(bytes, start + PARTITION_LEADER_EPOCH) : NONE;
    return true;
  }

  /** The first byte of the current batch. */
  get start(): number {
    return this.#start;
  }

  get sizeInBytes(): number {
    return this.#size;
  }

  /** The first one cannot be told in formats 0 and 1 without decompressing. */
  get lastOffset(): number {
    return this.#lastOffset;
  }

  get isCompressed(): boolean {
    return (this.#bytes[this.#start + (this.#isFormat2 ? ATTRIBUTES + 1 : LEGACY_ATTRIBUTES)]! & CODEC_MASK) !== 0;
  }

  /** -1 for unknown. */
  get leaderEpoch(): number {
    return this.#leaderEpoch;
  }
}
