import { describe, expect, it } from "vitest";
import { primitiveFixtures } from "../../../test/support/fixtures.ts";
import { MalformedMessageError } from "../malformed-message-error.ts";
import {
  decodeCooperativeStickyUserData,
  decodeStickyUserData,
  encodeCooperativeStickyUserData,
  encodeStickyUserData,
  NO_GENERATION,
} from "./sticky-user-data.ts";

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const bytesOf = (hex: string): Buffer => Buffer.from(hex, "hex");

// fixtures/primitives.jsonl.gz, written by Apache Kafka's assignors: "generation 5" and "t1:[0,2] t2:[1] generation 5".
const COOPERATIVE = "00000005";
const STICKY = "000000020002743100000002000000000000000200027432000000010000000100000005";
const previousAssignment = [
  { topic: "t1", partitions: [0, 2] },
  { topic: "t2", partitions: [1] },
];

it("the bytes below are those of the fixtures", () => {
  const fixtures = primitiveFixtures().flatMap((it) => (it.type === "assignor-userdata" ? [[it.assignor, it.hex]] : []));
  expect(fixtures).toEqual([
    ["cooperative-sticky", COOPERATIVE],
    ["sticky", STICKY],
  ]);
});

describe("user data of the assignor sticky", () => {
  it("holds the previous assignment and its generation", () => {
    expect(decodeStickyUserData(bytesOf(STICKY))).toEqual({ previousAssignment, generation: 5 });
    expect(hexOf(encodeStickyUserData({ previousAssignment, generation: 5 }))).toBe(STICKY);
  });

  it("of old members holds no generation", () => {
    const old = STICKY.slice(0, -8);
    expect(decodeStickyUserData(bytesOf(old))).toEqual({ previousAssignment, generation: NO_GENERATION });
    expect(decodeStickyUserData(bytesOf("00000000"))).toEqual({ previousAssignment: [], generation: NO_GENERATION });
  });

  it("is refused when it is cut off anywhere but in front of the generation", () => {
    const whole = bytesOf(STICKY);
    for (let length = 0; length < whole.length; length++) {
      if (length === whole.length - 4) continue;
      expect(() => decodeStickyUserData(whole.subarray(0, length))).toThrow(MalformedMessageError);
    }
    expect(() => decodeStickyUserData(bytesOf(`${STICKY}00`))).toThrow("bytes are left over");
  });

  it("that claims 2^31 topics allocates nothing", () => {
    expect(() => decodeStickyUserData(bytesOf("7fffffff00"))).toThrow("2147483647 elements");
  });
});

describe("user data of the assignor cooperative-sticky", () => {
  it("is the generation alone", () => {
    expect(decodeCooperativeStickyUserData(bytesOf(COOPERATIVE))).toBe(5);
    expect(decodeCooperativeStickyUserData(bytesOf("ffffffff"))).toBe(NO_GENERATION);
    expect(hexOf(encodeCooperativeStickyUserData(5))).toBe(COOPERATIVE);
  });

  it("is refused in any other length", () => {
    for (const hex of ["", "00", "000000", "0000000500"]) {
      expect(() => decodeCooperativeStickyUserData(bytesOf(hex))).toThrow(MalformedMessageError);
    }
  });
});
