import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AdminStage } from "../../../test/support/admin-stage.ts";

let stage: AdminStage;

beforeEach(async () => {
  stage = await AdminStage.open({ nodes: 3 });
});

afterEach(async () => {
  expect(await stage.close()).toEqual([]);
});

const plain = { numPartitions: 1, replicationFactor: 1 };
const byDefault = { numPartitions: -1, replicationFactor: -1 };

describe("CreateTopics", () => {
  it("makes topics that Metadata then shows, each partition with a leader", async () => {
    expect(await stage.create([{ name: "orders", numPartitions: 4, replicationFactor: 3 }])).toEqual([["orders", "NONE", null]]);
    const { topics } = await stage.client.ask("Metadata", { topics: [{ name: "orders" }] }, 12);
    expect(topics[0]!.partitions.map(({ leaderId, leaderEpoch }) => [leaderId, leaderEpoch])).toEqual([
      [1, 0],
      [2, 0],
      [3, 0],
      [1, 0],
    ]);
  });

  it("echoes numbers, id and the whole configuration from v5 on, and where each value comes from", async () => {
    const configs = [{ name: "retention.ms", value: " 5 " }];
    const { topics } = await stage.client.ask("CreateTopics", { topics: [{ name: "t", ...byDefault, configs }], timeoutMs: 1 }, 7);
    expect(topics[0]).toMatchObject({ numPartitions: 1, replicationFactor: 3, topicConfigErrorCode: 0 });
    expect(topics[0]!.topicId).toHaveLength(22);
    const echoed = new Map(topics[0]!.configs!.map(({ name, value, configSource }) => [name, [value, configSource]]));
    expect(echoed.size).toBe(33);
    expect(echoed.get("retention.ms")).toEqual(["5", 1]);
    expect(echoed.get("max.message.bytes")).toEqual(["1048588", 5]);
    expect([...echoed.keys()]).toEqual([...echoed.keys()].sort());
  });

  it("only checks when it is told to", async () => {
    expect(await stage.create([{ name: "t", ...plain }], { validateOnly: true })).toEqual([["t", "NONE", null]]);
    const { topics } = await stage.client.ask("Metadata", { topics: null }, 12);
    expect(topics).toEqual([]);
  });

  // Each line is what a 4.3.1 broker answers, but for the number of brokers.
  it.each([
    ["", plain, "INVALID_TOPIC_EXCEPTION", "Topic name is invalid: the empty string is not allowed"],
    [".", plain, "INVALID_TOPIC_EXCEPTION", "Topic name is invalid: '.' is not allowed"],
    [
      "a b",
      plain,
      "INVALID_TOPIC_EXCEPTION",
      "Topic name is invalid: 'a b' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'",
    ],
    [
      "t",
      { numPartitions: 0, replicationFactor: 1 },
      "INVALID_PARTITIONS",
      "Number of partitions was set to an invalid non-positive value.",
    ],
    [
      "t",
      { numPartitions: 1, replicationFactor: 0 },
      "INVALID_REPLICATION_FACTOR",
      "Replication factor must be larger than 0, or -1 to use the default value.",
    ],
    [
      "t",
      { numPartitions: 1, replicationFactor: 4 },
      "INVALID_REPLICATION_FACTOR",
      "Unable to replicate the partition 4 time(s): The target replication factor of 4 cannot be reached because only 3 broker(s) are registered or some brokers have all their log directories cordoned.",
    ],
    [
      "t",
      { numPartitions: 2147483647, replicationFactor: 1 },
      "POLICY_VIOLATION",
      "Excessively large number of partitions per request.",
    ],
    ["__cluster_metadata", plain, "INVALID_REQUEST", "Creation of internal topic __cluster_metadata is prohibited."],
  ] as const)("refuses topic '%s' with %o", async (name, numbers, error, message) => {
    expect(await stage.create([{ name, ...numbers }])).toEqual([[name, error, message]]);
  });

  it.each([
    [
      "Found multiple manual partition assignments for partition 0",
      [
        [0, [1]],
        [0, [1]],
      ],
    ],
    ["partitions should be a consecutive 0-based integer sequence", [[1, [1]]]],
    ["partitions should be a consecutive 0-based integer sequence", [[-1, [1]]]],
    ["The manual partition assignment includes an empty replica list.", [[0, []]]],
    ["The manual partition assignment includes broker 9, but no such broker is registered.", [[0, [9]]]],
    ["The manual partition assignment includes the broker 1 more than once.", [[0, [1, 1]]]],
    [
      "The manual partition assignment includes a partition with 2 replica(s), but this is not consistent with previous partitions, which have 1 replica(s).",
      [
        [0, [1]],
        [1, [1, 2]],
      ],
    ],
  ] as const)("refuses an assignment by hand: %s", async (message, partitions) => {
    const assignments = partitions.map(([partitionIndex, brokerIds]) => ({ partitionIndex, brokerIds }));
    expect(await stage.create([{ name: "t", ...byDefault, assignments }])).toEqual([["t", "INVALID_REPLICA_ASSIGNMENT", message]]);
  });

  it("follows an assignment by hand, whatever the order of its partitions", async () => {
    const assignments = [
      { partitionIndex: 1, brokerIds: [2, 1] },
      { partitionIndex: 0, brokerIds: [3, 2] },
    ];
    await stage.create([{ name: "t", ...byDefault, assignments }]);
    const { topics } = await stage.client.ask("Metadata", { topics: [{ name: "t" }] }, 12);
    expect(topics[0]!.partitions.map(({ replicaNodes }) => replicaNodes)).toEqual([
      [3, 2],
      [2, 1],
    ]);
  });

  it("does not take numbers beside an assignment by hand", async () => {
    const assignments = [{ partitionIndex: 0, brokerIds: [1] }];
    expect(await stage.create([{ name: "t", ...byDefault, numPartitions: 1, assignments }])).toEqual([
      ["t", "INVALID_REQUEST", "A manual partition assignment was specified, but numPartitions was not set to -1."],
    ]);
    expect(await stage.create([{ name: "t", ...byDefault, replicationFactor: 1, assignments }])).toEqual([
      ["t", "INVALID_REQUEST", "A manual partition assignment was specified, but replication factor was not set to -1."],
    ]);
  });

  it("refuses an assignment to nodes that are all down", async () => {
    await stage.broker.stopNode(3);
    const assignments = [{ partitionIndex: 0, brokerIds: [3] }];
    expect(await stage.create([{ name: "t", ...byDefault, assignments }])).toEqual([
      [
        "t",
        "INVALID_REPLICA_ASSIGNMENT",
        "All brokers specified in the manual partition assignment for partition 0 are fenced or in controlled shutdown.",
      ],
    ]);
  });

  it.each([
    ["nope", "1", "Unknown topic config name: nope"],
    ["retention.ms", null, "Null value not supported for topic configs: retention.ms"],
    ["cleanup.policy", "x", "Invalid value x for configuration cleanup.policy: String must be one of: compact, delete"],
    [
      "remote.storage.enable",
      "true",
      "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage.",
    ],
    [
      "leader.replication.throttled.replicas",
      "x",
      "Invalid value [x] for configuration leader.replication.throttled.replicas: leader.replication.throttled.replicas must be the literal '*' or a list of replicas in the following format: [partitionId]:[brokerId],[partitionId]:[brokerId],...",
    ],
  ])("refuses the configuration %s=%s", async (name, value, message) => {
    expect(await stage.create([{ name: "t", ...plain, configs: [{ name, value }] }])).toEqual([["t", "INVALID_CONFIG", message]]);
  });

  it("refuses lags of compaction that contradict each other", async () => {
    const configs = [
      { name: "min.compaction.lag.ms", value: "5" },
      { name: "max.compaction.lag.ms", value: "2" },
    ];
    const message = "conflict topic config setting min.compaction.lag.ms (5) > max.compaction.lag.ms (2)";
    expect(await stage.create([{ name: "t", ...plain, configs }])).toEqual([["t", "INVALID_CONFIG", message]]);
  });

  it("refuses what is there already, and names that differ in dots and underscores alone", async () => {
    await stage.create([{ name: "a.b", ...plain }]);
    expect(await stage.create([{ name: "a.b", ...plain }])).toEqual([
      ["a.b", "TOPIC_ALREADY_EXISTS", "Topic 'a.b' already exists."],
    ]);
    expect(await stage.create([{ name: "a_b", ...plain }])).toEqual([
      ["a_b", "INVALID_TOPIC_EXCEPTION", "Topic 'a_b' collides with existing topic: a.b"],
    ]);
  });

  it("makes none of the topics of one name, and all of the others", async () => {
    expect(
      await stage.create([
        { name: "x", ...plain },
        { name: "y", ...plain },
        { name: "x", ...plain },
      ]),
    ).toEqual([
      ["y", "NONE", null],
      ["x", "INVALID_REQUEST", "Duplicate topic name."],
    ]);
  });

  it("with a fault after the fact makes the topic and answers the error all the same", async () => {
    stage.broker.faults.failNext({ api: "CreateTopics", topic: "t", error: "REQUEST_TIMED_OUT", afterApply: true });
    expect(
      await stage.create([
        { name: "t", ...plain },
        { name: "u", ...plain },
      ]),
    ).toEqual([
      ["t", "REQUEST_TIMED_OUT", null],
      ["u", "NONE", null],
    ]);
    expect(await stage.create([{ name: "t", ...plain }])).toEqual([["t", "TOPIC_ALREADY_EXISTS", "Topic 't' already exists."]]);
  });

  it("with a fault before the fact makes nothing", async () => {
    stage.broker.faults.failNext({ api: "CreateTopics", topic: "t", error: "NOT_CONTROLLER" });
    expect(await stage.create([{ name: "t", ...plain }])).toEqual([["t", "NOT_CONTROLLER", null]]);
    expect(await stage.create([{ name: "t", ...plain }])).toEqual([["t", "NONE", null]]);
  });

  it("takes a thousand topics of ten partitions in one request", async () => {
    const topics = Array.from({ length: 1000 }, (_, index) => ({ name: `t-${index}`, numPartitions: 10, replicationFactor: 3 }));
    expect((await stage.create(topics)).every(([, error]) => error === "NONE")).toBe(true);
    const metadata = await stage.client.ask("Metadata", { topics: null }, 12);
    expect(metadata.topics.reduce((total, { partitions }) => total + partitions.length, 0)).toBe(10_000);
  });
});
