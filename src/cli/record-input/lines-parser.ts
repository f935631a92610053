import type { RecordHeader } from "../../index.ts";
import { headersFrom } from "./header-column.ts";
import type { InputItem, RecordParser } from "./input-item.ts";
import { type Line, LineSplitter, textFrom, tooLong } from "./line-splitter.ts";

export interface LinesFormat {
  /** Stands between key and value. Without it, the whole line is the value. */
  readonly keySeparator: string | undefined;
  /** Whether a line begins with headers and a tab. */
  readonly hasHeaders: boolean;
  /** A key, a value or a header's value that is exactly this is null. */
  readonly nullMarker: string | undefined;
}

const TAB = 0x09;

/** A record per line: `[headers TAB] [key SEPARATOR] value`. Keys and values are bytes, sent as they are. */
export class LinesParser implements RecordParser {
  readonly #lines: LineSplitter = new LineSplitter();
  readonly #format: LinesFormat;
  readonly #separator: Buffer | undefined;
  readonly #marker: Buffer | undefined;

  constructor(format: LinesFormat) {
    this.#format = format;
    this.#separator = format.keySeparator === undefined ? undefined : Buffer.from(format.keySeparator);
    this.#marker = format.nullMarker === undefined ? undefined : Buffer.from(format.nullMarker);
  }

  *push(piece: Uint8Array): Generator<InputItem> {
    for (const line of this.#lines.push(piece)) yield this.#item(line);
  }

  *end(): Generator<InputItem> {
    for (const line of this.#lines.end()) yield this.#item(line);
  }

  #item(line: Line): InputItem {
    if (line.isTooLong) return tooLong(line);
    if (!this.#format.hasHeaders) return this.#record(line, line.bytes);
    const tab = line.bytes.indexOf(TAB);
    if (tab < 0) return { line: line.number, problem: "has no tab behind its headers (--headers)" };
    const column = textFrom(line.bytes.subarray(0, tab));
    const headers = column === undefined ? "has headers that are not UTF-8" : headersFrom(column, this.#format.nullMarker);
    if (typeof headers === "string") return { line: line.number, problem: headers };
    return this.#record(line, line.bytes.subarray(tab + 1), headers);
  }

  #record({ number }: Line, rest: Buffer, headers?: readonly RecordHeader[]): InputItem {
    const more = headers === undefined || headers.length === 0 ? {} : { headers };
    if (this.#separator === undefined) return { line: number, record: { value: this.#bytes(rest), ...more } };
    const at = rest.indexOf(this.#separator);
    if (at < 0) return { line: number, problem: `has no key separator '${this.#format.keySeparator}'` };
    const key = this.#bytes(rest.subarray(0, at));
    return { line: number, record: { key, value: this.#bytes(rest.subarray(at + this.#separator.length)), ...more } };
  }

  #bytes(bytes: Buffer): Uint8Array | null {
    return this.#marker?.equals(bytes) === true ? null : bytes;
  }
}
