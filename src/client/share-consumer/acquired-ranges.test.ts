import { describe, expect, it } from "vitest";
import { MalformedMessageError } from "../../protocol/index.ts";
import { AcquiredRanges } from "./acquired-ranges.ts";

const ranges = (...of: readonly (readonly [first: number, last: number, count?: number])[]): AcquiredRanges =>
  new AcquiredRanges(of.map(([firstOffset, lastOffset, deliveryCount = 1]) => ({ firstOffset, lastOffset, deliveryCount })));

describe("acquired ranges", () => {
  it("tell of each offset, in their order, whether it is ours and how often it was delivered", () => {
    const acquired = ranges([2, 3], [5, 5, 4]);
    expect([1, 2, 3, 4, 5, 6].map((offset) => acquired.deliveryCount(offset))).toEqual([undefined, 1, 1, undefined, 4, undefined]);
  });

  it("tell what of them lies between two offsets, without a step for each", () => {
    const huge = ranges([0, 9], [20, Number.MAX_SAFE_INTEGER - 1]);
    expect(huge.within(5, 30)).toEqual([
      { first: 5, last: 9 },
      { first: 20, last: 30 },
    ]);
    expect(huge.within(31, Number.MAX_SAFE_INTEGER)).toEqual([{ first: 31, last: Number.MAX_SAFE_INTEGER - 1 }]);
  });

  it.each([
    ["backwards", [[5, 4]]],
    ["below zero", [[-1, 4]]],
    [
      "out of order",
      [
        [5, 6],
        [1, 2],
      ],
    ],
    [
      "overlapping",
      [
        [1, 5],
        [5, 6],
      ],
    ],
    ["delivered less than never", [[1, 5, -1]]],
  ] as const)("are refused when they are %s", (_, of) => {
    expect(() => ranges(...of)).toThrow(MalformedMessageError);
  });
});
