// What was asked and how the broker answered, for the summary at the end.

import type { ApiName } from "../../src/protocol/index.ts";
import type { Refusal } from "./refusal.ts";

interface Line {
  readonly api: ApiName;
  readonly refusal: Refusal;
  readonly versions: Set<number>;
}

export class Ledger {
  readonly #lines = new Map<string, Line>();
  readonly #pairs = new Set<string>();
  #answers = 0;

  count(): void {
    this.#answers++;
  }

  note(api: ApiName, version: number, refusal: Refusal): void {
    this.#pairs.add(`${api} ${version}`);
    const key = `${api} ${refusal.because}`;
    const line = this.#lines.get(key) ?? { api, refusal, versions: new Set<number>() };
    line.versions.add(version);
    this.#lines.set(key, line);
  }

  /** Was there an answer of this version that was as expected? */
  has(api: ApiName, version: number): boolean {
    return this.#pairs.has(`${api} ${version}`);
  }

  hasMet(refusal: Refusal): boolean {
    return [...this.#lines.values()].some((line) => line.refusal === refusal);
  }

  summary(): string {
    const refused = [...this.#lines.values()].filter(({ refusal }) => refusal.errors.length > 0);
    const lines = refused.map(
      ({ api, refusal, versions }) => `  ${api} ${rangesOf([...versions])}: ${refusal.errors.join(", ")} (${refusal.because})`,
    );
    return [`${this.#answers} answers of ${this.#pairs.size} versions; with error codes, as expected:`, ...lines.toSorted()].join(
      "\n",
    );
  }
}

/** `v0-3, v5`. */
export function rangesOf(versions: readonly number[]): string {
  const sorted = versions.toSorted((one, other) => one - other);
  const ranges: string[] = [];
  for (let start = 0; start < sorted.length; ) {
    let end = start;
    while (sorted[end + 1] === sorted[end]! + 1) end++;
    ranges.push(start === end ? `v${sorted[start]}` : `v${sorted[start]}-${sorted[end]}`);
    start = end + 1;
  }
  return ranges.join(", ");
}
