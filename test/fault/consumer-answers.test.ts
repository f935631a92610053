// What brokers answer when they cannot or will not: error codes of partitions, of sessions, of the metadata. The consumer's user gets the
// log, each record once and in order; and is told what only he can mend. The faults are numbered as in the fault list.

import { describe, expect, it, onTestFinished } from "vitest";
import { Admin } from "../../src/client/index.ts";
import type { Draft, ErrorName, FetchPartitionData, FetchResponse, MetadataResponse } from "../../src/protocol/index.ts";
import { memoryRuntime } from "../support/client-runtime.ts";
import { errorsIn, ofPartition, outcomes, P0, P1, writeSingly } from "../support/consumer-outcomes.ts";
import { type ConsumerStage, consumerStage, placed, TOPIC } from "../support/consumer-stage.ts";

const FOREVER = Number.POSITIVE_INFINITY;
const HERE = { topic: TOPIC, partition: 0 };
const REPLICATED = { nodes: 2, topics: { orders: { partitions: 2, replicationFactor: 2 } } };
const LOG_0 = ["0/0 a", "0/1 b", "0/2 c"];
const LOG_1 = ["1/0 x", "1/1 y", "1/2 z"];

async function filled(options: object = {}, cluster: object = {}): Promise<ConsumerStage> {
  const stage = await consumerStage(options, cluster);
  await writeSingly(stage, ["a", "b", "c"], 0);
  await writeSingly(stage, ["x", "y", "z"], 1);
  return stage;
}

/** The answers to Fetch, so many of them, are changed by that function. */
function alter(stage: ConsumerStage, change: (answer: FetchResponse) => Draft<FetchResponse>, target: object = { times: 1 }): void {
  stage.broker.faults.on("Fetch", async (_, asked) => change((await asked.next()) as FetchResponse), target);
}

function partitionsOf(
  answer: FetchResponse,
  change: (data: FetchPartitionData) => readonly Draft<FetchPartitionData>[],
): Draft<FetchResponse> {
  return { ...answer, responses: answer.responses.map((topic) => ({ ...topic, partitions: topic.partitions.flatMap(change) })) };
}

describe("an error of one partition that passes", () => {
  it.each<ErrorName>([
    "NOT_LEADER_OR_FOLLOWER",
    "FENCED_LEADER_EPOCH",
    "UNKNOWN_LEADER_EPOCH",
    "LEADER_NOT_AVAILABLE",
    "OFFSET_NOT_AVAILABLE",
    "REPLICA_NOT_AVAILABLE",
    "KAFKA_STORAGE_ERROR",
    "UNKNOWN_TOPIC_OR_PARTITION",
    "UNKNOWN_TOPIC_ID",
    "INCONSISTENT_TOPIC_ID",
    "UNKNOWN_SERVER_ERROR",
    "REQUEST_TIMED_OUT",
  ])("F4, M2, M3: %s five times: no error, nothing lost, the other partition is not held up (node_peers F)", async (error) => {
    const stage = await filled();
    stage.broker.faults.failNext({ api: "Fetch", ...HERE, error, times: 5 });
    stage.consumer.assign([P0, P1]);
    const startMs = stage.clock.now();
    const first = await outcomes(stage, 3);
    expect(first).toEqual(LOG_1);
    expect(stage.clock.now() - startMs).toBeLessThan(1000);
    expect(await outcomes(stage, 3)).toEqual(LOG_0);
    expect([await stage.consumer.position(P0), stage.broker.faults.pending]).toEqual([3, 0]);
    expect(stage.count("Fetch")).toBeLessThan(60);
  });
});

