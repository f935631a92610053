import { describe, expect, it } from "vitest";
import { allOf, type GroupReaders, groupReaders, type ReaderOptions, TOPIC } from "../../../../test/support/group-readers.ts";
import type { Consumer } from "../../index.ts";

const COOPERATIVE: ReaderOptions = { partitionAssignmentStrategy: "cooperative-sticky" };
const P0 = { topic: TOPIC, partition: 0 };

/** `0/0 v0` … of all four partitions. */
function everything(count: number): readonly string[] {
  return [0, 1, 2, 3].flatMap((partition) => Array.from({ length: count }, (_, at) => `${partition}/${at} v${at}`)).sort();
}

const COORDINATED: ReaderOptions = { groupProtocol: "consumer" };

const WAYS: readonly (readonly [way: string, options: ReaderOptions])[] = [
  ["range", { partitionAssignmentStrategy: "range" }],
  ["roundrobin", { partitionAssignmentStrategy: "roundrobin" }],
  ["sticky", { partitionAssignmentStrategy: "sticky" }],
  ["cooperative-sticky", COOPERATIVE],
  ["what the coordinator assigns (KIP-848)", COORDINATED],
];

describe.each(WAYS)("members of a group that share by %s", (_way, options) => {
  it("have all partitions together and none of them twice, whoever comes and goes", async () => {
    const group = await groupReaders();
    const one = group.reader("one", options);
    await group.untilShared(4);
    const two = group.reader("two", options);
    await group.untilShared(2, 2);
    expect(allOf(one, two)).toEqual([0, 1, 2, 3]);
    const three = group.reader("three", options);
    await group.until(() => three.partitions.length === 1);
    await group.stage.when(one.consumer.close());
    await group.until(() => two.partitions.length === 2 && three.partitions.length === 2);
    expect(allOf(two, three)).toEqual([0, 1, 2, 3]);
    await group.stop();
  });

  it("read every record once while members come and go: what is processed is committed before somebody else has it", async () => {
    const group = await groupReaders();
    const one = group.reader("one", options);
    await group.write(5);
    await group.until(() => group.read.length >= 8);
    group.reader("two", options);
    await group.write(5, 5);
    await group.settle();
    group.reader("three", options);
    await group.write(5, 10);
    await group.settle();
    await group.stage.when(one.stop());
    await group.stage.when(one.consumer.close());
    await group.write(5, 15);
    await group.settle();
    expect(group.read).toEqual(everything(20));
    await group.stop();
  });
});

