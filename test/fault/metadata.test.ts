// What may go wrong with what brokers say of topics and leaders, and what the client makes of it. The ids are those of the list of faults.

import { afterEach, describe, expect, test } from "vitest";
import { leaderHintsOfProduce } from "../../src/client/cluster/leader-hints.ts";
import { BrokerError, RequestTimeoutError } from "../../src/client/errors.ts";
import { CreatePartitions, ListGroups, Produce, RecordBatch } from "../../src/protocol/index.ts";
import { ClusterStage, type StageOptions } from "./cluster-stage.ts";
import {
  alterMetadata,
  askLeader,
  endQuietly,
  eventsOf,
  leader,
  type MetadataBody,
  otherReplica,
  place,
  stageThatKnowsOrders,
} from "./metadata-stage.ts";

let stage: ClusterStage;

async function begin(options: StageOptions = {}): Promise<void> {
  stage = await stageThatKnowsOrders(options);
}

afterEach(() => endQuietly(stage));

describe("metadata", () => {
  test("M1: a partition without leader is asked about until it has one, with growing pauses", async () => {
    await begin({ broker: { topics: { orders: { partitions: 1, replicationFactor: 1 } } } });
    const node = stage.broker.leaderOf(place);
    await stage.broker.stopNode(node);
    const asked = stage.requests("Metadata");
    const answer = askLeader(stage);
    await stage.clock.advance(20_000);
    const perTwentySeconds = stage.requests("Metadata") - asked;
    expect(perTwentySeconds).toBeGreaterThan(15);
    expect(perTwentySeconds).toBeLessThan(60);
    await stage.broker.startNode(node);
    expect((await stage.value(answer)).broker.nodeId).toBe(node);
  });

  test("M1: when it never gets one, the error names the topic at the deadline", async () => {
    await begin({ broker: { topics: { orders: { partitions: 1, replicationFactor: 1 } } } });
    await stage.broker.stopNode(stage.broker.leaderOf(place));
    const { result, ms } = await stage.took(askLeader(stage, 5_000));
    expect(ms).toBe(5_000);
    expect(result).toMatchObject({ status: "rejected", reason: expect.any(RequestTimeoutError) });
    expect(String(result.status === "rejected" && result.reason)).toMatch(
      /leader of 'orders' partition 0.*attempts in vain.*LEADER_NOT_AVAILABLE/,
    );
  });

  test("M2: a leader that has moved is looked up at once, and only once", async () => {
    await begin();
    stage.broker.moveLeader(place, otherReplica(stage.broker));
    const asked = stage.requests("Metadata");
    const { result, ms } = await stage.took(askLeader(stage));
    expect(result).toMatchObject({ status: "fulfilled", value: { broker: { nodeId: stage.broker.leaderOf(place) } } });
    expect(ms).toBe(0);
    expect(stage.requests("Metadata") - asked).toBe(1);
  });

  test("M2: the leader that an answer names is used at once, and nobody is asked for it (KIP-951)", async () => {
    await begin();
    const topicId = stage.cluster.metadata.topics.get("orders")?.topicId ?? "";
    const batch = RecordBatch.encode({ records: [{ value: new Uint8Array([1]) }] });
    stage.broker.moveLeader(place, otherReplica(stage.broker));
    const asked = stage.requests("Metadata");
    // Metadata would not know better: what comes out right comes from the hint.
    for (const { id } of stage.broker.nodes)
      stage.broker.faults.neverAnswer({ api: "Metadata", node: id, times: Number.POSITIVE_INFINITY });
    const request = stage.cluster.ask(
      Produce,
      { acks: -1, timeoutMs: 1_000, topicData: [{ name: "orders", topicId, partitionData: [{ index: 0, records: batch }] }] },
      leader,
      {
        deadline: stage.deadline(),
        leadersIn: leaderHintsOfProduce,
        errorsIn: ({ responses }) =>
          responses.flatMap(({ partitionResponses }) => partitionResponses.map(({ errorCode }) => errorCode)),
      },
    );
    const { result, ms } = await stage.took(request);
    expect(result).toMatchObject({ status: "fulfilled", value: { broker: { nodeId: stage.broker.leaderOf(place) } } });
    expect(ms).toBe(0);
    expect(stage.broker.records("orders", 0)).toHaveLength(1);
    expect(stage.requests("Metadata") - asked).toBeLessThanOrEqual(1);
  });

  test("M3: a leader that is behind us is asked again after a pause, without new metadata", async () => {
    await begin();
    stage.broker.faults.failNext({ api: "ListOffsets", ...place, error: "UNKNOWN_LEADER_EPOCH", times: 3 });
    const asked = stage.requests("Metadata");
    const { result, ms } = await stage.took(askLeader(stage));
    expect(result.status).toBe("fulfilled");
    expect(ms).toBeGreaterThan(500);
    expect(stage.requests("Metadata")).toBe(asked);
  });

  test("M4: an answer older than what is known changes nothing", async () => {
    await begin();
    let old: MetadataBody | undefined;
    alterMetadata(stage, (body) => (old = body), 1);
    await stage.value(stage.cluster.refresh(stage.deadline(), ["orders"]));
    const node = otherReplica(stage.broker);
    stage.broker.moveLeader(place, node);
    await stage.value(stage.cluster.refresh(stage.deadline(), ["orders"]));
    const known = stage.cluster.metadata;
    alterMetadata(stage, () => old);
    await stage.value(stage.cluster.refresh(stage.deadline(), ["orders"]));
    expect(stage.cluster.metadata.leaderOf("orders", 0)).toMatchObject({ broker: { nodeId: node }, leaderEpoch: 1 });
    expect(stage.cluster.metadata).toBe(known);
  });

  test("M5: a topic that is absent for a while stays known, and is there again without anybody's help", async () => {
    await begin();
    stage.broker.faults.failNext({ api: "Metadata", topic: "orders", error: "UNKNOWN_TOPIC_OR_PARTITION", times: 3 });
    const found = stage.cluster.refresh(stage.deadline(), ["orders"]);
    await stage.value(found);
    expect(stage.cluster.metadata.problems.get("orders")).toBe(3);
    expect(stage.cluster.metadata.leaderOf("orders", 0)).toBeDefined();
    expect((await stage.value(stage.cluster.topics(["orders"], stage.deadline()))).get("orders")?.partitions).toHaveLength(3);
    expect(stage.cluster.metadata.problems.size).toBe(0);
  });

  test("M5: a deleted topic is gone after some answers, and others never notice (one bad topic poisons nobody)", async () => {
    await begin({ broker: { topics: { orders: 3, other: 1 } } });
    await stage.value(stage.cluster.topics(["other"], stage.deadline()));
    const seen = eventsOf(stage);
    stage.broker.deleteTopic("orders");
    for (let round = 0; round < 6; round++) await stage.value(stage.cluster.refresh(stage.deadline()));
    expect(seen).toContainEqual({ kind: "topic gone", topic: "orders", errorCode: 3 });
    expect([...stage.cluster.metadata.topics.keys()]).toEqual(["other"]);
    expect((await stage.value(stage.cluster.topics(["other"], stage.deadline(1_000)))).size).toBe(1);
    expect(await stage.failure(stage.cluster.topics(["orders", "other"], stage.deadline(1_000)))).toMatchObject({
      code: "UNKNOWN_TOPIC_OR_PARTITION",
      context: { topic: "orders" },
    });
    // Nobody has needed it for minutes: it is not asked for any longer.
    await stage.clock.advance(900_000);
    const asked = stage.broker.journal.requests("Metadata").at(-1)?.body;
    expect(JSON.stringify(asked)).not.toContain("orders");
  });

  test("M6: a partition that an answer lacks keeps its leader for some answers, and then has none", async () => {
    await begin();
    const altered = alterMetadata(stage, (body) => ({
      ...body,
      topics: body.topics.map((topic) => ({
        ...topic,
        partitions: topic.partitions.filter(({ partitionIndex }) => partitionIndex !== 1),
      })),
    }));
    const leaders: unknown[] = [];
    for (let round = 0; round < 7; round++) {
      await stage.value(stage.cluster.refresh(stage.deadline(), ["orders"]));
      leaders.push(stage.cluster.metadata.leaderOf("orders", 1) !== undefined);
    }
    expect(leaders).toEqual([true, true, true, true, true, false, false]);
    expect(stage.cluster.metadata.topics.get("orders")?.partitions).toHaveLength(3);
    altered.cancel();
    await stage.value(stage.cluster.refresh(stage.deadline(), ["orders"]));
    expect(stage.cluster.metadata.leaderOf("orders", 1)).toBeDefined();
  });

  test("M7: a topic without partitions is one that is not there yet", async () => {
    stage = await ClusterStage.start();
    alterMetadata(stage, (body) => ({ ...body, topics: body.topics.map((topic) => ({ ...topic, partitions: [] })) }), 3);
    const topics = await stage.value(stage.cluster.topics(["orders"], stage.deadline()));
    expect(topics.get("orders")?.partitions).toHaveLength(3);
    expect(stage.requests("Metadata")).toBe(4);
  });

  test("M8: of a topic that was made anew lower leader epochs hold, and listeners are told", async () => {
    const warnings: string[] = [];
    await begin({ telemetry: { warning: (code) => warnings.push(code) } });
    stage.broker.moveLeader(place, otherReplica(stage.broker));
    await stage.value(stage.cluster.refresh(stage.deadline(), ["orders"]));
    expect(stage.cluster.metadata.leaderOf("orders", 0)?.leaderEpoch).toBe(1);
    const oldTopicId = stage.cluster.metadata.topics.get("orders")?.topicId;
    const seen = eventsOf(stage);
    stage.broker.deleteTopic("orders");
    stage.broker.createTopic("orders", 2);
    await stage.value(stage.cluster.refresh(stage.deadline(), ["orders"]));
    const now = stage.cluster.metadata.topics.get("orders");
    expect(now?.partitions.map(({ leaderEpoch }) => leaderEpoch)).toEqual([0, 0]);
    expect(seen).toEqual([{ kind: "topic recreated", topic: "orders", oldTopicId, newTopicId: now?.topicId }]);
    expect(stage.cluster.metadata.topicById(oldTopicId ?? "")).toBeUndefined();
    expect(warnings).toEqual(["TOPIC_RECREATED"]);
  });

  test.each(["UNKNOWN_TOPIC_ID", "INCONSISTENT_TOPIC_ID"] as const)("M8: %s makes the client look again", async (error) => {
    await begin();
    stage.broker.faults.failNext({ api: "ListOffsets", ...place, error });
    const asked = stage.requests("Metadata");
    expect((await stage.settle(askLeader(stage))).status).toBe("fulfilled");
    expect(stage.requests("Metadata")).toBe(asked + 1);
  });

  test("M9: added partitions are seen with the next answer, on demand or by age", async () => {
    await begin();
    const seen = eventsOf(stage);
    const request = { topics: [{ name: "orders", count: 5, assignments: null }], timeoutMs: 1_000 };
    await stage.value(stage.cluster.ask(CreatePartitions, request, { kind: "controller" }, { deadline: stage.deadline() }));
    const fifth = { kind: "leader", topic: "orders", partition: 4 } as const;
    await stage.value(stage.cluster.ask(ListGroups, {}, fifth, { deadline: stage.deadline() }));
    expect(seen).toEqual([{ kind: "partition count changed", topic: "orders", from: 3, to: 5 }]);
    await stage.value(
      stage.cluster.ask(
        CreatePartitions,
        { ...request, topics: [{ name: "orders", count: 6, assignments: null }] },
        { kind: "controller" },
        { deadline: stage.deadline() },
      ),
    );
    stage.cluster.watch("orders");
    await stage.clock.advance(300_000);
    expect(stage.cluster.metadata.topics.get("orders")?.partitions).toHaveLength(6);
  });

  test("M13: a topic that we may not see fails its own calls at once, and no others", async () => {
    await begin({ broker: { topics: { orders: 3, secret: 1 } } });
    stage.broker.faults.failNext({
      api: "Metadata",
      topic: "secret",
      error: "TOPIC_AUTHORIZATION_FAILED",
      times: Number.POSITIVE_INFINITY,
    });
    const both = stage.cluster.topics(["secret", "orders"], stage.deadline());
    const one = stage.cluster.topics(["orders"], stage.deadline());
    const reason = await stage.failure(both);
    expect(reason).toMatchObject({ code: "TOPIC_AUTHORIZATION_FAILED", retriable: false, context: { topic: "secret" } });
    expect((await stage.value(one)).size).toBe(1);
    expect((await stage.settle(askLeader(stage))).status).toBe("fulfilled");
  });

  test("M14: a name that cannot be is refused at once and for good", async () => {
    await begin();
    const asked = stage.requests("Metadata");
    const { result, ms } = await stage.took(stage.cluster.topics(["no such name!"], stage.deadline()));
    expect(result).toMatchObject({ status: "rejected", reason: { code: "INVALID_TOPIC_EXCEPTION" } });
    expect(result.status === "rejected" && result.reason).toBeInstanceOf(BrokerError);
    expect(ms).toBe(0);
    expect(stage.requests("Metadata") - asked).toBe(1);
  });

  test("M16: many callers share one question, and those who come later the next", async () => {
    await begin();
    const asked = stage.requests("Metadata");
    const first = Array.from({ length: 200 }, () => stage.cluster.refresh(stage.deadline()));
    const later = Array.from({ length: 200 }, (_, index) => stage.cluster.refresh(stage.deadline(), [`topic-${index}`]));
    await stage.value(Promise.all([...first, ...later]));
    expect(stage.requests("Metadata") - asked).toBeLessThanOrEqual(2);
  });

  test("M16: a question that is on its way is shared, but not by who has changed something since it was asked", async () => {
    await begin();
    stage.broker.faults.delay({ api: "Metadata", delayMs: 500, times: 2 });
    const asked = stage.requests("Metadata");
    const first = stage.cluster.refresh(stage.deadline(), ["orders"]);
    await stage.clock.advance(100);
    const shared = stage.cluster.refresh(stage.deadline(), ["orders"]);
    const anew = stage.cluster.refresh(stage.deadline(), ["orders"], true);
    await stage.value(Promise.all([first, shared]));
    expect(stage.requests("Metadata") - asked).toBe(1);
    await stage.value(anew);
    expect(stage.requests("Metadata") - asked).toBe(2);
  });

  test("M16: what does not come is asked for less and less often", async () => {
    await begin();
    const asked = stage.requests("Metadata");
    const reason = await stage.failure(stage.cluster.topics(["missing"], stage.deadline(60_000)));
    expect(reason).toMatchObject({ code: "UNKNOWN_TOPIC_OR_PARTITION" });
    expect(stage.requests("Metadata") - asked).toBeLessThan(80);
    expect(stage.requests("Metadata") - asked).toBeGreaterThan(50);
  });

  test("M16: callers who ask again as soon as they have an answer are slowed down", async () => {
    await begin();
    const asked = stage.requests("Metadata");
    const until = stage.clock.now() + 10_000;
    const eager = async (): Promise<void> => {
      while (stage.clock.now() < until) await stage.cluster.refresh(stage.deadline());
    };
    await stage.value(eager());
    expect(stage.requests("Metadata") - asked).toBeLessThan(20);
  });

  test("M16: a broker that answers of other topics than it was asked for is not asked in a loop", async () => {
    await begin();
    const altered = alterMetadata(stage, (body) => ({
      ...body,
      topics: body.topics.map((topic) => ({ ...topic, name: "orders" })),
    }));
    const before = stage.broker.journal.requests().length;
    const { result, ms } = await stage.took(stage.cluster.topics(["missing", "orders"], stage.deadline(5_000)));
    expect(result).toMatchObject({ status: "rejected", reason: { code: "UNKNOWN_TOPIC_OR_PARTITION" } });
    expect(ms).toBeLessThanOrEqual(5_001);
    expect(stage.broker.journal.requests().length - before).toBeLessThan(30);
    altered.cancel();
  });
});