describe("an error that only a person can mend", () => {
  it("M13: TOPIC_AUTHORIZATION_FAILED of a fetch is an error of each poll that comes upon it; another partition goes on", async () => {
    const stage = await filled();
    const refusal = stage.broker.faults.failNext({ api: "Fetch", ...HERE, error: "TOPIC_AUTHORIZATION_FAILED", times: FOREVER });
    stage.consumer.assign([P0, P1]);
    const told = await outcomes(stage, 3, { mostPolls: 20 });
    expect(ofPartition(told, 1)).toEqual(LOG_1);
    const { error } = await stage.failureOf(stage.consumer.poll({ timeoutMs: 10_000 }));
    expect(error).toMatchObject({ code: "TOPIC_AUTHORIZATION_FAILED" });
    expect(String(error)).toContain("'orders' partition 0");
    refusal.cancel();
    const healed = await outcomes(stage, 3, { mostPolls: 5 });
    expect(healed.filter((one) => !one.startsWith("!"))).toEqual(LOG_0);
  });

  it("M13: of the topic's metadata too: other topics go on, and it is read when one may", async () => {
    const stage = await consumerStage({ metadataMaxAgeMs: 5000 }, { topics: { orders: 1, secret: 1 } });
    await stage.write(["a"]);
    await stage.write(["s"], { topic: "secret" });
    const refusal = stage.broker.faults.on(
      "Metadata",
      async (_, { next }) => {
        const answer = (await next()) as MetadataResponse;
        const topics = answer.topics.map((topic) =>
          topic.name === "secret" ? { ...topic, errorCode: 29, partitions: [] } : topic,
        );
        return { ...answer, topics };
      },
      { clientId: "test" },
    );
    stage.consumer.subscribe(["orders", "secret"]);
    const told = await outcomes(stage, 1, { mostPolls: 20 });
    expect(ofPartition(told, 0)).toEqual(["0/0 a"]);
    const { error } =
      errorsIn(told).length > 0
        ? { error: { code: errorsIn(told)[0]?.slice(2) } }
        : await stage.failureOf(stage.consumer.poll({ timeoutMs: 20_000 }));
    expect(error).toMatchObject({ code: "TOPIC_AUTHORIZATION_FAILED" });
    await stage.write(["b"]);
    expect((await outcomes(stage, 1, { mostPolls: 20 })).at(-1)).toBe("0/1 b");
    refusal.cancel();
    expect((await outcomes(stage, 1, { mostPolls: 20 })).at(-1)).toBe("0/0 s");
  });

  it("F5: CORRUPT_MESSAGE, a log that its own broker finds damaged, is an error of the poll; the position stays", async () => {
    const stage = await filled();
    const damage = stage.broker.faults.failNext({ api: "Fetch", ...HERE, error: "CORRUPT_MESSAGE", times: FOREVER });
    stage.consumer.assign([P0, P1]);
    const told = await outcomes(stage, 3, { mostPolls: 20 });
    expect(ofPartition(told, 1)).toEqual(LOG_1);
    const { error } = await stage.failureOf(stage.consumer.poll({ timeoutMs: 10_000 }));
    expect(error).toMatchObject({ code: "CORRUPT_MESSAGE" });
    expect(await stage.consumer.position(P0)).toBe(0);
    damage.cancel();
    const healed = await outcomes(stage, 3, { mostPolls: 5 });
    expect(healed.filter((one) => !one.startsWith("!"))).toEqual(LOG_0);
  });

  it("M14: a topic name that cannot be is an error of the call", async () => {
    const stage = await consumerStage();
    expect(() => stage.consumer.subscribe(["no/such"])).toThrow(/no\/such/);
  });
});

