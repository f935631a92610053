// Faults F1 to F29, as far as they are the fetcher's.
import { describe, expect, it } from "vitest";
import { type FetchStage, fetchStage, TOPIC } from "../../../../test/support/fetch-stage.ts";
import type { Draft, ErrorName, FetchResponse } from "../../../protocol/index.ts";

type Answer = Draft<FetchResponse>;

/** The next answers, or so many of them, are changed by that function. */
function alter(stage: FetchStage, change: (answer: FetchResponse) => Answer, times = 1, node?: number): void {
  const target = node === undefined ? { times } : { times, node };
  stage.broker.faults.on("Fetch", async (_, asked) => change((await asked.next()) as FetchResponse), target);
}

describe("answers that are not what was asked for", () => {
  it("F6: the beginning of a batch at the end is left alone, and fetched whole", async () => {
    const stage = await fetchStage({}, { maxPartitionFetchBytes: 1000 });
    await stage.produce(0, "a");
    await stage.produce(0, "b");
    stage.broker.faults.corruptRecords({ damage: (records) => records.slice(0, records.length - 5) });
    await stage.begin([0, 0]);
    stage.readOn();
    await stage.clock.advance(100);
    expect(stage.given).toEqual(["0@0 a", "0@1 b"]);
    expect(stage.fetches()[1]?.named).toEqual(["0@1"]);
  });

  it("F7: when not even one batch has room, more is asked for", async () => {
    const stage = await fetchStage({}, { maxPartitionFetchBytes: 100 });
    await stage.produce(0, "a".repeat(500));
    stage.broker.faults.corruptRecords({ damage: (records) => records.slice(0, 100), times: 2 });
    await stage.begin([0, 0]);
    stage.readOn();
    await stage.clock.advance(100);
    expect(stage.given).toHaveLength(1);
    const limits = stage.broker.journal
      .requests("Fetch")
      .flatMap(({ body }) => (body as { topics: { partitions: { partitionMaxBytes: number }[] }[] }).topics)
      .flatMap(({ partitions }) => partitions.map(({ partitionMaxBytes }) => partitionMaxBytes));
    expect(limits.slice(0, 3)).toEqual([100, 200, 400]);
  });

  it("F7: at the largest answer that is accepted, it is an error that says so", async () => {
    const stage = await fetchStage({}, { maxPartitionFetchBytes: 100, receiveMessageMaxBytes: 1000, fetchMaxBytes: 100 });
    await stage.produce(0, "a".repeat(500));
    await stage.produce(1, "b");
    stage.broker.faults.corruptRecords({
      topic: TOPIC,
      partition: 0,
      damage: (records) => records.slice(0, 100),
      times: Number.POSITIVE_INFINITY,
    });
    await stage.begin([0, 0], [1, 0]);
    stage.readOn();
    await stage.clock.advance(1000);
    expect(stage.problems).toEqual(["0 FETCH_TOO_LARGE"]);
    expect(stage.given).toEqual(["1@0 b"]);
    expect(stage.partition(0).problem?.message).toContain("receiveMessageMaxBytes");
  });

  it("F8: behind a batch whose length cannot be nothing is fetched; what is before it is read first", async () => {
    const stage = await fetchStage();
    await stage.produce(0, "a");
    await stage.produce(0, "b");
    const damage = (records: Uint8Array): Uint8Array => {
      const copy = new Uint8Array(records);
      const view = new DataView(copy.buffer);
      view.setInt32(12 + view.getInt32(8) + 8, -1);
      return copy;
    };
    stage.broker.faults.corruptRecords({ damage });
    await stage.begin([0, 0]);
    await stage.clock.advance(2000);
    expect(stage.fetches().flatMap(({ named }) => named)).toEqual(["0@0"]);
    expect(stage.buffer.parts[0]?.problem).toBeDefined();
    expect(stage.partition(0).fetchOffset).toBe(1);
  });

  it("F24: of a partition that comes twice the first counts; what nobody asked for does not", async () => {
    const stage = await fetchStage();
    await stage.produce(0, "a");
    await stage.produce(1, "b");
    alter(stage, (answer) => {
      const [first] = answer.responses;
      if (first === undefined) return answer;
      const { partitions } = first;
      const foreign = { ...first, topicId: "AAAAAAAAAAAAAAAAAAAACQ", topic: "other" };
      return {
        ...answer,
        responses: [foreign, first, { ...first, partitions: [...partitions, { ...partitions[0]!, partitionIndex: 2 }] }],
      };
    });
    await stage.begin([0, 0], [1, 0]);
    await stage.clock.advance(10);
    expect(stage.read()).toEqual(["0@0 a", "1@0 b"]);
  });

  it("F24: a full answer without some of the partitions leaves no session behind that would not bring them", async () => {
    const stage = await fetchStage();
    await stage.produce(0, "a");
    await stage.produce(1, "b");
    alter(stage, (answer) => ({
      ...answer,
      responses: answer.responses.map((one) => ({ ...one, partitions: one.partitions.slice(0, 1) })),
    }));
    await stage.begin([0, 0], [1, 0]);
    stage.readOn();
    await stage.clock.advance(10);
    expect(stage.given.toSorted()).toEqual(["0@0 a", "1@0 b"]);
  });

  it("F27: records that bring no progress are not asked for in a hurry", async () => {
    const stage = await fetchStage();
    await stage.produce(0, "a");
    let batch: Uint8Array | undefined;
    stage.broker.faults.corruptRecords({
      times: Number.POSITIVE_INFINITY,
      damage: (records) => {
        batch ??= records;
        return batch;
      },
    });
    await stage.begin([0, 0]);
    stage.readOn();
    await stage.clock.advance(10);
    await stage.produce(0, "b");
    await stage.clock.advance(2000);
    expect(stage.given).toEqual(["0@0 a"]);
    expect(stage.fetches().length).toBeLessThan(10);
    stage.broker.faults.clear();
    await stage.clock.advance(1500);
    expect(stage.given).toEqual(["0@0 a", "0@1 b"]);
  });

  it("bytes that are no answer break the connection, and are asked for again", async () => {
    const stage = await fetchStage();
    await stage.produce(0, "a");
    stage.broker.faults.frameLength({ api: "Fetch", length: -5, times: 2 });
    await stage.begin([0, 0]);
    stage.readOn();
    // The pool is in no hurry with a broker that speaks like this.
    await stage.clock.advance(70_000);
    expect([stage.given, stage.problems]).toEqual([["0@0 a"], []]);
  });
});

