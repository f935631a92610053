import { describe, expect, it } from "vitest";
import { dataFixtures } from "../../../test/support/fixtures.ts";
import { InvalidValueError } from "../invalid-value-error.ts";
import { MalformedMessageError } from "../malformed-message-error.ts";
import { UnsupportedVersionError } from "../unsupported-version-error.ts";
import { decodeSubscription, encodeSubscription } from "./subscription.ts";

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const bytesOf = (hex: string): Buffer => Buffer.from(hex, "hex");

// fixtures/data.jsonl.gz: ConsumerProtocolSubscription NULLS, written by Apache Kafka behind their versions.
const V0 = "0000" + "00000001" + "0008746f706963732d31" + "ffffffff";
const OWNED = "00000001" + "0007746f7069632d33" + "00000001" + "000186c1";
const V1 = `0001000000010008746f706963732d31ffffffff${OWNED}`;
const V3 = `0003000000010008746f706963732d31ffffffff${OWNED}000186c5ffff`;
const owned = [{ topic: "topic-3", partitions: [100033] }];
const fixtures = dataFixtures().filter(({ message }) => message === "ConsumerProtocolSubscription");

describe("a subscription", () => {
  it("reads in each version with the defaults of what the version lacks", () => {
    const value = { topics: ["topics-1"], userData: null, ownedPartitions: [], generationId: -1, rackId: null };
    expect(decodeSubscription(bytesOf(V0))).toEqual({ version: 0, value });
    expect(decodeSubscription(bytesOf(V1))).toEqual({ version: 1, value: { ...value, ownedPartitions: owned } });
    const all = { ...value, ownedPartitions: owned, generationId: 100037 };
    expect(decodeSubscription(bytesOf(V3))).toEqual({ version: 3, value: all });
  });

  it("is written in any version; what an older one lacks is dropped", () => {
    const value = { topics: ["topics-1"], ownedPartitions: owned, generationId: 100037, rackId: null };
    expect(hexOf(encodeSubscription(value))).toBe(V3);
    expect(hexOf(encodeSubscription(value, 1))).toBe(V1);
    expect(hexOf(encodeSubscription(value, 0))).toBe(V0);
  });

  it("tells null user data from empty", () => {
    const read = (length: string): unknown => decodeSubscription(bytesOf(`000000000000${length}`)).value.userData;
    expect(read("ffffffff")).toBeNull();
    expect(read("00000000")).toEqual(Buffer.alloc(0));
    expect(hexOf(encodeSubscription({ topics: [], userData: new Uint8Array() }, 0))).toBe("00000000000000000000");
  });

  it("of a version that we do not know is read as the newest that we do, and what follows is ignored", () => {
    for (const version of ["0004", "7fff"]) {
      const newer = `${version}${V3.slice(4)}00000002abcdef`;
      expect(decodeSubscription(bytesOf(newer))).toEqual({
        version: Number.parseInt(version, 16),
        value: decodeSubscription(bytesOf(V3)).value,
      });
    }
  });

  it("of a version that we know ends where its fields end", () => {
    expect(() => decodeSubscription(bytesOf(`${V3}00`))).toThrow("1 bytes are left over");
    // Version 3's bytes behind a 0: Java ignores the rest, we refuse it, because version 0 has no more fields.
    expect(() => decodeSubscription(bytesOf(`0000${V3.slice(4)}`))).toThrow(MalformedMessageError);
  });

  it.each(fixtures)("of Kafka's fixture v$version $variant is refused when it is cut off anywhere", ({ versionPrefixedHex }) => {
    const whole = bytesOf(versionPrefixedHex!);
    expect(() => decodeSubscription(whole)).not.toThrow();
    for (let length = 0; length < whole.length; length++) {
      expect(() => decodeSubscription(whole.subarray(0, length))).toThrow(MalformedMessageError);
    }
  });

  it("of a newer version is refused too when the fields that we know are cut off", () => {
    const newer = bytesOf(`0004${V3.slice(4)}`);
    for (let length = 0; length < newer.length; length++) {
      expect(() => decodeSubscription(newer.subarray(0, length))).toThrow(MalformedMessageError);
    }
  });

  it("has no negative version", () => {
    expect(() => decodeSubscription(bytesOf(`ffff${V0.slice(4)}`))).toThrow("ConsumerProtocolSubscription, byte 0: version -1");
    for (const version of [-1, 4, 0.5]) expect(() => encodeSubscription({}, version)).toThrow(InvalidValueError);
  });

  it("that is malformed says where", () => {
    expect(() => decodeSubscription(bytesOf("0001" + "00000001" + "0009616263"))).toThrow(
      expect.objectContaining({ api: "ConsumerProtocolSubscription", version: 1, path: "topics[0]", offset: 6 }),
    );
    const topics: unknown = ["a", 5];
    expect(() => encodeSubscription({ topics: topics as string[] })).toThrow(expect.objectContaining({ path: "topics[1]" }));
    expect(() => encodeSubscription({ topics: ["a"], rackId: "r" }, 1)).not.toThrow(UnsupportedVersionError);
  });
});
