import { describe, expect, it } from "vitest";
import { HeldClock } from "../../broker/index.ts";
import { BrokerError } from "../../index.ts";
import type { GroupView, PartitionView } from "./group-view.ts";
import { GroupWatch, type GroupWatchInit } from "./group-watch.ts";

interface Seen {
  readonly state?: string;
  readonly type?: "classic" | "consumer";
  readonly epoch?: number;
  /** Partitions of `orders` that each holds. */
  readonly held?: Readonly<Record<string, readonly number[]>>;
  readonly committed?: readonly number[];
}

const END = 10;

function viewOf({ state = "Stable", type = "classic", epoch, held = {}, committed = [10, 10] }: Seen): GroupView {
  const members = Object.entries(held).map(([clientId, partitions]) => ({
    memberId: `${clientId}-id`,
    instanceId: undefined,
    clientId,
    host: "/127.0.0.1",
    partitions: partitions.map((partition) => ({ topic: "orders", partition })),
  }));
  const partitions = committed.map((offset, partition): PartitionView => {
    const member = members.find((one) => one.partitions.some((place) => place.partition === partition));
    return { topic: "orders", partition, committed: offset, end: END, member };
  });
  return { description: { group: "g", type, state, assignor: "range", epoch, members }, partitions };
}

/** What is printed for what is seen, look by look, a second apart. */
async function printedFor(looks: readonly (Seen | undefined)[], options: Partial<GroupWatchInit> = {}): Promise<readonly string[]> {
  const clock = new HeldClock();
  const stop = new AbortController();
  const printed: string[] = [];
  let index = 0;
  const watch = new GroupWatch({
    group: "g",
    look: () => {
      const seen = looks[index++];
      if (index === looks.length) queueMicrotask(() => setImmediate(() => stop.abort()));
      return Promise.resolve(seen && viewOf(seen));
    },
    intervalMs: 1000,
    output: { isTerminal: false, write: (text) => void printed.push(text) },
    printsJson: false,
    clock,
    ...options,
  });
  const running = watch.run(stop.signal);
  for (let second = 0; second < looks.length; second++) await clock.advance(1000);
  await running;
  return printed.join("").split("\n").slice(0, -1);
}

/** Without the time before them. */
const changes = (lines: readonly string[]): readonly string[] =>
  lines.filter((line) => /^\d{4}-/.test(line)).map((line) => line.replace(/^\S+ {2}/, ""));

describe("kafkawire groups watch", () => {
  it("begins with the group as it is, and then says what is different", async () => {
    const lines = await printedFor([
      { held: { one: [0, 1] } },
      { state: "PreparingRebalance", held: { one: [], two: [] } },
      { state: "PreparingRebalance", held: { one: [], two: [] } },
      { held: { one: [0], two: [1] } },
      { held: { one: [0], two: [1] } },
    ]);
    expect(lines[0]).toBe("g (classic, Stable, range, 1 member)");
    expect(changes(lines)).toEqual([
      "lag 0",
      "Stable → PreparingRebalance",
      "two joined, from /127.0.0.1",
      "PreparingRebalance → Stable",
      "one → two: orders-1",
      "settled again after 2.0 s",
    ]);
  });

  it("sees members of the consumer protocol give and take one after the other, and the epoch", async () => {
    const lines = await printedFor([
      { type: "consumer", epoch: 1, held: { one: [0, 1] } },
      { type: "consumer", epoch: 2, state: "Reconciling", held: { one: [0], two: [] } },
      { type: "consumer", epoch: 2, held: { one: [0], two: [1] } },
    ]);
    expect(changes(lines)).toEqual([
      "lag 0",
      "Stable → Reconciling",
      "epoch 1 → 2",
      "two joined, from /127.0.0.1",
      "one → nobody: orders-1",
      "Reconciling → Stable",
      "nobody → two: orders-1",
      "settled again after 1.0 s",
    ]);
  });

  it("says who left, and that others have what it had", async () => {
    const lines = await printedFor([{ held: { one: [0], two: [1] } }, { held: { one: [0, 1] } }]);
    expect(changes(lines)).toEqual(["lag 0", "two left", "two → one: orders-1"]);
  });

  it("tells the lag when it has changed", async () => {
    const lines = await printedFor([
      { committed: [4, 10] },
      { committed: [4, 10] },
      { committed: [9, 10] },
      { committed: [8, 10] },
    ]);
    expect(changes(lines)).toEqual(["lag 6", "lag 1 (-5)", "lag 2 (+1)"]);
  });

  it("waits for a group that is not there yet, and says when it is gone", async () => {
    const lines = await printedFor([undefined, undefined, { state: "Empty" }, undefined]);
    expect(lines.filter((line) => !/^\d{4}-/.test(line) && !line.startsWith("orders") && !line.startsWith("TOPIC"))).toEqual([
      "there is no group 'g' yet",
      "g (classic, Empty, range, 0 members)",
    ]);
    expect(changes(lines)).toEqual(["lag 0", "the group is gone"]);
  });

  it("--json: a line for each look that has seen something", async () => {
    const looks = [{ held: { one: [0, 1] } }, { held: { one: [0, 1] } }, { held: { one: [0], two: [1] }, committed: [9, 9] }];
    const lines = await printedFor(looks, { printsJson: true });
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({ group: "g", state: "Stable", members: 1, lag: 0, changes: [] }),
      expect.objectContaining({ members: 2, lag: 2, changes: ["two joined, from /127.0.0.1", "one → two: orders-1"] }),
    ]);
  });

  it("ends with what looking has failed with", async () => {
    const look = (): Promise<never> => Promise.reject(new BrokerError(30, { api: "DescribeGroups", group: "g" }));
    await expect(printedFor([], { look })).rejects.toMatchObject({ code: "GROUP_AUTHORIZATION_FAILED" });
  });
});
