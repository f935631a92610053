import { ByteViews, MalformedMessageError, type RecordBatch, type RecordCursor } from "../../../protocol/index.ts";
import { UnreadableRecordsError } from "../../errors.ts";
import type { BatchOrigin } from "./batch-origin.ts";
import { bufferOf } from "./record-parts.ts";

export interface BatchReaderInit {
  readonly topic: string;
  readonly partition: number;
  readonly batch: RecordBatch;
  /** Records before are left out. */
  readonly fromOffset: number;
  readonly lastOffset: number;
  readonly leaderEpoch: number;
}

/**
 * Stands on one record of a batch after the other. Checks what a cursor leaves open: that offsets grow, and stay inside the batch;
 * otherwise records would come twice, or out of order.
 */
export class BatchReader {
  readonly origin: BatchOrigin;
  /** The record, while `isAtRecord`. */
  readonly cursor: RecordCursor;
  isAtRecord = false;
  /** Why there is no further record, if that is not the end of the batch. */
  failure: UnreadableRecordsError | undefined;
  readonly #init: BatchReaderInit;
  readonly #lastDelta: number;
  #recordStart = 0;
  #offsetDelta = -1;

  private constructor(init: BatchReaderInit, cursor: RecordCursor, origin: BatchOrigin) {
    const { batch, lastOffset } = init;
    this.#init = init;
    this.cursor = cursor;
    this.origin = origin;
    // In the old formats a wrapper's own offset is not always that of its last message.
    this.#lastDelta = (batch.magic === 2 ? lastOffset : Number.MAX_SAFE_INTEGER) - origin.baseOffset;
  }

  /** On the first wanted record, if there is one. @throws UnreadableRecordsError when the records cannot be decompressed */
  static open(init: BatchReaderInit): BatchReader {
    const { batch, fromOffset } = init;
    let cursor: RecordCursor;
    try {
      cursor = batch.cursor();
    } catch (cause) {
      throw unreadable(init, fromOffset, cause);
    }
    const reader = new BatchReader(init, cursor, originOf(init, cursor));
    do reader.advance();
    while (reader.isAtRecord && reader.offset < fromOffset);
    return reader;
  }

  get offset(): number {
    return this.origin.baseOffset + this.#offsetDelta;
  }

  /** How many records are left, with the one it stands on. */
  get remaining(): number {
    return this.isAtRecord ? this.cursor.remaining + 1 : 0;
  }

  /** The first byte of the record it stands on: for {@link goTo}. */
  get recordStart(): number {
    return this.#recordStart;
  }

  /** To the next record. What is wrong with it is in `failure`, since the records before it are good. */
  advance(): void {
    const { cursor } = this;
    this.#recordStart = cursor.position;
    try {
      this.isAtRecord = cursor.next();
      if (!this.isAtRecord) return;
      const { offsetDelta } = cursor;
      if (!(offsetDelta > this.#offsetDelta && offsetDelta <= this.#lastDelta)) throw this.#outOfOrder(offsetDelta);
      this.#offsetDelta = offsetDelta;
    } catch (cause) {
      this.isAtRecord = false;
      this.failure = unreadable(this.#init, Math.max(this.#init.fromOffset, this.offset + 1), cause);
    }
  }

  /** To a record that it stood on before, and the number of those that were left then. */
  goTo(recordStart: number, remaining: number): void {
    const { cursor } = this;
    cursor.position = recordStart;
    cursor.remaining = remaining;
    this.failure = undefined;
    this.#offsetDelta = -1;
    this.advance();
  }

  /** Another one that stands on the same record. */
  fork(): BatchReader {
    const twin = new BatchReader(this.#init, this.#init.batch.cursor(), this.origin);
    twin.goTo(this.#recordStart, this.remaining);
    return twin;
  }

  /** Nobody wants the rest. */
  end(): void {
    this.isAtRecord = false;
    this.failure = undefined;
  }

  #outOfOrder(offsetDelta: number): MalformedMessageError {
    const { baseOffset } = this.origin;
    return new MalformedMessageError(
      `a record of offset ${baseOffset + offsetDelta} stands between ${this.offset} and ${baseOffset + this.#lastDelta}`,
      { offset: this.#recordStart },
    );
  }
}

function unreadable({ topic, partition, lastOffset }: BatchReaderInit, offset: number, cause: unknown): UnreadableRecordsError {
  return new UnreadableRecordsError({ topic, partition, offset, nextOffset: lastOffset + 1, cause });
}

function originOf({ topic, partition, batch, leaderEpoch }: BatchReaderInit, cursor: RecordCursor): BatchOrigin {
  const { baseOffset, baseTimestamp } = cursor.origin;
  const isFarFuture = Number.isNaN(baseTimestamp);
  return {
    topic,
    partition,
    leaderEpoch,
    timestampType: batch.timestampType,
    baseOffset,
    baseTimestamp: isFarFuture ? 0 : baseTimestamp,
    views: new ByteViews(bufferOf(cursor.bytes)),
    hasHeaders: batch.magic === 2,
    isFarFuture,
  };
}