describe("sessions", () => {
  it.each<ErrorName>([
    "FETCH_SESSION_ID_NOT_FOUND",
    "INVALID_FETCH_SESSION_EPOCH",
    "FETCH_SESSION_TOPIC_ID_ERROR",
    "INCONSISTENT_TOPIC_ID",
    "UNKNOWN_SERVER_ERROR",
  ])("F17, F18, F20: %s now and again: nothing lost or doubled, no error, no hurry", async (error) => {
    const stage = await filled();
    for (const skip of [0, 2, 4, 6]) stage.broker.faults.failNext({ api: "Fetch", error, skip });
    stage.consumer.assign([P0, P1]);
    const told = await outcomes(stage, 6);
    for (let round = 0; round < 4; round++) {
      await stage.write([`v${round}`], { partition: round % 2 });
      told.push(...(await outcomes(stage, 1)));
    }
    expect(errorsIn(told)).toEqual([]);
    expect(ofPartition(told, 0)).toEqual([...LOG_0, "0/3 v0", "0/4 v2"]);
    expect(ofPartition(told, 1)).toEqual([...LOG_1, "1/3 v1", "1/4 v3"]);
    expect(stage.count("Fetch")).toBeLessThan(60);
  });

  it("F17: a broker that never keeps a session is asked without", async () => {
    const stage = await filled();
    stage.broker.faults.failNext({ api: "Fetch", error: "FETCH_SESSION_ID_NOT_FOUND", times: 2 });
    alter(stage, (answer) => ({ ...answer, sessionId: 0 }), { times: FOREVER });
    stage.consumer.assign([P0, P1]);
    const told = await outcomes(stage, 6);
    expect([ofPartition(told, 0), ofPartition(told, 1)]).toEqual([LOG_0, LOG_1]);
  });

  it("S6: are closed with the consumer: their last epoch is -1", async () => {
    const stage = await filled();
    stage.consumer.assign([P0, P1]);
    await outcomes(stage, 6);
    await stage.poll({ timeoutMs: 1000 });
    const ids = new Set(stage.broker.journal.responses("Fetch").map(({ body }) => (body as FetchResponse).sessionId ?? 0));
    ids.delete(0);
    expect(ids.size).toBe(1);
    await stage.when(stage.consumer.close());
    const last = stage.broker.journal.requests("Fetch").at(-1)?.body as { sessionId: number; sessionEpoch: number };
    expect(last).toMatchObject({ sessionEpoch: -1, sessionId: [...ids][0] });
  });
});

describe("answers that say something else than was asked", () => {
  it("F24: a partition twice, and one that nobody asked for: each record once", async () => {
    const stage = await filled();
    alter(
      stage,
      (answer) => ({
        ...answer,
        responses: [...answer.responses, ...answer.responses].map((topic) => ({
          ...topic,
          partitions: [...topic.partitions, ...topic.partitions.map((data) => ({ ...data, partitionIndex: 77 }))],
        })),
      }),
      { times: 5 },
    );
    stage.consumer.assign([P0, P1]);
    const told = await outcomes(stage, 6);
    expect(errorsIn(told)).toEqual([]);
    expect([ofPartition(told, 0), ofPartition(told, 1)]).toEqual([LOG_0, LOG_1]);
    expect(await outcomes(stage, 1, { timeoutMs: 2000 })).toEqual([]);
  });

  it("F24: without some of the partitions: those come later", async () => {
    const stage = await filled();
    alter(stage, (answer) => partitionsOf(answer, (data) => (data.partitionIndex === 0 ? [] : [data])), { times: 3 });
    stage.consumer.assign([P0, P1]);
    const told = await outcomes(stage, 6);
    expect([ofPartition(told, 0), ofPartition(told, 1)]).toEqual([LOG_0, LOG_1]);
  });

  it("F27: a high watermark beyond the position, and never a record: no hot loop, and records when they come", async () => {
    const stage = await filled();
    alter(stage, (answer) => partitionsOf(answer, (data) => [{ ...data, highWatermark: 99, records: null }]), { times: 40 });
    stage.consumer.assign([P0]);
    expect(await outcomes(stage, 1, { timeoutMs: 2000 })).toEqual([]);
    stage.broker.faults.clear();
    expect(await outcomes(stage, 3)).toEqual(LOG_0);
  });
});

