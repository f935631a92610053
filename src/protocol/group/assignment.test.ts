import { describe, expect, it } from "vitest";
import { dataFixtures } from "../../../test/support/fixtures.ts";
import { MalformedMessageError } from "../malformed-message-error.ts";
import { decodeAssignment, encodeAssignment } from "./assignment.ts";

const bytesOf = (hex: string): Buffer => Buffer.from(hex, "hex");

// fixtures/data.jsonl.gz: ConsumerProtocolAssignment v0 NULLS, written by Apache Kafka; the versions differ in the number alone.
const FIELDS = "00000001" + "0007746f7069632d32" + "00000001" + "000186b9" + "ffffffff";
const value = { assignedPartitions: [{ topic: "topic-2", partitions: [100025] }], userData: null };
const fixtures = dataFixtures().filter(({ message }) => message === "ConsumerProtocolAssignment");

describe("an assignment", () => {
  it.each([0, 1, 2, 3])("of version %i has the same fields as every other", (version) => {
    expect(decodeAssignment(bytesOf(`000${version}${FIELDS}`))).toEqual({ version, value });
    expect(Buffer.from(encodeAssignment(value, version)).toString("hex")).toBe(`000${version}${FIELDS}`);
  });

  it("that was left out gives nothing to the member", () => {
    expect(Buffer.from(encodeAssignment({})).toString("hex")).toBe("0003" + "00000000" + "ffffffff");
  });

  it("of a version that we do not know is read as the newest that we do, and what follows is ignored", () => {
    expect(decodeAssignment(bytesOf(`0063${FIELDS}cafe`))).toEqual({ version: 99, value });
    expect(() => decodeAssignment(bytesOf(`0003${FIELDS}cafe`))).toThrow("2 bytes are left over");
  });

  it.each(fixtures)("of Kafka's fixture v$version $variant is refused when it is cut off anywhere", ({ versionPrefixedHex }) => {
    const whole = bytesOf(versionPrefixedHex!);
    expect(() => decodeAssignment(whole)).not.toThrow();
    for (let length = 0; length < whole.length; length++) {
      expect(() => decodeAssignment(whole.subarray(0, length))).toThrow(MalformedMessageError);
    }
  });

  it("lies anywhere in a larger message", () => {
    expect(decodeAssignment(bytesOf(`eeee0001${FIELDS}`).subarray(2))).toEqual({ version: 1, value });
  });
});
