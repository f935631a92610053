import { beforeEach, describe, expect, it } from "vitest";
import { type CommittedOffset, GroupOffsets } from "./offsets.ts";

const at = (offset: number): CommittedOffset => ({ offset, leaderEpoch: -1, metadata: "", committedAtMs: 0 });
const [ONE, OTHER] = [1n, 2n];

let offsets: GroupOffsets;
const present = (): number | undefined => offsets.get("orders", 0)?.offset;

beforeEach(() => {
  offsets = new GroupOffsets();
});

describe("an offset that a transaction stages", () => {
  it("counts when the transaction is committed, and not before", () => {
    offsets.commit("orders", 0, at(1));
    offsets.stage(ONE, "orders", 0, at(2));
    expect(present()).toBe(1);
    offsets.complete(ONE, true);
    expect(present()).toBe(2);
  });

  it("never counts when the transaction is aborted", () => {
    offsets.stage(ONE, "orders", 0, at(2));
    offsets.complete(ONE, false);
    expect(present()).toBeUndefined();
    expect(offsets.isEmpty).toBe(true);
  });

  it("makes the partition unstable, and no other, until the transaction is decided (G16)", () => {
    offsets.stage(ONE, "orders", 0, at(2));
    expect([offsets.isUnstable("orders", 0), offsets.isUnstable("orders", 1), offsets.isUnstable("payments", 0)]).toEqual([
      true,
      false,
      false,
    ]);
    offsets.complete(OTHER, true);
    expect(offsets.isUnstable("orders", 0)).toBe(true);
    offsets.complete(ONE, true);
    expect(offsets.isUnstable("orders", 0)).toBe(false);
  });

  it.each([
    ["loses against a plain commit that came later", ["stage", "commit"], 1],
    ["wins over a plain commit that came before", ["commit", "stage"], 2],
  ])("%s, whenever the transaction ends", (_what, order, expected) => {
    for (const step of order) {
      if (step === "commit") offsets.commit("orders", 0, at(1));
      else offsets.stage(ONE, "orders", 0, at(2));
    }
    offsets.complete(ONE, true);
    expect(present()).toBe(expected);
  });

  it("is replaced by a later one of the same transaction", () => {
    offsets.stage(ONE, "orders", 0, at(2));
    offsets.stage(ONE, "orders", 0, at(3));
    offsets.complete(ONE, true);
    expect(present()).toBe(3);
  });

  it("is forgotten with the partition's offset, and with its topic", () => {
    offsets.stage(ONE, "orders", 0, at(2));
    offsets.stage(ONE, "payments", 0, at(2));
    offsets.delete("orders", 0);
    offsets.deleteTopic("payments");
    offsets.complete(ONE, true);
    expect([...offsets.all()]).toEqual([]);
  });
});

describe("committed offsets", () => {
  it("are listed by topic", () => {
    offsets.commit("orders", 1, at(1));
    offsets.commit("payments", 0, at(2));
    offsets.commit("orders", 0, at(3));
    expect(Array.from(offsets.all(), ([topic, partitions]) => [topic, [...partitions.keys()]])).toEqual([
      ["orders", [1, 0]],
      ["payments", [0]],
    ]);
  });
});
