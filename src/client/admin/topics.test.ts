import { describe, expect, it } from "vitest";
import { adminStage } from "../../../test/support/admin-client-stage.ts";
import { UnsupportedVersionError } from "../../protocol/index.ts";
import { IllegalStateError } from "../errors.ts";

describe("listTopics", () => {
  it("gives names in order, internal topics only when asked for", async () => {
    const { admin, when, broker } = await adminStage({ topics: { orders: 1, bills: 2 } });
    broker.createTopic("__consumer_offsets");
    expect(await when(admin.listTopics())).toEqual(["bills", "orders"]);
    expect(await when(admin.listTopics({ includeInternal: true }))).toEqual(["__consumer_offsets", "bills", "orders"]);
  });

  it.each(["0.11", "2.1", "2.8", "3.9"] as const)("does so with brokers of %s", async (asVersion) => {
    const { admin, when } = await adminStage({ topics: { orders: 1, bills: 2 }, asVersion });
    expect(await when(admin.listTopics())).toEqual(["bills", "orders"]);
  });

  it("fails when the answer does, which then has no topics in it", async () => {
    const { admin, when, broker } = await adminStage({ topics: { orders: 1 } });
    await when(admin.listTopics());
    broker.faults.failNext({ api: "Metadata", error: "CLUSTER_AUTHORIZATION_FAILED" });
    await expect(when(admin.listTopics())).rejects.toMatchObject({ code: "CLUSTER_AUTHORIZATION_FAILED" });
    expect(await when(admin.listTopics())).toEqual(["orders"]);
  });
});

describe("deleteTopics", () => {
  it("deletes by name, each topic by itself", async () => {
    const { admin, when } = await adminStage({ topics: { a: 1, b: 1 } });
    const results = await when(admin.deleteTopics(["a", "missing"]));
    expect(results.map(({ name, error }) => [name, error?.code])).toEqual([
      ["a", undefined],
      ["missing", "UNKNOWN_TOPIC_OR_PARTITION"],
    ]);
    expect(await when(admin.listTopics())).toEqual(["b"]);
  });

  it("deletes by id, and tells the name", async () => {
    const { admin, when } = await adminStage({ topics: { a: 1, b: 1 } });
    const [a] = await when(admin.describeTopics(["a"]));
    const topicId = a?.topicId ?? "";
    const strange = "AAAAAAAAAAAAAAAAAAAAAQ";
    const results = await when(admin.deleteTopics([{ topicId: strange }, { topicId }]));
    expect(results).toMatchObject([
      { name: undefined, topicId: strange, error: { code: "UNKNOWN_TOPIC_ID" } },
      { name: "a", topicId },
    ]);
    expect(await when(admin.listTopics())).toEqual(["b"]);
  });

  it("does not wait for a topic that is not there", async () => {
    const stage = await adminStage();
    const { error, tookMs } = await stage.outcomeOf(stage.admin.deleteTopics(["missing"]));
    expect(error).toMatchObject({ code: "UNKNOWN_TOPIC_OR_PARTITION" });
    expect(tookMs).toBe(0);
    expect(stage.requests()).toEqual(["DeleteTopics → 1"]);
  });

  it("says of a topic that is gone already when a lost answer may be why", async () => {
    const { admin, when, broker } = await adminStage({ topics: { a: 1 } });
    broker.faults.disconnect({ api: "DeleteTopics", afterApply: true });
    await expect(when(admin.deleteTopics(["a"]))).rejects.toThrow("may have deleted it");
  });

  it("with brokers before 2.8 goes by name only", async () => {
    const { admin, when } = await adminStage({ topics: { a: 1 }, asVersion: "2.1" });
    await expect(when(admin.deleteTopics([{ topicId: "AAAAAAAAAAAAAAAAAAAAAQ" }]))).rejects.toThrow(UnsupportedVersionError);
    await when(admin.deleteTopics(["a"]));
    expect(await when(admin.listTopics())).toEqual([]);
  });

  it("refuses names and ids that cannot be", async () => {
    const { admin } = await adminStage();
    const error: unknown = await admin.deleteTopics(["", "a", "a", { topicId: "short" }]).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(IllegalStateError);
    expect(String(error)).toMatch(/not ''\n.*'a' is named twice\n.*not 'short'/);
  });
});

