import { harmless } from "../harmless-text.ts";
import type { ReadRecord, RecordWriter, WriterOptions } from "./record-writer.ts";
import { timeText } from "./time-text.ts";

interface Column {
  readonly title: string;
  /** What it has room for at first. */
  readonly width: number;
  /** What it grows to at most; longer texts are cut. The last column is not cut. */
  readonly widest: number;
  readonly isNumber?: boolean;
  readonly textOf: (record: ReadRecord) => string;
}

/** A line for each record under titles. Nobody knows how long keys will be: a column grows with what comes, and never shrinks. */
export class TableWriter implements RecordWriter {
  readonly head: string;
  readonly #columns: readonly Column[];
  readonly #widths: number[];

  constructor({ showsHeaders, nullMarker }: WriterOptions) {
    const partText = (bytes: Uint8Array | null): string => (bytes === null ? nullMarker : Buffer.from(bytes).toString());
    const headersText = ({ headers }: ReadRecord): string => headers.map(([name, bytes]) => `${name}:${partText(bytes)}`).join(",");
    const headers: Column = { title: "HEADERS", width: 12, widest: 40, textOf: headersText };
    this.#columns = [
      { title: "PARTITION", width: 9, widest: 10, isNumber: true, textOf: ({ partition }) => String(partition) },
      { title: "OFFSET", width: 10, widest: 19, isNumber: true, textOf: ({ offset }) => String(offset) },
      { title: "TIMESTAMP", width: 24, widest: 24, textOf: ({ timestamp }) => timeText(timestamp) },
      { title: "KEY", width: 12, widest: 40, textOf: ({ key }) => partText(key) },
      ...(showsHeaders ? [headers] : []),
      { title: "VALUE", width: 0, widest: Number.POSITIVE_INFINITY, textOf: ({ value }) => partText(value) },
    ];
    this.#widths = this.#columns.map(({ width }) => width);
    this.head = this.#line(this.#columns.map(({ title }) => title));
  }

  write(record: ReadRecord): string {
    return this.#line(this.#columns.map(({ textOf, widest }) => cut(harmless(textOf(record)), widest)));
  }

  #line(cells: readonly string[]): string {
    const last = cells.length - 1;
    const padded = cells.map((cell, index) => {
      const width = Math.max(this.#widths[index] ?? 0, cell.length);
      if (index === last) return cell;
      this.#widths[index] = width;
      return this.#columns[index]?.isNumber === true ? cell.padStart(width) : cell.padEnd(width);
    });
    return `${padded.join("  ").trimEnd()}\n`;
  }
}

function cut(text: string, widest: number): string {
  return text.length <= widest ? text : `${text.slice(0, widest - 1)}…`;
}
