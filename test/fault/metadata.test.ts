// What may go wrong with the view of the cluster, and what the client makes of it. The ids are those of the list of faults.

import { afterEach, describe, expect, test } from "vitest";
import type { EmbeddedBroker } from "../../src/broker/index.ts";
import { leaderHintsOfProduce } from "../../src/client/cluster/leader-hints.ts";
import type { MetadataEvent } from "../../src/client/cluster/metadata-cache.ts";
import { BootstrapError, BrokerError, RequestTimeoutError } from "../../src/client/errors.ts";
import {
  CreatePartitions,
  CreateTopics,
  ListGroups,
  ListOffsets,
  type ListOffsetsResponse,
  Produce,
  RecordBatch,
} from "../../src/protocol/index.ts";
import { ClusterStage, type StageOptions } from "./cluster-stage.ts";

let stage: ClusterStage;

async function begin(options: StageOptions = {}): Promise<ClusterStage> {
  stage = await ClusterStage.start(options);
  await stage.value(stage.cluster.topics(["orders"], stage.deadline()));
  // Whatever comes next is not held back by what was just asked.
  await stage.clock.advance(10_000);
  return stage;
}

afterEach(async () => {
  expect(stage.broker.journal.hotLoops).toEqual([]);
  expect(await stage.closeClient()).toBe(0);
  await stage.close();
});

const place = { topic: "orders", partition: 0 };
const leader = { kind: "leader", ...place } as const;
const errorsIn = ({ topics }: ListOffsetsResponse): readonly number[] =>
  topics.flatMap(({ partitions }) => partitions.map(({ errorCode }) => errorCode));

/** Something that only the leader answers. */
function askLeader(timeoutMs = 60_000): Promise<{ broker: { nodeId: number } }> {
  const topics = [{ name: "orders", partitions: [{ partitionIndex: 0, timestamp: -1, currentLeaderEpoch: -1 }] }];
  return stage.cluster.ask(ListOffsets, { replicaId: -1, topics }, leader, { deadline: stage.deadline(timeoutMs), errorsIn });
}

function otherReplica(broker: EmbeddedBroker): number {
  return broker.leaderOf(place) === 1 ? 2 : 1;
}

/** Changes every answer to Metadata. */
function alterMetadata(alter: (body: MetadataBody) => unknown, times = Number.POSITIVE_INFINITY): { cancel(): void } {
  return stage.broker.faults.on("Metadata", async (_, asked) => alter((await asked.next()) as MetadataBody), { times });
}

interface MetadataBody {
  readonly brokers: readonly { readonly nodeId: number }[];
  readonly topics: readonly { readonly name: string; readonly partitions: readonly { readonly partitionIndex: number }[] }[];
}

function events(): MetadataEvent[] {
  const seen: MetadataEvent[] = [];
  stage.cluster.onChange((change) => seen.push(...change.events));
  return seen;
}

test("M16: a broker that answers of other topics than it was asked for is not asked in a loop", async () => {
  await begin();
  const altered = alterMetadata((body) => ({ ...body, topics: body.topics.map((topic) => ({ ...topic, name: "orders" })) }));
  const before = stage.broker.journal.requests().length;
  const { result, ms } = await stage.took(stage.cluster.topics(["missing", "orders"], stage.deadline(5_000)));
  expect(result).toMatchObject({ status: "rejected", reason: { code: "UNKNOWN_TOPIC_OR_PARTITION" } });
  expect(ms).toBeLessThanOrEqual(5_001);
  expect(stage.broker.journal.requests().length - before).toBeLessThan(30);
  altered.cancel();
});

