import { expect, test } from "vitest";
import { blocksOf, mapInLanes } from "./map-in-lanes.ts";

const items = Array.from({ length: 20 }, (_, index) => index);

test("results come in the order of their items, whichever ends first", async () => {
  const turns = async (count: number): Promise<void> => {
    for (let turn = 0; turn < count; turn++) await Promise.resolve();
  };
  const results = await mapInLanes(items, async (item) => {
    await turns((item * 7) % 5);
    return item * 2;
  });
  expect(results).toEqual(items.map((item) => item * 2));
  expect(await mapInLanes([], async () => 1)).toEqual([]);
});

test("no more are under way than libuv has threads", async () => {
  let underWay = 0;
  let most = 0;
  await mapInLanes(items, async () => {
    most = Math.max(most, ++underWay);
    await Promise.resolve();
    underWay--;
  });
  expect(most).toBe(4);
});

test("they are shared: who came first is done first, and who comes next has what he leaves", async () => {
  let underWay = 0;
  let most = 0;
  const begun: string[] = [];
  const call = (name: string): Promise<unknown> =>
    mapInLanes([1, 2, 3, 4, 5, 6], async () => {
      begun.push(name);
      most = Math.max(most, ++underWay);
      await Promise.resolve();
      underWay--;
    });
  await Promise.all([call("a"), call("b"), call("c")]);
  expect(begun.join("")).toBe("aaaaaabbbbbbcccccc");
  expect(most).toBe(4);
});

test("after a failure nothing is started, and what was started ends first", async () => {
  let started = 0;
  let ended = 0;
  const failing = mapInLanes(items, async (item) => {
    started++;
    if (item === 5) throw new Error("five");
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    ended++;
  });
  await expect(failing).rejects.toThrow("five");
  expect(started).toBeLessThan(items.length);
  expect(ended).toBe(started - 1);
});

test("blocks are views of the bytes, the last one what is left", () => {
  const bytes = Uint8Array.from({ length: 10 }, (_, index) => index);
  const blocks = blocksOf(bytes, 4);
  expect(blocks.map((block) => [...block])).toEqual([
    [0, 1, 2, 3],
    [4, 5, 6, 7],
    [8, 9],
  ]);
  expect(blocks[1]?.buffer).toBe(bytes.buffer);
  expect(blocksOf(new Uint8Array(), 4)).toEqual([]);
});
