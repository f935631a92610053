import { describe, expect, it } from "vitest";
import { EtlChecker } from "./etl-checker.ts";
import { arrivedFrom, firstValue, keyOf, passedOn } from "./etl-records.ts";

const RECORDS = { count: 6, keys: 2 };

/** Those of a run in which these came, in their order, over one level. */
function found(numbers: readonly number[]): Record<string, number> {
  const checker = new EtlChecker(RECORDS, 1);
  numbers.forEach((number, offset) => {
    checker.saw({ partition: 0, offset, key: keyOf(number, RECORDS), value: passedOn(firstValue(number), "m1") });
  });
  return Object.fromEntries(checker.verdict().flatMap(({ anomaly, count }) => (count === 0 ? [] : [[anomaly, count]])));
}

describe("what has come through all levels", () => {
  it("is as it must be when each number has come once, and those of a key in their order, whatever comes between them", () => {
    expect(found([0, 1, 2, 3, 4, 5])).toEqual({});
    expect(found([1, 3, 0, 5, 2, 4])).toEqual({});
  });

  it("shows what is lost, doubled and out of order", () => {
    expect(found([0, 1, 3, 4, 5])).toEqual({ lost: 1 });
    expect(found([])).toEqual({ lost: 6 });
    expect(found([0, 1, 2, 2, 3, 4, 5])).toEqual({ doubled: 1 });
    expect(found([0, 1, 2, 0, 2, 3, 4, 5])).toEqual({ doubled: 2 });
    expect(found([2, 0, 1, 3, 4, 5])).toEqual({ reordered: 1 });
    expect(found([4, 0, 2, 1, 3])).toEqual({ lost: 1, reordered: 2 });
  });

  it("shows the first few of them", () => {
    const checker = new EtlChecker(RECORDS, 0);
    checker.saw({ partition: 3, offset: 7, key: "k1", value: "1" });
    checker.saw({ partition: 3, offset: 9, key: "k1", value: "1" });
    const [lost, doubled] = checker.verdict();
    expect(lost).toEqual({ anomaly: "lost", count: 5, examples: ["k0: 0", "k0: 2", "k1: 3", "k0: 4", "k1: 5"] });
    expect(doubled).toEqual({ anomaly: "doubled", count: 1, examples: ["3/9 k1: 1"] });
  });

  it.each([
    ["without a key", null, "0 m1"],
    ["under another key", "k1", "0 m1"],
    ["without a value", "k0", null],
    ["of which nobody has heard", "k0", "6 m1"],
    ["that is no number", "k0", "zero m1"],
    ["that has left out a level", "k0", "0"],
    ["that has come through one twice", "k0", "0 m1 m1"],
  ])("shows what was never sent so: one %s", (_what, key, value) => {
    const checker = new EtlChecker(RECORDS, 1);
    checker.saw({ partition: 0, offset: 0, key, value });
    expect(checker.verdict().find(({ anomaly }) => anomaly === "strange")?.count).toBe(1);
    expect(checker.arrived).toBe(0);
  });

  it("tells by whom it was passed on", () => {
    expect(arrivedFrom("17 b3 c1")).toEqual({ number: 17, way: ["b3", "c1"] });
  });
});
