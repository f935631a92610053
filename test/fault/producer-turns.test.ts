// When batches leave that are not full: at the end of a turn of the event loop, in the middle of it, or when their linger time is over.

import { describe, expect, it } from "vitest";
import { ProducerStage } from "../support/producer-stage.ts";

const KIB = "x".repeat(1024);

/** How many records there were in each request, after one that has made the producer known. */
async function sizesOf(values: readonly string[], lingerMs: number): Promise<readonly number[]> {
  const stage = await ProducerStage.open({}, { lingerMs, batchSize: 1_000_000 });
  await stage.begun();
  await stage.sendAll(...values);
  const [, ...sizes] = stage.requests().map((batches) => batches.reduce((sum, batch) => sum + batch.values.length, 0));
  expect(stage.log().slice(1)).toEqual(values);
  expect(await stage.close()).toEqual([]);
  return sizes;
}

const numbered = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `${index} ${KIB}`);

describe("without a linger time", () => {
  it("what is sent within one turn shares a request", async () => {
    expect(await sizesOf(numbered(20), 0)).toEqual([20]);
  });

  it("what is worth a request leaves in the middle of the turn, if its broker has nothing to do; all the rest after it", async () => {
    const [first = 0, ...others] = await sizesOf(numbered(200), 0);
    expect(first).toBe(32);
    expect(others).toEqual([168]);
  });
});

describe("with a linger time", () => {
  it("nothing that could grow leaves before it is over", async () => {
    expect(await sizesOf(numbered(200), 5)).toEqual([200]);
  });
});
