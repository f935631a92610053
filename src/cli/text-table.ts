import { harmless } from "./harmless-text.ts";

/** One column: its title, and whether its values are numbers, which stand to the right. */
export interface Column {
  readonly title: string;
  readonly isNumber?: boolean;
}

/** A table for people: columns as wide as what is in them. The last column is not padded, so that no line ends in blanks. */
export function textTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => row.map(harmless))];
  const widths = columns.map((_, column) => Math.max(...cells.map((row) => widthOf(row[column] ?? ""))));
  const lines = cells.map((row) =>
    columns
      .map(({ isNumber = false }, column) => padded(row[column] ?? "", widths[column] ?? 0, isNumber))
      .join("  ")
      .trimEnd(),
  );
  return `${lines.join("\n")}\n`;
}

function padded(text: string, width: number, toTheRight: boolean): string {
  const blanks = " ".repeat(Math.max(0, width - widthOf(text)));
  return toTheRight ? blanks + text : text + blanks;
}

const letters = new Intl.Segmenter();

/** In characters as a reader counts them, not in units of UTF-16. */
function widthOf(text: string): number {
  return Array.from(letters.segment(text)).length;
}

/** `1 topic`, `3 topics`. */
export function counted(count: number, one: string, many: string = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
