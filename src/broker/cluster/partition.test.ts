import { afterEach, expect, it } from "vitest";
import { EmbeddedBroker, HeldClock } from "../index.ts";

const open: EmbeddedBroker[] = [];

afterEach(async () => {
  for (const broker of open.splice(0)) await broker.close();
});

it("a partition cannot be led by a node that has stopped, even if it is the last one in sync", async () => {
  const broker = await EmbeddedBroker.start({
    nodes: 2,
    transport: "memory",
    clock: new HeldClock(),
    seed: 1,
    topics: { orders: { replicationFactor: 1 } },
  });
  open.push(broker);
  const place = { topic: "orders", partition: 0 };
  const leader = broker.leaderOf(place);
  await broker.stopNode(leader);
  expect(broker.leaderOf(place)).toBe(-1);
  expect(() => broker.moveLeader(place, leader)).toThrow(TypeError);
  expect(broker.leaderOf(place)).toBe(-1);
  await broker.startNode(leader);
  expect(broker.leaderOf(place)).toBe(leader);
});
