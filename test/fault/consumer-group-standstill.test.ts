// Members whose process stood still (stopped, or its event loop blocked) for longer than their coordinator waits for a heartbeat. With
// KIP-848 they are not told how long that is. The faults are numbered as in the fault list.

import { describe, expect, it } from "vitest";
import { type GroupReader, type GroupReaders, groupReaders, type ReaderOptions } from "../support/group-readers.ts";

/** Not much longer than the heartbeat interval of 5 s, and what Kafka takes where the operator has allowed it; clients assume 45 s. */
const SHORT_SESSION_MS = 6_000;
const STOOD_STILL_MS = SHORT_SESSION_MS + 1_000;
const LOST_AND_BACK = ["assigned 0,1,2,3", "lost 0,1,2,3", "assigned 0,1,2,3"];

interface Scene {
  readonly group: GroupReaders;
  readonly one: GroupReader;
}

async function shortSessions(options: ReaderOptions = {}): Promise<Scene> {
  const configs = {
    "group.consumer.min.session.timeout.ms": String(SHORT_SESSION_MS),
    "group.consumer.session.timeout.ms": String(SHORT_SESSION_MS),
  };
  const group = await groupReaders({ configs });
  // Commits would hear of it before.
  return { group, one: group.member("one", { groupProtocol: "consumer", autoCommitIntervalMs: 3_600_000, ...options }) };
}

/** It has read three records of many. */
async function looping({ group, one }: Scene) {
  await group.write(50);
  const loop = one.consumer[Symbol.asyncIterator]();
  for (let read = 0; read < 3; read++) await group.stage.when(loop.next());
  return { group, one, loop };
}

const stranded = async () => looping(await shortSessions());

/** Somebody waits for it, and what comes is written when its process goes on, before any timer has run. */
async function readAfterWaiting({ group, one }: Scene, stoodStillMs: number, meanwhile?: () => void): Promise<readonly string[]> {
  const reading = one.consumer[Symbol.asyncIterator]()
    .next()
    .then(() => [...one.told]);
  await group.until(() => one.told.length === 1);
  await group.settle(1_000);
  one.block(stoodStillMs);
  meanwhile?.();
  await group.write(1);
  return group.stage.when(reading);
}

/** Its coordinator is a way off: what it says of the next heartbeat comes after whatever could be read at once. */
const AWAY_MS = 100;

function forget(group: GroupReaders): void {
  const target = { api: "ConsumerGroupHeartbeat", clientId: "one", delayMs: AWAY_MS } as const;
  group.stage.broker.faults.failNext({ ...target, error: "UNKNOWN_MEMBER_ID" });
}

function silence(group: GroupReaders): void {
  group.stage.broker.faults.neverAnswer({ api: "ConsumerGroupHeartbeat", clientId: "one", times: 100 });
}

/** How much time goes by until then. */
async function timeOf(group: GroupReaders, done: Promise<unknown>): Promise<number> {
  const startMs = group.stage.clock.monotonic();
  await group.stage.when(done);
  return group.stage.clock.monotonic() - startMs;
}

