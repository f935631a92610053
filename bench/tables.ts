/** The lines as tables: for a terminal, and in Markdown for the README. */

import type { Suite } from "./suites.ts";
import type { RatiosLine, ResultLine, UnavailableLine } from "./summary.ts";

export interface Outcome {
  readonly results: readonly ResultLine[];
  readonly unavailable: readonly UnavailableLine[];
  readonly ratios: RatiosLine;
}

interface Column {
  readonly title: string;
  readonly text: (line: ResultLine, ratio: number | undefined) => string;
  /** Text stands at the left, numbers at the right. */
  readonly isText?: boolean;
}

interface Table {
  readonly name: string;
  readonly columns: readonly Pick<Column, "title" | "isText">[];
  readonly rows: readonly (readonly string[])[];
}

const PER_SECOND = "per second";

const COLUMNS: readonly Column[] = [
  { title: "broker", text: ({ broker }) => broker ?? "", isText: true },
  { title: "version", text: ({ brokerVersion }) => shortVersion(brokerVersion ?? ""), isText: true },
  { title: "client", text: ({ client }) => client, isText: true },
  { title: "version", text: ({ clientVersion }) => clientVersion, isText: true },
  { title: "Node", text: ({ node }) => node ?? "", isText: true },
  { title: PER_SECOND, text: ({ perSecond }) => number(perSecond) },
  { title: "slowest–fastest", text: ({ perSecondRange }) => perSecondRange.map(number).join("–") },
  { title: "MB/s", text: ({ mbPerSecond }) => number(mbPerSecond) },
  { title: "create ms", text: ({ createMs }) => number(createMs) },
  { title: "describe ms", text: ({ describeMs }) => number(describeMs) },
  { title: "metadata ms", text: ({ metadataMs }) => number(metadataMs) },
  { title: "CPU s/million", text: ({ cpuSecondsPerMillion }) => number(cpuSecondsPerMillion) },
  { title: "p50 ms", text: ({ p50Ms }) => number(p50Ms) },
  { title: "p99 ms", text: ({ p99Ms }) => number(p99Ms) },
  { title: "loop p99 ms", text: ({ loopDelayP99Ms }) => number(loopDelayP99Ms) },
  { title: "cold ms", text: ({ coldMs }) => number(coldMs) },
  { title: "peak RSS MB", text: ({ peakRssMb }) => number(peakRssMb) },
  { title: "ours/theirs", text: (_, ratio) => number(ratio) },
];

export function textTables(suite: Suite, outcome: Outcome): string {
  const tables = [...overviewOf(suite, outcome), ...tablesOf(suite, outcome)];
  const blocks = tables.map((table) => `${table.name}\n${aligned(table)}`);
  return [...blocks, ...outcome.unavailable.map(unavailableText)].join("\n\n");
}

export function markdownTables(suite: Suite, outcome: Outcome): string {
  const tables = [...overviewOf(suite, outcome), ...tablesOf(suite, outcome)];
  const blocks = tables.map(({ name, columns, rows }) => {
    const head = columns.map(({ title }) => title);
    const rule = columns.map(({ isText = false }) => (isText ? "---" : "---:"));
    return `### ${name}\n\n${[head, rule, ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n")}`;
  });
  return [...blocks, ...outcome.unavailable.map(unavailableText)].join("\n\n");
}

/** What each client did a second, by case. */
function overviewOf(suite: Suite, { results }: Outcome): readonly Table[] {
  if (suite.hasOverview !== true) return [];
  const clients = suite.clients.filter((name) => results.some(({ client }) => client === name));
  const cases = suite.cases.filter(({ name }) => results.some((line) => line.case === name));
  const cell = (name: string, client: string): string =>
    number(results.find((line) => line.case === name && line.client === client)?.perSecond);
  const columns = [{ title: "case", isText: true }, ...clients.map((title) => ({ title }))];
  const rows = cases.map(({ name }) => [name, ...clients.map((client) => cell(name, client))]);
  return cases.length > 1 ? [{ name: `all, ${cases[0]?.unit ?? ""}/s`, columns, rows }] : [];
}

/** A table for each case that was measured, with the columns that there is something in. */
function tablesOf(suite: Suite, { results, ratios }: Outcome): readonly Table[] {
  return suite.cases
    .map(({ name, unit }) => {
      const ratioOf = ({ broker, client }: ResultLine) => ratios.ratios[name]?.[broker ?? client];
      const lines = results.filter((line) => line.case === name);
      const columns = COLUMNS.filter(({ text }) => lines.some((line) => text(line, ratioOf(line)) !== ""));
      return {
        name,
        columns: columns.map((column) => (column.title === PER_SECOND ? { ...column, title: `${unit}/s` } : column)),
        rows: lines.map((line) => columns.map(({ text }) => text(line, ratioOf(line)))),
      };
    })
    .filter(({ rows }) => rows.length > 0);
}

function number(value: number | undefined): string {
  if (value === undefined) return "";
  return value >= 1000 ? value.toLocaleString("en-US") : String(value);
}

/** Without the time and the commit of a Go module that has no releases. */
function shortVersion(version: string): string {
  return version.replace(/^0\.0\.0-(\d{4})(\d\d)(\d\d)\d+-\w+$/, "$1-$2-$3");
}

function unavailableText({ client, broker, case: name, unavailable }: UnavailableLine): string {
  const what = broker === undefined ? client : `${broker} under ${client}`;
  return `${what} could not run${name === undefined ? "" : ` ${name}`}: ${unavailable}`;
}

function aligned({ columns, rows }: Table): string {
  const cells = [columns.map(({ title }) => title), ...rows];
  const widths = columns.map((_, index) => Math.max(...cells.map((row) => row[index]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row.map((cell, index) =>
      columns[index]?.isText === true ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0),
    );
  return cells.map((row) => `  ${line(row).join("  ").trimEnd()}`).join("\n");
}
