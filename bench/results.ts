/** Keeps the last full run of a suite in bench/results/, and renders bench/README.md from it. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem, type } from "node:os";
import { join } from "node:path";
import { benchDirectory } from "./peers.ts";
import type { Suite } from "./suites.ts";
import { markdownTables, type Outcome } from "./tables.ts";

interface Kept extends Outcome {
  readonly suite: string;
  readonly measuredOn: string;
  /** No host name, no user: the file is published. */
  readonly machine: string;
}

export function keepResults(suite: Suite, outcome: Outcome): void {
  const kept: Kept = { suite: suite.name, measuredOn: new Date().toISOString().slice(0, 10), machine: machine(), ...outcome };
  mkdirSync(join(benchDirectory, "results"), { recursive: true });
  writeFileSync(resultsFile(suite), `${JSON.stringify(kept, undefined, 2)}\n`);
}

/** Replaces what stands between `<!-- SUITE -->` and `<!-- /SUITE -->`. */
export function writeReadme(suites: readonly Suite[]): void {
  const readme = join(benchDirectory, "README.md");
  let text = readFileSync(readme, "utf8");
  for (const suite of suites) {
    const begin = `<!-- ${suite.name} -->`;
    const end = `<!-- /${suite.name} -->`;
    const from = text.indexOf(begin);
    const to = text.indexOf(end);
    if (from < 0 || to < from) throw new Error(`bench/README.md lacks ${begin} … ${end}`);
    text = `${text.slice(0, from)}${begin}\n\n${section(suite)}\n\n${text.slice(to)}`;
  }
  writeFileSync(readme, text);
}

function section(suite: Suite): string {
  const cases = suite.cases.flatMap(({ name, meaning }) => (meaning === undefined ? [] : `- \`${name}\`: ${meaning}`)).join("\n");
  if (!existsSync(resultsFile(suite))) return `${cases}\n\nNot measured yet.`;
  const kept: Kept = JSON.parse(readFileSync(resultsFile(suite), "utf8"));
  const runs = kept.results[0]?.runs ?? 0;
  const about = `Measured on ${kept.measuredOn}: ${kept.machine}. Medians of ${runs} runs, each in processes of its own.`;
  return `${cases}\n\n${about}\n\n${markdownTables(suite, kept)}`;
}

function resultsFile(suite: Suite): string {
  return join(benchDirectory, "results", `${suite.name}.json`);
}

function machine(): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${cpu?.model.trim() ?? "unknown CPU"}, ${memory} GB, ${type()} ${process.arch}, shared with other work`;
}