describe("replicas that are nearer (KIP-392)", () => {
  const NEAR = { clientRack: "r2" };

  it("F2: one without the offset sends the consumer back to the leader: no reset, nothing lost or doubled", async () => {
    const stage = await filled(NEAR, REPLICATED);
    const leader = stage.broker.leaderOf(P0);
    alter(stage, (answer) => partitionsOf(answer, (data) => [{ ...data, preferredReadReplica: 3 - leader, records: null }]), {
      node: leader,
      times: 1,
    });
    stage.broker.faults.failNext({ api: "Fetch", ...HERE, node: 3 - leader, error: "OFFSET_OUT_OF_RANGE" });
    stage.consumer.assign([{ ...P0, offset: 1 }]);
    expect(await outcomes(stage, 2)).toEqual(["0/1 b", "0/2 c"]);
    expect([stage.warnings, stage.count("ListOffsets"), stage.broker.faults.pending]).toEqual([[], 0, 0]);
  });

  it("F21: one that nobody knows strands nobody", async () => {
    const stage = await filled(NEAR, REPLICATED);
    alter(stage, (answer) => partitionsOf(answer, (data) => [{ ...data, preferredReadReplica: 77, records: null }]), { times: 4 });
    stage.consumer.assign([P0]);
    expect(await outcomes(stage, 3)).toEqual(LOG_0);
  });

  it("F21: one that is down strands nobody", async () => {
    const stage = await filled(
      { ...NEAR, requestTimeoutMs: 2000 },
      { nodes: 3, topics: { orders: { partitions: 2, replicationFactor: 3 } } },
    );
    const leader = stage.broker.leaderOf(P0);
    const down = leader === 3 ? 2 : 3;
    stage.consumer.assign([P0]);
    expect(await outcomes(stage, 1)).toEqual(["0/0 a"]);
    await stage.broker.stopNode(down);
    alter(stage, (answer) => partitionsOf(answer, (data) => [{ ...data, preferredReadReplica: down, records: null }]), {
      times: 1,
    });
    await stage.write(["d"]);
    expect(await outcomes(stage, 3)).toEqual(["0/1 b", "0/2 c", "0/3 d"]);
  });
});

