import { harmless } from "../harmless-text.ts";
import type { ReadRecord, RecordWriter, WriterOptions } from "./record-writer.ts";

const LINE_END = Buffer.from("\n");
const TAB = Buffer.from("\t");
const EMPTY = Buffer.alloc(0);

/** A line for each record, as `kafkawire produce` reads them: bytes as they are, but on a terminal nothing that it would act on. */
export class TextWriter implements RecordWriter {
  readonly #options: WriterOptions;
  readonly #null: Buffer;
  readonly #separator: Buffer;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#null = Buffer.from(options.nullMarker);
    this.#separator = Buffer.from(options.keySeparator ?? "");
  }

  write(record: ReadRecord): Uint8Array {
    const { keySeparator, showsHeaders } = this.#options;
    return Buffer.concat([
      ...(showsHeaders ? [this.#headers(record), TAB] : []),
      ...(keySeparator === undefined ? [] : [this.#part(record.key), this.#separator]),
      this.#part(record.value),
      LINE_END,
    ]);
  }

  #headers({ headers }: ReadRecord): Uint8Array {
    if (headers.length === 0) return EMPTY;
    const shown = headers.map(([name, value]) => [this.#part(Buffer.from(name)), Buffer.from(":"), this.#part(value)]);
    return Buffer.concat(shown.flatMap((one, index) => (index === 0 ? one : [Buffer.from(","), ...one])));
  }

  #part(bytes: Uint8Array | null): Uint8Array {
    if (bytes === null) return this.#null;
    return this.#options.isTerminal ? Buffer.from(harmless(Buffer.from(bytes).toString())) : bytes;
  }
}
