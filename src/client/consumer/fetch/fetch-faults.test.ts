// Faults F1 to F29, as far as they are the fetcher's.
import { describe, expect, it } from "vitest";
import { type FetchStage, fetchStage, TOPIC } from "../../../../test/support/fetch-stage.ts";
import { type Draft, type ErrorName, errorByName, type FetchPartitionData, type FetchResponse } from "../../../protocol/index.ts";

type Answer = Draft<FetchResponse>;

/** The next answers, or so many of them, are changed by that function. */
function alter(stage: FetchStage, change: (answer: FetchResponse) => Answer, times = 1, node?: number): void {
  const target = node === undefined ? { times } : { times, node };
  stage.broker.faults.on("Fetch", async (_, asked) => change((await asked.next()) as FetchResponse), target);
}

/** The answer says that of partition 0, whatever it was. */
function saying(data: Draft<FetchPartitionData>): (answer: FetchResponse) => Answer {
  return (answer) => {
    const [first] = answer.responses;
    const { topic = "", topicId = "" } = first ?? {};
    return {
      ...answer,
      responses: [{ topic, topicId, partitions: [{ partitionIndex: 0, highWatermark: 9, records: null, ...data }] }],
    };
  };
}

const code = (name: ErrorName): number => errorByName(name).code;

describe("an offset that the log does not have", () => {
  it("F1: is for the reset policy", async () => {
    const stage = await fetchStage();
    await stage.produce(0, "a");
    await stage.begin([0, 7]);
    await stage.clock.advance(100);
    expect(stage.resets).toEqual(["0@7 OFFSET_OUT_OF_RANGE"]);
    expect(stage.read()).toEqual(["0@0 a"]);
  });

  it("F1: waits until what was fetched before it is read", async () => {
    const stage = await fetchStage();
    await stage.produce(0, "a", "b");
    await stage.begin([0, 0]);
    await stage.clock.advance(10);
    stage.broker.truncate({ topic: TOPIC, partition: 0 }, 1);
    await stage.clock.advance(3000);
    expect(stage.resets).toEqual([]);
    expect(stage.read()).toEqual(["0@0 a", "0@1 b"]);
    await stage.clock.advance(1500);
    expect(stage.resets).toEqual(["0@2 OFFSET_OUT_OF_RANGE"]);
  });

  it("F2: at a follower sends us back to the leader, and resets nothing", async () => {
    const stage = await fetchStage({ nodes: 2, topics: { [TOPIC]: { partitions: 1, replicationFactor: 2 } } });
    await stage.begin([0, 0]);
    const leader = stage.broker.leaderOf({ topic: TOPIC, partition: 0 });
    const follower = 3 - leader;
    alter(stage, saying({ errorCode: code("OFFSET_OUT_OF_RANGE") }), 1, follower);
    stage.partition(0).preferredReplica = { nodeId: follower, untilMs: Number.POSITIVE_INFINITY };
    stage.fetcher.metadataChanged();
    await stage.clock.advance(600);
    expect(stage.resets).toEqual([]);
    expect(stage.partition(0).preferredReplica).toBeUndefined();
    expect(stage.fetches().map(({ node }) => node)).toEqual([leader, follower, leader]);
  });

  it("F3: is of no concern when reading has gone on elsewhere", async () => {
    const stage = await fetchStage();
    await stage.produce(0, "a");
    stage.broker.faults.delay({ api: "Fetch", delayMs: 50, afterApply: true });
    await stage.begin([0, 7]);
    stage.seek(0, 0);
    await stage.clock.advance(100);
    expect(stage.resets).toEqual([]);
    expect(stage.read()).toEqual(["0@0 a"]);
  });
});

