import { describe, expect, it } from "vitest";
import { UsageError } from "../usage-error.ts";
import { everyFilter, recordFilter } from "./record-filter.ts";
import type { ReadRecord } from "./record-writer.ts";

function recordOf(more: Partial<ReadRecord> = {}): ReadRecord {
  return {
    topic: "orders",
    partition: 2,
    offset: 41,
    timestamp: Date.UTC(2026, 4, 1),
    timestampType: "CreateTime",
    leaderEpoch: 0,
    key: Buffer.from("k1"),
    value: Buffer.from(
      '{"total":12.5,"customer":{"id":"7","vip":true,"note":null},"items":[{"sku":"a"},{"sku":"b"}],"__proto__":"x"}',
    ),
    headers: [
      ["source", Buffer.from("app")],
      ["source", Buffer.from("web")],
      ["empty", null],
    ],
    serializedKeySize: 2,
    serializedValueSize: 10,
    ...more,
  };
}

const tombstone = recordOf({ key: null, value: null });

describe("--filter", () => {
  it.each([
    ["key=k1", true],
    ["key = k1", true],
    ["key=k", false],
    ["key!=k1", false],
    ["key~^k", true],
    ["key!~^k", false],
    ["value~total.*customer", true],
    ["value.total=12.5", true],
    ["value.total>=12.5", true],
    ["value.total>12.5", false],
    ["value.total<100", true],
    ["value.total<=9", false],
    ["value.customer.id=7", true],
    ["value.customer.id>6", true],
    ["value.customer.vip=true", true],
    ["value.customer.note=null", true],
    ["value.customer.nothing=null", false],
    ["value.customer.nothing!=null", true],
    ["value.items.1.sku=b", true],
    ['value.items.0={"sku":"a"}', true],
    ["value.constructor~.", false],
    ["key.id=1", false],
    ["header.source=web", true],
    ["header.source=app", false],
    ["header.empty=null", true],
    ["header.none=null", false],
    ["partition=2", true],
    ["partition!=2", false],
    ["offset<42", true],
    ["offset>=42", false],
    ["timestamp>=2026-05-01", true],
    ["timestamp>2026-05-01T00:00:00Z", false],
    ["timestamp<1777593600001", true],
    ["value=null", false],
  ])("%s", (text, isWanted) => {
    expect(recordFilter(text)(recordOf())).toBe(isWanted);
  });

  it.each([
    ["value=null", true],
    ["value!=null", false],
    ["key=null", true],
    ["value~.", false],
    ["value.total>=0", false],
    ["value.total=null", false],
  ])("%s of a tombstone", (text, isWanted) => {
    expect(recordFilter(text)(tombstone)).toBe(isWanted);
  });

  it("what is no JSON has no members, and what is no number is not compared", () => {
    expect(recordFilter("value.a=1")(recordOf({ value: Buffer.from("not json") }))).toBe(false);
    expect(recordFilter("value<5")(recordOf({ value: Buffer.from("four") }))).toBe(false);
    expect(recordFilter("value<5")(recordOf({ value: Buffer.from("") }))).toBe(false);
    expect(recordFilter("value<5")(recordOf({ value: Buffer.from("4") }))).toBe(true);
  });

  it("a text may hold operators and line ends", () => {
    expect(recordFilter("value=a=b")(recordOf({ value: Buffer.from("a=b") }))).toBe(true);
    expect(recordFilter("value~a.b")(recordOf({ value: Buffer.from("a\nb") }))).toBe(true);
  });

  it("several have to hold together", () => {
    const both = everyFilter([recordFilter("key=k1"), recordFilter("partition=2")]);
    expect([both(recordOf()), both(recordOf({ partition: 1 }))]).toEqual([true, false]);
  });

  it.each([
    ["", /takes FIELD, one of/],
    ["key", /takes FIELD, one of/],
    ["=x", /takes FIELD, one of/],
    ["colour=red", /knows the fields key, value,.* not 'colour'/],
    ["value~(", /--filter: Invalid regular expression/],
    ["offset<many", /offset can only be compared with a number, not 'many'/],
    ["timestamp>soon", /with a number or a time, not 'soon'/],
    ["offset>", /only be compared with a number, not ''/],
  ])("'%s' is refused", (text, message) => {
    expect(() => recordFilter(text)).toThrow(message);
    expect(() => recordFilter(text)).toThrow(UsageError);
  });
});