describe("sessions", () => {
  it.each<[id: string, error: ErrorName, sessions: readonly string[]]>([
    ["F17", "FETCH_SESSION_ID_NOT_FOUND", ["0/0", "1/1", "0/0", "2/1"]],
    ["F18", "INVALID_FETCH_SESSION_EPOCH", ["0/0", "1/1", "1/0", "2/1"]],
  ])("%s: %s: another one is opened at once", async (_, error, sessions) => {
    const stage = await fetchStage();
    await stage.begin([0, 0]);
    await stage.clock.advance(100);
    stage.broker.faults.failNext({ api: "Fetch", error });
    await stage.clock.advance(400);
    const atMs = stage.elapsedMs;
    await stage.clock.advance(550);
    expect(
      stage
        .fetches()
        .map(({ session }) => session)
        .slice(0, 4),
    ).toEqual(sessions);
    expect(stage.fetches()[2]!.atMs).toBeLessThanOrEqual(atMs);
    await stage.produce(0, "a");
    await stage.clock.advance(10);
    expect(stage.read()).toEqual(["0@0 a"]);
  });

  it("F17: a broker that wants none is asked without", async () => {
    const stage = await fetchStage();
    stage.broker.faults.failNext({ api: "Fetch", error: "FETCH_SESSION_ID_NOT_FOUND" });
    await stage.begin([0, 0]);
    await stage.clock.advance(1100);
    expect(stage.fetches().map(({ session }) => session)).toEqual(["0/0", "0/-1", "0/-1", "0/-1"]);
  });

  it.each<ErrorName>(["FETCH_SESSION_TOPIC_ID_ERROR", "INCONSISTENT_TOPIC_ID"])(
    "F18: %s: metadata is looked up, and another session is opened",
    async (error) => {
      const stage = await fetchStage();
      await stage.begin([0, 0]);
      stage.broker.faults.failNext({ api: "Fetch", error });
      const lookups = stage.broker.journal.requests("Metadata").length;
      await stage.clock.advance(1500);
      expect(
        stage
          .fetches()
          .map(({ session }) => session)
          .slice(0, 4),
      ).toEqual(["0/0", "1/1", "1/0", "2/1"]);
      expect(stage.broker.journal.requests("Metadata").length).toBeGreaterThan(lookups);
    },
  );

  it("an answer that is refused for good is a problem of every partition, told behind what it has", async () => {
    const stage = await fetchStage();
    await stage.produce(0, "a");
    await stage.begin([0, 0], [1, 0]);
    await stage.clock.advance(0);
    stage.broker.faults.failNext({ api: "Fetch", error: "CLUSTER_AUTHORIZATION_FAILED", times: 2 });
    await stage.clock.advance(1500);
    expect(stage.problems).toEqual(["1 CLUSTER_AUTHORIZATION_FAILED"]);
    stage.broker.faults.clear();
    expect(stage.read()).toEqual(["0@0 a"]);
    await stage.produce(0, "b");
    await stage.clock.advance(1500);
    expect(stage.read()).toEqual(["0@1 b"]);
  });

  it("F20: any other error of a whole answer makes it begin anew, later and later", async () => {
    const stage = await fetchStage();
    await stage.produce(0, "a");
    stage.broker.faults.failNext({ api: "Fetch", error: "UNKNOWN_SERVER_ERROR", times: 5 });
    await stage.begin([0, 0]);
    stage.readOn();
    await stage.clock.advance(10_000);
    expect(stage.given).toEqual(["0@0 a"]);
    const times = stage.fetches().map(({ atMs }) => atMs);
    const pauses = times.slice(1, 6).map((atMs, index) => atMs - times[index]!);
    expect(pauses[0]).toBeGreaterThanOrEqual(80);
    expect(pauses[3]).toBeGreaterThanOrEqual(600);
  });

  it("F18: a topic that was made anew under its name is read by its new id", async () => {
    const stage = await fetchStage();
    await stage.begin([0, 0]);
    await stage.clock.advance(100);
    stage.broker.deleteTopic(TOPIC);
    stage.broker.createTopic(TOPIC, 3);
    await stage.clock.advance(20_000);
    await stage.produce(0, "new");
    await stage.clock.advance(1500);
    expect(stage.read()).toEqual(["0@0 new"]);
  });
});