describe("describeTopics", () => {
  it("tells partitions, leaders and replicas, in the order asked", async () => {
    const { admin, when } = await adminStage({ nodes: 3, topics: { a: 2, b: { partitions: 1, replicationFactor: 2 } } });
    const [b, a] = await when(admin.describeTopics(["b", "a"]));
    expect(a?.partitions?.map(({ partition }) => partition)).toEqual([0, 1]);
    expect(b).toMatchObject({ name: "b", isInternal: false, authorizedOperations: undefined });
    expect(b?.partitions?.[0]).toMatchObject({ leaderEpoch: 0, eligibleLeaderReplicas: [], offlineReplicas: [] });
    expect(b?.partitions?.[0]?.replicas).toHaveLength(2);
    expect(b?.partitions?.[0]?.replicas).toContain(b?.partitions?.[0]?.leaderId);
  });

  it("puts pages together, whatever their size", async () => {
    const { admin, when, broker } = await adminStage({
      topics: { a: 7, b: 1, c: 3 },
      configs: { "max.request.partition.size.limit": "2" },
    });
    const topics = await when(admin.describeTopics(["c", "missing", "a", "b"]));
    expect(
      topics.map(({ name, partitions, error }) => [name, partitions?.map(({ partition }) => partition) ?? error?.code]),
    ).toEqual([
      ["c", [0, 1, 2]],
      ["missing", "UNKNOWN_TOPIC_OR_PARTITION"],
      ["a", [0, 1, 2, 3, 4, 5, 6]],
      ["b", [0]],
    ]);
    expect(broker.journal.requests("DescribeTopicPartitions").length).toBeGreaterThan(4);
  });

  it("does not go round with a broker whose cursor does not move", async () => {
    const { admin, when, broker } = await adminStage({ topics: { a: 1 } });
    broker.faults.on("DescribeTopicPartitions", () => ({ topics: [], nextCursor: { topicName: "a", partitionIndex: 0 } }));
    await expect(when(admin.describeTopics(["a"]))).rejects.toThrow("the broker's cursor does not move on");
    expect(broker.journal.requests("DescribeTopicPartitions")).toHaveLength(2);
  });

  it("does not follow a cursor behind the last topic that was asked for: there an empty list would ask for all", async () => {
    const { admin, when, broker } = await adminStage({ topics: { a: 1, b: 1 } });
    broker.faults.on("DescribeTopicPartitions", async (_, asked) => {
      const body = await asked.next();
      return { ...(typeof body === "object" ? body : {}), nextCursor: { topicName: "aa", partitionIndex: 0 } };
    });
    const [a] = await when(admin.describeTopics(["a"]));
    expect(a?.partitions).toHaveLength(1);
    expect(broker.journal.requests("DescribeTopicPartitions")).toHaveLength(1);
  });

  it("makes an item that the broker leaves out fail", async () => {
    const { admin, when, broker } = await adminStage({ topics: { a: 1 } });
    broker.faults.on("DescribeTopicPartitions", () => ({ topics: [], nextCursor: null }));
    await expect(when(admin.describeTopics(["a"]))).rejects.toThrow("the answer says nothing about it");
  });

  it("goes by id, and mixes both", async () => {
    const { admin, when } = await adminStage({ topics: { a: 1, b: 2 } });
    const [a] = await when(admin.describeTopics(["a"]));
    const strange = "AAAAAAAAAAAAAAAAAAAAAQ";
    const results = await when(admin.describeTopics([{ topicId: strange }, "b", { topicId: a?.topicId ?? "" }]));
    expect(results.map(({ name, topicId, error }) => [name, topicId === strange, error?.code])).toEqual([
      [undefined, true, "UNKNOWN_TOPIC_ID"],
      ["b", false, undefined],
      ["a", false, undefined],
    ]);
  });

  it("tells operations when asked for", async () => {
    const { admin, when } = await adminStage({ topics: { a: 1 } });
    const [a] = await when(admin.describeTopics(["a"], { includeAuthorizedOperations: true }));
    expect(a?.authorizedOperations).toEqual([
      "read",
      "write",
      "create",
      "delete",
      "alter",
      "describe",
      "describeConfigs",
      "alterConfigs",
    ]);
  });

  it.each(["0.11", "1.1", "2.1", "2.8", "3.7"] as const)(
    "asks Metadata of brokers of %s, and creates nothing by it",
    async (asVersion) => {
      const { admin, when } = await adminStage({ topics: { a: 2 }, asVersion, autoCreateTopics: true });
      const [a, missing] = await when(admin.describeTopics(["a", "missing"]));
      expect(a?.partitions).toHaveLength(2);
      expect(a?.partitions?.[0]?.eligibleLeaderReplicas).toBeUndefined();
      expect(missing?.error).toMatchObject({ code: "UNKNOWN_TOPIC_OR_PARTITION" });
      expect(await when(admin.listTopics())).toEqual(["a"]);
    },
  );

  it("says what old brokers cannot tell", async () => {
    const { admin, when } = await adminStage({ topics: { a: 1 }, asVersion: "1.1" });
    await expect(when(admin.describeTopics(["a"], { includeAuthorizedOperations: true }))).rejects.toThrow(/before 2\.3/);
    await expect(when(admin.describeTopics([{ topicId: "AAAAAAAAAAAAAAAAAAAAAQ" }]))).rejects.toThrow(/before 2\.8/);
  });

  it("finds ids with brokers of 2.8, which tell them and do not take them", async () => {
    const { admin, when } = await adminStage({ topics: { a: 1 }, asVersion: "2.8" });
    const [a] = await when(admin.describeTopics(["a"]));
    const [again] = await when(admin.describeTopics([{ topicId: a?.topicId ?? "" }]));
    expect(again?.name).toBe("a");
  });
});

