import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { DeserializationError } from "../errors.ts";
import { PartDeserializer, type SerializedRecord } from "./part-deserializer.ts";

const record: SerializedRecord = {
  topic: "orders",
  partition: 3,
  offset: 42,
  timestamp: 1_700_000_000_000,
  rawKey: Uint8Array.of(1),
  rawValue: Uint8Array.of(2, 3),
  headers: [["h", null]],
};

describe("a part of a record on its way from bytes", () => {
  it("stays bytes without a deserializer", () => {
    expect(new PartDeserializer("key", undefined).deserialize(record, [])).toBe(record.rawKey);
    expect(new PartDeserializer("value", undefined).deserialize(record, [])).toBe(record.rawValue);
  });

  it("is what its deserializer makes of it, and null is for it too", () => {
    const seen: unknown[] = [];
    const part = new PartDeserializer("value", { deserialize: (...given) => seen.push(given) });
    expect(part.deserialize(record, record.headers)).toBe(1);
    expect(part.deserialize({ ...record, rawValue: null }, [])).toBe(2);
    expect(seen).toEqual([
      [record.rawValue, "orders", record.headers],
      [null, "orders", []],
    ]);
  });

  it("may take its time, as a promise, be it of another realm", async () => {
    const promising = new PartDeserializer("key", { deserialize: async () => "a" });
    const thenable: unknown = runInNewContext("Promise.resolve('b')");
    const foreign = new PartDeserializer("key", { deserialize: () => thenable });
    expect(promising.deserialize(record, [])).toBeInstanceOf(Promise);
    expect(await promising.deserialize(record, [])).toBe("a");
    expect(await foreign.deserialize(record, [])).toBe("b");
    const data: unknown = JSON.parse('{ "then": "no function" }');
    expect(new PartDeserializer("key", { deserialize: () => data }).deserialize(record, [])).toBe(data);
  });

  it("a share consumer is advised to do what it can: it has no position to seek to", () => {
    const deserialize = (): never => {
      throw new Error("bad");
    };
    const failing = (isShared: boolean) => () => new PartDeserializer("value", { deserialize }, isShared).deserialize(record, []);
    expect(failing(false)).toThrow(/seek to offset 43/);
    expect(failing(true)).toThrow(/comes again.* unless it is acknowledged as 'reject'/);
    expect(failing(true)).not.toThrow(/seek/);
  });

  it.each(["key", "value"] as const)("fails with its place and its bytes: the %s", async (part) => {
    const cause = new SyntaxError("nothing of this gets into the message: secret");
    const expected = { topic: "orders", partition: 3, offset: 42, timestamp: 1_700_000_000_000, part, cause };
    const throwing = new PartDeserializer(part, {
      deserialize: () => {
        throw cause;
      },
    });
    const rejecting = new PartDeserializer(part, { deserialize: () => Promise.reject(cause) });
    const failures = [async () => throwing.deserialize(record, []), async () => rejecting.deserialize(record, [])];
    for (const fail of failures) {
      const error: unknown = await fail().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(DeserializationError);
      expect(error).toMatchObject({ ...expected, key: record.rawKey, value: record.rawValue, headers: record.headers });
      expect(String(error)).not.toMatch(/secret/);
    }
  });
});
