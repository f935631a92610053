// Lines of a stream that is still being written, each taken once.

export class LineReader implements AsyncIterable<string> {
  readonly #name: string;
  readonly #lines: string[] = [];
  readonly #waiting: (() => void)[] = [];
  #unfinished = "";
  #error: Error | undefined;
  #isEnded = false;

  /** The name is for errors. */
  constructor(name: string) {
    this.#name = name;
  }

  push(text: string): void {
    const parts = `${this.#unfinished}${text}`.split("\n");
    this.#unfinished = parts.pop() ?? "";
    this.#lines.push(...parts);
    this.#wake();
  }

  /** No more lines: readers get those that are left, then the end. */
  end(): void {
    if (this.#unfinished !== "") this.#lines.push(this.#unfinished);
    this.#unfinished = "";
    this.#isEnded = true;
    this.#wake();
  }

  /** Whoever waits stops waiting, with this error. */
  fail(error: Error): void {
    this.#error = error;
    this.#wake();
  }

  async waitFor(pattern: RegExp): Promise<RegExpMatchArray> {
    let last = "";
    for await (const line of this) {
      const match = line.match(pattern);
      if (match !== null) return match;
      last = line;
    }
    throw new Error(`${this.#name} ended without a line that matches ${pattern}; its last line: ${last || "none"}`);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string, void, undefined> {
    for (;;) {
      const line = this.#lines.shift();
      if (line !== undefined) {
        yield line;
        continue;
      }
      if (this.#error !== undefined) throw this.#error;
      if (this.#isEnded) return;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
