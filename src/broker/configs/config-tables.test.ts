import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { brokerConfigTable } from "./broker-config-table.ts";
import { BrokerConfigs, problemWithBrokerConfig } from "./broker-configs.ts";
import { checkedValue } from "./config-values.ts";
import { groupConfigTable } from "./group-config-table.ts";
import { topicConfigTable } from "./topic-config-table.ts";
import { TopicConfigs } from "./topic-configs.ts";

const tables = { topic: topicConfigTable, broker: brokerConfigTable, group: groupConfigTable };
const rows = Object.entries(tables).flatMap(([table, definitions]) => definitions.map((row) => [table, row.name, row] as const));

describe("configuration tables", () => {
  it.each(rows)("%s %s: the default is a valid value in the form in which it is kept", (_table, _name, row) => {
    if (row.defaultValue !== null) expect(checkedValue(row, row.defaultValue)).toEqual({ value: row.defaultValue });
  });

  it.each(Object.entries(tables))("%s: every name occurs once", (_table, definitions) => {
    expect(new Set(definitions.map(({ name }) => name)).size).toBe(definitions.length);
  });

  it("topics and groups fall back to broker configurations that exist", () => {
    const names = new Set(brokerConfigTable.map(({ name }) => name));
    const wanted = [
      ...topicConfigTable.flatMap(({ brokerSynonym, coarserSynonyms = [] }) => [
        brokerSynonym,
        ...coarserSynonyms.map(({ name }) => name),
      ]),
      ...groupConfigTable.flatMap(({ brokerSynonym, atLeast, atMost }) => [brokerSynonym, atLeast, atMost]),
    ].filter((name) => name !== undefined);
    expect(wanted.filter((name) => !names.has(name))).toEqual([]);
  });

  it("whatever a broker can be configured with is read somewhere, is the default of something that is, or is of compaction", () => {
    const sources = sourcesUnder(join(import.meta.dirname, "..")).join("\n");
    const defaults = new Set([
      ...topicConfigTable.flatMap(({ brokerSynonym, coarserSynonyms = [] }) => [
        brokerSynonym,
        ...coarserSynonyms.map(({ name }) => name),
      ]),
      ...groupConfigTable.flatMap(({ brokerSynonym, atLeast, atMost }) => [brokerSynonym, atLeast, atMost]),
    ]);
    const prefixed = ["offsets.topic", "transaction.state.log"].flatMap((prefix) => [
      `${prefix}.num.partitions`,
      `${prefix}.replication.factor`,
    ]);
    const unread = brokerConfigTable
      .map(({ name }) => name)
      .filter((name) => !defaults.has(name) && !prefixed.includes(name) && !sources.includes(`"${name}"`))
      .filter((name) => !name.startsWith("log.cleaner."));
    expect(unread).toEqual([]);
  });
});

function sourcesUnder(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts") && !name.endsWith("-table.ts"))
    .map((name) => readFileSync(join(folder, name), "utf8"));
}

describe("where a topic's value comes from", () => {
  const retentionOf = (broker: Record<string, string>, topic: Record<string, string> = {}) =>
    new TopicConfigs(new BrokerConfigs(new Map(Object.entries(broker))), new Map(Object.entries(topic))).string("retention.ms");

  it("a week by default, which the broker has in hours", () => expect(retentionOf({})).toBe("604800000"));
  it("minutes go before hours", () =>
    expect(retentionOf({ "log.retention.minutes": "2", "log.retention.hours": "1" })).toBe("120000"));
  it("milliseconds go before both", () => expect(retentionOf({ "log.retention.ms": "5", "log.retention.minutes": "2" })).toBe("5"));
  it("a negative number of hours is for ever", () => expect(retentionOf({ "log.retention.hours": "-1" })).toBe("-1"));
  it("the topic's own goes before all", () => expect(retentionOf({ "log.retention.ms": "5" }, { "retention.ms": "9" })).toBe("9"));
});

describe("starting a broker with a configuration", () => {
  it("refuses names that have no effect here", () => {
    expect(problemWithBrokerConfig("num.io.threads", "8")).toBe("there is no broker configuration 'num.io.threads' here");
  });

  it("refuses values that Kafka would refuse", () => {
    expect(problemWithBrokerConfig("num.partitions", "0")).toBe(
      "Invalid value 0 for configuration num.partitions: Value must be at least 1",
    );
    expect(problemWithBrokerConfig("num.partitions", "3")).toBeUndefined();
  });
});
