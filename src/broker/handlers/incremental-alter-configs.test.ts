import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AdminStage, type Outcome, outcomeOf } from "../../../test/support/admin-stage.ts";

const TOPIC = 2;
const BROKER = 4;
const LOGGER = 8;
const GROUP = 32;
const [SET, DELETE, APPEND, SUBTRACT] = [0, 1, 2, 3];

let stage: AdminStage;

beforeEach(async () => {
  stage = await AdminStage.open({ nodes: 2, topics: { t: 1, u: 1 } });
});

afterEach(async () => {
  expect(await stage.close()).toEqual([]);
});

type Change = readonly [name: string, operation: number, value: string | null];

function resource(resourceType: number, resourceName: string, ...changes: readonly Change[]) {
  return {
    resourceType,
    resourceName,
    configs: changes.map(([name, configOperation, value]) => ({ name, configOperation, value })),
  };
}

async function change(resources: readonly ReturnType<typeof resource>[], validateOnly = false): Promise<Outcome[]> {
  const { responses } = await stage.client.ask("IncrementalAlterConfigs", { resources, validateOnly }, 1);
  return responses.map(({ resourceName, ...result }) => outcomeOf(resourceName, result));
}

async function currentValue(name: string, topic = "t"): Promise<string | null> {
  const resources = [{ resourceType: TOPIC, resourceName: topic, configurationKeys: [name] }];
  const { results } = await stage.client.ask("DescribeConfigs", { resources }, 4);
  return results[0]!.configs[0]!.value;
}

describe("IncrementalAlterConfigs", () => {
  it("sets and deletes single names and leaves the others", async () => {
    await change([resource(TOPIC, "t", ["retention.ms", SET, "5"], ["retention.bytes", SET, "6"])]);
    await change([resource(TOPIC, "t", ["retention.ms", DELETE, null])]);
    expect([await currentValue("retention.ms"), await currentValue("retention.bytes")]).toEqual(["604800000", "6"]);
  });

  it("appends to lists and subtracts from them, beginning with the default", async () => {
    await change([resource(TOPIC, "t", ["cleanup.policy", APPEND, "compact"])]);
    expect(await currentValue("cleanup.policy")).toBe("delete,compact");
    await change([resource(TOPIC, "t", ["cleanup.policy", APPEND, "compact"])]);
    expect(await currentValue("cleanup.policy")).toBe("delete,compact");
    await change([resource(TOPIC, "t", ["cleanup.policy", SUBTRACT, "delete, absent"])]);
    expect(await currentValue("cleanup.policy")).toBe("compact");
  });

  it("changes nothing of a resource when one of its changes is wrong, and all of the others", async () => {
    const outcome = await change([
      resource(TOPIC, "t", ["retention.bytes", SET, "6"], ["retention.ms", SET, "x"]),
      resource(TOPIC, "u", ["retention.ms", SET, "7"]),
    ]);
    expect(outcome).toEqual([
      ["t", "INVALID_CONFIG", "Invalid value x for configuration retention.ms: Not a number of type LONG"],
      ["u", "NONE", null],
    ]);
    expect([await currentValue("retention.bytes"), await currentValue("retention.ms", "u")]).toEqual(["-1", "7"]);
  });

  it("only checks when it is told to", async () => {
    expect(await change([resource(TOPIC, "t", ["retention.ms", SET, "5"])], true)).toEqual([["t", "NONE", null]]);
    expect(await currentValue("retention.ms")).toBe("604800000");
  });

  it("refuses a resource that comes twice, both times", async () => {
    const twice = [resource(TOPIC, "t", ["retention.ms", SET, "1"]), resource(TOPIC, "t", ["retention.bytes", SET, "2"])];
    const refused = ["t", "INVALID_REQUEST", "Each resource must appear at most once."];
    expect(await change(twice)).toEqual([refused, refused]);
    expect(await currentValue("retention.ms")).toBe("604800000");
  });

  it("keeps what is set for all brokers and what is set for one apart", async () => {
    await change([
      resource(BROKER, "", ["log.retention.ms", SET, "400000"]),
      resource(BROKER, "1", ["log.retention.ms", SET, "300000"]),
    ]);
    expect(await currentValue("retention.ms")).toBe("300000");
    await change([resource(BROKER, "1", ["log.retention.ms", DELETE, null])]);
    expect(await currentValue("retention.ms")).toBe("400000");
    await change([resource(BROKER, "", ["log.retention.ms", DELETE, null])]);
    expect(await currentValue("retention.ms")).toBe("604800000");
  });
});

