import { describe, expect, it } from "vitest";
import { adminStage } from "../../../test/support/admin-client-stage.ts";
import { UnsupportedVersionError } from "../../protocol/index.ts";
import { IllegalStateError } from "../errors.ts";

const orders = { type: "topic", name: "orders" } as const;
const topics = { orders: { partitions: 1, configs: { "retention.ms": "60000", "cleanup.policy": "compact" } } };

describe("describeConfigs", () => {
  it("tells settings with their origin and type", async () => {
    const { admin, when } = await adminStage({ topics });
    const [described] = await when(admin.describeConfigs([orders]));
    expect(described?.configs?.get("retention.ms")).toEqual({
      name: "retention.ms",
      value: "60000",
      source: "topic",
      isDefault: false,
      isSensitive: false,
      isReadOnly: false,
      type: "long",
      synonyms: [],
      documentation: undefined,
    });
    expect(described?.configs?.get("segment.bytes")).toMatchObject({ source: "default", isDefault: true, type: "int" });
    expect(described?.configs?.size).toBeGreaterThan(20);
  });

  it("tells only what is asked for, with synonyms and documentation on request", async () => {
    const { admin, when } = await adminStage({ topics });
    const [described] = await when(
      admin.describeConfigs([{ ...orders, configs: ["retention.ms"] }], { includeSynonyms: true, includeDocumentation: true }),
    );
    expect([...(described?.configs?.keys() ?? [])]).toEqual(["retention.ms"]);
    const retention = described?.configs?.get("retention.ms");
    expect(retention?.synonyms[0]).toEqual({ name: "retention.ms", value: "60000", source: "topic" });
    expect(retention?.documentation).toMatch(/\w+/);
  });

  it("asks each broker about itself, and anybody about the rest, side by side", async () => {
    const stage = await adminStage({ nodes: 3, topics });
    const results = await stage.when(
      stage.admin.describeConfigs([
        { type: "broker", name: "2" },
        orders,
        { type: "broker", name: "3" },
        { type: "broker", name: "" },
        { type: "topic", name: "missing" },
      ]),
    );
    expect(results.map(({ name, error }) => [name, error?.code])).toEqual([
      ["2", undefined],
      ["orders", undefined],
      ["3", undefined],
      ["", undefined],
      ["missing", "UNKNOWN_TOPIC_OR_PARTITION"],
    ]);
    expect(results[0]?.configs?.get("broker.id")?.value).toBe("2");
    expect(stage.requests()).toHaveLength(3);
    expect(stage.requests()).toEqual(expect.arrayContaining(["DescribeConfigs → 2", "DescribeConfigs → 3"]));
  });

  it("gives a broker that is not there a few seconds to appear, and makes only that item fail", async () => {
    const stage = await adminStage({ nodes: 2, topics });
    const startMs = stage.clock.now();
    const [missing, topic] = await stage.when(stage.admin.describeConfigs([{ type: "broker", name: "9" }, orders]));
    expect(stage.clock.now() - startMs).toBeLessThan(6000);
    expect(missing?.error?.message).toContain("node 9 is not among the nodes that are alive: 1, 2");
    expect(topic?.configs?.size).toBeGreaterThan(0);
    await stage.broker.stopNode(2);
    stage.clock.schedule(2000, () => void stage.broker.startNode(2));
    const [back] = await stage.when(stage.admin.describeConfigs([{ type: "broker", name: "2" }]));
    expect(back?.configs?.get("broker.id")?.value).toBe("2");
  });

  it("with brokers of 0.11 tells whether a value was set, and where from whose it is", async () => {
    const { admin, when } = await adminStage({ topics, asVersion: "0.11" });
    const [described] = await when(admin.describeConfigs([orders]));
    expect(described?.configs?.get("retention.ms")).toMatchObject({
      value: "60000",
      source: "topic",
      isDefault: false,
      type: "unknown",
    });
    expect(described?.configs?.get("segment.bytes")).toMatchObject({ source: "default", isDefault: true });
    await expect(when(admin.describeConfigs([orders], { includeSynonyms: true }))).rejects.toThrow(/before 1\.1/);
    await expect(when(admin.describeConfigs([orders], { includeDocumentation: true }))).rejects.toThrow(/before 2\.6/);
  });

  it("refuses resources that cannot be", async () => {
    const { admin } = await adminStage();
    const error: unknown = await admin
      .describeConfigs([
        { type: "topic", name: "" },
        { type: "broker", name: "one" },
        { type: "brokerLogger", name: "" },
        orders,
        orders,
        { type: "group", name: "g", configs: [] },
        // @ts-expect-error: no such type
        { type: "user", name: "alice" },
      ])
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(IllegalStateError);
    expect(String(error).split("\n")).toHaveLength(7);
  });
});

