/** The lines as tables: for a terminal, and in Markdown for the README. */

import type { Suite } from "./suites.ts";
import type { RatiosLine, ResultLine, UnavailableLine } from "./summary.ts";

export interface Outcome {
  readonly results: readonly ResultLine[];
  readonly unavailable: readonly UnavailableLine[];
  readonly ratios: RatiosLine;
}

const HEAD = [
  "client",
  "version",
  "Node",
  "per second",
  "slowest–fastest",
  "MB/s",
  "CPU s/million",
  "p50 ms",
  "p99 ms",
  "cold ms",
  "peak RSS MB",
  "ours/theirs",
];
/** The columns with text in them; the others are numbers and stand at the right. */
const LEFT = 3;

export function textTables(suite: Suite, outcome: Outcome): string {
  const blocks = tablesOf(suite, outcome).map(({ name, rows }) => `${name}\n${aligned([HEAD, ...rows])}`);
  return [...blocks, ...outcome.unavailable.map(unavailableText)].join("\n\n");
}

export function markdownTables(suite: Suite, outcome: Outcome): string {
  const blocks = tablesOf(suite, outcome).map(({ name, unit, rows }) => {
    const head = HEAD.map((title) => (title === "per second" ? `${unit}/s` : title));
    const rule = head.map((_, index) => (index < LEFT ? "---" : "---:"));
    return `### ${name}\n\n${[head, rule, ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n")}`;
  });
  return [...blocks, ...outcome.unavailable.map(unavailableText)].join("\n\n");
}

function tablesOf(suite: Suite, { results, ratios }: Outcome): { name: string; unit: string; rows: string[][] }[] {
  return suite.cases
    .map((it) => ({
      name: it.name,
      unit: it.unit,
      rows: results.filter((line) => line.case === it.name).map((line) => row(line, ratios.ratios[it.name]?.[line.client])),
    }))
    .filter(({ rows }) => rows.length > 0);
}

function row(line: ResultLine, ratio: number | undefined): string[] {
  return [
    line.client,
    line.clientVersion,
    line.node,
    number(line.perSecond),
    line.perSecondRange.map(number).join("–"),
    number(line.mbPerSecond),
    number(line.cpuSecondsPerMillion),
    number(line.p50Ms),
    number(line.p99Ms),
    number(line.coldMs),
    number(line.peakRssMb),
    ratio === undefined ? "" : number(ratio),
  ];
}

function number(value: number): string {
  return value >= 1000 ? value.toLocaleString("en-US") : String(value);
}

function unavailableText({ client, unavailable }: UnavailableLine): string {
  return `${client} could not run: ${unavailable}`;
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells.map((cell, column) => (column < LEFT ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join("  ");
  return rows.map((cells) => `  ${line(cells).trimEnd()}`).join("\n");
}
