import type { ProducerRecord } from "../../index.ts";
import { headersFrom, shortened } from "./header-column.ts";
import { UnreadableInputError } from "./input-item.ts";

export interface CsvFormat {
  /** One character. */
  readonly separator: string;
  readonly keyColumn: string | undefined;
  readonly valueColumn: string | undefined;
  /** Whether the column `headers` is `name:value,name:value`. */
  readonly hasHeaders: boolean;
  /** A cell that is exactly this is null. */
  readonly nullMarker: string | undefined;
}

/**
 * Which columns are what. A file of `key` and `value` alone says so itself; of any other, the value is the row as a JSON object, unless
 * one column is chosen.
 */
export class CsvColumns {
  readonly #names: readonly string[];
  readonly #format: CsvFormat;
  readonly #key: number | undefined;
  /** Undefined: the row as a whole. */
  readonly #value: number | undefined;
  readonly #headers: number | undefined;

  /** @throws UnreadableInputError if a column is missing, or there twice */
  constructor(names: readonly string[], format: CsvFormat) {
    this.#names = names;
    this.#format = format;
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) throw new UnreadableInputError(`the first line has the column '${shortened(twice)}' twice`);
    const { keyColumn, valueColumn, hasHeaders } = format;
    const own = hasHeaders ? ["key", "value", "headers"] : ["key", "value"];
    const saysSo = names.includes("value") && names.every((name) => own.includes(name));
    this.#key = this.#indexOf(keyColumn ?? (saysSo && names.includes("key") ? "key" : undefined));
    this.#value = this.#indexOf(valueColumn ?? (saysSo ? "value" : undefined));
    this.#headers = this.#indexOf(hasHeaders ? "headers" : undefined);
  }

  /** A text says what is wrong. */
  record(cells: readonly string[]): ProducerRecord | string {
    if (cells.length !== this.#names.length)
      return `has ${cells.length === 1 ? "1 cell" : `${cells.length} cells`} where the first line has ${this.#names.length}`;
    const headers = this.#headers === undefined ? [] : headersFrom(cells[this.#headers] ?? "", this.#format.nullMarker);
    if (typeof headers === "string") return headers;
    return {
      key: this.#key === undefined ? null : this.#cell(cells, this.#key),
      value: this.#value === undefined ? this.#json(cells) : this.#cell(cells, this.#value),
      ...(headers.length > 0 && { headers }),
    };
  }

  #cell(cells: readonly string[], index: number): string | null {
    const cell = cells[index] ?? "";
    return cell === this.#format.nullMarker ? null : cell;
  }

  /** Written by hand: an object would put columns with numbers for names first. */
  #json(cells: readonly string[]): string {
    const members = this.#names.flatMap((name, index) =>
      index === this.#headers ? [] : [`${JSON.stringify(name)}:${JSON.stringify(this.#cell(cells, index))}`],
    );
    return `{${members.join(",")}}`;
  }

  #indexOf(name: string | undefined): number | undefined {
    if (name === undefined) return undefined;
    const index = this.#names.indexOf(name);
    if (index >= 0) return index;
    const known = this.#names.map((one) => `'${shortened(one)}'`).join(", ");
    throw new UnreadableInputError(`the first line has no column '${name}'; it has ${known}`);
  }
}
