// The text of src/protocol/releases/release-versions.ts: each release as its differences from the one before.

import type { VersionRange } from "../../src/protocol/index.ts";
import type { ReleaseFacts } from "./release-facts.ts";

const WIDTH = 128;

export function renderTable(releases: readonly ReleaseFacts[]): string {
  const blocks = releases.map((facts, index) => block(facts, releases[index - 1]));
  const names = releases.map(({ release }) => `"${release}"`).join(" | ");
  return `${header(releases)}
import type { VersionRange } from "../api/api.ts";
import type { ApiName } from "../api/apis.ts";

/** An Apache Kafka release, its patches not told apart. */
// biome-ignore format: a name per line would make ${releases.length} of them.
export type KafkaRelease =
${filled(names.split(/ (?=\|)/), "  ")};

/** What a release's broker says of itself, as differences from the release before. */
export interface ReleaseChanges {
  readonly release: KafkaRelease;
  /** New APIs, and those whose versions changed: first and last. */
  readonly apis?: Readonly<Partial<Record<ApiName, VersionRange>>>;
  /** No longer offered. */
  readonly withdrawn?: readonly ApiName[];
  /** Features (KIP-584), new or changed: the lowest and the highest level that the broker could run at. */
  readonly supports?: Readonly<Record<string, VersionRange>>;
  /** New or changed: the level that a freshly formatted cluster is at. A supported feature that never stands here is at level 0. */
  readonly finalizes?: Readonly<Record<string, number>>;
}

/** Oldest first. */
// biome-ignore format: a property per line would make ${countRows(blocks)} of them.
export const releaseHistory: readonly ReleaseChanges[] = [
${blocks.join("")}];
`;
}

function header(releases: readonly ReleaseFacts[]): string {
  const left = new Map(releases.flatMap(({ apisBetweenBrokers }) => [...apisBetweenBrokers]));
  const leftOut = [...left]
    .sort(([one], [other]) => one - other)
    .map(([key, name], index, all) => {
      return `${name} (${key})${index === all.length - 1 ? "." : ","}`;
    });
  return `/**
 * Table: the API versions that a broker of each Apache Kafka release advertises, and its features. Generated, do not edit: see
 * README.md in this folder.
 *
 * Through 3.2 the broker is one with ZooKeeper, from 3.3 on (the first KRaft for production) one in KRaft mode: whom a client of
 * that time met most. That is why 3.3 withdraws APIs: KRaft learned SCRAM credentials in 3.5 and delegation tokens in 3.6. Each is
 * the release's last patch, freshly formatted with static voters (so \`kraft.version\` stays at 0) and otherwise as it is by
 * default: unstable versions are hidden, and GetTelemetrySubscriptions and PushTelemetry (3.7 and later), which need a metrics
 * reporter that wants them, are not offered. From 4.0 on Produce 0 to 2 are offered and refused: older librdkafka gives up without
 * them (KAFKA-18659). For its sake 4.0.1 brought back JoinGroup 0 and 1, which 4.0.0 lacks (KAFKA-19444).
 *
 * Left out, because brokers send them only to each other, or controllers to them:
${filled(leftOut, " * ")}
 */
`;
}

function block(facts: ReleaseFacts, before: ReleaseFacts | undefined): string {
  const apis = [...changed(facts.apis, before?.apis)].map(([name, range]) => `${name}: ${pair(range)}`);
  const withdrawn = [...(before?.apis.keys() ?? [])].filter((name) => !facts.apis.has(name)).map((name) => `"${name}"`);
  const mode = facts.mode === "kraft" ? "KRaft" : "ZooKeeper";
  const metadataVersion = facts.metadataVersionName === undefined ? "" : `, metadata.version ${facts.metadataVersionName}`;
  return `  {
    release: "${facts.release}", // Apache Kafka ${facts.kafka}, ${mode}${metadataVersion}
${property("apis", apis, "{}")}${property("withdrawn", withdrawn, "[]")}${featureProperties(facts, before)}  },
`;
}

function featureProperties(facts: ReleaseFacts, before: ReleaseFacts | undefined): string {
  const featuresBefore = [...(before?.supports.keys() ?? []), ...(before?.finalizes.keys() ?? [])];
  const lost = featuresBefore.filter((name) => !facts.supports.has(name));
  if (lost.length > 0) throw new Error(`${facts.release} lacks ${lost.join(", ")}: the table cannot say that a feature is gone`);
  const supports = [...changed(facts.supports, before?.supports)].map(([name, range]) => `"${name}": ${pair(range)}`);
  const finalizes = [...changed(facts.finalizes, before?.finalizes)].map(([name, level]) => `"${name}": ${level}`);
  return `${property("supports", supports, "{}")}${property("finalizes", finalizes, "{}")}`;
}

function changed<Value>(
  now: ReadonlyMap<string, Value>,
  before: ReadonlyMap<string, Value> = new Map(),
): ReadonlyMap<string, Value> {
  return new Map([...now].filter(([name, value]) => String(before.get(name)) !== String(value)));
}

function property(name: string, entries: readonly string[], [open = "", close = ""]: string): string {
  if (entries.length === 0) return "";
  const oneLine = `    ${name}: ${open === "{" ? "{ " : open}${entries.join(", ")}${open === "{" ? " }" : close},`;
  if (oneLine.length <= WIDTH) return `${oneLine}\n`;
  return `    ${name}: ${open}\n${filled(
    entries.map((entry) => `${entry},`),
    "      ",
  )}\n    ${close},\n`;
}

/** As many words a line as fit. */
function filled(words: readonly string[], indent: string): string {
  const rows: string[] = [];
  for (const word of words) {
    const row = rows.at(-1);
    if (row !== undefined && row.length + word.length + 1 <= WIDTH) rows[rows.length - 1] = `${row} ${word}`;
    else rows.push(`${indent}${word}`);
  }
  return rows.join("\n");
}

function pair([first, last]: VersionRange): string {
  return `[${first}, ${last}]`;
}

function countRows(blocks: readonly string[]): number {
  return blocks.join("").match(/: \[| "[^"]+": \d/g)?.length ?? 0;
}