describe("what the listener is told", () => {
  it("where the coordinator assigns: only what moves is revoked, and the other one gets it when that is done (G30)", async () => {
    const group = await groupReaders();
    let finish = (): void => undefined;
    const one = group.reader("one", {
      ...COORDINATED,
      inCallback: (what) => what === "revoked" && new Promise<void>((resolve) => (finish = resolve)),
    });
    await group.untilShared(4);
    const two = group.reader("two", COORDINATED);
    await group.until(() => one.told.length === 2);
    await group.settle(60_000);
    expect([one.partitions.length, two.partitions.length]).toEqual([4, 0]);
    finish();
    await group.untilShared(2, 2);
    expect(one.told.slice(0, 2)).toEqual(["assigned 0,1,2,3", expect.stringMatching(/^revoked \d,\d$/)]);
    expect([one.errors, two.told.includes("lost"), group.stage.warnings]).toEqual([[], false, []]);
    await group.stop();
  });

  it("eager: everything is revoked, then what is assigned is assigned, each before a record of the next assignment", async () => {
    const group = await groupReaders();
    const one = group.reader("one");
    await group.untilShared(4);
    const two = group.reader("two");
    await group.untilShared(2, 2);
    expect(one.told).toEqual(["assigned 0,1,2,3", "revoked 0,1,2,3", "assigned 0,1"]);
    expect(two.told).toEqual(["assigned 2,3"]);
    await group.stop();
  });

  it("cooperative: only what moves is revoked, and what stays keeps its position, is still paused, and is not looked up again", async () => {
    const group = await groupReaders();
    const one = group.reader("one", COOPERATIVE);
    await group.untilShared(4);
    for (const place of one.consumer.assignment()) one.consumer.seek(place, 0);
    one.consumer.pause(...one.consumer.assignment());
    const two = group.reader("two", COOPERATIVE);
    await group.untilShared(2, 2);
    expect(one.told).toEqual(["assigned 0,1,2,3", expect.stringMatching(/^revoked \d,\d$/), "assigned", "assigned"]);
    expect(two.told).toEqual(["assigned", expect.stringMatching(/^assigned \d,\d$/)]);
    expect(one.consumer.paused()).toEqual(one.consumer.assignment());
    await group.stop();
  });

  it("while partitions are revoked they are still assigned, and can be committed; when they are assigned they can be sought", async () => {
    const group = await groupReaders();
    const seen: unknown[] = [];
    await group.write(3);
    const one = group.reader("one", {
      enableAutoCommit: false,
      inCallback: async (what, partitions, consumer) => {
        seen.push([what, consumer.assignment().length, partitions.length]);
        if (what === "assigned") consumer.seek(partitions[0]!, 2);
        else await consumer.commit();
      },
    });
    await group.until(() => one.read.length === 10);
    group.reader("two");
    await group.untilShared(2, 2);
    expect(seen).toEqual([
      ["assigned", 4, 4],
      ["revoked", 4, 4],
      ["assigned", 2, 2],
    ]);
    expect(await group.committed()).toEqual([3, 3, 3, 3]);
    expect(one.errors).toEqual([]);
    await group.stop();
  });

  it("is awaited: nothing is read meanwhile, and heartbeats go on", async () => {
    const group = await groupReaders();
    let finish = (): void => undefined;
    const one = group.reader("one", {
      sessionTimeoutMs: 10_000,
      inCallback: (what) => what === "assigned" && new Promise<void>((resolve) => (finish = resolve)),
    });
    await group.write(1);
    await group.until(() => one.told.length === 1);
    await group.settle(60_000);
    expect(one.read).toEqual([]);
    finish();
    await group.until(() => one.read.length === 4);
    expect(one.told).toEqual(["assigned 0,1,2,3"]);
    await group.stop();
  });

  it("what it throws comes out of the call that reads, once, when everybody has been told", async () => {
    const group = await groupReaders();
    const one = group.member("one", {
      inCallback: () => {
        throw new Error("not today");
      },
    });
    await expect(group.stage.when(one.consumer.poll({ timeoutMs: 20_000 }))).rejects.toThrow("not today");
    await group.write(1);
    expect(await group.stage.read(4, one.consumer)).toHaveLength(4);
    expect(one.told).toEqual(["assigned 0,1,2,3"]);
    expect(group.stage.warnings).toEqual(["CALLBACK_FAILED"]);
  });
});