describe("a member that is not told its session (KIP-848), and stood still for longer", () => {
  it("G12: others have its partitions by then: nothing stale is read, and it comes back", async () => {
    const { group, one, loop } = await stranded();
    one.stopProcess();
    const two = group.reader("two", { groupProtocol: "consumer" });
    await group.until(() => two.read.length === 200);
    let hasRead = false;
    const next = loop.next().then(({ value }) => {
      hasRead = true;
      return value?.partition;
    });
    group.stage.broker.faults.delay({ api: "ConsumerGroupHeartbeat", clientId: "one", delayMs: AWAY_MS });
    one.continueProcess();
    await group.settle(AWAY_MS - 1);
    expect([hasRead, one.told]).toEqual([false, ["assigned 0,1,2,3"]]);
    await group.until(() => one.partitions.length === 2);
    expect([one.told.slice(0, 2), one.errors]).toEqual([LOST_AND_BACK.slice(0, 2), []]);
    await group.write(1, 50);
    expect(one.partitions).toContain(await group.stage.when(next));
    await group.stop();
  });

  it("G12: its next heartbeat is refused: nothing is read before it is", async () => {
    const { group, one, loop } = await stranded();
    one.block(STOOD_STILL_MS);
    forget(group);
    expect(await group.stage.when(loop.next())).toMatchObject({ value: { offset: 0 } });
    expect(one.told).toEqual(LOST_AND_BACK);
  });

  it("G12: the same for what comes while somebody waits for it, before any timer has run", async () => {
    const scene = await shortSessions();
    const told = await readAfterWaiting(scene, STOOD_STILL_MS, () => forget(scene.group));
    expect(told).toEqual(LOST_AND_BACK);
  });

  it("G12: the same for a record whose deserializer takes its time", async () => {
    let finish: (() => void) | undefined;
    const deserialize = (bytes: Uint8Array | null): Promise<Uint8Array | null> =>
      new Promise((resolve) => {
        if (finish === undefined) finish = () => resolve(bytes);
        else resolve(bytes);
      });
    const { group, one } = await shortSessions({ valueDeserializer: { deserialize } });
    await group.write(1);
    const reading = one.consumer[Symbol.asyncIterator]().next();
    const told = reading.then(() => [...one.told]);
    await group.until(() => finish !== undefined);
    one.block(STOOD_STILL_MS);
    forget(group);
    finish?.();
    expect(await group.stage.when(told)).toEqual(LOST_AND_BACK);
    expect(await reading).toMatchObject({ value: { offset: 0 } });
  });

  it.each([
    ["and returns", 1, false, "partition"],
    ["and returns, beside another", 2, false, "partition"],
    ["after it has waited", 1, true, "partition"],
    ["after it has waited, while a batch is on its way to another", 2, true, "partition"],
    ["after it has waited, for one key of several", 2, true, "key"],
  ] as const)(
    "G12: a function of run blocks the event loop %s: nothing stale is handed to it",
    async (_how, concurrency, waits, orderBy) => {
      const { group, one } = await shortSessions();
      await group.write(50);
      const stop = new AbortController();
      let hasBlocked = false;
      let stale = 0;
      const blockOnce = (): void => {
        if (hasBlocked) return;
        hasBlocked = true;
        one.block(STOOD_STILL_MS);
        forget(group);
      };
      const running = one.consumer.run({
        concurrency,
        orderBy,
        signal: stop.signal,
        eachRecord: () => {
          if (hasBlocked && !one.told.includes("lost 0,1,2,3")) stale++;
          return waits ? Promise.resolve().then(blockOnce) : blockOnce();
        },
      });
      await group.until(() => one.told.length > 1);
      await group.settle();
      stop.abort();
      await group.stage.when(running);
      expect(stale).toBe(0);
    },
  );

  it("G12: it is a member still: it reads on where it was as soon as it knows; calls end in their time before", async () => {
    const { group, one, loop } = await stranded();
    group.stage.broker.faults.delay({ api: "ConsumerGroupHeartbeat", clientId: "one", delayMs: 2_000 });
    one.block(STOOD_STILL_MS);
    const polling = one.consumer.poll({ timeoutMs: 500 });
    expect(await timeOf(group, polling)).toBe(500);
    expect((await polling).isEmpty).toBe(true);
    const next = loop.next();
    expect(await timeOf(group, next)).toBe(1_500);
    expect([await next, one.told]).toMatchObject([{ value: { offset: 3 } }, ["assigned 0,1,2,3"]]);
  });

  it("G12: run is told to end before it knows: it ends, and hands out nothing more", async () => {
    const { group, one } = await shortSessions();
    await group.write(50);
    const stop = new AbortController();
    let count = 0;
    const running = one.consumer.run({
      signal: stop.signal,
      eachRecord: () => {
        if (++count < 3) return;
        one.block(STOOD_STILL_MS);
        silence(group);
      },
    });
    await group.until(() => count > 2);
    await group.settle(100);
    stop.abort();
    expect([await timeOf(group, running), count]).toEqual([0, 3]);
    group.stage.broker.faults.clear();
  });
});

describe("a member that is not told its session (KIP-848) is not held up", () => {
  it.each([20, 3_000, 5_500])("G12: when it stood still for %i ms: it reads on at once, and waits for nobody", async (ms) => {
    const { group, one, loop } = await stranded();
    silence(group);
    one.block(ms);
    const next = loop.next();
    expect([await timeOf(group, next), await next]).toMatchObject([0, { value: { offset: 3 } }]);
    group.stage.broker.faults.clear();
  });

  it("G12: when its coordinator is silent, and it did not stand still", async () => {
    const readers = await groupReaders();
    const { group, loop } = await looping({ group: readers, one: readers.member("one", { groupProtocol: "consumer" }) });
    silence(group);
    await group.settle(20_000);
    const next = loop.next();
    expect([await timeOf(group, next), await next]).toMatchObject([0, { value: { offset: 3 } }]);
    group.stage.broker.faults.clear();
  });
});

describe("a member of a classic group", () => {
  it("G12: stood still for longer than the session while somebody waits: what comes then is not read before it is back", async () => {
    const group = await groupReaders();
    const one = group.member("one", { sessionTimeoutMs: 10_000 });
    expect(await readAfterWaiting({ group, one }, 15_000)).toEqual(LOST_AND_BACK);
  });
});