describe("F4: a partition that cannot be read for the moment", () => {
  it.each<ErrorName>([
    "OFFSET_NOT_AVAILABLE",
    "REPLICA_NOT_AVAILABLE",
    "KAFKA_STORAGE_ERROR",
    "NOT_LEADER_OR_FOLLOWER",
    "UNKNOWN_TOPIC_OR_PARTITION",
    "UNKNOWN_TOPIC_ID",
    "FENCED_LEADER_EPOCH",
  ])("%s: keeps its position, others go on, metadata is looked up, and it is asked for again later and later", async (error) => {
    const stage = await fetchStage();
    await stage.produce(0, "a");
    await stage.produce(1, "b");
    await stage.begin([0, 0], [1, 0]);
    stage.seek(0, 0);
    stage.broker.faults.failNext({ api: "Fetch", topic: TOPIC, partition: 0, error, times: 4 });
    await stage.clock.advance(10);
    const lookups = stage.broker.journal.requests("Metadata").length;
    stage.readOn();
    await stage.clock.advance(60);
    expect(stage.given).toContain("1@0 b");
    await stage.clock.advance(4000);
    expect(stage.given.filter((one) => one === "0@0 a")).not.toHaveLength(0);
    expect(stage.broker.journal.requests("Metadata").length).toBeGreaterThan(lookups);
    expect([stage.resets, stage.problems]).toEqual([[], []]);
  });

  it("UNKNOWN_SERVER_ERROR: somebody hears of it", async () => {
    const stage = await fetchStage();
    await stage.produce(0, "a");
    stage.broker.faults.failNext({ api: "Fetch", topic: TOPIC, partition: 0, error: "UNKNOWN_SERVER_ERROR" });
    await stage.begin([0, 0]);
    stage.readOn();
    await stage.clock.advance(1000);
    expect([stage.given, stage.problems, stage.warnings]).toEqual([["0@0 a"], [], ["FETCH_FAILED"]]);
  });

  it("TOPIC_AUTHORIZATION_FAILED: is a problem, told behind what was fetched before, and of this partition alone", async () => {
    const stage = await fetchStage();
    await stage.produce(0, "a");
    await stage.produce(1, "b");
    await stage.begin([0, 0], [1, 0]);
    await stage.clock.advance(0);
    stage.broker.faults.failNext({
      api: "Fetch",
      topic: TOPIC,
      partition: 0,
      error: "TOPIC_AUTHORIZATION_FAILED",
      times: Number.POSITIVE_INFINITY,
    });
    await stage.clock.advance(1500);
    expect(stage.problems).toEqual([]);
    expect(stage.read()).toEqual(["0@0 a", "1@0 b"]);
    await stage.clock.advance(1500);
    expect(stage.problems).toEqual(["0 TOPIC_AUTHORIZATION_FAILED"]);
    await stage.produce(1, "c");
    await stage.clock.advance(10);
    expect(stage.read()).toEqual(["1@1 c"]);
    // Told of, and tried again.
    stage.broker.faults.clear();
    stage.partition(0).problem = undefined;
    await stage.produce(0, "d");
    stage.fetcher.wake();
    await stage.clock.advance(1500);
    expect(stage.read()).toEqual(["0@1 d"]);
  });
});

