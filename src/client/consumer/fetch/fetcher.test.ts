import { describe, expect, it } from "vitest";
import { fetchStage, TOPIC } from "../../../../test/support/fetch-stage.ts";

describe("fetching", () => {
  it("brings records, asks for what follows them, and waits in a session that names only what is different", async () => {
    const stage = await fetchStage();
    await stage.produce(0, "a", "b");
    await stage.begin([0, 0], [1, 0]);
    stage.readOn();
    await stage.clock.advance(10);
    await stage.produce(1, "c");
    await stage.clock.advance(600);
    expect(stage.given).toEqual(["0@0 a", "0@1 b", "1@0 c"]);
    expect(stage.asked().slice(0, 5)).toEqual(["0/0 0@0 1@0", "1/1 0@2", "1/2 1@1", "1/3", "1/4"].slice(0, stage.asked().length));
    expect(stage.partition(0).highWatermark).toBe(2);
    expect(stage.partition(1).logStartOffset).toBe(0);
  });

  it("costs one request without any partition in it each fetchMaxWaitMs, when nothing happens", async () => {
    const stage = await fetchStage({ topics: { [TOPIC]: 50 } }, { fetchMaxWaitMs: 500 });
    await stage.begin(...Array.from({ length: 50 }, (_, partition): [number, number] => [partition, 0]));
    await stage.clock.advance(1000);
    stage.broker.journal.clear();
    await stage.clock.advance(5000);
    const fetches = stage.fetches();
    expect(fetches).toHaveLength(10);
    expect(fetches.filter(({ named, forgotten }) => named.length + forgotten.length > 0)).toEqual([]);
  });

  it("goes without sessions where they are switched off", async () => {
    const stage = await fetchStage({}, { enableIncrementalFetchSessions: false });
    await stage.begin([0, 0], [1, 0]);
    await stage.clock.advance(1100);
    expect(stage.asked()).toEqual(["0/-1 0@0 1@0", "0/-1 0@0 1@0", "0/-1 0@0 1@0"]);
  });

  it.each(["0.11", "1.0", "2.1", "2.8", "3.9", "4.4"] as const)("works with brokers of %s", async (asVersion) => {
    const stage = await fetchStage({ asVersion });
    await stage.produce(0, "a");
    await stage.begin([0, 0], [1, 0]);
    stage.readOn();
    await stage.clock.advance(600);
    await stage.produce(1, "b");
    await stage.clock.advance(600);
    expect(stage.given).toEqual(["0@0 a", "1@0 b"]);
  });

  it("F13: is about what was asked for: an answer may begin before it", async () => {
    const stage = await fetchStage();
    await stage.produce(0, "a", "b", "c");
    await stage.begin([0, 2]);
    stage.readOn();
    await stage.clock.advance(100);
    expect(stage.given).toEqual(["0@2 c"]);
  });
});

describe("what nobody is to see", () => {
  it("F15, F16: aborted records and marks are stepped over, and what is not decided yet is waited for", async () => {
    const stage = await fetchStage({}, { isolationLevel: "read_committed" });
    await stage.abortTransaction(0, "lost");
    await stage.begin([0, 0]);
    stage.readOn();
    await stage.clock.advance(600);
    const partition = stage.partition(0);
    expect([stage.given, partition.position, partition.highWatermark, partition.lastStableOffset]).toEqual([[], 2, 2, 2]);
    expect(stage.fetches().flatMap(({ named }) => named)).toEqual(["0@0", "0@2"]);
    await stage.produce(0, "a");
    await stage.clock.advance(1);
    expect(stage.given).toEqual(["0@2 a"]);
  });
});

