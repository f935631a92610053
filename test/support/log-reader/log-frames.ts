// What ReadLog.java prints.

/** Value and key are views that are overwritten later: to be copied by whoever keeps them. */
export type OnLogRecord = (partition: number, offset: number, value: Uint8Array | null, key: Uint8Array | null) => void;

const HEAD = 20;
const KEY_LENGTH_AT = 12;
const VALUE_LENGTH_AT = 16;

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
      const keyLength = bytes.readInt32BE(at + KEY_LENGTH_AT);
      const valueLength = bytes.readInt32BE(at + VALUE_LENGTH_AT);
      const valueAt = at + HEAD + Math.max(0, keyLength);
      const end = valueAt + Math.max(0, valueLength);
      if (bytes.length < end) break;
      this.#onRecord(
        bytes.readInt32BE(at),
        Number(bytes.readBigInt64BE(at + 4)),
        valueLength < 0 ? null : bytes.subarray(valueAt, end),
        keyLength < 0 ? null : bytes.subarray(at + HEAD, valueAt),
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