describe("leaders", () => {
  it("a new one that the answer names is asked at once (KIP-951)", async () => {
    const stage = await fetchStage({ nodes: 2, topics: { [TOPIC]: { partitions: 1, replicationFactor: 2 } } });
    await stage.begin([0, 0]);
    const place = { topic: TOPIC, partition: 0 };
    const next = 3 - stage.broker.leaderOf(place);
    const lookups = stage.broker.journal.requests("Metadata").length;
    stage.broker.moveLeader(place, next);
    await stage.clock.advance(0);
    const startMs = stage.elapsedMs;
    await stage.clock.advance(300);
    const last = stage.fetches().at(-1);
    expect(last?.node).toBe(next);
    expect((last?.atMs ?? 0) - startMs).toBeLessThanOrEqual(50);
    expect(stage.broker.journal.requests("Metadata").length - lookups).toBeLessThanOrEqual(1);
  });

  it("F22: a new one is not read from before it was asked whether it has what was read so far", async () => {
    const stage = await fetchStage({ nodes: 2, topics: { [TOPIC]: { partitions: 1, replicationFactor: 2 } } });
    await stage.produce(0, "a");
    await stage.begin([0, 0]);
    stage.readOn();
    await stage.clock.advance(100);
    stage.isLogValid = false;
    const place = { topic: TOPIC, partition: 0 };
    const next = 3 - stage.broker.leaderOf(place);
    stage.broker.moveLeader(place, next);
    await stage.clock.advance(1000);
    expect(stage.validations).toEqual(["0@1 epoch 1"]);
    expect(stage.fetches().filter(({ node }) => node === next)).toEqual([]);
    stage.partition(0).validated(1);
    stage.fetcher.wake();
    await stage.produce(0, "b");
    await stage.clock.advance(100);
    expect(stage.given).toEqual(["0@0 a", "0@1 b"]);
  });

  it("F22: an answer that says that the logs diverge is obeyed", async () => {
    const stage = await fetchStage();
    await stage.produce(0, "a");
    stage.isLogValid = false;
    alter(stage, saying({ divergingEpoch: { epoch: 4, endOffset: 0 } }));
    await stage.begin([0, 1]);
    await stage.clock.advance(600);
    expect(stage.validations).toEqual(["0@1 epoch 4"]);
  });

  it("nobody is asked while nobody leads, and the one who does then is found", async () => {
    const stage = await fetchStage({ nodes: 2, topics: { [TOPIC]: { partitions: 1, replicationFactor: 1 } } });
    await stage.produce(0, "a");
    const node = stage.broker.leaderOf({ topic: TOPIC, partition: 0 });
    await stage.begin([0, 0]);
    stage.readOn();
    await stage.clock.advance(100);
    await stage.broker.stopNode(node);
    await stage.clock.advance(5000);
    await stage.broker.startNode(node);
    await stage.clock.advance(5000);
    await stage.produce(0, "b");
    await stage.clock.advance(100);
    expect(stage.given).toEqual(["0@0 a", "0@1 b"]);
  });

  it("a broker that breaks connections is asked again, later and later, and nothing is lost or doubled", async () => {
    const stage = await fetchStage();
    await stage.produce(0, "a");
    await stage.begin([0, 0], [1, 0]);
    stage.readOn();
    await stage.clock.advance(100);
    stage.broker.faults.disconnect({ api: "Fetch", times: 5, afterApply: true });
    await stage.produce(0, "b");
    await stage.clock.advance(10_000);
    await stage.produce(1, "c");
    await stage.clock.advance(600);
    expect(stage.given).toEqual(["0@0 a", "0@1 b", "1@0 c"]);
  });
});

describe("followers (KIP-392)", () => {
  it("F21: one that the leader names is asked, and left again when that is long ago", async () => {
    const options = { metadataMaxAgeMs: 2000, clientRack: "r2" };
    const stage = await fetchStage({ nodes: 2, topics: { [TOPIC]: { partitions: 1, replicationFactor: 2 } } }, options);
    const leader = stage.broker.leaderOf({ topic: TOPIC, partition: 0 });
    const follower = 3 - leader;
    alter(stage, saying({ preferredReadReplica: follower }), 1, leader);
    stage.broker.faults.on("Fetch", (request) => ({ sessionId: 0, responses: [], ...(request === undefined && {}) }), {
      node: follower,
      times: Number.POSITIVE_INFINITY,
    });
    stage.broker.faults.delay({ api: "Fetch", node: follower, delayMs: 400, times: Number.POSITIVE_INFINITY });
    await stage.begin([0, 0]);
    await stage.clock.advance(3000);
    const nodes = stage.fetches().map(({ node, atMs }) => ({ node, atMs }));
    expect(nodes[0]?.node).toBe(leader);
    expect(nodes[1]?.node).toBe(follower);
    expect(nodes.at(-1)?.node).toBe(leader);
    expect(nodes.filter(({ node, atMs }) => node === follower && atMs > 3000)).toEqual([]);
  });

  it("F21: one that nobody knows strands nobody: the leader is asked, not in a hurry, and metadata is looked up", async () => {
    const stage = await fetchStage({}, { clientRack: "r2" });
    await stage.produce(0, "a");
    alter(stage, saying({ preferredReadReplica: 77 }), 3);
    await stage.begin([0, 0]);
    const lookups = stage.broker.journal.requests("Metadata").length;
    stage.readOn();
    await stage.clock.advance(2000);
    expect(stage.given).toEqual(["0@0 a"]);
    expect(stage.broker.journal.requests("Metadata").length).toBeGreaterThan(lookups);
    expect(stage.fetches()[3]!.atMs - stage.fetches()[0]!.atMs).toBeGreaterThan(300);
  });
});
