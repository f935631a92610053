import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runSeed, type SeedResult } from "./run-seed.ts";
import type { Violation } from "./world/world.ts";

export interface SeedOrder {
  readonly seed: number;
  /** Lives it a second time: the journals must be equal. */
  readonly twice: boolean;
  readonly journal: boolean;
}

/** What is told of a seed: plain data, for it may come from another process. */
export interface SeedReport {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly simulatedMs?: number;
  readonly calls?: number;
  readonly requests?: number;
  /** Of a seed that failed: where its journal is, and the end of it. */
  readonly journalFile?: string;
  readonly journalTail?: readonly string[];
  /** The whole of it, if it was asked for. */
  readonly journal?: string;
}

const TAIL_LINES = 40;
const MOST_LINE = 400;

export async function simulate({ seed, twice, journal }: SeedOrder): Promise<SeedReport> {
  let result = await withoutStacks(() => runSeed(seed));
  const violations = [...result.violations];
  if (twice || violations.length > 0) {
    const again = await runSeed(seed);
    const different = differences(result, again);
    // The second life knows where errors came from.
    if (different.length === 0) violations.splice(0, violations.length, ...again.violations);
    violations.push(...different);
    result = again;
  }
  const { simulatedMs, calls, journalItems } = result;
  return {
    seed,
    violations,
    simulatedMs,
    calls,
    requests: journalItems,
    ...(violations.length > 0 && kept(result)),
    ...(journal && { journal: result.journalText() }),
  };
}

/** Thousands of errors are made and handled; where each was made is what costs most of it. */
async function withoutStacks<T>(run: () => Promise<T>): Promise<T> {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return await run();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function kept({ seed, journalText }: SeedResult): Pick<SeedReport, "journalFile" | "journalTail"> {
  const folder = join(tmpdir(), "kafkawire-simulation");
  mkdirSync(folder, { recursive: true });
  const journalFile = join(folder, `seed-${seed}.journal`);
  const text = journalText();
  writeFileSync(journalFile, text);
  const lines = text.trimEnd().split("\n").slice(-TAIL_LINES);
  return { journalFile, journalTail: lines.map((line) => (line.length > MOST_LINE ? `${line.slice(0, MOST_LINE)}…` : line)) };
}

/** The first line in which two lives of one seed differ. */
function differences(one: SeedResult, other: SeedResult): readonly Violation[] {
  const [first, second] = [one.journalText(), other.journalText()];
  if (first === second) return [];
  const [lines, others] = [first.split("\n"), second.split("\n")];
  const at = lines.findIndex((line, index) => line !== others[index]);
  const text = `line ${at + 1} was\n    ${lines[at]}\n  and then\n    ${others[at]}`;
  return [{ rule: "a seed lives the same life twice", text, atMs: 0 }];
}
