import { describe, expect, it } from "vitest";
import { batchesOf, type OffsetRun } from "./offset-runs.ts";

const shown = (...runs: readonly (readonly [first: number, last: number, type: number])[]): readonly string[] =>
  batchesOf(runs.map(([first, last, type]): OffsetRun => ({ first, last, type }))).map(
    ({ firstOffset, lastOffset, acknowledgeTypes }) => `${firstOffset}-${lastOffset} ${acknowledgeTypes.join(",")}`,
  );

describe("what is acknowledged", () => {
  it("is sent in ascending order, neighbours of the same type together", () => {
    expect(shown([5, 5, 1], [1, 1, 1], [2, 3, 1], [4, 4, 2])).toEqual(["1-3 1", "4-4 2", "5-5 1"]);
  });

  it("keeps gaps between offsets, and gaps in the log", () => {
    expect(shown([1, 1, 1], [3, 3, 1], [10, 19, 0])).toEqual(["1-1 1", "3-3 1", "10-19 0"]);
  });

  it("names no offset twice: the first one counts", () => {
    expect(shown([1, 5, 1], [3, 4, 2])).toEqual(["1-5 1"]);
    expect(shown([1, 3, 1], [3, 6, 2])).toEqual(["1-3 1", "4-6 2"]);
  });

  it("is nothing when there is nothing", () => {
    expect(shown()).toEqual([]);
  });
});