// The words are a 4.3.1 broker's, where it refuses the same.
describe("IncrementalAlterConfigs refuses", () => {
  it.each([
    [TOPIC, "missing", ["retention.ms", SET, "1"], "UNKNOWN_TOPIC_OR_PARTITION", "The topic 'missing' does not exist."],
    [TOPIC, "", ["retention.ms", SET, "1"], "INVALID_REQUEST", "Default topic resources are not allowed."],
    [TOPIC, "t", ["nope", SET, "1"], "INVALID_CONFIG", "Unknown topic config name: nope"],
    [TOPIC, "t", ["retention.ms", SET, null], "INVALID_REQUEST", "Null value not supported for : retention.ms"],
    [TOPIC, "t", ["cleanup.policy", APPEND, null], "INVALID_REQUEST", "Null value not supported for : cleanup.policy"],
    [TOPIC, "t", ["retention.ms", APPEND, "1"], "INVALID_CONFIG", "Can't APPEND to key retention.ms because its type is not LIST."],
    [TOPIC, "t", ["nope", SUBTRACT, "1"], "INVALID_CONFIG", "Can't SUBTRACT to key nope because its type is not LIST."],
    [TOPIC, "t", ["__proto__", SET, "1"], "INVALID_CONFIG", "Unknown topic config name: __proto__"],
    [TOPIC, "t", ["retention.ms", 9, "1"], "UNKNOWN_SERVER_ERROR", null],
    [BROKER, "1", ["num.partitions", SET, "3"], "INVALID_REQUEST", "Cannot update these configs dynamically: [num.partitions]"],
    [BROKER, "1", ["node.id", SET, "3"], "INVALID_REQUEST", "Cannot update these configs dynamically: [node.id]"],
    [BROKER, "1", ["num.io.threads", SET, "3"], "INVALID_CONFIG", "Unknown broker config name: num.io.threads"],
    [
      BROKER,
      "1",
      ["log.retention.ms", SET, "x"],
      "INVALID_REQUEST",
      "Invalid value x for configuration log.retention.ms: Not a number of type LONG",
    ],
    [BROKER, "2", ["log.retention.ms", SET, "1"], "INVALID_REQUEST", "Unexpected broker id, expected 1, but received 2"],
    [BROKER, "x", ["log.retention.ms", SET, "1"], "INVALID_REQUEST", "Node id must be an integer, but it is: x"],
    [LOGGER, "1", ["nope", SET, "INFO"], "INVALID_CONFIG", "Logger nope does not exist!"],
    [GROUP, "g", ["nope", SET, "1"], "INVALID_CONFIG", "Unknown group config name: nope"],
    [GROUP, "", ["consumer.session.timeout.ms", SET, "46000"], "INVALID_REQUEST", "Default group resources are not allowed."],
    [
      GROUP,
      "g",
      ["consumer.session.timeout.ms", SET, "1"],
      "INVALID_CONFIG",
      "consumer.session.timeout.ms must be greater than or equal to group.consumer.min.session.timeout.ms",
    ],
    [
      GROUP,
      "g",
      ["consumer.heartbeat.interval.ms", SET, "20000"],
      "INVALID_CONFIG",
      "consumer.heartbeat.interval.ms must be less than or equal to group.consumer.max.heartbeat.interval.ms",
    ],
    [
      GROUP,
      "g",
      ["consumer.assignment.interval.ms", SET, "20000"],
      "INVALID_CONFIG",
      "consumer.assignment.interval.ms must be less than or equal to group.consumer.max.assignment.interval.ms",
    ],
    [99, "x", ["a", SET, "1"], "INVALID_REQUEST", "Unknown resource type 99"],
  ] as const)("type %i, name '%s', %o", async (type, name, wanted, error, message) => {
    expect(await change([resource(type, name, wanted)])).toEqual([[name, error, message]]);
  });

  it.each([
    ["", DELETE, "Cluster-level min.insync.replicas cannot be removed while ELR is enabled."],
    ["1", SET, "Broker-level min.insync.replicas cannot be altered while ELR is enabled."],
  ] as const)("min.insync.replicas to be different from broker to broker: '%s'", async (name, operation, message) => {
    expect(await change([resource(BROKER, name, ["min.insync.replicas", operation, "2"])])).toEqual([
      [name, "INVALID_CONFIG", message],
    ]);
    expect(await change([resource(BROKER, "", ["min.insync.replicas", SET, "2"])])).toEqual([["", "NONE", null]]);
    expect(await currentValue("min.insync.replicas")).toBe("2");
  });

  it("a name that comes twice", async () => {
    expect(await change([resource(TOPIC, "t", ["retention.ms", SET, "1"], ["retention.ms", DELETE, null])])).toEqual([
      ["t", "INVALID_REQUEST", "Error due to duplicate config keys"],
    ]);
  });
});