describe("who is at work when others come", () => {
  it("G14: poll: what it has in hand is its own; it is committed when it polls again, and only then given up", async () => {
    const group = await groupReaders();
    await group.write(2);
    const one = group.member("one");
    const polled = await group.stage.read(8, one.consumer);
    expect(polled).toHaveLength(8);
    const two = group.reader("two");
    await group.settle(60_000);
    expect([one.partitions.length, two.read]).toEqual([4, []]);
    one.start();
    await group.untilShared(2, 2);
    expect([await group.committed(), two.read]).toEqual([[2, 2, 2, 2], []]);
    await group.stop();
  });

  it("run: functions finish the record in hand, which is committed, and whoever comes next begins behind it", async () => {
    const group = await groupReaders();
    await group.write(3);
    const one = group.member("one");
    const seen: string[] = [];
    const inHand: (() => void)[] = [];
    const stop = new AbortController();
    const running = one.consumer.run({
      concurrency: 4,
      signal: stop.signal,
      eachRecord: (record) => {
        seen.push(`${record.partition}/${record.offset}`);
        return new Promise<void>((resolve) => inHand.push(resolve));
      },
    });
    await group.until(() => inHand.length === 4);
    const two = group.reader("two");
    await group.settle(20_000);
    expect([one.partitions.length, two.read.length]).toEqual([4, 0]);
    for (const finish of inHand.splice(0)) finish();
    await group.until(() => two.read.length === 4);
    expect(two.read.map((read) => read.slice(2)).sort()).toEqual(["1 v1", "1 v1", "2 v2", "2 v2"]);
    stop.abort();
    await group.until(() => inHand.length === 2);
    for (const finish of inHand.splice(0)) finish();
    await group.stage.when(running);
    await group.stop();
    expect(seen).toHaveLength(6);
  });

  it("run: cooperative members go on with what stays theirs while others are waited for", async () => {
    const group = await groupReaders();
    const one = group.member("one", COOPERATIVE);
    const seen: string[] = [];
    const stop = new AbortController();
    const running = one.consumer.run({
      signal: stop.signal,
      eachRecord: (record) => void seen.push(`${record.partition}/${record.offset}`),
    });
    await group.untilShared(4);
    group.reader("two", COOPERATIVE);
    await group.untilShared(2, 2);
    await group.write(2);
    await group.until(() => seen.length === 4);
    stop.abort();
    await group.stage.when(running);
    await group.stop();
  });

  it("a loop: the record in hand is read again by whoever has its partition next, if its owner does not come back", async () => {
    const group = await groupReaders();
    await group.write(1);
    const one = group.member("one", { maxPollIntervalMs: 30_000 });
    const loop = one.consumer[Symbol.asyncIterator]();
    const { value } = await group.stage.when(loop.next());
    const two = group.reader("two");
    await group.settle(60_000);
    expect(two.read).toHaveLength(4);
    await expect(group.stage.when(loop.next())).rejects.toMatchObject({ code: "MAX_POLL_INTERVAL_EXCEEDED" });
    expect(value).toMatchObject({ offset: 0 });
    await group.stop();
  });
});

