import { describe, expect, it } from "vitest";
import { type FetchStage, fetchStage, TOPIC } from "../../../../test/support/fetch-stage.ts";
import type { FetchResponse } from "../../../protocol/index.ts";
import { Deadline } from "../../async/deadline.ts";

const MINUTE_MS = 60_000;
const FOREVER = { times: Number.POSITIVE_INFINITY };

/** How long the broker may wait, request by request, beside the session and in it. */
const waits = (stage: FetchStage): number[] => stage.fetches().map(({ maxWaitMs }) => maxWaitMs);

/** Nothing has come for so long that a request waits its longest; the next moves of the clock lie within its wait. */
async function idle(stage: FetchStage): Promise<void> {
  await stage.clock.advance(MINUTE_MS);
  while (stage.fetches().at(-1)?.atMs !== stage.elapsedMs) await stage.clock.advance(1);
  expect(waits(stage).at(-1)).toBe(4000);
  stage.broker.journal.clear();
}

describe("a broker that has nothing to answer", () => {
  it("may wait longer and longer, and is asked as ever when something has come", async () => {
    const stage = await fetchStage();
    stage.readOn();
    await stage.begin([0, 0], [1, 0]);
    await stage.clock.advance(20_000);
    expect(waits(stage)).toEqual([500, 500, 500, 500, 1000, 2000, 4000, 4000, 4000, 4000]);
    await idle(stage);
    await stage.clock.advance(1000);
    await stage.produce(1, "a");
    await stage.clock.advance(2);
    expect([stage.given, stage.elapsedMs - (stage.fetches()[0]?.atMs ?? 0) < 10]).toEqual([["1@0 a"], true]);
    expect(waits(stage)).toEqual([500]);
  });

  it("is asked as ever by who gets something every other second", async () => {
    const stage = await fetchStage();
    stage.readOn();
    await stage.begin([0, 0]);
    for (let second = 0; second < 20; second += 2) {
      await stage.produce(0, String(second));
      await stage.clock.advance(1900);
    }
    expect(new Set(waits(stage))).toEqual(new Set([500]));
  });

  it.each([
    { what: "fetchMaxWaitMs is given, if only as it is by default", options: { fetchMaxWaitMs: 500 }, longest: 500 },
    { what: "fetchMaxWaitMs is given, and long", options: { fetchMaxWaitMs: 6000 }, longest: 6000 },
    { what: "there are to be many bytes, which would be so late", options: { fetchMinBytes: 2 }, longest: 500 },
    { what: "one request may not take long", options: { requestTimeoutMs: 3000 }, longest: 1500 },
  ])("waits no longer than is meant: $what", async ({ options, longest }) => {
    const stage = await fetchStage({}, options);
    await stage.begin([0, 0]);
    await stage.clock.advance(MINUTE_MS);
    expect(Math.max(...waits(stage))).toBe(longest);
    if (!("requestTimeoutMs" in options)) expect(new Set(waits(stage))).toEqual(new Set([longest]));
    expect([stage.problems, stage.warnings]).toEqual([[], []]);
  });

  it("is asked as ever by who reads of a follower: those of old releases answer when the time is over, whatever comes", async () => {
    const stage = await fetchStage({ nodes: 2, topics: { [TOPIC]: { partitions: 1, replicationFactor: 2 } } });
    const leader = stage.broker.leaderOf({ topic: TOPIC, partition: 0 });
    const follower = 3 - leader;
    stage.broker.faults.on("Fetch", async (_, asked) => (asked.node === leader ? asked.next() : emptyAfter(stage)), FOREVER);
    await stage.begin();
    stage.assign([0, 0]);
    stage.partition(0).preferredReplica = { nodeId: follower, untilMs: Number.POSITIVE_INFINITY };
    await stage.clock.advance(20_000);
    const fetches = stage.fetches().filter(({ node }) => node === follower);
    expect([fetches.length > 30, new Set(fetches.map(({ maxWaitMs }) => maxWaitMs))]).toEqual([true, new Set([500])]);
  });

  it("F20: is asked as ever when it has been gone", async () => {
    const stage = await fetchStage();
    await stage.begin([0, 0]);
    await idle(stage);
    stage.broker.disconnectAll();
    await stage.clock.advance(1000);
    expect(waits(stage)[0]).toBe(500);
  });
});

