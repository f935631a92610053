// The matrix as people read it, and as programs do.

import type { LineResult } from "./matrix-line.ts";

const WIDTHS = [10, 32, 8, 8, 12, 8, 9] as const;

export function printHead(): void {
  console.log(row(["line", "broker", "passed", "failed", "cannot do", "listed", "seconds"]));
}

export function printRow({ line, broker, passed, failures, cannot, listed, seconds }: LineResult): void {
  console.log(row([line, broker, passed, failures.length, count(cannot), count(listed), seconds.toFixed(1)]));
}

/** What failed, what a line cannot do and why, and which exceptions were met. */
export function printDetails(results: readonly LineResult[]): void {
  for (const { broker, failures, listed } of results) {
    for (const { contract, problem } of failures)
      console.log(`\nFAILED on ${broker}: ${contract}\n${problem.replaceAll(/^/gm, "    ")}`);
    for (const [reason, contracts] of listed) console.log(`\nlisted on ${broker}: ${contracts.join("; ")}\n    ${reason}`);
  }
  for (const line of new Set(results.filter(({ cannot }) => cannot.size > 0).map((result) => result.line))) {
    console.log(`\n${line} cannot do:`);
    for (const [reason, cell] of reasonsOf(results.filter((result) => result.line === line)))
      console.log(`    ${reason} (${cell})`);
  }
  console.log("");
}

/** Both brokers of a line should lack the same; where they do not, each count is told. */
function reasonsOf(results: readonly LineResult[]): ReadonlyMap<string, string> {
  const reasons = new Set(results.flatMap(({ cannot }) => [...cannot.keys()]));
  return new Map(
    [...reasons].map((reason) => {
      const counts = results.map(({ kind, cannot }) => ({ kind, contracts: cannot.get(reason)?.length ?? 0 }));
      const numbers = new Set(counts.map(({ contracts }) => contracts));
      const told = counts.map(({ kind, contracts }) => `${kind} ${contracts}`).join(", ");
      return [reason, numbers.size === 1 ? contractsOf(counts[0]?.contracts ?? 0) : told];
    }),
  );
}

export function jsonOf({ cannot, listed, failures, ...rest }: LineResult): object {
  const lists = { cannot: Object.fromEntries(cannot), listed: Object.fromEntries(listed) };
  return { ...rest, failed: failures.length, failures, ...lists };
}

function contractsOf(number: number): string {
  return `${number} contract${number === 1 ? "" : "s"}`;
}

function count(lists: ReadonlyMap<string, readonly string[]>): number {
  return [...lists.values()].reduce((total, contracts) => total + contracts.length, 0);
}

function row(cells: readonly (string | number)[]): string {
  return cells
    .map((cell, i) => (typeof cell === "number" || i > 1 ? String(cell).padStart(WIDTHS[i] ?? 0) : cell.padEnd(WIDTHS[i] ?? 0)))
    .join("");
}
