import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { connectionSettings } from "./common-settings.ts";
import { consumerSettings } from "./consumer-settings.ts";
import { producerSettings } from "./producer-settings.ts";
import { securitySettings } from "./security-settings.ts";
import type { Settings } from "./setting.ts";
import { shareConsumerSettings } from "./share-consumer-settings.ts";

/** The sentence above each member of the first interface in a file whose name ends in `Options`. */
function sentencesIn(file: string): ReadonlyMap<string, string> {
  const source = readFileSync(new URL(file, import.meta.url), "utf8");
  const body = /export interface \w*Options(?:<[^>]*>)? \{\n([\s\S]*?)\n\}/.exec(source)?.[1] ?? "";
  const members = body.matchAll(/ {2}\/\*\* (.*) \*\/\n {2}readonly (\w+)\?:/g);
  return new Map([...members].map(([, sentence = "", name = ""]) => [name, sentence]));
}

const tables: readonly (readonly [string, Settings])[] = [
  ["common-options.ts", connectionSettings],
  ["security-options.ts", securitySettings],
  ["producer-options.ts", producerSettings],
  ["consumer-options.ts", consumerSettings],
  ["share-consumer-options.ts", shareConsumerSettings],
];

describe("the tables of options", () => {
  it.each(tables)("say of each option what %s says, in the same order", (file, settings) => {
    const inTable = Object.entries(settings).map(([name, { doc }]) => [name, doc]);
    expect(inTable.length).toBeGreaterThan(10);
    expect([...sentencesIn(file)]).toEqual(inTable);
  });

  it.each(tables)("have defaults that can be given as well: %s", (_, settings) => {
    for (const [name, { fallback, read }] of Object.entries(settings)) {
      if (fallback === undefined || name === "bootstrapServers") continue;
      expect([name, read(fallback)]).toEqual([name, { value: fallback }]);
    }
  });

  it.each(tables)("name their kinds in a way that a table in Markdown can hold: %s", (_, settings) => {
    for (const { type, doc, range = "" } of Object.values(settings)) expect(`${type}${doc}${range}`).not.toMatch(/[\n\\]/);
  });

  it("name no option twice", () => {
    const shared = Object.keys(producerSettings).filter((name) => name in consumerSettings);
    expect(shared).toEqual(["clientRack", "allowAutoCreateTopics"]);
    const common = [...Object.keys(connectionSettings), ...Object.keys(securitySettings)];
    expect(common.filter((name) => name in producerSettings || name in consumerSettings)).toEqual([]);
  });
});
