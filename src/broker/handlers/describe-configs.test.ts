import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AdminStage, outcomeOf } from "../../../test/support/admin-stage.ts";
import type { BrokerClient } from "../../../test/support/broker-client.ts";

const TOPIC = 2;
const BROKER = 4;
const LOGGER = 8;
const METRICS = 16;
const GROUP = 32;
const SET = 0;

let stage: AdminStage;

beforeEach(async () => {
  stage = await AdminStage.open({ nodes: 2, topics: { orders: 1 }, configs: { "log.segment.bytes": "16777216" } });
});

afterEach(async () => {
  expect(await stage.close()).toEqual([]);
});

async function describeOne(
  resourceType: number,
  resourceName: string,
  keys: readonly string[] | null = null,
  client: BrokerClient = stage.client,
) {
  const resources = [{ resourceType, resourceName, configurationKeys: keys }];
  const { results } = await client.ask("DescribeConfigs", { resources, includeSynonyms: true }, 4);
  return results[0]!;
}

async function set(resourceType: number, resourceName: string, name: string, value: string, client: BrokerClient = stage.client) {
  const resources = [{ resourceType, resourceName, configs: [{ name, value, configOperation: SET }] }];
  const { responses } = await client.ask("IncrementalAlterConfigs", { resources }, 1);
  expect(responses.map(({ errorCode }) => errorCode)).toEqual([0]);
}

describe("DescribeConfigs", () => {
  it("tells once what is asked for many times: a small question must not have an answer of gigabytes", async () => {
    const orders = { resourceType: TOPIC, resourceName: "orders", configurationKeys: null };
    const resources = [
      ...Array.from({ length: 10_000 }, () => orders),
      { ...orders, configurationKeys: ["retention.ms"] },
      { ...orders, resourceName: "nothing" },
    ];
    const { results } = await stage.client.ask("DescribeConfigs", { resources, includeDocumentation: true }, 4);
    expect(results.map(({ resourceName, errorCode }) => [resourceName, errorCode])).toEqual([
      ["orders", 0],
      ["orders", 0],
      ["nothing", 3],
    ]);
    expect(results[1]!.configs.map(({ name }) => name)).toEqual(["retention.ms"]);
  });
});

describe("DescribeConfigs of a topic", () => {
  it("tells everything a topic can be configured with when no names are given", async () => {
    expect((await describeOne(TOPIC, "orders")).configs).toHaveLength(33);
    expect((await describeOne(TOPIC, "orders", [])).configs).toHaveLength(33);
  });

  it("tells where a value comes from: the topic, the node asked, all nodes, the start, Kafka", async () => {
    await set(BROKER, "", "message.max.bytes", "3000");
    await set(BROKER, "1", "message.max.bytes", "2000");
    await set(TOPIC, "orders", "max.message.bytes", "1000");
    const { configs } = await describeOne(TOPIC, "orders", ["max.message.bytes", "segment.bytes"]);
    expect(configs).toMatchObject([
      {
        name: "max.message.bytes",
        value: "1000",
        configSource: 1,
        configType: 3,
        synonyms: [
          { name: "max.message.bytes", value: "1000", source: 1 },
          { name: "message.max.bytes", value: "2000", source: 2 },
          { name: "message.max.bytes", value: "3000", source: 3 },
          { name: "message.max.bytes", value: "1048588", source: 5 },
        ],
      },
      { name: "segment.bytes", value: "16777216", configSource: 4 },
    ]);
  });

  it("gives each node's own value where the topic has none", async () => {
    await set(BROKER, "2", "message.max.bytes", "2000", await stage.connect(2));
    const valueAt = async (node: number) =>
      (await describeOne(TOPIC, "orders", ["max.message.bytes"], await stage.connect(node))).configs[0]!.value;
    expect([await valueAt(1), await valueAt(2)]).toEqual(["1048588", "2000"]);
  });

  it("names what the broker has in other units only once one of them is set", async () => {
    const synonyms = async () => (await describeOne(TOPIC, "orders", ["retention.ms"])).configs[0]!;
    expect(await synonyms()).toMatchObject({ value: "604800000", configSource: 5, synonyms: [] });
    await set(BROKER, "", "log.retention.ms", "7000");
    expect(await synonyms()).toMatchObject({
      value: "7000",
      configSource: 3,
      synonyms: [
        { name: "log.retention.ms", value: "7000", source: 3 },
        { name: "log.retention.hours", value: "168", source: 5 },
      ],
    });
  });

  it("explains itself when asked", async () => {
    const resources = [{ resourceType: TOPIC, resourceName: "orders", configurationKeys: ["retention.ms"] }];
    const ask = (includeDocumentation: boolean) => stage.client.ask("DescribeConfigs", { resources, includeDocumentation }, 4);
    expect((await ask(true)).results[0]!.configs[0]!.documentation).toMatch(/^How long records are kept/);
    expect((await ask(false)).results[0]!.configs[0]!.documentation).toBeNull();
  });

  it("has a flag for defaults in v0 in place of the source", async () => {
    const old = await AdminStage.open({ asVersion: "2.0", topics: { orders: { configs: { "retention.ms": "5" } } } });
    const resources = [{ resourceType: TOPIC, resourceName: "orders", configurationKeys: ["retention.ms", "retention.bytes"] }];
    const { results } = await old.client.ask("DescribeConfigs", { resources }, 0);
    expect(results[0]!.configs.map(({ name, isDefault }) => [name, isDefault])).toEqual([
      ["retention.bytes", true],
      ["retention.ms", false],
    ]);
    await old.close();
  });
});