describe("who leaves", () => {
  async function pair(): Promise<GroupReaders> {
    const group = await groupReaders();
    await group.write(2);
    group.reader("one");
    await group.until(() => group.read.length === 8);
    group.reader("two");
    await group.untilShared(2, 2);
    return group;
  }

  it("by closing: commits, is told that everything is revoked, and its partitions are read at once by others", async () => {
    const group = await pair();
    const [one, two] = [group.readers[0]!, group.readers[1]!];
    await group.write(1, 2);
    await group.until(() => group.read.length === 12);
    const startMs = group.stage.clock.monotonic();
    await group.stage.when(one.consumer.close());
    expect(one.told.at(-1)).toBe("revoked 0,1");
    await group.until(() => two.partitions.length === 4);
    expect(group.stage.clock.monotonic() - startMs).toBeLessThan(5_000);
    await group.settle();
    expect([await group.committed(), group.read.length]).toEqual([[3, 3, 3, 3], 12]);
    await group.stop();
  });

  it("G14: by closing: what is processed is committed before the listener is told", async () => {
    const group = await groupReaders();
    const { journal } = group.stage.broker;
    const commits: number[] = [];
    const inCallback = (what: string): unknown => what === "revoked" && commits.push(journal.responses("OffsetCommit").length);
    const one = group.reader("one", { inCallback });
    await group.write(2);
    await group.until(() => group.read.length === 8);
    await group.stage.when(one.consumer.close());
    expect(commits).toEqual([1]);
    expect(await group.committed()).toEqual([2, 2, 2, 2]);
    await group.stop();
  });

  it("by closing: a listener that takes its time still has the partitions, and what he commits then is committed", async () => {
    const group = await groupReaders();
    const inCallback = async (what: string, _: unknown, consumer: Consumer): Promise<void> => {
      if (what !== "revoked") return;
      await group.pause(100);
      await consumer.commit();
    };
    const one = group.reader("one", { inCallback, enableAutoCommit: false });
    await group.write(2);
    await group.until(() => group.read.length === 8);
    await group.stage.when(one.consumer.close());
    expect(await group.committed()).toEqual([2, 2, 2, 2]);
    expect(one.told).toEqual(["assigned 0,1,2,3", "revoked 0,1,2,3"]);
    await group.stop();
  });

  it("by closing, whose listener never comes back: at its deadline", async () => {
    const group = await groupReaders();
    const inCallback = (what: string): unknown => (what === "revoked" ? new Promise(() => undefined) : undefined);
    const one = group.reader("one", { inCallback });
    await group.untilShared(4);
    await group.stage.when(one.consumer.close({ timeoutMs: 3000 }));
    expect(one.told).toEqual(["assigned 0,1,2,3", "revoked 0,1,2,3"]);
    await group.stop();
  });

  it("by unsubscribing: the same, inside the call; and may come back", async () => {
    const group = await pair();
    const [one, two] = [group.readers[0]!, group.readers[1]!];
    await group.stage.when(one.stop());
    one.consumer.unsubscribe();
    expect([one.told.at(-1), one.consumer.assignment(), one.consumer.subscription().size]).toEqual(["revoked 0,1", [], 0]);
    await group.until(() => two.partitions.length === 4);
    expect(one.consumer.memberId).toBe("");
    one.consumer.subscribe(TOPIC);
    one.start();
    await group.untilShared(2, 2);
    await group.settle();
    expect(group.read).toHaveLength(8);
    await group.stop();
  });

  it("by unsubscribing and subscribing again at once: it is a new member, after the old one has left", async () => {
    const group = await pair();
    const one = group.readers[0]!;
    const before = one.consumer.memberId;
    one.consumer.unsubscribe();
    one.consumer.subscribe(TOPIC);
    await group.settle();
    await group.untilShared(2, 2);
    expect([one.consumer.memberId === before, one.consumer.memberId === ""]).toEqual([false, false]);
    expect([one.errors, group.read.length]).toEqual([[], 8]);
    await group.stop();
  });

  it("by closing, right after it has unsubscribed and subscribed: what it was told is waited for, and then it leaves no timer", async () => {
    const group = await groupReaders();
    let finish = (): void => undefined;
    const one = group.reader("one", {
      inCallback: (what) => what === "revoked" && new Promise<void>((resolve) => (finish = resolve)),
    });
    await group.untilShared(4);
    await group.stage.when(one.stop());
    one.resubscribe();
    const isLeft = one.consumer.close({ timeoutMs: 20_000 }).then(() => one.told.at(-1));
    await group.settle(10_000);
    one.told.push("has waited");
    finish();
    expect(await group.stage.when(isLeft)).toBe("has waited");
    expect(one.timers).toBe(0);
    await group.stop();
  });

  it("by closing while its listener hangs: it leaves no timer either", async () => {
    const group = await groupReaders();
    const one = group.reader("one", { inCallback: (what) => what === "revoked" && new Promise<void>(() => undefined) });
    await group.untilShared(4);
    await group.stage.when(one.stop());
    one.resubscribe();
    await group.stage.when(one.consumer.close({ timeoutMs: 1000 }));
    expect(one.timers).toBe(0);
  });

  it("without a word: it is missed when its session is over, and what it has not committed is read again", async () => {
    const group = await groupReaders();
    const one = group.member("one", { enableAutoCommit: false, sessionTimeoutMs: 10_000 });
    await group.write(2);
    expect(await group.stage.read(8, one.consumer)).toHaveLength(8);
    await group.stage.when(one.consumer.commit([{ ...P0, offset: 1 }]));
    group.stage.broker.faults.neverAnswer({ clientId: "one" });
    const two = group.reader("two");
    await group.until(() => two.read.length === 7);
    expect(two.read).not.toContain("0/0 v0");
    await group.stop();
  });
});
