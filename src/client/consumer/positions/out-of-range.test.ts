import { describe, expect, it } from "vitest";
import { errorByName } from "../../../protocol/index.ts";
import { BrokerError, OffsetOutOfRangeError } from "../../errors.ts";
import { AssignedPartition } from "../assignment/assigned-partition.ts";
import { untilSought } from "./out-of-range.ts";

const outOfRange = new BrokerError(errorByName("OFFSET_OUT_OF_RANGE").code, { api: "Fetch" });

function at(offset: number, known: Partial<Pick<AssignedPartition, "logStartOffset" | "highWatermark">> = {}): AssignedPartition {
  const partition = new AssignedPartition("orders", 3);
  partition.moveTo(offset);
  return Object.assign(partition, known);
}

describe("a position out of range that no policy resets", () => {
  it("F1: is told with its place and with what the log has", () => {
    const error = untilSought(at(2, { logStartOffset: 5, highWatermark: 9 }), outOfRange);
    if (!(error instanceof OffsetOutOfRangeError)) throw error;
    expect(error.positions).toEqual([{ topic: "orders", partition: 3, offset: 2, logStartOffset: 5, endOffset: 9 }]);
    expect([error.code, error.cause]).toEqual(["OFFSET_OUT_OF_RANGE", outOfRange]);
    expect(error.message).toContain("partition 3 offset 2 (the log has 5 to 9)");
  });

  it.each([
    ["before anything was fetched", {}],
    ["when the log was other than it is now", { logStartOffset: 0, highWatermark: 9 }],
  ])("does not say what the log has %s", (_when, known) => {
    expect(untilSought(at(2, known), outOfRange)).toMatchObject({ positions: [{ topic: "orders", partition: 3, offset: 2 }] });
    expect(untilSought(at(2, known), outOfRange).message).not.toContain("the log has");
  });

  it("leaves other errors as they are", () => {
    const other = new BrokerError(errorByName("TOPIC_AUTHORIZATION_FAILED").code, { api: "Fetch" });
    expect(untilSought(at(2), other)).toBe(other);
  });
});
