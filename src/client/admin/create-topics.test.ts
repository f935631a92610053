import { describe, expect, it } from "vitest";
import { adminStage } from "../../../test/support/admin-client-stage.ts";
import { UnsupportedVersionError } from "../../protocol/index.ts";
import { BrokerError, IllegalStateError, RequestTimeoutError } from "../errors.ts";

describe("createTopics", () => {
  it("tells id, partitions, replicas and settings of the new topic", async () => {
    const { admin, broker, when } = await adminStage({ nodes: 3 });
    const [orders, ...more] = await when(
      admin.createTopics([{ name: "orders", numPartitions: 3, replicationFactor: 2, configs: { "retention.ms": "60000" } }]),
    );
    expect(more).toEqual([]);
    expect(orders).toMatchObject({ name: "orders", numPartitions: 3, replicationFactor: 2 });
    expect(orders?.topicId).toMatch(/^[\w-]{22}$/);
    expect(orders?.configs?.get("retention.ms")).toMatchObject({ value: "60000", source: "topic", isDefault: false });
    expect(orders?.configs?.get("cleanup.policy")).toMatchObject({ value: "delete", source: "default", isDefault: true });
    expect(broker.leaderOf({ topic: "orders", partition: 2 })).toBeGreaterThan(0);
  });

  it("leaves numbers to the broker unless they are given", async () => {
    const { admin, when } = await adminStage({ configs: { "num.partitions": "4" } });
    const [topic] = await when(admin.createTopics([{ name: "a" }]));
    expect(topic).toMatchObject({ numPartitions: 4, replicationFactor: 1 });
  });

  it.each([
    [
      [
        [1, 2],
        [3, 1],
      ],
    ],
    [{ 1: [3, 1], 0: [1, 2] }],
  ])("takes replicas by partition as %j", async (replicaAssignment) => {
    const { admin, when } = await adminStage({ nodes: 3 });
    await when(admin.createTopics([{ name: "placed", replicaAssignment }]));
    const [described] = await when(admin.describeTopics(["placed"]));
    expect(described?.partitions?.map(({ replicas }) => replicas)).toEqual([
      [1, 2],
      [3, 1],
    ]);
  });

  it("gives each topic its own result, in the order asked, whatever becomes of the others", async () => {
    const { admin, when } = await adminStage({ topics: { there: 1 } });
    const results = await when(
      admin.createTopics([
        { name: "there", numPartitions: 1 },
        { name: "new", numPartitions: 1 },
        { name: "not/a/name", numPartitions: 1 },
        { name: "much", numPartitions: 1, replicationFactor: 9 },
      ]),
    );
    expect(results.map(({ name, error }) => [name, error?.code])).toEqual([
      ["there", "TOPIC_ALREADY_EXISTS"],
      ["new", undefined],
      ["not/a/name", "INVALID_TOPIC_EXCEPTION"],
      ["much", "INVALID_REPLICATION_FACTOR"],
    ]);
    expect(results[0]?.error).toBeInstanceOf(BrokerError);
    expect(results[0]?.error?.message).toMatch(
      /CreateTopics, topic 'there', broker 127\.0\.0\.1:9092 \(id 1\): TOPIC_ALREADY_EXISTS/,
    );
  });

  it("throws the error of its only topic", async () => {
    const { admin, when } = await adminStage({ topics: { there: 1 } });
    await expect(when(admin.createTopics([{ name: "there" }]))).rejects.toMatchObject({ code: "TOPIC_ALREADY_EXISTS" });
  });

  it("creates nothing when it is only to validate, and invents no id", async () => {
    const { admin, when } = await adminStage();
    const [topic] = await when(admin.createTopics([{ name: "a", numPartitions: 2 }], { validateOnly: true }));
    expect(topic).toMatchObject({ name: "a", topicId: undefined, numPartitions: 2 });
    expect(await when(admin.listTopics())).toEqual([]);
  });

  it("sends nothing for nothing", async () => {
    const { admin, when, broker } = await adminStage();
    expect(await when(admin.createTopics([]))).toEqual([]);
    expect(broker.journal.requests("CreateTopics")).toEqual([]);
  });

  it("lists all that is wrong with its arguments before anything is sent", async () => {
    const { admin, broker } = await adminStage();
    const bad = admin.createTopics([
      { name: "" },
      { name: "twice" },
      { name: "twice" },
      { name: "none", numPartitions: 0 },
      { name: "half", numPartitions: 1.5, replicationFactor: 40_000 },
      { name: "both", numPartitions: 1, replicaAssignment: [[1]] },
      { name: "gap", replicaAssignment: { 0: [1], 2: [1] } },
      { name: "double", replicaAssignment: [[1, 1], []] },
      // @ts-expect-error: settings are text
      { name: "typed", configs: { "retention.ms": 60_000 } },
    ]);
    const error = await bad.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(IllegalStateError);
    expect(String(error).split("\n  ").slice(1)).toEqual([
      "a topic needs a name, not ''",
      "topic 'twice' is named twice",
      "topic 'none': numPartitions must be a whole number from 1 to 2147483647, not 0",
      "topic 'half': numPartitions must be a whole number from 1 to 2147483647, not 1.5",
      "topic 'half': replicationFactor must be a whole number from 1 to 32767, not 40000",
      "topic 'both': either replicaAssignment, or numPartitions and replicationFactor",
      "topic 'gap': replicaAssignment must name partitions from 0 on without gaps",
      "topic 'double': partition 0 names a broker twice",
      "topic 'double': partition 1 needs a list of broker ids, not ",
      "topic 'typed': the value of 'retention.ms' must be text, not 60000",
    ]);
    expect(broker.journal.requests()).toEqual([]);
  });

  it("asks the controller, and M17: follows it when it moves", async () => {
    const { admin, broker, when } = await adminStage({ nodes: 3, asVersion: "2.8" });
    broker.faults.failNext({ api: "CreateTopics", error: "NOT_CONTROLLER", times: 2 });
    await when(admin.createTopics([{ name: "a", numPartitions: 1, replicationFactor: 1 }]));
    expect(broker.journal.requests("CreateTopics")).toHaveLength(3);
    expect(await when(admin.listTopics())).toEqual(["a"]);
  });

  it("Q3: waits for a quota (KIP-599), asking again only for what was refused", async () => {
    const { admin, broker, clock, when } = await adminStage();
    broker.faults.failNext({ api: "CreateTopics", topic: "b", error: "THROTTLING_QUOTA_EXCEEDED" });
    broker.faults.throttle({ api: "CreateTopics", throttleMs: 3000 });
    const startMs = clock.now();
    const results = await when(admin.createTopics([{ name: "a" }, { name: "b" }]));
    expect(results.map(({ error }) => error)).toEqual([undefined, undefined]);
    expect(clock.now() - startMs).toBeGreaterThanOrEqual(3000);
    const asked = broker.journal.requests("CreateTopics").map(({ body }) => namesIn(body));
    expect(asked).toEqual([["a", "b"], ["b"]]);
  });

  it("Q3: tells of the quota at once when it is not to wait, or could not wait long enough", async () => {
    const one = await adminStage();
    const { admin, broker } = one;
    broker.faults.failNext({ api: "CreateTopics", error: "THROTTLING_QUOTA_EXCEEDED", times: 2 });
    const impatient = await one.outcomeOf(admin.createTopics([{ name: "a" }], { retryOnQuotaViolation: false }));
    expect(impatient.error).toMatchObject({ code: "THROTTLING_QUOTA_EXCEEDED" });
    broker.faults.throttle({ api: "CreateTopics", throttleMs: 10_000 });
    const short = await one.outcomeOf(admin.createTopics([{ name: "a" }], { timeoutMs: 2000 }));
    expect(short.error).toMatchObject({ code: "THROTTLING_QUOTA_EXCEEDED" });
    expect(short.tookMs).toBeLessThan(2000);
  });

  it("says of a topic that exists already when a lost answer may be why", async () => {
    const { admin, broker, when } = await adminStage();
    broker.faults.disconnect({ api: "CreateTopics", afterApply: true });
    const error: unknown = await when(admin.createTopics([{ name: "a" }])).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "TOPIC_ALREADY_EXISTS" });
    expect(String(error)).toContain("an earlier attempt of this call got no answer and may have created it");
    expect(await when(admin.listTopics())).toEqual(["a"]);
  });

  it("says nothing of lost answers when the topic was there before", async () => {
    const { admin, when } = await adminStage({ topics: { a: 1 } });
    const error: unknown = await when(admin.createTopics([{ name: "a" }])).catch((reason: unknown) => reason);
    expect(String(error)).not.toContain("earlier attempt");
  });

  it("says nothing of lost answers after connections that could not be made, for nothing was sent", async () => {
    const { admin, broker, clock, when } = await adminStage({ topics: { a: 1 } });
    await when(admin.listTopics());
    await broker.stopNode(1);
    clock.schedule(2000, () => void broker.startNode(1));
    const error: unknown = await when(admin.createTopics([{ name: "a" }])).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "TOPIC_ALREADY_EXISTS" });
    expect(String(error)).not.toContain("earlier attempt");
  });

  it("nor after a controller that was none, which did nothing", async () => {
    const { admin, broker, when } = await adminStage({ topics: { a: 1 } });
    broker.faults.failNext({ api: "CreateTopics", error: "NOT_CONTROLLER" });
    const error: unknown = await when(admin.createTopics([{ name: "a" }])).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "TOPIC_ALREADY_EXISTS" });
    expect(String(error)).not.toContain("earlier attempt");
  });

  it("makes a topic that the controller leaves out fail by itself", async () => {
    const { admin, broker, when } = await adminStage();
    broker.faults.on("CreateTopics", () => ({
      throttleTimeMs: 0,
      topics: [
        { name: "a", errorCode: 0 },
        { name: "stranger", errorCode: 36 },
      ],
    }));
    const results = await when(admin.createTopics([{ name: "a" }, { name: "b" }]));
    expect(results.map(({ name, error }) => [name, error?.code])).toEqual([
      ["a", undefined],
      ["b", "UNKNOWN_SERVER_ERROR"],
    ]);
  });

  it("gives the broker no more time than is left", async () => {
    const { admin, broker, when } = await adminStage();
    await when(admin.createTopics([{ name: "a" }], { timeoutMs: 1234 }));
    expect(broker.journal.requests("CreateTopics")[0]?.body).toMatchObject({ timeoutMs: 1234 });
  });

  it("ends by its deadline when nobody answers", async () => {
    const one = await adminStage();
    one.broker.faults.neverAnswer({ api: "CreateTopics", times: 100 });
    const { error, tookMs } = await one.outcomeOf(one.admin.createTopics([{ name: "a" }], { timeoutMs: 5000 }));
    expect(error).toBeInstanceOf(RequestTimeoutError);
    expect(tookMs).toBeLessThanOrEqual(5000);
  });

  it("with brokers of 2.1 wants numbers, which they have no default for, and tells no more than the name", async () => {
    const { admin, when } = await adminStage({ asVersion: "2.1" });
    const refused = when(admin.createTopics([{ name: "a", numPartitions: 1 }]));
    await expect(refused).rejects.toThrow(UnsupportedVersionError);
    await expect(refused).rejects.toThrow("brokers before 2.4 take no defaults; say numPartitions and replicationFactor of 'a'");
    const [made] = await when(admin.createTopics([{ name: "a", numPartitions: 1, replicationFactor: 1 }]));
    expect(made).toEqual({
      name: "a",
      topicId: undefined,
      numPartitions: undefined,
      replicationFactor: undefined,
      configs: undefined,
    });
  });
});

function namesIn(body: unknown): readonly unknown[] {
  const { topics } = body as { readonly topics: readonly { readonly name: string }[] };
  return topics.map(({ name }) => name);
}

describe("from JavaScript", () => {
  it("refuses what nobody knows, instead of leaving it out, and says what may have been meant", async () => {
    const stage = await adminStage();
    const topic = Object.assign({ name: "orders" }, { partitions: 4 });
    await expect(stage.admin.createTopics([topic])).rejects.toThrow("topic 'orders': the member 'partitions' does not exist");
    await expect(
      stage.admin.createTopics([{ name: "orders" }], Object.assign({ timeoutMs: 1 }, { validate: true })),
    ).rejects.toThrow("createTopics: the option 'validate' does not exist");
    await expect(stage.admin.listTopics(Object.assign({ timeoutMs: 1 }, { includeInternals: true }))).rejects.toThrow(
      "did you mean 'includeInternal'?",
    );
    expect(stage.requests()).toEqual([]);
  });
});