describe("createPartitions", () => {
  it("adds partitions, each topic by itself", async () => {
    const { admin, when } = await adminStage({ topics: { a: 1, b: 4 } });
    const results = await when(admin.createPartitions({ a: 3, b: 2, missing: 5 }));
    expect(results.map(({ name, error }) => [name, error?.code])).toEqual([
      ["a", undefined],
      ["b", "INVALID_PARTITIONS"],
      ["missing", "UNKNOWN_TOPIC_OR_PARTITION"],
    ]);
    const [a] = await when(admin.describeTopics(["a"]));
    expect(a?.partitions).toHaveLength(3);
  });

  it("puts the new ones where it is told", async () => {
    const { admin, when } = await adminStage({ nodes: 3, topics: { a: { partitions: 1, replicationFactor: 2 } } });
    await when(
      admin.createPartitions({
        a: {
          total: 3,
          newAssignments: [
            [2, 3],
            [3, 1],
          ],
        },
      }),
    );
    const [a] = await when(admin.describeTopics(["a"]));
    expect(a?.partitions?.slice(1).map(({ replicas }) => replicas)).toEqual([
      [2, 3],
      [3, 1],
    ]);
  });

  it("adds none when it is only to validate", async () => {
    const { admin, when } = await adminStage({ topics: { a: 1 } });
    await when(admin.createPartitions({ a: 2 }, { validateOnly: true }));
    const [a] = await when(admin.describeTopics(["a"]));
    expect(a?.partitions).toHaveLength(1);
  });

  it("refuses numbers that cannot be", async () => {
    const { admin } = await adminStage();
    const error: unknown = await admin
      .createPartitions({ a: 0, b: -1, c: { total: 2, newAssignments: [] }, d: Number.NaN })
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(IllegalStateError);
    expect(String(error).split("\n")).toHaveLength(5);
  });

  it("takes topics with names like members of objects", async () => {
    const { admin, when } = await adminStage({ topics: { constructor: 1, toString: 1 } });
    const wanted = JSON.parse('{ "__proto__": 2, "constructor": 2, "toString": 2 }') as Record<string, number>;
    const results = await when(admin.createPartitions(wanted));
    expect(results.map(({ name, error }) => [name, error?.code])).toEqual([
      ["__proto__", "UNKNOWN_TOPIC_OR_PARTITION"],
      ["constructor", undefined],
      ["toString", undefined],
    ]);
  });
});