describe("AlterConfigs", () => {
  const replace = async (type: number, name: string, configs: Readonly<Record<string, string>>): Promise<Outcome[]> => {
    const settings = Object.entries(configs).map(([key, value]) => ({ name: key, value }));
    const { responses } = await stage.client.ask(
      "AlterConfigs",
      { resources: [{ resourceType: type, resourceName: name, configs: settings }] },
      2,
    );
    return responses.map(({ resourceName, ...result }) => outcomeOf(resourceName, result));
  };

  it("takes away what it does not name", async () => {
    await replace(TOPIC, "t", { "retention.ms": "5", "retention.bytes": "6" });
    expect(await replace(TOPIC, "t", { "retention.bytes": "7" })).toEqual([["t", "NONE", null]]);
    expect([await currentValue("retention.ms"), await currentValue("retention.bytes")]).toEqual(["604800000", "7"]);
  });

  it("leaves everything when something is wrong", async () => {
    await replace(TOPIC, "t", { "retention.ms": "5" });
    expect(await replace(TOPIC, "t", { nope: "1" })).toEqual([["t", "INVALID_CONFIG", "Unknown topic config name: nope"]]);
    expect(await currentValue("retention.ms")).toBe("5");
  });

  it("does not know loggers", async () => {
    expect(await replace(LOGGER, "1", { root: "INFO" })).toEqual([["1", "INVALID_REQUEST", "Unknown resource type 8"]]);
  });
});

describe("ListConfigResources", () => {
  it("names groups that something was set for, brokers and topics", async () => {
    await change([resource(GROUP, "g", ["consumer.session.timeout.ms", SET, "46000"])]);
    const { configResources } = await stage.client.ask("ListConfigResources", { resourceTypes: [] }, 1);
    expect(configResources.map(({ resourceType, resourceName }) => [resourceType, resourceName])).toEqual([
      [GROUP, "g"],
      [LOGGER, "1"],
      [LOGGER, "2"],
      [BROKER, "1"],
      [BROKER, "2"],
      [TOPIC, "t"],
      [TOPIC, "u"],
    ]);
  });

  it("refuses types that it does not know, and in v0 lists none but client metrics", async () => {
    expect(await stage.client.ask("ListConfigResources", { resourceTypes: [GROUP, 5] }, 1)).toMatchObject({
      errorCode: 35,
      configResources: [],
    });
    expect(await stage.client.ask("ListConfigResources", {}, 0)).toMatchObject({ errorCode: 0, configResources: [] });
  });
});
