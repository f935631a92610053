import type { UnreadableRecordsError } from "../../errors.ts";
import type { BatchReader } from "./batch-reader.ts";
import { BytesRecord } from "./bytes-record.ts";
import type { ConsumerRecord } from "./consumer-record.ts";

/**
 * Records of a batch, read when they are looked at: as often as one likes, from the first on or by their number.
 *
 * Looking at a record that is malformed throws an `UnreadableRecordsError`; those before it are good.
 */
export class BatchRecords implements Iterable<ConsumerRecord> {
  /** According to the batch. */
  readonly count: number;
  readonly firstOffset: number;
  /** The last one that the batch covers; compaction may have removed that record. */
  readonly lastOffset: number;
  /** Stands on the first record. */
  readonly #reader: BatchReader;
  /** Where each of the records begins, made when the first of them is asked for by its number. */
  #starts: Int32Array | undefined;
  /** Reads those that are asked for by their number. */
  #finder: BatchReader | undefined;
  /** Why fewer were found than there should be. */
  #failure: UnreadableRecordsError | undefined;

  constructor(reader: BatchReader, lastOffset: number) {
    this.#reader = reader;
    this.count = reader.remaining;
    this.firstOffset = reader.offset;
    this.lastOffset = lastOffset;
  }

  [Symbol.iterator](): Iterator<ConsumerRecord, undefined> {
    return new BytesRecordIterator(this.#reader.fork());
  }

  /** The record of that number, counted from 0, or from the end if it is negative; undefined when there is none. */
  at(index: number): ConsumerRecord | undefined {
    const { count } = this;
    const wanted = index < 0 ? count + Math.trunc(index) : Math.trunc(index);
    if (!(wanted >= 0 && wanted < count)) return undefined;
    this.#finder ??= this.#reader.fork();
    const reader = this.#finder;
    if (this.#starts === undefined) {
      this.#starts = findStarts(reader);
      this.#failure = reader.failure;
    }
    if (wanted >= this.#starts.length && this.#failure !== undefined) throw this.#failure;
    reader.goTo(this.#starts[wanted]!, count - wanted);
    return new BytesRecord(reader.origin, reader.cursor);
  }
}

/** Up to the first that is malformed. */
function findStarts(reader: BatchReader): Int32Array {
  const starts = new Int32Array(reader.remaining);
  let found = 0;
  for (; reader.isAtRecord; reader.advance()) starts[found++] = reader.recordStart;
  return starts.subarray(0, found);
}

class BytesRecordIterator implements Iterator<ConsumerRecord, undefined> {
  readonly #reader: BatchReader;

  constructor(reader: BatchReader) {
    this.#reader = reader;
  }

  // One place that makes results, so that V8 sees through it and `for…of` makes none. The overload says what the compiler cannot see,
  // that a record is missing exactly at the end.
  next(): IteratorResult<ConsumerRecord, undefined>;
  next(): { done?: boolean; value: ConsumerRecord | undefined } {
    const reader = this.#reader;
    const record = reader.isAtRecord ? new BytesRecord(reader.origin, reader.cursor) : undefined;
    if (record !== undefined) reader.advance();
    else if (reader.failure !== undefined) throw reader.failure;
    return { done: record === undefined, value: record };
  }
}
