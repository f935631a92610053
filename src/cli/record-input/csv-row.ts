const QUOTE = '"';

/** What came of a line: the row is complete, goes on in the next line, or is wrong. */
export type RowState = "complete" | "open" | { readonly problem: string };

/** One row of CSV (RFC 4180), which takes several lines when a cell in quotes does. */
export class CsvRow {
  readonly cells: string[] = [];
  readonly #separator: string;
  #cell = "";
  #isQuoted = false;
  #length = 0;

  /** @param separator one character */
  constructor(separator: string) {
    this.#separator = separator;
  }

  /** Of its text, so far. */
  get length(): number {
    return this.#length;
  }

  /** @param end belongs to the cell if that goes on */
  read(line: string, end: string): RowState {
    this.#length += line.length + end.length;
    let at = 0;
    for (;;) {
      if (!this.#isQuoted && line[at] === QUOTE) {
        this.#isQuoted = true;
        at++;
      }
      const next = this.#isQuoted ? this.#quoted(line, at) : this.#plain(line, at);
      if (next === undefined) {
        this.#cell += end;
        return "open";
      }
      if (next === line.length) return "complete";
      if (line[next] !== this.#separator) return { problem: `has text behind the closing quote of its cell ${this.cells.length}` };
      at = next + 1;
    }
  }

  /** @returns where the cell ends */
  #plain(line: string, at: number): number {
    const found = line.indexOf(this.#separator, at);
    const end = found < 0 ? line.length : found;
    this.cells.push(line.slice(at, end));
    return end;
  }

  /** @returns where it goes on behind the closing quote; undefined if that is not in this line */
  #quoted(line: string, at: number): number | undefined {
    for (;;) {
      const quote = line.indexOf(QUOTE, at);
      if (quote < 0) {
        this.#cell += line.slice(at);
        return undefined;
      }
      this.#cell += line.slice(at, quote);
      if (line[quote + 1] !== QUOTE) {
        this.cells.push(this.#cell);
        this.#cell = "";
        this.#isQuoted = false;
        return quote + 1;
      }
      this.#cell += QUOTE;
      at = quote + 2;
    }
  }
}
