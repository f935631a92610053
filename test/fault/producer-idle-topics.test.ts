// M5: a topic that nobody has sent to for long is not asked about any more. Its sequence numbers must not be forgotten with it: counting
// from 0 again with the same producer id, new records would be acknowledged as copies of the first ones, and be lost.

import { expect, it } from "vitest";
import { producerStage } from "../support/producer-stage.ts";

const HOUR_MS = 3_600_000;

it.each([1, 2, 6])("M5: records after a long silence, the %i. after as many before, are all in the log", async (count) => {
  const stage = await producerStage();
  const before = Array.from({ length: count }, (_, index) => `a${index}`);
  const after = Array.from({ length: count }, (_, index) => `b${index}`);
  for (const value of before) await stage.sendAll(value);
  await stage.clock.advance(2 * HOUR_MS);
  for (const value of after) await stage.sendAll(value);
  expect(stage.log()).toEqual([...before, ...after]);
  expect(stage.told).toEqual([...before, ...after].map((value, offset) => `${value} at ${offset}`));
  expect(stage.stamps().at(-1)).toBe(`0/${2 * count - 1} b${count - 1}`);
});

it("M5: also when another node leads by then", async () => {
  const stage = await producerStage({ nodes: 2, topics: { orders: { partitions: 2, replicationFactor: 2 } } });
  await stage.sendAll("a");
  await stage.clock.advance(2 * HOUR_MS);
  const place = { topic: "orders", partition: 0 };
  stage.broker.moveLeader(place, 3 - stage.broker.leaderOf(place));
  await stage.sendAll("b");
  expect(stage.log()).toEqual(["a", "b"]);
});

it("M5, M8: and when the topic was deleted and made again meanwhile, its new log gets what is sent then", async () => {
  const stage = await producerStage();
  await stage.sendAll("a");
  await stage.clock.advance(2 * HOUR_MS);
  stage.broker.deleteTopic("orders");
  stage.broker.createTopic("orders", 2);
  await stage.sendAll("b");
  await stage.sendAll("c");
  expect(stage.log()).toEqual(["b", "c"]);
});

it("M5: without idempotence there is nothing to remember", async () => {
  const stage = await producerStage({}, { enableIdempotence: false });
  await stage.sendAll("a");
  await stage.clock.advance(2 * HOUR_MS);
  await stage.sendAll("b");
  expect(stage.log()).toEqual(["a", "b"]);
});