describe("reading and fetching at the same time", () => {
  it("the next request is on its way before the reader is woken", async () => {
    const stage = await fetchStage();
    for (const value of ["a", "b", "c"]) await stage.produce(0, value);
    await stage.begin([0, 0]);
    stage.readOn();
    await stage.clock.advance(10);
    await stage.produce(0, "d");
    expect([stage.given.length, new Set(stage.inFlightAtReads.slice(1))]).toEqual([4, new Set([1])]);
  });

  it("goes on while up to maxPartitionFetchBytes of a partition wait to be read, and no further (F29)", async () => {
    const stage = await fetchStage({}, { maxPartitionFetchBytes: 1000 });
    for (let batch = 0; batch < 8; batch++) await stage.produce(0, "x".repeat(700));
    await stage.begin([0, 0]);
    await stage.clock.advance(5000);
    // One answer that is waiting, and one more.
    expect(stage.buffer.parts).toHaveLength(2);
    expect(stage.read()).toHaveLength(2);
    await stage.clock.advance(0);
    expect(stage.buffer.parts).toHaveLength(2);
    stage.readOn();
    await stage.clock.advance(100);
    expect(stage.given).toHaveLength(8);
  });

  it("asks for nothing of a paused partition, and keeps what it has of it (F25)", async () => {
    const stage = await fetchStage();
    await stage.produce(0, "a");
    await stage.begin([0, 0], [1, 0]);
    stage.partition(0).isPaused = true;
    stage.fetcher.wake();
    await stage.clock.advance(600);
    await stage.produce(0, "b");
    await stage.produce(1, "c");
    await stage.clock.advance(600);
    expect(stage.asked()).toContain("1/2 -0");
    expect(stage.read()).toEqual(["0@0 a", "1@0 c"]);
    stage.partition(0).isPaused = false;
    stage.fetcher.wake();
    await stage.clock.advance(0);
    expect(stage.read()).toEqual(["0@1 b"]);
  });

  it("F29: what paused partitions keep does not stop the others, and is not fetched again and again", async () => {
    const options = { maxPartitionFetchBytes: 1000, fetchMaxBytes: 1000 };
    const stage = await fetchStage({ topics: { [TOPIC]: 6 } }, options);
    for (const partition of [0, 1, 2, 3, 4, 5]) await stage.produce(partition, "x".repeat(700), "y".repeat(200));
    await stage.begin([0, 0], [1, 0], [2, 0], [3, 0], [4, 0]);
    await stage.clock.advance(1000);
    for (const partition of [0, 1, 2, 3, 4]) stage.partition(partition).isPaused = true;
    stage.assign([0, 0], [1, 0], [2, 0], [3, 0], [4, 0], [5, 0]);
    await stage.clock.advance(600);
    expect(stage.buffer.bytes).toBeGreaterThan(1000);
    expect(stage.read(5)).toHaveLength(2);
    const asked = stage.fetches().flatMap(({ named }) => named);
    expect(asked.filter((place) => place === "0@0")).toHaveLength(1);
  });

  it.each([true, false])("F29: a hot partition has its turn, and the others theirs (with sessions: %s)", async (usesSessions) => {
    const options = { maxPartitionFetchBytes: 1000, fetchMaxBytes: 1000, enableIncrementalFetchSessions: usesSessions };
    const stage = await fetchStage({}, options);
    for (let batch = 0; batch < 20; batch++) await stage.produce(0, "x".repeat(900));
    await stage.produce(1, "rare");
    await stage.begin([0, 0], [1, 0]);
    stage.readOn();
    await stage.clock.advance(100);
    expect(stage.given.findIndex((one) => one.startsWith("1@"))).toBeLessThan(3);
    expect(stage.given).toHaveLength(21);
    expect(stage.buffer.mostBytes).toBeLessThanOrEqual(3000);
  });

  it("stops for all while half of the budget waits to be read, and goes on when there is room", async () => {
    const options = { maxPartitionFetchBytes: 1000, fetchMaxBytes: 4000 };
    const stage = await fetchStage({ topics: { [TOPIC]: 10 } }, options);
    for (let partition = 0; partition < 10; partition++) await stage.produce(partition, "x".repeat(900));
    await stage.begin(...Array.from({ length: 10 }, (_, partition): [number, number] => [partition, 0]));
    await stage.clock.advance(2000);
    expect(stage.buffer.bytes).toBeLessThanOrEqual(4000);
    stage.readOn();
    await stage.clock.advance(2000);
    expect(stage.given).toHaveLength(10);
    expect(stage.buffer.mostBytes).toBeLessThanOrEqual(4000);
  });

  it("F25: an answer to what was asked before a seek is nobody's, and the new place is asked for at once", async () => {
    const stage = await fetchStage();
    await stage.produce(0, "a", "b", "c");
    await stage.begin([0, 3], [1, 0]);
    await stage.clock.advance(100);
    stage.seek(0, 1);
    await stage.clock.advance(0);
    expect(stage.read()).toEqual(["0@1 b", "0@2 c"]);
    stage.seek(0, 3);
    await stage.produce(0, "d");
    await stage.clock.advance(600);
    expect(stage.read()).toEqual(["0@3 d"]);
  });

  it("F25: what comes for a partition that is not assigned any more, or is another one by now, is dropped", async () => {
    const stage = await fetchStage();
    await stage.begin([0, 0], [1, 0]);
    stage.broker.faults.delay({ api: "Fetch", delayMs: 50, afterApply: true });
    await stage.clock.advance(600);
    const before = stage.partition(0);
    stage.assign([1, 0]);
    await stage.produce(0, "a");
    stage.assign([0, 1], [1, 0]);
    await stage.clock.advance(1200);
    expect(stage.partition(0)).not.toBe(before);
    expect([stage.read(), before.bufferedBytes]).toEqual([[], 0]);
  });

  it("F19, F25: what is assigned anew under a request that waits is read from its new place, in the same session", async () => {
    const stage = await fetchStage();
    await stage.produce(0, "a", "b");
    await stage.begin([0, 2], [1, 0]);
    await stage.clock.advance(100);
    stage.assign([1, 0]);
    stage.fetcher.wake();
    await stage.clock.advance(1);
    stage.assign([0, 1], [1, 0]);
    await stage.clock.advance(1);
    expect(stage.read()).toEqual(["0@1 b"]);
    await stage.clock.advance(500);
    await stage.produce(0, "c");
    await stage.clock.advance(1);
    expect(stage.read()).toEqual(["0@2 c"]);
    expect(stage.asked().filter((one) => one.includes(" -0"))).toEqual([]);
  });

  it("F19: what is not assigned any more is forgotten, or the broker would go on with it", async () => {
    const stage = await fetchStage();
    await stage.begin([0, 0], [1, 0], [2, 0]);
    await stage.clock.advance(100);
    stage.assign([1, 0]);
    await stage.clock.advance(1100);
    expect(stage.asked()).toEqual(["0/0 0@0 1@0 2@0", "1/1 -0 -2", "1/2"]);
  });
});

