// Members of groups whose process stands still while they wait for something: when it goes on, what they have waited for may be there
// before any timer has run, and their partitions be somebody else's by then. The faults are numbered as in the fault list.

import { describe, expect, it } from "vitest";
import { type GroupReader, type GroupReaders, groupReaders } from "../support/group-readers.ts";

const SESSION_MS = 10_000;
/** Then others have a turn first. */
const LONG_TURN_MS = 20;
const PATIENCE = { timeoutMs: 120_000 };
/** Lost, and its own again: nothing was handed out before. */
const BACK = ["assigned 0,1,2,3", "lost 0,1,2,3", "assigned 0,1,2,3"];

const WAYS: readonly (readonly [string, (one: GroupReader) => Promise<unknown>])[] = [
  ["a poll", async ({ consumer }) => [...(await consumer.poll(PATIENCE))][0]?.offset],
  ["a loop", async ({ consumer }) => (await consumer.iterate(PATIENCE).next()).value?.offset],
  ["a loop over batches", async ({ consumer }) => (await consumer.batches(PATIENCE).next()).value?.firstOffset],
  [
    "run",
    async ({ consumer }) => {
      const end = new AbortController();
      const read: unknown[] = [];
      await consumer.run({
        signal: end.signal,
        eachRecord: ({ offset }) => {
          read.push(offset);
          end.abort();
        },
      });
      return read[0];
    },
  ],
];

async function isAsking({ stage }: GroupReaders): Promise<boolean> {
  await stage.clock.advance(1);
  return stage.broker.journal.requests("Fetch").some(({ clientId }) => clientId === "one");
}

function joinsOf({ stage }: GroupReaders): number {
  return stage.broker.journal.requests("JoinGroup").filter(({ clientId }) => clientId === "one").length;
}

describe("the process stands still for longer than the session", () => {
  it.each(WAYS)("G12: while %s waits, and an answer is there first: nothing stale is read", async (_who, read) => {
    const group = await groupReaders();
    const one = group.member("one", { sessionTimeoutMs: SESSION_MS });
    const reading = read(one);
    await group.until(() => one.told.length === 1);
    while (!(await isAsking(group)));
    one.block(SESSION_MS + 5_000);
    await group.write(1);
    const toldWhenRead = reading.then(() => [...one.told]);
    expect(await group.stage.when(toldWhenRead)).toEqual(BACK);
    expect(await group.stage.when(reading)).toBe(0);
  });

  it("G12: in a callback, with records of what it has kept at hand: nothing stale is read", async () => {
    const group = await groupReaders();
    await group.write(50);
    const one = group.member("one", {
      sessionTimeoutMs: SESSION_MS,
      partitionAssignmentStrategy: "cooperative-sticky",
      inCallback: (what) => {
        if (what === "revoked") one.block(SESSION_MS + 5_000);
      },
    });
    const loop = one.consumer.iterate(PATIENCE);
    await group.stage.when(loop.next());
    group.reader("two", { partitionAssignmentStrategy: "cooperative-sticky" });
    const hasHeard = (what: string): boolean => one.told.some((told) => told.startsWith(what));
    let stale = 0;
    while (!hasHeard("lost") && stale === 0) {
      await group.stage.when(loop.next());
      if (hasHeard("revoked") && !hasHeard("lost")) stale++;
    }
    expect(stale).toBe(0);
    await group.stop();
  });

  it("G12: while the group comes together, with records of what it has kept at hand: nothing stale is read", async () => {
    const group = await groupReaders();
    await group.write(500);
    const cooperative = { sessionTimeoutMs: SESSION_MS, partitionAssignmentStrategy: "cooperative-sticky" } as const;
    const one = group.member("one", cooperative);
    const two = group.reader("two", cooperative);
    const loop = one.consumer.iterate(PATIENCE);
    const readOn = (): Promise<unknown> => group.stage.when(loop.next().then(() => group.pause(100)));
    while (one.partitions.length !== 2 || two.partitions.length !== 2) await readOn();
    const joins = joinsOf(group);
    // As if the others took their time.
    group.stage.broker.faults.neverAnswer({ api: "JoinGroup", clientId: "one" });
    group.reader("three", cooperative);
    while (joinsOf(group) === joins) await readOn();
    one.block(SESSION_MS + 5_000);
    const next = loop.next();
    await Promise.resolve();
    expect(one.partitions).toEqual([]);
    await group.stage.when(next);
    expect(one.told.some((what) => what.startsWith("lost"))).toBe(true);
    await group.stop();
  });

  it("G12: in the turn that a loop leaves to others: nothing stale is read", async () => {
    const group = await groupReaders();
    await group.write(50);
    const one = group.member("one", { sessionTimeoutMs: SESSION_MS });
    const loop = one.consumer.iterate(PATIENCE);
    await group.stage.when(loop.next());
    const first = loop.next();
    one.block(LONG_TURN_MS);
    const next = loop.next();
    await first;
    one.block(SESSION_MS + 5_000);
    expect(await group.stage.when(next)).toMatchObject({ value: { offset: 0 } });
    expect(one.told).toEqual(BACK);
  });

  it.each([
    ["partition", 1],
    ["key", 2],
  ] as const)(
    "G12: in the turn that run by %s leaves to others: nothing stale is handed to its function",
    async (orderBy, concurrency) => {
      const group = await groupReaders();
      await group.write(50);
      const one = group.member("one", { sessionTimeoutMs: SESSION_MS });
      const end = new AbortController();
      let calls = 0;
      let callsBeforeLoss = 0;
      const running = one.consumer.run({
        orderBy,
        concurrency,
        signal: end.signal,
        eachRecord: () => {
          if (one.told.includes("lost 0,1,2,3")) end.abort();
          else callsBeforeLoss++;
          if (++calls > 1) return;
          one.block(LONG_TURN_MS);
          queueMicrotask(() => queueMicrotask(() => queueMicrotask(() => one.block(SESSION_MS + 5_000))));
        },
      });
      await group.stage.when(running);
      expect(callsBeforeLoss).toBe(1);
    },
  );
});
