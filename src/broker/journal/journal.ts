import { canonicalText } from "./canonical-text.ts";
import { type HotLoop, HotLoopWatch } from "./hot-loops.ts";
import type { JournalEntry, JournalEvent } from "./journal-entry.ts";

export interface JournalOptions {
  /** How many entries are kept; older ones are dropped. */
  readonly maxEntries?: number;
  /** How many bytes of requests and answers the entries may keep alive. */
  readonly maxBytes?: number;
}

const DEFAULT_MAX_ENTRIES = 100_000;
const DEFAULT_MAX_BYTES = 32 * 1024 * 1024;
const NOT_COME = "the journal entry that was waited for did not come";
/** Cutting the array moves what is left of it, so it waits until that is worth it. */
const CUT_FROM = 1024;

/** Everything that came to the cluster and left it, in order. Bounded: a test that asserts on it knows what it produced. */
export class Journal implements Iterable<JournalEntry> {
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  #entries: JournalEntry[] = [];
  /** Entries before this index are dropped, and taken out of the array now and then. */
  #first = 0;
  #bytes = 0;
  #sequence = 0;
  #dropped = 0;
  readonly #listeners = new Set<(entry: JournalEntry) => void>();
  readonly #hotLoops = new HotLoopWatch();

  constructor({ maxEntries = DEFAULT_MAX_ENTRIES, maxBytes = DEFAULT_MAX_BYTES }: JournalOptions = {}) {
    this.#maxEntries = maxEntries;
    this.#maxBytes = maxBytes;
  }

  /** How many entries there were, those included that were dropped or cleared away. */
  get total(): number {
    return this.#sequence;
  }

  /** How many entries gave way to newer ones. */
  get dropped(): number {
    return this.#dropped;
  }

  [Symbol.iterator](): Iterator<JournalEntry> {
    return this.#entries.slice(this.#first)[Symbol.iterator]();
  }

  /** Requests that were asked more than 50 times within 100 ms by one connection, with nothing different in them. */
  get hotLoops(): readonly HotLoop[] {
    return this.#hotLoops.found;
  }

  requests(api?: string): readonly JournalEntry[] {
    return [...this].filter((entry) => entry.kind === "request" && (api === undefined || entry.api === api));
  }

  responses(api?: string): readonly JournalEntry[] {
    return [...this].filter((entry) => entry.kind === "response" && (api === undefined || entry.api === api));
  }

  /** Told of every entry as it is written. Returns how to stop listening. */
  onEntry(listener: (entry: JournalEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The first entry like this, of those that are there or of those to come. */
  waitFor(isWanted: (entry: JournalEntry) => boolean, options: { readonly signal?: AbortSignal } = {}): Promise<JournalEntry> {
    const there = [...this].find(isWanted);
    if (there !== undefined) return Promise.resolve(there);
    const { signal } = options;
    if (signal?.aborted === true) return Promise.reject(new Error(NOT_COME));
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        stop();
        reject(new Error(NOT_COME));
      };
      const stop = this.onEntry((entry) => {
        if (!isWanted(entry)) return;
        stop();
        // A signal may outlive many waits.
        signal?.removeEventListener("abort", giveUp);
        resolve(entry);
      });
      signal?.addEventListener("abort", giveUp, { once: true });
    });
  }

  /** Forgets all entries; numbering goes on. */
  clear(): void {
    this.#entries = [];
    this.#first = 0;
    this.#bytes = 0;
  }

  /** One line an entry. Equal runs give equal text, byte for byte. */
  text(): string {
    return [...this].map((entry) => `${canonicalText(entry)}\n`).join("");
  }

  write(event: JournalEvent): void {
    const entry: JournalEntry = { sequence: this.#sequence++, ...event };
    this.#entries.push(entry);
    this.#bytes += entry.sizeInBytes;
    this.#trim();
    this.#hotLoops.see(entry);
    for (const listener of this.#listeners) listener(entry);
  }

  #trim(): void {
    while (this.#isOverLimit()) {
      const dropped = this.#entries[this.#first]!;
      this.#bytes -= dropped.sizeInBytes;
      this.#dropped++;
      // What is dropped must not keep its body alive until the array is cut.
      this.#entries[this.#first++] = { ...dropped, body: undefined };
    }
    if (this.#first < CUT_FROM || this.#first * 2 < this.#entries.length) return;
    this.#entries = this.#entries.slice(this.#first);
    this.#first = 0;
  }

  #isOverLimit(): boolean {
    const kept = this.#entries.length - this.#first;
    return kept > this.#maxEntries || (this.#bytes > this.#maxBytes && kept > 1);
  }
}