describe("metadata", () => {
  it("M1: a partition that nobody leads is waited for; the other goes on", async () => {
    const stage = await filled({}, { nodes: 2, topics: { orders: { partitions: 2, replicationFactor: 1 } } });
    stage.consumer.assign([P0, P1]);
    const told = await outcomes(stage, 6);
    expect([ofPartition(told, 0), ofPartition(told, 1)]).toEqual([LOG_0, LOG_1]);
    const node = stage.broker.leaderOf(P0);
    await stage.broker.stopNode(node);
    await stage.write(["z2"], { partition: 1 });
    expect(await outcomes(stage, 1)).toEqual(["1/3 z2"]);
    expect(await outcomes(stage, 1, { timeoutMs: 20_000 })).toEqual([]);
    await stage.broker.startNode(node);
    await stage.write(["d"]);
    expect(await outcomes(stage, 1)).toEqual(["0/3 d"]);
  });

  it("M2: leaders that move all the time are followed: each record once and in order", async () => {
    const stage = await consumerStage({ maxPartitionFetchBytes: 200 }, REPLICATED);
    stage.consumer.assign([P0]);
    const told: string[] = [];
    for (let round = 0; round < 12; round++) {
      await stage.write([`v${round}`, `w${round}`]);
      stage.broker.moveLeader(P0, 3 - stage.broker.leaderOf(P0));
      told.push(...(await outcomes(stage, 1)));
    }
    told.push(...(await outcomes(stage, 12)));
    expect(told).toEqual(
      Array.from({ length: 24 }, (_, offset) => `0/${offset} ${offset % 2 === 0 ? "v" : "w"}${Math.floor(offset / 2)}`),
    );
  });

  it("M4: of a node that is behind the times does not lead back to a leader of the past", async () => {
    const stage = await filled({ metadataMaxAgeMs: 1000 }, REPLICATED);
    stage.consumer.assign([P0]);
    expect(await outcomes(stage, 3)).toEqual(LOG_0);
    stage.broker.freezeMetadata(1);
    stage.broker.moveLeader(P0, 3 - stage.broker.leaderOf(P0));
    for (const value of ["d", "e", "f"]) {
      await stage.write([value]);
      expect((await outcomes(stage, 1)).map((one) => one.slice(-1))).toEqual([value]);
      await stage.poll({ timeoutMs: 3000 });
    }
    stage.broker.thawMetadata(1);
    expect(await stage.consumer.position(P0)).toBe(6);
  });

  it.each([
    [
      "M5: without the topic for a while",
      (answer: MetadataResponse) => ({
        ...answer,
        topics: answer.topics.map((topic) => ({ ...topic, errorCode: 3, partitions: [] })),
      }),
    ],
    [
      "M6: without a partition for a while",
      (answer: MetadataResponse) => ({
        ...answer,
        topics: answer.topics.map((topic) => ({ ...topic, partitions: topic.partitions.slice(1) })),
      }),
    ],
    [
      "M7: with a topic of no partitions for a while",
      (answer: MetadataResponse) => ({ ...answer, topics: answer.topics.map((topic) => ({ ...topic, partitions: [] })) }),
    ],
    ["M12: without any broker for a while", (answer: MetadataResponse) => ({ ...answer, brokers: [] })],
  ])("%s: reading goes on, or on again, where it was", async (_name, change) => {
    const stage = await filled({ metadataMaxAgeMs: 1000 });
    stage.consumer.assign([P0, P1]);
    const told = await outcomes(stage, 4);
    stage.broker.faults.on("Metadata", async (_, { next }) => change((await next()) as MetadataResponse), {
      times: 4,
      clientId: "test",
    });
    await stage.poll({ timeoutMs: 5000 }).then((records) => told.push(...placed(records)));
    await stage.poll({ timeoutMs: 5000 }).then((records) => told.push(...placed(records)));
    await stage.write(["d"], { partition: 0 });
    await stage.write(["w"], { partition: 1 });
    told.push(...(await outcomes(stage, 8 - told.length)));
    expect(errorsIn(told)).toEqual([]);
    expect([ofPartition(told, 0), ofPartition(told, 1)]).toEqual([
      [...LOG_0, "0/3 d"],
      [...LOG_1, "1/3 w"],
    ]);
  });

  it("M8: a topic that was deleted and made again is read from its beginning, with a warning", async () => {
    const stage = await filled({ metadataMaxAgeMs: 2000 });
    stage.consumer.assign([P0]);
    expect(await outcomes(stage, 3)).toEqual(LOG_0);
    stage.broker.deleteTopic(TOPIC);
    await stage.poll({ timeoutMs: 3000 });
    stage.broker.createTopic(TOPIC, 2);
    await writeSingly(stage, ["A", "B", "C", "D", "E"], 0);
    expect(await outcomes(stage, 5)).toEqual(["0/0 A", "0/1 B", "0/2 C", "0/3 D", "0/4 E"]);
    expect(stage.warnings).toContain("OFFSET_RESET");
  });

  it("M9: partitions that are added are read from their beginning, the others go on", async () => {
    const stage = await filled({ metadataMaxAgeMs: 2000 });
    const { broker, clock } = stage;
    stage.consumer.subscribe([TOPIC]);
    expect((await outcomes(stage, 6)).toSorted()).toEqual([...LOG_0, ...LOG_1]);
    const admin = new Admin({ bootstrapServers: broker.bootstrapServers, clientId: "admin" }, memoryRuntime(broker, { clock }));
    onTestFinished(() => stage.when(admin.close()));
    await stage.when(admin.createPartitions({ [TOPIC]: 3 }));
    await writeSingly(stage, ["n", "m"], 2);
    expect(await outcomes(stage, 2)).toEqual(["2/0 n", "2/1 m"]);
    await stage.write(["d"]);
    expect(await outcomes(stage, 1)).toEqual(["0/3 d"]);
  });
});
