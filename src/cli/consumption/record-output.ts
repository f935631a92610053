import type { Output } from "../command.ts";

const CHUNK_BYTES = 65_536;

/** Gathers what is written into pieces worth a write, no faster than the reader takes them. */
export class RecordOutput {
  readonly #output: Output;
  #pieces: Uint8Array[] = [];
  #bytes = 0;

  constructor(output: Output) {
    this.#output = output;
  }

  /** True: there is enough for `flush`. */
  write(text: Uint8Array | string): boolean {
    const bytes = typeof text === "string" ? Buffer.from(text) : text;
    this.#pieces.push(bytes);
    this.#bytes += bytes.length;
    return this.#bytes >= CHUNK_BYTES;
  }

  /** A promise while the reader is slower. */
  flush(): Promise<void> | undefined {
    if (this.#bytes === 0) return undefined;
    const chunk = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#bytes = 0;
    if (this.#output.pour !== undefined) return this.#output.pour(chunk);
    this.#output.write(chunk.toString());
    return undefined;
  }
}