describe("beside a request that waits for records", () => {
  it("what is sought comes at once, on another connection, without waiting", async () => {
    const stage = await fetchStage();
    await stage.produce(0, "a");
    await stage.begin([0, 1], [1, 0]);
    await stage.clock.advance(100);
    stage.seek(0, 0);
    await stage.clock.advance(0);
    expect(stage.read()).toEqual(["0@0 a"]);
    const [first, second] = stage.fetches().slice(-2);
    expect(second).toMatchObject({ session: "0/-1", named: ["0@0"], maxWaitMs: 0 });
    expect(second?.connection).not.toBe(first?.connection);
    await stage.clock.advance(500);
    // The session has that place already.
    expect(stage.asked().at(-1)).toBe("1/1");
  });

  it("a slow reader's partition is fetched whenever there is room, and nobody's records are delayed", async () => {
    const stage = await fetchStage({}, { maxPartitionFetchBytes: 1000 });
    for (let batch = 0; batch < 6; batch++) await stage.produce(0, "x".repeat(900));
    await stage.begin([0, 0], [1, 0]);
    await stage.clock.advance(50);
    for (let round = 0; round < 3; round++) {
      expect(stage.read(0).length).toBeGreaterThan(0);
      await stage.clock.advance(1);
    }
    expect(stage.elapsedMs).toBeLessThan(450);
    await stage.produce(1, "b");
    await stage.clock.advance(1);
    expect(stage.read(1)).toEqual(["1@0 b"]);
  });

  it("nothing is asked for when records are about to come anyway", async () => {
    const stage = await fetchStage();
    await stage.produce(0, "a");
    await stage.produce(1, "b");
    await stage.begin([0, 0], [1, 1]);
    stage.readOn();
    await stage.clock.advance(10);
    await stage.produce(0, "c", "d");
    stage.broker.faults.delay({ api: "Fetch", delayMs: 100 });
    stage.partition(0).moveTo(1);
    stage.fetcher.wake();
    await stage.clock.advance(50);
    stage.seek(1, 0);
    await stage.clock.advance(600);
    expect(stage.given.slice(-1)).toEqual(["1@0 b"]);
  });
});

describe("the end", () => {
  it("S6: closes its sessions at the brokers, without waiting for the request that waits for records", async () => {
    const stage = await fetchStage({ nodes: 2, topics: { [TOPIC]: 4 } });
    await stage.begin([0, 0], [1, 0], [2, 0], [3, 0]);
    await stage.clock.advance(700);
    const startMs = stage.elapsedMs;
    expect(await stage.close()).toEqual([]);
    expect(stage.asked().slice(-2)).toEqual(["1/-1", "2/-1"]);
    expect(
      stage
        .fetches()
        .slice(-2)
        .map(({ atMs }) => atMs),
    ).toEqual([startMs, startMs]);
  });

  it("S3: is bounded when the brokers do not answer", async () => {
    const stage = await fetchStage();
    await stage.begin([0, 0]);
    await stage.clock.advance(700);
    stage.broker.faults.neverAnswer({ times: Number.POSITIVE_INFINITY });
    const startMs = stage.elapsedMs;
    await stage.close();
    expect(stage.elapsedMs - startMs).toBeLessThanOrEqual(2100);
  });
});
