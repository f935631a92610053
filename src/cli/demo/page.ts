import type { Output } from "../command.ts";
import { type Column, textTable } from "../text-table.ts";

const MARGIN = "   ";
const BOLD = "\u001b[1m";
const CYAN = "\u001b[36m";
const PLAIN = "\u001b[0m";

/** How the story looks: numbered chapters, and what is said in them. */
export class Page {
  readonly #output: Output;
  #chapter = 0;

  constructor(output: Output) {
    this.#output = output;
  }

  chapter(title: string): void {
    this.#output.write(`\n${this.#painted(BOLD, `${++this.#chapter}. ${title}`)}\n\n`);
  }

  /** What is done, as a user would write it. */
  code(text: string): void {
    this.#output.write(`${MARGIN}${this.#painted(CYAN, text)}\n\n`);
  }

  say(...lines: readonly string[]): void {
    for (const line of lines) this.#output.write(line === "" ? "\n" : `${MARGIN}${line}\n`);
  }

  table(columns: readonly Column[], rows: readonly (readonly string[])[]): void {
    this.say(...textTable(columns, rows).trimEnd().split("\n"));
  }

  /** As wide as it is. */
  picture(text: string): void {
    this.#output.write(`${text}\n`);
  }

  #painted(colour: string, text: string): string {
    return this.#output.isTerminal ? `${colour}${text}${PLAIN}` : text;
  }
}
