import { describe, expect, it } from "vitest";
import { UnsupportedVersionError } from "../unsupported-version-error.ts";
import { apis } from "./apis.ts";
import { negotiateVersion } from "./version-negotiation.ts";

const broker = (minVersion: number, maxVersion: number): { apiKey: number; minVersion: number; maxVersion: number } => ({
  apiKey: 0,
  minVersion,
  maxVersion,
});

describe("the version of a request", () => {
  it("is the newest that both sides speak", () => {
    expect(negotiateVersion(apis.Metadata, broker(0, 13))).toBe(13);
    expect(negotiateVersion(apis.Metadata, broker(0, 9))).toBe(9);
    expect(negotiateVersion(apis.Metadata, broker(0, 32767))).toBe(13);
    expect(negotiateVersion(apis.Metadata, broker(13, 20))).toBe(13);
    expect(negotiateVersion(apis.Metadata, broker(0, 0))).toBe(0);
  });

  it.each([
    ["Metadata", 14, 20, "we need a version from 0 to 13, the broker speaks 14 to 20"],
    ["Produce", 0, 2, "we need a version from 3 to 13, the broker speaks 0 to 2"],
  ] as const)("does not exist when the ranges do not meet: the error names both (%s %i to %i)", (name, first, last, problem) => {
    const negotiate = (): number => negotiateVersion(apis[name], broker(first, last));
    expect(negotiate).toThrow(UnsupportedVersionError);
    expect(negotiate).toThrow(expect.objectContaining({ api: name, problem }));
  });

  it("does not exist when the broker does not offer the API", () => {
    expect(() => negotiateVersion(apis.ShareFetch, undefined)).toThrow(
      "ShareFetch: the broker does not offer this API; it is older, or the feature is switched off",
    );
  });

  it("is never one that is unstable: InitProducerId stops at 5, though 6 is known", () => {
    expect(apis.InitProducerId.versions[1]).toBe(6);
    expect(negotiateVersion(apis.InitProducerId, broker(0, 6))).toBe(5);
  });

  it("is never one that is meant for other brokers: AddPartitionsToTxn stops at 3, though 5 is advertised", () => {
    expect(apis.AddPartitionsToTxn.versions[1]).toBe(5);
    expect(negotiateVersion(apis.AddPartitionsToTxn, broker(0, 5))).toBe(3);
  });

  it("is never a Produce below 3, which brokers of Kafka 4 advertise and refuse (KAFKA-18659)", () => {
    expect(negotiateVersion(apis.Produce, broker(0, 3))).toBe(3);
    expect(() => negotiateVersion(apis.Produce, broker(0, 2))).toThrow(UnsupportedVersionError);
  });

  it("stays within what the caller can use", () => {
    expect(negotiateVersion(apis.Produce, broker(0, 13), { atMost: 11 })).toBe(11);
    expect(negotiateVersion(apis.Produce, broker(0, 9), { atMost: 11 })).toBe(9);
    expect(negotiateVersion(apis.Produce, broker(0, 13), { atLeast: 13 })).toBe(13);
    expect(negotiateVersion(apis.Produce, broker(0, 13), { atLeast: 0 })).toBe(13);
    expect(() => negotiateVersion(apis.Produce, broker(0, 12), { atLeast: 13 })).toThrow("we need a version from 13 to 13");
    expect(() => negotiateVersion(apis.Produce, broker(0, 13), { atMost: 2 })).toThrow("we need a version from 3 to 2");
  });
});
