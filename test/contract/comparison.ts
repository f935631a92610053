// Plays a script to both brokers and says where their answers differ.

import type { ApiName } from "../../src/protocol/index.ts";
import { type AllowedDifference, allowedDifferences } from "./allowed-differences.ts";
import { type BothBrokers, SIDES, type Side } from "./both-brokers.ts";
import { Conversation, type Exchange, type Outcome } from "./conversation.ts";
import { ABSENT, type Difference, differences } from "./differences.ts";
import { Placeholders } from "./placeholders.ts";
import type { Script, Stage } from "./script.ts";
import { type NoCase, neverAccepted, neverRefused, oneAfterTheOther } from "./scripts/scripts.ts";
import { sorted, unorderedLists } from "./unordered-lists.ts";

/** What a run has seen, for the checks at its end. */
export class Findings {
  readonly needed: Set<AllowedDifference> = new Set();
  /** `api version`, for answers of Kafka's without and with error codes. */
  readonly good: Set<string> = new Set();
  readonly bad: Set<string> = new Set();
  compared = 0;
}

interface Played {
  readonly transcript: readonly Exchange[];
  readonly failure: string | undefined;
}

export class Comparison {
  readonly findings: Findings = new Findings();
  readonly #brokers: BothBrokers;
  readonly #stages: Readonly<Record<Side, Stage>>;

  constructor(brokers: BothBrokers, stages: Readonly<Record<Side, Stage>>) {
    this.#brokers = brokers;
    this.#stages = stages;
  }

  /** All versions, side by side where the script allows it. A line for each difference that is not allowed. */
  async play(api: ApiName, versions: readonly number[], script: Script): Promise<readonly string[]> {
    if (!oneAfterTheOther.has(api))
      return (await Promise.all(versions.map((version) => this.#playOne(api, version, script)))).flat();
    const lines: string[] = [];
    for (const version of versions) lines.push(...(await this.#playOne(api, version, script)));
    return lines;
  }

  async #playOne(api: string, version: number, script: Script): Promise<readonly string[]> {
    const [embedded, kafka] = await Promise.all(SIDES.map((side) => this.#playTo(side, `${api}-${version}`, version, script)));
    if (embedded === undefined || kafka === undefined) throw new Error("a side is missing");
    const { transcript } = kafka;
    for (const entry of transcript) this.#note(entry);
    const lines = [...this.#compare(embedded.transcript, transcript), ...this.#missingCases(api, version)];
    if (embedded.failure !== kafka.failure || kafka.failure !== undefined) {
      lines.push(`${api} v${version}: the script ended: embedded ${shown(embedded.failure)}, Kafka ${shown(kafka.failure)}`);
    }
    return lines;
  }

  async #playTo(side: Side, scope: string, version: number, script: Script): Promise<Played> {
    const conversation = await Conversation.open(this.#brokers.addresses[side], scope);
    const { transcript } = conversation;
    try {
      await script(conversation, version, this.#stages[side]);
      return { transcript, failure: undefined };
    } catch (error) {
      return { transcript, failure: error instanceof Error ? error.message : String(error) };
    } finally {
      await conversation.close();
    }
  }

  *#compare(embedded: readonly Exchange[], kafka: readonly Exchange[]): Generator<string> {
    const placeholders = { embedded: new Placeholders(), kafka: new Placeholders() };
    for (const [index, expected] of kafka.entries()) {
      const actual = embedded[index];
      const unordered = unorderedIn(expected.api);
      const one = actual === undefined ? ABSENT : placeholders.embedded.in(sorted(withoutErrors(actual.outcome), unordered));
      const other = placeholders.kafka.in(sorted(withoutErrors(expected.outcome), unordered));
      for (const difference of differences(one, other, unordered)) {
        if (!this.#isAllowed(expected, difference)) yield lineFor(expected, difference);
      }
    }
  }

  *#missingCases(api: string, version: number): Generator<string> {
    const has = (cases: ReadonlySet<string>, none: readonly NoCase[]): boolean =>
      cases.has(`${api} ${version}`) !==
      none.some((row) => row.api === api && version >= row.versions[0] && version <= row.versions[1]);
    if (!has(this.findings.good, neverAccepted))
      yield `${api} v${version}: accepted although the table says never, or no such case`;
    if (!has(this.findings.bad, neverRefused)) yield `${api} v${version}: refused although the table says never, or no such case`;
  }

  #isAllowed({ api, version, label }: Exchange, { path, embedded }: Difference): boolean {
    const row = allowedDifferences.find(
      (allowed) =>
        (allowed.api === undefined || allowed.api === api) &&
        allowed.path.test(path.replace(/^body\./, "")) &&
        (allowed.label === undefined || allowed.label === label) &&
        (allowed.isLack !== true || embedded === ABSENT) &&
        version >= (allowed.versions?.[0] ?? 0) &&
        version <= (allowed.versions?.[1] ?? version),
    );
    if (row !== undefined) this.findings.needed.add(row);
    return row !== undefined;
  }

  #note({ api, version, outcome }: Exchange): void {
    this.findings.compared++;
    const isGood = outcome.kind === "answered" && outcome.errors.length === 0;
    this.findings[isGood ? "good" : "bad"].add(`${api} ${version}`);
  }
}

/** The error codes stand in the body; the list of them is for the scripts. */
function withoutErrors(outcome: Outcome): object {
  return outcome.kind === "answered" ? { kind: outcome.kind, version: outcome.version, body: outcome.body } : outcome;
}

function unorderedIn(api: string) {
  return (unorderedLists[api] ?? []).map((list) => ({ ...list, path: `body.${list.path}` }));
}

function lineFor({ api, version, label }: Exchange, { path, embedded, kafka }: Difference): string {
  return `${api} v${version} "${label}": ${path.replace(/^body\./, "")}: embedded ${shown(embedded)}, Kafka ${shown(kafka)}`;
}

function shown(value: unknown): string {
  if (value === ABSENT || value === undefined) return "nothing";
  const text = JSON.stringify(value, (_, inner: unknown) => (typeof inner === "bigint" ? `${inner}n` : inner));
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
