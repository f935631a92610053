// What ReadLog.java prints.

/** The value is a view that is overwritten later: to be copied by whoever keeps it. */
export type OnLogRecord = (partition: number, offset: number, value: Uint8Array | null) => void;

const HEAD = 16;
const VALUE_LENGTH_AT = 12;

/** Cuts a stream of bytes into records. */
export class LogFrames {
  readonly #onRecord: OnLogRecord;
  #rest: Buffer = Buffer.alloc(0);

  constructor(onRecord: OnLogRecord) {
    this.#onRecord = onRecord;
  }

  push(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (bytes.length - at >= HEAD) {
      const length = bytes.readInt32BE(at + VALUE_LENGTH_AT);
      const end = at + HEAD + Math.max(0, length);
      if (bytes.length < end) break;
      this.#onRecord(
        bytes.readInt32BE(at),
        Number(bytes.readBigInt64BE(at + 4)),
        length < 0 ? null : bytes.subarray(at + HEAD, end),
      );
      at = end;
    }
    this.#rest = bytes.subarray(at);
  }

  /** Whether nothing is left that is only a part of a record. */
  get isAtEnd(): boolean {
    return this.#rest.length === 0;
  }
}
