import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { SerializationError } from "../errors.ts";
import type { RecordHeader } from "../producer/producer-record.ts";
import { int32 } from "./numbers.ts";
import { PartSerializer } from "./part-serializer.ts";
import type { Serializer } from "./serializer.ts";
import { strings } from "./strings.ts";

const NO_HEADERS: readonly RecordHeader[] = [];

function failing(part: PartSerializer, value: unknown): SerializationError {
  try {
    void part.serialize(value, "orders", NO_HEADERS);
  } catch (error) {
    if (error instanceof SerializationError) return error;
  }
  throw new Error("no SerializationError was thrown");
}

function serializing(serialize: Serializer<unknown>["serialize"]): PartSerializer {
  return new PartSerializer("value", { serialize });
}

describe("a part of a record without a serializer", () => {
  const value = new PartSerializer("value", undefined);

  it("is bytes, text or null", () => {
    const data = new Uint8Array([1]);
    expect(value.serialize(data, "t", NO_HEADERS)).toBe(data);
    expect(value.serialize("text", "t", NO_HEADERS)).toBe("text");
    expect(value.serialize(null, "t", NO_HEADERS)).toBeNull();
    expect(value.serialize(undefined, "t", NO_HEADERS)).toBeNull();
  });

  it("may be bytes of another realm, such as a test runner's sandbox", () => {
    const foreign: unknown = runInNewContext("new Uint8Array([7])");
    expect(foreign).not.toBeInstanceOf(Uint8Array);
    expect(value.serialize(foreign, "t", NO_HEADERS)).toBe(foreign);
  });

  it.each([
    [5, "a number"],
    [{}, "an object"],
    [[1], "an array"],
    [true, "a boolean"],
    [new ArrayBuffer(1), "an object"],
  ])("is an error otherwise: %o", (wrong, kind) => {
    const { message, part, topic } = failing(value, wrong);
    expect(message).toBe(`topic 'orders', value: ${kind} has no bytes of its own; give the producer a valueSerializer`);
    expect({ part, topic }).toEqual({ part: "value", topic: "orders" });
  });
});

describe("a part of a record with a serializer", () => {
  it("is what the serializer makes of it, with topic and headers, at once if it can", async () => {
    const seen: unknown[] = [];
    const sync = serializing((...given) => {
      seen.push(...given);
      return "text";
    });
    expect(sync.serialize(5, "orders", NO_HEADERS)).toBe("text");
    expect(seen).toEqual([5, "orders", NO_HEADERS]);
    const slow = serializing(async () => new Uint8Array([1]));
    await expect(slow.serialize(5, "t", NO_HEADERS)).resolves.toEqual(new Uint8Array([1]));
  });

  it("never shows the serializer that there is none", () => {
    const part = serializing(() => {
      throw new Error("called");
    });
    expect(part.serialize(null, "t", NO_HEADERS)).toBeNull();
    expect(part.serialize(undefined, "t", NO_HEADERS)).toBeNull();
  });

  it("may become null", async () => {
    expect(serializing(() => null).serialize(5, "t", NO_HEADERS)).toBeNull();
    expect(await serializing(async () => null).serialize(5, "t", NO_HEADERS)).toBeNull();
  });

  it("names its part when one of our own serializers does not take it", () => {
    const { message, part } = failing(new PartSerializer("key", int32), "5");
    expect(message).toBe("topic 'orders', key: int32 takes whole numbers from -2147483648 to 2147483647, not this string");
    expect(part).toBe("key");
    expect(failing(new PartSerializer("value", strings), 5).message).toBe(
      "topic 'orders', value: strings takes text, not a number",
    );
  });

  it("fails with what the serializer threw as the cause, and not in the message", async () => {
    const thrown = new RangeError("hunter2 is too long");
    const throwing = serializing(() => {
      throw thrown;
    });
    expect(failing(throwing, 5)).toMatchObject({
      message: "topic 'orders', value: its serializer has thrown RangeError",
      cause: thrown,
    });
    const rejecting = serializing(() => Promise.reject(thrown));
    await expect(rejecting.serialize(5, "orders", NO_HEADERS)).rejects.toMatchObject({
      code: "SERIALIZATION",
      part: "value",
      cause: thrown,
    });
    const odd = serializing(async () => {
      AbortSignal.abort("hunter2").throwIfAborted();
      return null;
    });
    await expect(odd.serialize(5, "orders", NO_HEADERS)).rejects.toThrow(
      "topic 'orders', value: its serializer has thrown a string",
    );
  });

  it("fails when the serializer gives something else than bytes, text or null", async () => {
    expect(failing(new PartSerializer("key", { serialize: () => JSON.parse("5") }), 1).message).toBe(
      "topic 'orders', key: its serializer gave a number instead of bytes, text or null",
    );
    const slow = new PartSerializer("key", { serialize: () => Promise.resolve(JSON.parse("{}")) });
    await expect(slow.serialize(1, "orders", NO_HEADERS)).rejects.toThrow("its serializer gave an object instead of bytes");
  });
});