describe("DescribeConfigs of a broker", () => {
  it("tells what the node is, and what it was started with", async () => {
    const { configs } = await describeOne(BROKER, "1", ["node.id", "log.segment.bytes", "num.partitions"]);
    expect(configs.map(({ name, value, configSource, readOnly }) => [name, value, configSource, readOnly])).toEqual([
      ["log.segment.bytes", "16777216", 4, false],
      ["num.partitions", "1", 5, true],
      ["node.id", "1", 4, true],
    ]);
  });

  it("of all brokers lists only what was set; the controller itself sets one thing (KIP-966)", async () => {
    const listed = async () =>
      (await describeOne(BROKER, "")).configs.map(({ name, value, configSource }) => [name, value, configSource]);
    expect(await listed()).toEqual([["min.insync.replicas", "1", 3]]);
    await set(BROKER, "", "log.retention.ms", "7000");
    expect(await listed()).toContainEqual(["log.retention.ms", "7000", 3]);
  });
});

describe("DescribeConfigs of a group", () => {
  it("has the broker's values until the group has its own, whether there is such a group or not", async () => {
    const names = ["consumer.session.timeout.ms"];
    expect((await describeOne(GROUP, "g", names)).configs).toMatchObject([{ value: "45000", configSource: 5 }]);
    await set(GROUP, "g", "consumer.session.timeout.ms", "46000");
    expect((await describeOne(GROUP, "g", names)).configs).toMatchObject([
      { value: "46000", configSource: 8, synonyms: [{ source: 8 }, { name: "group.consumer.session.timeout.ms", source: 5 }] },
    ]);
    expect((await describeOne(GROUP, "other", names)).configs).toMatchObject([{ value: "45000" }]);
  });
});

// The words are a 4.3.1 broker's.
describe("DescribeConfigs refuses", () => {
  it.each([
    [TOPIC, "missing", "UNKNOWN_TOPIC_OR_PARTITION", ""],
    [
      TOPIC,
      "a b",
      "INVALID_TOPIC_EXCEPTION",
      "Topic name is invalid: 'a b' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'",
    ],
    [BROKER, "2", "INVALID_REQUEST", "Unexpected broker id, expected 1 or empty string, but received 2"],
    [BROKER, "x", "INVALID_REQUEST", "Broker id must be an integer, but it is: x"],
    [LOGGER, "", "INVALID_REQUEST", "Broker id must not be empty"],
    [LOGGER, "9", "INVALID_REQUEST", "Unexpected broker id, expected 1 but received 9"],
    [GROUP, "", "INVALID_REQUEST", "Group name must not be empty"],
    [METRICS, "m", "INVALID_REQUEST", "This broker collects no metrics of clients, so there are no subscriptions to configure."],
    [
      99,
      "x",
      "INVALID_REQUEST",
      "This most likely occurs because of a request being malformed by the client library or the message was sent to an incompatible broker. See the broker logs for more details.",
    ],
  ] as const)("type %i, name '%s'", async (type, name, error, message) => {
    expect(outcomeOf(name, await describeOne(type, name))).toEqual([name, error, message]);
  });
});
