/** What a topic asks of single records, and what a producer is told about those that do not keep to it (KIP-467). */
import type { RecordCursor, TimestampType } from "../../../protocol/index.ts";
import { AppendRefusal, type RecordRefusal } from "../append-refusal.ts";

export interface RecordRules {
  /** `orders-0`, for messages. */
  readonly partition: string;
  readonly timestampType: "CreateTime" | "LogAppendTime";
  readonly nowMs: number;
  readonly beforeMaxMs: number;
  readonly afterMaxMs: number;
  /** Compacted topics take no record without a key. */
  readonly requiresKeys: boolean;
}

const NO_TIMESTAMP = -1;
const SHOWN_ERRORS = 3;

/** Collects what is wrong with the records of one batch. */
export class RecordCheck {
  readonly #rules: RecordRules;
  readonly #batchTimestampType: TimestampType;
  readonly #earliest: number;
  readonly #latest: number;
  readonly #errors: RecordRefusal[] = [];
  #hasInvalidTimestamp = false;
  /** -1 when all are older than 1970, too. */
  maxTimestamp: number = NO_TIMESTAMP;

  constructor(rules: RecordRules, batchTimestampType: TimestampType) {
    this.#rules = rules;
    this.#batchTimestampType = batchTimestampType;
    this.#earliest = rules.nowMs - rules.beforeMaxMs;
    this.#latest = rules.nowMs + rules.afterMaxMs;
  }

  /** The cursor stands at record `index`. Runs once per record that is produced. */
  check(record: RecordCursor, index: number): void {
    if (this.#rules.requiresKeys && record.keySize < 0) {
      this.#refuse(index, `Compacted topic cannot accept message without key in topic partition ${this.#rules.partition}`);
      return;
    }
    const timestamp = timestampOf(record);
    if (this.#rules.timestampType === "CreateTime" && timestamp !== NO_TIMESTAMP) {
      // NaN, out of the range of numbers, is out of any other too.
      if (!(timestamp >= this.#earliest && timestamp <= this.#latest)) this.#refuseTime(index, this.#outOfRange(record));
    } else if (this.#batchTimestampType === "LogAppendTime") {
      this.#refuseTime(index, ownLogAppendTime(record));
    }
    if (timestamp > this.maxTimestamp) this.maxTimestamp = timestamp;
  }

  /** @throws AppendRefusal when a record was refused */
  finish(): void {
    if (this.#errors.length === 0) return;
    if (this.#hasInvalidTimestamp) {
      throw new AppendRefusal("INVALID_TIMESTAMP", "One or more records have been rejected due to invalid timestamp", {
        recordErrors: this.#errors,
      });
    }
    const shown = this.#errors
      .slice(0, SHOWN_ERRORS)
      .map(({ batchIndex, message }) => `RecordError(batchIndex=${batchIndex}, message='${message}')`);
    throw new AppendRefusal(
      "INVALID_RECORD",
      `One or more records have been rejected due to ${this.#errors.length} record errors in total, ` +
        `and only showing the first three errors at most: [${shown.join(", ")}]`,
      { recordErrors: this.#errors },
    );
  }

  #refuse(batchIndex: number, message: string): void {
    this.#errors.push({ batchIndex, message });
  }

  #refuseTime(batchIndex: number, message: string): void {
    this.#hasInvalidTimestamp = true;
    this.#refuse(batchIndex, message);
  }

  #outOfRange(record: RecordCursor): string {
    const { nowMs, beforeMaxMs, afterMaxMs } = this.#rules;
    return (
      `Timestamp ${record.timestampBig} of message with offset ${record.offsetBig} is out of range. ` +
      `The timestamp should be within [${sum(nowMs, -longFrom(beforeMaxMs))}, ${sum(nowMs, longFrom(afterMaxMs))}]`
    );
  }
}

/** NaN for what lies beyond ±2^53. */
function timestampOf(record: RecordCursor): number {
  try {
    return record.timestamp;
  } catch {
    return Number.NaN;
  }
}

function ownLogAppendTime(record: RecordCursor): string {
  const { offsetBig, timestampBig, keySize, valueSize } = record;
  const shown = `offset=${offsetBig}, timestamp=${timestampBig}, key=${Math.max(keySize, 0)} bytes, value=${Math.max(valueSize, 0)} bytes`;
  return `Invalid timestamp type in message DefaultRecord(${shown}). Producer should not set timestamp type to LogAppendTime.`;
}

const MAX_LONG = 0x7fff_ffff_ffff_ffffn;

/** The largest long of a configuration has become a number that is one too large. */
function longFrom(value: number): bigint {
  const exact = BigInt(value);
  return exact > MAX_LONG ? MAX_LONG : exact;
}

/** Java's addition. */
function sum(left: number, right: bigint): bigint {
  return BigInt.asIntN(64, BigInt(left) + right);
}