describe("incrementalAlterConfigs", () => {
  it("sets, deletes, appends and subtracts, and leaves the rest alone", async () => {
    const { admin, when } = await adminStage({ topics });
    await when(
      admin.incrementalAlterConfigs([
        { ...orders, set: { "segment.ms": "1000000" }, delete: ["retention.ms"], append: { "cleanup.policy": "delete" } },
      ]),
    );
    const [described] = await when(admin.describeConfigs([orders]));
    expect(described?.configs?.get("segment.ms")).toMatchObject({ value: "1000000", source: "topic" });
    expect(described?.configs?.get("retention.ms")).toMatchObject({ source: "default" });
    expect(described?.configs?.get("cleanup.policy")).toMatchObject({ value: "compact,delete" });
    await when(admin.incrementalAlterConfigs([{ ...orders, subtract: { "cleanup.policy": "compact" } }]));
    const [again] = await when(admin.describeConfigs([orders]));
    expect(again?.configs?.get("cleanup.policy")?.value).toBe("delete");
  });

  it("gives each resource its own result", async () => {
    const { admin, when } = await adminStage({ topics });
    const results = await when(
      admin.incrementalAlterConfigs([
        { ...orders, set: { "retention.ms": "soon" } },
        { type: "topic", name: "missing", set: { "retention.ms": "1" } },
        { type: "broker", name: "1", set: { "log.retention.ms": "5000" } },
      ]),
    );
    expect(results.map(({ error }) => error?.code)).toEqual(["INVALID_CONFIG", "UNKNOWN_TOPIC_OR_PARTITION", undefined]);
    expect(results[0]?.error?.message).toContain("retention.ms");
  });

  it("changes nothing when it is only to validate", async () => {
    const { admin, when } = await adminStage({ topics });
    await when(admin.incrementalAlterConfigs([{ ...orders, set: { "retention.ms": "1" } }], { validateOnly: true }));
    const [described] = await when(admin.describeConfigs([orders]));
    expect(described?.configs?.get("retention.ms")?.value).toBe("60000");
  });

  it("M17: follows the controller", async () => {
    const { admin, when, broker } = await adminStage({ topics, nodes: 3, asVersion: "2.8" });
    broker.faults.failNext({ api: "IncrementalAlterConfigs", error: "NOT_CONTROLLER" });
    await when(admin.incrementalAlterConfigs([{ ...orders, set: { "retention.ms": "1" } }]));
    expect(broker.journal.requests("IncrementalAlterConfigs")).toHaveLength(2);
  });

  it("with brokers before 2.3 says what would be done, and does it only when told to", async () => {
    const { admin, when } = await adminStage({ topics, asVersion: "2.1" });
    const changes = [
      { ...orders, set: { "segment.ms": "1000000" }, delete: ["retention.ms"], append: { "cleanup.policy": "delete" } },
    ];
    const refused = when(admin.incrementalAlterConfigs(changes));
    await expect(refused).rejects.toThrow(UnsupportedVersionError);
    await expect(refused).rejects.toThrow("pass replaceOnOldBrokers");
    expect(await when(admin.incrementalAlterConfigs(changes, { replaceOnOldBrokers: true }))).toEqual([orders]);
    const [described] = await when(admin.describeConfigs([orders]));
    const setHere = [...(described?.configs?.values() ?? [])].flatMap(({ name, value, source }) =>
      source === "topic" ? [`${name}=${value}`] : [],
    );
    expect(setHere.toSorted()).toEqual(["cleanup.policy=compact,delete", "segment.ms=1000000"]);
  });

  it("so replaces, it validates only when told to, and a missing topic fails by itself", async () => {
    const { admin, when } = await adminStage({ topics, asVersion: "0.11" });
    const results = await when(
      admin.incrementalAlterConfigs(
        [
          { ...orders, set: { "retention.ms": "1" } },
          { type: "topic", name: "missing", set: { "retention.ms": "1" } },
        ],
        { replaceOnOldBrokers: true, validateOnly: true },
      ),
    );
    expect(results[0]?.error).toBeUndefined();
    expect(results[1]?.error).toBeDefined();
    const [described] = await when(admin.describeConfigs([orders]));
    expect(described?.configs?.get("retention.ms")?.value).toBe("60000");
  });

  it("refuses changes that contradict themselves or are none", async () => {
    const { admin } = await adminStage();
    const error: unknown = await admin
      .incrementalAlterConfigs([
        { ...orders },
        { type: "topic", name: "a", set: { x: "1" }, delete: ["x"] },
        // @ts-expect-error: settings are text
        { type: "topic", name: "b", set: { x: 1 } },
      ])
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(IllegalStateError);
    expect(String(error).split("\n")).toHaveLength(4);
  });
});