describe("metadata", () => {
  test("M1: a partition without leader is asked about until it has one, with growing pauses", async () => {
    await begin({ broker: { topics: { orders: { partitions: 1, replicationFactor: 1 } } } });
    const node = stage.broker.leaderOf(place);
    await stage.broker.stopNode(node);
    const asked = stage.requests("Metadata");
    const answer = askLeader();
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
    const { result, ms } = await stage.took(askLeader(5_000));
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
    const { result, ms } = await stage.took(askLeader());
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
    const { result, ms } = await stage.took(askLeader());
    expect(result.status).toBe("fulfilled");
    expect(ms).toBeGreaterThan(500);
    expect(stage.requests("Metadata")).toBe(asked);
  });

  test("M4: an answer older than what is known changes nothing", async () => {
    await begin();
    let old: MetadataBody | undefined;
    alterMetadata((body) => (old = body), 1);
    await stage.value(stage.cluster.refresh(stage.deadline(), ["orders"]));
    const node = otherReplica(stage.broker);
    stage.broker.moveLeader(place, node);
    await stage.value(stage.cluster.refresh(stage.deadline(), ["orders"]));
    const known = stage.cluster.metadata;
    alterMetadata(() => old);
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
    const seen = events();
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
    const altered = alterMetadata((body) => ({
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
    alterMetadata((body) => ({ ...body, topics: body.topics.map((topic) => ({ ...topic, partitions: [] })) }), 3);
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
    const seen = events();
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
    expect((await stage.settle(askLeader())).status).toBe("fulfilled");
    expect(stage.requests("Metadata")).toBe(asked + 1);
  });

  test("M9: added partitions are seen with the next answer, on demand or by age", async () => {
    await begin();
    const seen = events();
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

  test("M10: a request on its way to a broker that leaves the cluster goes to the next leader", async () => {
    await begin();
    const node = stage.broker.leaderOf(place);
    stage.broker.faults.neverAnswer({ api: "ListOffsets", node });
    const answer = askLeader();
    await stage.clock.advance(1_000);
    expect(stage.requests("ListOffsets")).toBe(1);
    await stage.broker.stopNode(node);
    const { result, ms } = await stage.took(answer);
    expect(result).toMatchObject({ status: "fulfilled", value: { broker: { nodeId: stage.broker.leaderOf(place) } } });
    expect(ms).toBeLessThan(2_000);
    expect(stage.cluster.metadata.brokers.has(node)).toBe(false);
  });

  test("M11: with all brokers gone the client starts over: names resolved anew, every connection made anew, topics kept", async () => {
    const reasons: string[] = [];
    const resolved: string[] = [];
    await begin({
      telemetry: { rebootstrapping: ({ reason }) => reasons.push(reason) },
      runtime: (runtime) => ({
        ...runtime,
        resolve(host) {
          resolved.push(host);
          return runtime.resolve(host);
        },
      }),
    });
    const resolvedBefore = resolved.length;
    for (const { id } of stage.broker.nodes) await stage.broker.stopNode(id);
    const answer = askLeader(600_000);
    await stage.clock.advance(20_000);
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toMatch(/none of the 3 known brokers/);
    expect(stage.cluster.isBootstrapped).toBe(false);
    expect(stage.cluster.metadata).toMatchObject({ clusterId: undefined, controllerId: -1 });
    expect(stage.pool.clusterId).toBeUndefined();
    expect(stage.cluster.metadata.topics.get("orders")?.partitions).toHaveLength(3);
    expect(resolved.length).toBeGreaterThan(resolvedBefore);
    for (const { id } of stage.broker.nodes) await stage.broker.startNode(id);
    expect((await stage.settle(answer)).status).toBe("fulfilled");
    expect(stage.cluster.metadata.clusterId).toBe(stage.broker.clusterId);
  });

  test("M11: a call that nobody can answer ends at its deadline with what was tried", async () => {
    await begin();
    for (const { id } of stage.broker.nodes) await stage.broker.stopNode(id);
    const { result, ms } = await stage.took(askLeader(8_000));
    expect(ms).toBe(8_000);
    const reason = result.status === "rejected" ? result.reason : undefined;
    expect(reason).toBeInstanceOf(BootstrapError);
    expect(reason).toMatchObject({ attempts: expect.arrayContaining([expect.objectContaining({ phase: "tcp" })]) });
  });

  test("M11: REBOOTSTRAP_REQUIRED in an answer starts over, and closes every connection", async () => {
    const reasons: string[] = [];
    await begin({ telemetry: { rebootstrapping: ({ reason }) => reasons.push(reason) } });
    await stage.value(askLeader());
    const open = stage.pool.open(stage.cluster.metadata.brokers.get(stage.broker.leaderOf(place)) ?? raise(), "main");
    expect(open?.isOpen).toBe(true);
    alterMetadata((body) => ({ ...body, errorCode: 129 }), 1);
    await stage.value(stage.cluster.refresh(stage.deadline(), ["orders"]));
    expect(reasons).toHaveLength(1);
    expect(open?.isOpen).toBe(false);
    expect(stage.cluster.isBootstrapped).toBe(true);
  });

  test("M11: so does REBOOTSTRAP_REQUIRED of a broker that is connected to", async () => {
    const reasons: string[] = [];
    await begin({ telemetry: { rebootstrapping: ({ reason }) => reasons.push(reason) } });
    stage.broker.faults.failNext({ api: "ApiVersions", error: "REBOOTSTRAP_REQUIRED" });
    const options = { deadline: stage.deadline(), lane: "fetch" } as const;
    expect((await stage.settle(stage.cluster.ask(ListGroups, {}, leader, options))).status).toBe("fulfilled");
    expect(reasons).toHaveLength(1);
  });

  test("M11: no metadata for too long starts over, though brokers can be connected to", async () => {
    const reasons: string[] = [];
    await begin({
      telemetry: { rebootstrapping: ({ reason }) => reasons.push(reason) },
      cluster: { rebootstrapTriggerMs: 20_000 },
    });
    alterMetadata((body) => ({ ...body, brokers: [] }), 60);
    await stage.value(stage.cluster.refresh(stage.deadline(120_000), ["orders"]));
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toMatch(/no metadata for 2\d{4} ms/);
  });

  test("M11: with the strategy none the known brokers are kept, and found again", async () => {
    const reasons: string[] = [];
    await begin({
      telemetry: { rebootstrapping: ({ reason }) => reasons.push(reason) },
      cluster: { metadataRecoveryStrategy: "none" },
    });
    for (const { id } of stage.broker.nodes) await stage.broker.stopNode(id);
    const answer = askLeader(900_000);
    await stage.clock.advance(400_000);
    expect(stage.cluster.metadata.brokers.size).toBe(3);
    for (const { id } of stage.broker.nodes) await stage.broker.startNode(id);
    expect((await stage.settle(answer)).status).toBe("fulfilled");
    expect(reasons).toEqual([]);
  });

  test("M12: an answer without brokers is a failure, and what was known stays", async () => {
    const failures: string[] = [];
    await begin({ telemetry: { metadataFailed: ({ error }) => failures.push(error.message) } });
    const known = stage.cluster.metadata;
    alterMetadata((body) => ({ ...body, brokers: [], topics: [] }), 2);
    await stage.value(stage.cluster.refresh(stage.deadline(), ["orders"]));
    expect(failures).toHaveLength(2);
    expect(failures[0]).toMatch(/without naming any broker/);
    expect(stage.cluster.metadata).toBe(known);
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
    expect((await stage.settle(askLeader())).status).toBe("fulfilled");
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

  test("M15: a bootstrap server that hangs costs half a second", async () => {
    stage = await ClusterStage.start();
    // Whichever is tried first.
    stage.broker.faults.neverAnswer({ api: "Metadata" });
    const { result, ms } = await stage.took(stage.cluster.bootstrap(stage.deadline()));
    expect(result.status).toBe("fulfilled");
    expect(ms).toBe(500);
  });

  test("M15: a known broker that hangs is left for another after the request's time", async () => {
    await begin();
    stage.broker.faults.neverAnswer({ api: "Metadata" });
    const { result, ms } = await stage.took(stage.cluster.refresh(stage.deadline(), ["orders"]));
    expect(result.status).toBe("fulfilled");
    expect(ms).toBeGreaterThanOrEqual(30_000);
    expect(ms).toBeLessThan(31_000);
    const nodes = stage.broker.journal
      .requests("Metadata")
      .slice(-2)
      .map(({ node }) => node);
    expect(new Set(nodes).size).toBe(2);
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

  test("M17: NOT_CONTROLLER makes the client look up the controller, and ask it", async () => {
    await begin();
    stage.broker.faults.failNext({ api: "CreateTopics", error: "NOT_CONTROLLER" });
    const asked = stage.requests("Metadata");
    const request = { topics: [{ name: "new", numPartitions: 1, replicationFactor: 1 }], timeoutMs: 1_000 };
    const answer = await stage.value(
      stage.cluster.ask(
        CreateTopics,
        request,
        { kind: "controller" },
        {
          deadline: stage.deadline(),
          errorsIn: ({ topics }) => topics.map(({ errorCode }) => errorCode),
        },
      ),
    );
    expect(answer.body.topics[0]?.errorCode).toBe(0);
    expect(stage.requests("CreateTopics")).toBe(2);
    expect(stage.requests("Metadata")).toBe(asked + 1);
  });
});

function raise(): never {
  throw new Error("there is none");
}
