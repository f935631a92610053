/** The lines as tables: for a terminal, and in Markdown for the README. */

import type { Case, Suite } from "./suites.ts";
import type { RatiosLine, ResultLine, UnavailableLine } from "./summary.ts";

export interface Outcome {
  readonly results: readonly ResultLine[];
  readonly unavailable: readonly UnavailableLine[];
  readonly ratios: RatiosLine;
}

interface Column {
  readonly title: string;
  readonly text: (line: ResultLine) => string;
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
  { title: "slowest–fastest", text: ({ perSecondRange = [] }) => perSecondRange.map(number).join("–") },
  { title: "gap ms, median", text: ({ gapMs }) => number(gapMs) },
  { title: "worst", text: ({ worstGapMs }) => number(worstGapMs) },
  { title: "gaps", text: ({ gaps }) => number(gaps) },
  { title: "unread s", text: ({ unreadSeconds }) => number(unreadSeconds) },
  { title: "rebalances", text: ({ rebalances }) => number(rebalances) },
  { title: "pauses", text: ({ pauses }) => number(pauses) },
  { title: "longest pause ms", text: ({ worstPauseMs }) => number(worstPauseMs) },
  { title: "handled again", text: ({ repeated }) => number(repeated) },
  { title: "MB/s", text: ({ mbPerSecond }) => number(mbPerSecond) },
  { title: "create ms", text: ({ createMs }) => number(createMs) },
  { title: "describe ms", text: ({ describeMs }) => number(describeMs) },
  { title: "metadata ms", text: ({ metadataMs }) => number(metadataMs) },
  { title: "CPU s/million", text: ({ cpuSecondsPerMillion }) => number(cpuSecondsPerMillion) },
  { title: "% of a core", text: ({ cpuPercent }) => number(cpuPercent) },
  { title: "p50 ms", text: ({ p50Ms }) => number(p50Ms) },
  { title: "p99 ms", text: ({ p99Ms }) => number(p99Ms) },
  { title: "loop p99 ms", text: ({ loopDelayP99Ms }) => number(loopDelayP99Ms) },
  { title: "cold ms", text: ({ coldMs }) => number(coldMs) },
  { title: "peak RSS MB", text: ({ peakRssMb }) => number(peakRssMb) },
];

const STYLE: Column = { title: "style", text: ({ case: name }) => styleOf(name), isText: true };

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

/** What each client did a second, by table: a column for each of its styles that a table has. */
function overviewOf(suite: Suite, { results }: Outcome): readonly Table[] {
  if (suite.hasOverview !== true) return [];
  const groups = groupsOf(suite, results);
  // Where there are tables of several cases, those of one case are of another kind.
  const most = Math.min(2, Math.max(...groups.map(({ cases }) => cases.length)));
  const shown = groups.filter(({ cases }) => cases.length >= most && cases[0]?.rate === undefined);
  if (shown.length < 2) return [];
  const labelled = shown.map(({ name, cases, lines }) => ({
    name,
    cells: new Map(lines.map((line) => [labelOf(line, cases), line])),
  }));
  const all = labelled.flatMap(({ cells }) => [...cells]);
  const labelsOf = (client: string): readonly string[] => all.filter(([, line]) => line.client === client).map(([label]) => label);
  const labels = [...new Set(suite.clients.flatMap(labelsOf))];
  const columns = [{ title: "case", isText: true }, ...labels.map((title) => ({ title }))];
  const rows = labelled.map(({ name, cells }) => [name, ...labels.map((label) => number(cells.get(label)?.perSecond))]);
  return [{ name: `all, ${shown[0]?.unit ?? ""}/s`, columns, rows }];
}

interface Group {
  readonly name: string;
  readonly unit: Case["unit"];
  readonly cases: readonly Case[];
  readonly lines: readonly ResultLine[];
}

/** What comes into one table: a case that was measured, or several. */
function groupsOf(suite: Suite, results: readonly ResultLine[]): readonly Group[] {
  const names = [...new Set(suite.cases.map(({ name, table = name }) => table))];
  const groups = names.map((table): Group => {
    const cases = suite.cases.filter((it) => (it.table ?? it.name) === table);
    const lines = cases.flatMap(({ name }) => results.filter((line) => line.case === name));
    return { name: table, unit: cases[0]?.unit ?? "records", cases, lines };
  });
  return groups.filter(({ lines }) => lines.length > 0);
}

/** The client, and which of its styles if it has several. */
function labelOf({ client, case: name }: ResultLine, cases: readonly Case[]): string {
  const isOneOfSeveral = cases.some((it) => it.name === name && it.against !== undefined);
  return isOneOfSeveral ? `${client} ${styleOf(name)}` : client;
}

/** `batches/100B/none` is `batches`. */
function styleOf(caseName: string): string {
  return caseName.split("/")[0] ?? caseName;
}

/** A table for each case that was measured, or for several, with the columns that there is something in. */
function tablesOf(suite: Suite, { results, ratios }: Outcome): readonly Table[] {
  return groupsOf(suite, results).map(({ name, unit, cases, lines }) => {
    const rate = cases[0]?.rate ?? `${unit}/s`;
    const all = [...(cases.length > 1 ? [STYLE] : []), ...COLUMNS, ...ratioColumns(cases, ratios)];
    const columns = all.filter(({ text }) => lines.some((line) => text(line) !== ""));
    return {
      name,
      columns: columns.map((column) => (column.title === PER_SECOND ? { ...column, title: rate } : column)),
      rows: lines.map((line) => columns.map(({ text }) => text(line))),
    };
  });
}

/** Of each case of kafkawire's: how many times as fast as the client in the row. */
function ratioColumns(cases: readonly Case[], { ratios }: RatiosLine): readonly Column[] {
  return cases.map(({ name, against = name }) => ({
    title: cases.length > 1 ? `${styleOf(name)}/theirs` : "ours/theirs",
    text: (line) => (line.case === against ? number(ratios[name]?.[line.broker ?? line.client]) : ""),
  }));
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