describe("while a broker waits long", () => {
  it("F16: records of a transaction come when it is decided", async () => {
    const stage = await fetchStage({}, { isolationLevel: "read_committed" });
    stage.readOn();
    await stage.begin([0, 0]);
    await idle(stage);
    await stage.abortTransaction(0, "lost");
    await stage.produce(0, "a");
    await stage.clock.advance(2);
    expect([stage.given, stage.elapsedMs < 2 * MINUTE_MS]).toEqual([["0@2 a"], true]);
  });

  it("F22: another leader is found at once", async () => {
    const stage = await fetchStage({ nodes: 2, topics: { [TOPIC]: { partitions: 1, replicationFactor: 2 } } });
    stage.readOn();
    await stage.begin([0, 0]);
    await idle(stage);
    const startMs = stage.elapsedMs;
    const leader = 3 - stage.broker.leaderOf({ topic: TOPIC, partition: 0 });
    stage.broker.moveLeader({ topic: TOPIC, partition: 0 }, leader);
    await stage.clock.runUntil(() => stage.fetches().some(({ node }) => node === leader), 10_000);
    expect(stage.elapsedMs - startMs).toBeLessThan(200);
  });

  it("what is assigned is asked for at once, and then as often as ever", async () => {
    const stage = await fetchStage();
    stage.readOn();
    await stage.begin([0, 0]);
    await idle(stage);
    await stage.produce(1, "a");
    const startMs = stage.elapsedMs;
    stage.assign([0, 0], [1, 0]);
    await stage.clock.advance(10);
    expect(stage.given).toEqual(["1@0 a"]);
    await stage.clock.advance(100);
    await stage.produce(1, "b");
    await stage.clock.runUntil(() => stage.given.length === 2, 10_000);
    expect(stage.elapsedMs - startMs).toBeLessThan(700);
    // Beside the session until that names it, and no more often than it would be asked for there.
    await stage.clock.advance(10_000);
    const beside = stage.fetches().filter(({ session }) => session === "0/-1");
    expect(beside.length).toBeLessThanOrEqual(10);
    expect(beside.every(({ maxWaitMs, named }) => maxWaitMs === 0 && named.length === 1)).toBe(true);
    expect(stage.fetches().at(-1)?.session).not.toBe("0/-1");
  });

  it("what was refused is asked for again before the wait is over", async () => {
    const stage = await fetchStage();
    stage.readOn();
    await stage.begin([0, 0]);
    await idle(stage);
    await stage.produce(1, "a");
    const startMs = stage.elapsedMs;
    stage.broker.faults.failNext({ api: "Fetch", topic: TOPIC, partition: 1, error: "KAFKA_STORAGE_ERROR" });
    stage.assign([0, 0], [1, 0]);
    await stage.clock.runUntil(() => stage.given.length > 0, 10_000);
    expect(stage.elapsedMs - startMs).toBeLessThan(700);
  });

  it("nobody who closes waits for it", async () => {
    const stage = await fetchStage();
    await stage.begin([0, 0]);
    await idle(stage);
    const startMs = stage.elapsedMs;
    await stage.fetcher.close(new Deadline(stage.clock, 1000));
    expect(stage.elapsedMs - startMs).toBeLessThan(10);
  });
});

/** What a follower answers that has nothing, when the time is over. */
async function emptyAfter(stage: FetchStage): Promise<FetchResponse> {
  await new Promise<void>((resolve) => {
    stage.clock.schedule(500, resolve);
  });
  return { throttleTimeMs: 0, errorCode: 0, sessionId: 0, responses: [], nodeEndpoints: [] } as unknown as FetchResponse;
}
