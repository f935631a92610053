import type { HeldClock, JournalEntry } from "../../../src/broker/index.ts";
import { canonicalText } from "../../../src/broker/journal/canonical-text.ts";

interface Note {
  readonly who: string;
  readonly text: string | (() => string);
  readonly clockMs: number;
}

/** What happened in a run, in order: the brokers' own entries, and what clients and faults did. Text is made when somebody reads it. */
export class RunJournal {
  readonly #clock: HeldClock;
  readonly #items: (Note | JournalEntry)[] = [];

  constructor(clock: HeldClock) {
    this.#clock = clock;
  }

  get length(): number {
    return this.#items.length;
  }

  /** @param text or what makes it, later, of things that do not change any more */
  note(who: string, text: string | (() => string)): void {
    this.#items.push({ who, text, clockMs: this.#clock.monotonic() });
  }

  take(entry: JournalEntry): void {
    this.#items.push(entry);
  }

  lines(): readonly string[] {
    return this.#items.map((item) => {
      if (!("who" in item)) return `  broker ${canonicalText(item)}`;
      const { who, text, clockMs } = item;
      return `${clockMs} ${who}: ${typeof text === "string" ? text : text()}`;
    });
  }

  text(): string {
    return `${this.lines().join("\n")}\n`;
  }
}
