import { CsvColumns, type CsvFormat } from "./csv-columns.ts";
import { CsvRow } from "./csv-row.ts";
import { type InputItem, type RecordParser, UnreadableInputError } from "./input-item.ts";
import { type Line, LineSplitter, textFrom, tooLong } from "./line-splitter.ts";

/** A quote that is never closed would take the rest of the file. */
const LONGEST_ROW = 64 * 1024 * 1024;

/** A record per row; the first row names the columns. Empty lines are left out. */
export class CsvParser implements RecordParser {
  readonly #lines: LineSplitter = new LineSplitter();
  readonly #format: CsvFormat;
  #columns: CsvColumns | undefined;
  /** The row that is being read, and the line that it began in. */
  #row: CsvRow | undefined;
  #began = 0;

  constructor(format: CsvFormat) {
    this.#format = format;
  }

  *push(piece: Uint8Array): Generator<InputItem> {
    for (const line of this.#lines.push(piece)) yield* this.#read(line);
  }

  *end(): Generator<InputItem> {
    for (const line of this.#lines.end()) yield* this.#read(line);
    if (this.#row !== undefined) yield this.#wrong("has a quote that is never closed");
  }

  *#read(line: Line): Generator<InputItem> {
    if (this.#row === undefined) {
      if (line.bytes.length === 0 && !line.isTooLong) return;
      this.#row = new CsvRow(this.#format.separator);
      this.#began = line.number;
    }
    const text = textFrom(line.bytes);
    if (line.isTooLong) yield this.#wrong(tooLong(line).problem);
    else if (text === undefined) yield this.#wrong(`is not UTF-8${line.number === this.#began ? "" : ` in line ${line.number}`}`);
    else yield* this.#readText(this.#row, text, line.end);
  }

  *#readText(row: CsvRow, text: string, end: string): Generator<InputItem> {
    const state = row.read(text, end);
    if (typeof state === "object") yield this.#wrong(state.problem);
    else if (state === "complete") yield* this.#complete(row.cells);
    else if (row.length > LONGEST_ROW) yield this.#wrong(`has a quote that is not closed within ${LONGEST_ROW / 1024 / 1024} MiB`);
  }

  *#complete(cells: readonly string[]): Generator<InputItem> {
    this.#row = undefined;
    if (this.#columns === undefined) {
      this.#columns = new CsvColumns(cells, this.#format);
      return;
    }
    const record = this.#columns.record(cells);
    yield typeof record === "string" ? { line: this.#began, problem: record } : { line: this.#began, record };
  }

  #wrong(problem: string): InputItem {
    this.#row = undefined;
    if (this.#columns === undefined)
      throw new UnreadableInputError(`line ${this.#began}, which should name the columns, ${problem}`);
    return { line: this.#began, problem };
  }
}
