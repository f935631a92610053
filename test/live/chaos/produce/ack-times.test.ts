import { expect, it } from "vitest";
import { AckTimes } from "./ack-times.ts";

it("tells quantiles within a tenth, and the slowest exactly", () => {
  const acks = new AckTimes(1000);
  for (let ms = 1; ms <= 1000; ms++) acks.acknowledged("orders-0", 5000, 5000 + ms);
  for (const share of [0.5, 0.9, 0.99]) {
    expect(acks.quantile(share)).toBeGreaterThan(share * 900);
    expect(acks.quantile(share)).toBeLessThan(share * 1100);
  }
  expect(acks.slowestMs).toBe(1000);
});

it("tells the longest time without any acknowledgement, in which there may be others before and after", () => {
  const acks = new AckTimes(0);
  for (const ms of [100, 110, 120, 620, 630, 2000]) acks.acknowledged("orders-0", ms, ms);
  expect(acks.longestGapMs(100, 700)).toBe(490);
  expect(acks.longestGapMs(100, 2000)).toBe(1360);
  expect(acks.longestGapMs(2500, 3000)).toBe(510);
});

it("counts a partition's silence only from when it was sent something", () => {
  const acks = new AckTimes(0);
  acks.acknowledged("orders-0", 0, 50);
  acks.acknowledged("orders-1", 0, 60);
  acks.acknowledged("orders-0", 5000, 5100);
  expect(acks.longestOfPartition).toEqual({ partition: "orders-0", ms: 100 });
  acks.acknowledged("orders-1", 4000, 5200);
  acks.acknowledged("orders-1", 4000, 5300);
  expect(acks.longestOfPartition).toEqual({ partition: "orders-1", ms: 1200 });
});
