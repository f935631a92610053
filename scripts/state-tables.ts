/** Diagrams and tables, as Markdown, of tables of states: what each event comes to in each state. */

interface Cell {
  readonly refuse?: unknown;
  /** Undefined: it is refused. */
  readonly to?: readonly string[];
  readonly note?: string;
}

/** State, then event. */
export type StateTable = Readonly<Record<string, Readonly<Record<string, Cell>>>>;

export interface Edge {
  readonly from: string;
  readonly event: string;
  readonly to: string;
  readonly note: string | undefined;
}

function edgesOf(table: StateTable): readonly Edge[] {
  return Object.entries(table).flatMap(([from, row]) =>
    Object.entries(row).flatMap(([event, { to = [], note }]) => to.map((target) => ({ from, event, to: target, note }))),
  );
}

/** Arrows between different states, those left out that are said in words. */
export function stateDiagram(table: StateTable, begin: string, isSaidInWords: (edge: Edge) => boolean): string {
  const labels = new Map<string, string[]>();
  for (const edge of edgesOf(table)) {
    const { from, event, to } = edge;
    if (from === to || isSaidInWords(edge)) continue;
    const arrow = `${from} --> ${to}`;
    labels.set(arrow, [...(labels.get(arrow) ?? []), event]);
  }
  const arrows = [...labels].map(([arrow, events]) => `  ${arrow}: ${events.join(", ")}`);
  return ["```mermaid", "stateDiagram-v2", `  [*] --> ${begin}`, ...arrows, "```", ""].join("\n");
}

export function statesTable(meanings: Readonly<Record<string, string>>): string {
  const rows = Object.entries(meanings).map(([name, meaning]) => `| ${name} | ${meaning} |`);
  return `| state | |\n|---|---|\n${rows.join("\n")}\n`;
}

/** What each of these events comes to in each state. */
export function eventsTable(table: StateTable, isWanted: (event: string) => boolean): string {
  const states = Object.entries(table);
  const events = [...new Set(states.flatMap(([, row]) => Object.keys(row)))].filter(isWanted);
  const rows = states.map(
    ([name, row]) => `| **${name}** | ${events.map((event) => targetsOf(name, row[event]?.to)).join(" | ")} |`,
  );
  return `| | ${events.join(" | ")} |\n|---|${events.map(() => "---|").join("")}\n${rows.join("\n")}\n`;
}

function targetsOf(from: string, to: readonly string[] | undefined): string {
  if (to === undefined) return "–";
  return to.map((name) => (name === from ? "stays" : name)).join(" or ");
}

/** What decides, where that is not plain. */
export function notesOf(table: StateTable): string {
  const lines = edgesOf(table).flatMap(({ from, event, note }) => (note === undefined ? [] : [`- ${event} in ${from}: ${note}.`]));
  return `${[...new Set(lines)].join("\n")}\n`;
}
