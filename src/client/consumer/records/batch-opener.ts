import { BatchScan, MalformedMessageError, RecordBatch } from "../../../protocol/index.ts";
import { UnreadableRecordsError } from "../../errors.ts";
import { type AbortedTransaction, AbortedTransactions } from "./aborted-transactions.ts";
import type { AnswerMemory } from "./answer-memory.ts";
import type { RecordSettings } from "./record-settings.ts";

/** Memory of up to this size stays together: it is not worth a copy. */
const KEPT_WHOLE_BYTES = 65_536;
/** All there is of a format 2 batch without records. */
const BATCH_HEADER_BYTES = 61;

export interface BatchOpenerInit {
  readonly topic: string;
  readonly partition: number;
  readonly fetchOffset: number;
  readonly records: Buffer;
  readonly aborted: readonly AbortedTransaction[] | null;
  readonly settings: RecordSettings;
  /** What `records` stand in. */
  readonly memory?: AnswerMemory | undefined;
}

/** A batch that is whole, and of which something may have to be delivered. */
export interface OpenedBatch {
  readonly batch: RecordBatch;
  readonly fromOffset: number;
  readonly lastOffset: number;
  readonly leaderEpoch: number;
}

/** Opens one batch after the other: verifies it, and leaves out what nobody is to see. */
export class BatchOpener {
  readonly #init: Omit<BatchOpenerInit, "records" | "aborted" | "memory">;
  #records: Buffer;
  #scan: BatchScan;
  #memory: AnswerMemory | undefined;
  readonly #aborted: AbortedTransactions | undefined;
  /** Everything before is delivered, or left out. */
  #fromOffset: number;

  constructor(init: BatchOpenerInit) {
    const { topic, partition, fetchOffset, records, aborted, settings, memory } = init;
    this.#init = { topic, partition, fetchOffset, settings };
    this.#records = records;
    this.#scan = new BatchScan(records);
    this.#aborted = aborted === null || aborted.length === 0 ? undefined : new AbortedTransactions(aborted);
    this.#fromOffset = fetchOffset;
    this.#memory = memory;
    memory?.use();
  }

  /** The next one, if there is another. @throws UnreadableRecordsError */
  open(): OpenedBatch | undefined {
    const scan = this.#scan;
    while (this.#next()) {
      const { lastOffset, leaderEpoch } = scan;
      const fromOffset = this.#fromOffset;
      const batch = this.#wanted(lastOffset);
      if (lastOffset >= fromOffset) this.#fromOffset = lastOffset + 1;
      if (batch !== undefined && lastOffset >= fromOffset) return { batch, fromOffset, lastOffset, leaderEpoch };
    }
    this.#isDone();
    return undefined;
  }

  /** What is left moves to memory of its own, unless it is most of what it stands in. */
  standAlone(): void {
    const end = this.#scan.start + this.#scan.sizeInBytes;
    const size = this.#records.length - end;
    if (!isSmallPart(this.#records, size)) return;
    // Not from the pool: a tiny one would keep kilobytes there.
    const own = Buffer.allocUnsafeSlow(size);
    this.#records.copy(own, 0, end);
    this.#records = own;
    this.#scan = new BatchScan(own);
    this.#isDone();
  }

  /** With the answer's memory. */
  #isDone(): void {
    this.#memory?.done();
    this.#memory = undefined;
  }

  #next(): boolean {
    try {
      return this.#scan.next();
    } catch (cause) {
      throw this.#unreadable(undefined, cause);
    }
  }

  /** The batch that was found, unless it has nothing for anybody to see. */
  #wanted(lastOffset: number): RecordBatch | undefined {
    const { settings } = this.#init;
    const records = this.#records;
    const { start, sizeInBytes, isCompressed } = this.#scan;
    try {
      // Also what is left out is verified: what it says about itself decides that it is.
      const batch = RecordBatch.decode(records, settings.decoding, start);
      if (this.#aborted?.isAborted(batch, lastOffset) === true || batch.isControl) return undefined;
      if (batch.magic === 2 && batch.recordCount === 0) return nothingIn(sizeInBytes);
      if (isCompressed || !isSmallPart(records, sizeInBytes)) {
        this.#memory?.keep();
        return batch;
      }
      return RecordBatch.decode(copyOf(records, start, sizeInBytes), settings.decodingAgain);
    } catch (cause) {
      throw this.#unreadable(lastOffset + 1, cause);
    }
  }

  #unreadable(nextOffset: number | undefined, cause: unknown): UnreadableRecordsError {
    const { topic, partition } = this.#init;
    return new UnreadableRecordsError({ topic, partition, offset: this.#fromOffset, nextOffset, cause });
  }
}

/** Compaction leaves nothing of an empty batch but its header (F12); with more than that its count is wrong, and records would be lost. */
function nothingIn(size: number): undefined {
  if (size > BATCH_HEADER_BYTES)
    throw new MalformedMessageError(`a batch without records has ${size - BATCH_HEADER_BYTES} bytes of them`);
  return undefined;
}

/**
 * Whoever keeps a record keeps the memory that it stands in. That should be its batch's own, and not an answer of many megabytes; but
 * a batch that is most of the answer may as well stay where it is.
 */
function isSmallPart(records: Buffer, size: number): boolean {
  const { byteLength } = records.buffer;
  return byteLength > KEPT_WHOLE_BYTES && size * 2 < byteLength;
}

/** Tiny ones share a few kilobytes. */
function copyOf(records: Buffer, start: number, size: number): Buffer {
  const copy = Buffer.allocUnsafe(size);
  records.copy(copy, 0, start, start + size);
  return copy;
}
