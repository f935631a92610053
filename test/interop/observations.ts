// What the scenarios saw on Apache Kafka: recorded once, and compared with what they see on any broker.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { runCommand } from "../support/child-processes.ts";
import type { ClientKit, ClientName, Scenario } from "./scenario.ts";

interface ObservationFile {
  /** The broker that was observed. */
  readonly recordedFrom: string;
  /** By the scenario's name. */
  readonly observations: Readonly<Record<string, unknown>>;
}

export class Observations {
  readonly #recorded = new Map<ClientName, Map<string, unknown>>();

  /** Throws with the differences if the scenario saw something else on Apache Kafka, or if that was never recorded. */
  compare(scenario: Scenario, observation: unknown): void {
    const recorded = this.#of(scenario.client);
    if (!recorded.has(scenario.name)) throw new Error("nothing is recorded from Apache Kafka: run with --broker kafka --record");
    const expected = recorded.get(scenario.name);
    const actual = asJson(observation);
    if (!isDeepStrictEqual(actual, expected)) throw new Error(diff(expected, actual));
  }

  recordedNames(client: ClientName): readonly string[] {
    return [...this.#of(client).keys()];
  }

  record(scenario: Scenario, observation: unknown): void {
    this.#of(scenario.client).set(scenario.name, asJson(observation));
  }

  /** Writes the kits' files, without scenarios that are no more. */
  async save(kits: readonly ClientKit[], recordedFrom: string): Promise<void> {
    for (const { client, scenarios } of kits) {
      const recorded = this.#of(client);
      const kept = scenarios.filter(({ name }) => recorded.has(name)).map(({ name }) => [name, recorded.get(name)] as const);
      const file: ObservationFile = { recordedFrom, observations: Object.fromEntries(kept) };
      writeFileSync(pathOf(client), JSON.stringify(file, undefined, 2));
      await runCommand("npx", ["biome", "format", "--write", pathOf(client)]);
    }
  }

  #of(client: ClientName): Map<string, unknown> {
    const known = this.#recorded.get(client);
    if (known !== undefined) return known;
    const file: ObservationFile | undefined = existsSync(pathOf(client))
      ? JSON.parse(readFileSync(pathOf(client), "utf8"))
      : undefined;
    const recorded = new Map(Object.entries(file?.observations ?? {}));
    this.#recorded.set(client, recorded);
    return recorded;
  }
}

const SHOWN_DIFFERENCES = 20;

function diff(expected: unknown, actual: unknown): string {
  const found = differences(expected, actual, "");
  const shown = found.slice(0, SHOWN_DIFFERENCES);
  if (found.length > shown.length) shown.push(`and ${found.length - shown.length} more`);
  return ["it sees something else than on Apache Kafka:", ...shown].join("\n");
}

/** A line for each place where they differ. */
function differences(expected: unknown, actual: unknown, place: string): readonly string[] {
  if (isDeepStrictEqual(expected, actual)) return [];
  const [there, here] = [entriesOf(expected), entriesOf(actual)];
  if (there === undefined || here === undefined)
    return [`${place || "all"}: ${JSON.stringify(expected)} on Apache Kafka, ${JSON.stringify(actual)} here`];
  const keys = new Set([...there.keys(), ...here.keys()]);
  return [...keys].flatMap((key) => differences(there.get(key), here.get(key), `${place}${place && "."}${JSON.stringify(key)}`));
}

/** An object by its fields, an array of arrays or objects by its indexes. Undefined for what is best shown whole. */
function entriesOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (Array.isArray(value) && value.every((it) => typeof it !== "object" || it === null)) return undefined;
  return new Map(Object.entries(value));
}

function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null));
}

function pathOf(client: ClientName): string {
  return fileURLToPath(new URL(`./expected/${client}.json`, import.meta.url));
}