describe("Q1: a broker that wants to be left alone", () => {
  it("is, on all connections", async () => {
    const stage = await fetchStage();
    await stage.produce(0, "a");
    stage.broker.faults.throttle({ api: "Fetch", throttleMs: 1000 });
    await stage.begin([0, 0], [1, 0]);
    const startMs = stage.fetches()[0]!.atMs;
    await stage.clock.advance(500);
    stage.seek(0, 0);
    await stage.clock.advance(400);
    expect(stage.fetches()).toHaveLength(1);
    await stage.clock.advance(300);
    expect(stage.fetches()[1]!.atMs - startMs).toBeGreaterThanOrEqual(1000);
  });
});

it("F27: is asked with pauses when it answers at once that there is something, and sends nothing", async () => {
  const stage = await fetchStage();
  const topicId = stage.broker.topics.find(({ name }) => name === TOPIC)?.id ?? "";
  const responses = [{ topic: TOPIC, topicId, partitions: [{ partitionIndex: 0, highWatermark: 9, records: null }] }];
  stage.broker.faults.on("Fetch", async () => ({ responses }), { times: 1000 });
  await stage.begin([0, 0]);
  await stage.clock.advance(2000);
  const asked = stage.broker.journal.requests("Fetch").length;
  expect(asked).toBeGreaterThan(5);
  expect(asked).toBeLessThan(40);
});
