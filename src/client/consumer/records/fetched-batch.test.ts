import { describe, expect, it } from "vitest";
import { batchesOf, batchOf, fetched, told } from "../../../../test/support/fetched-records.ts";
import { RecordBatch } from "../../../protocol/index.ts";
import { DeserializationError } from "../../errors.ts";
import { json } from "../../serializers/json.ts";
import type { Deserializer } from "../../serializers/serializer.ts";
import { strings } from "../../serializers/strings.ts";
import type { ConsumerRecord } from "./consumer-record.ts";
import type { FetchedBatch } from "./fetched-batch.ts";
import type { RecordSettingsInit } from "./record-settings.ts";

function opened(batch: Uint8Array, settings: Partial<RecordSettingsInit> & { readonly fetchOffset?: number } = {}): FetchedBatch {
  const next = fetched([batch], settings).next();
  if (next === undefined || next instanceof Promise) throw new Error("no batch, or not at once");
  return next;
}

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `v${index}`);
}

/** Gives up at values that are `poison`; which ones it was asked for is in `asked`. */
function picky(asked: string[], isPoison: (value: string) => boolean): Deserializer<string> {
  return {
    deserialize: (bytes) => {
      const value = Buffer.from(bytes ?? []).toString();
      asked.push(value);
      if (isPoison(value)) throw new TypeError(`cannot read ${value}`);
      return value.toUpperCase();
    },
  };
}

function later<T>(deserializer: Deserializer<T>): Deserializer<T> {
  return { deserialize: async (...given) => deserializer.deserialize(...given) };
}

async function failureOf(taking: () => unknown): Promise<DeserializationError> {
  try {
    await taking();
  } catch (error) {
    if (error instanceof DeserializationError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("the records of a batch", () => {
  it("come some at a time, in their order, until it is done", () => {
    const batch = opened(batchOf(10, numbered(7)));
    expect(batch).toMatchObject({
      count: 7,
      remaining: 7,
      firstOffset: 10,
      lastOffset: 16,
      nextOffset: 17,
      isDone: false,
      course: 1,
    });
    const records: ConsumerRecord<unknown, unknown>[] = [];
    expect(batch.take(records, 3)).toBe(3);
    expect(batch).toMatchObject({ count: 7, remaining: 4, isDone: false });
    expect(batch.take(records, 0)).toBe(0);
    expect(batch.take(records, 100)).toBe(4);
    expect(batch).toMatchObject({ remaining: 0, isDone: true });
    expect(batch.take(records, 1)).toBe(0);
    expect(batch.nextRecord()).toBeUndefined();
    expect(told(records)).toEqual(numbered(7).map((value, index) => `${10 + index}:${value}`));
  });

  it("come one at a time, mixed with others", async () => {
    const batch = opened(batchOf(0, numbered(4)));
    const records: ConsumerRecord<unknown, unknown>[] = [];
    const first = await batch.nextRecord();
    await batch.take(records, 2);
    const last = await batch.nextRecord();
    expect([first?.offset, ...records.map(({ offset }) => offset), last?.offset]).toEqual([0, 1, 2, 3]);
    expect(batch.isDone).toBe(true);
  });

  it("come all at once, to be read as often as one likes, and by their number", async () => {
    const batch = opened(batchOf(0, numbered(1000)), { fetchOffset: 400 });
    await batch.nextRecord();
    const rest = batch.rest();
    expect(batch.isDone).toBe(true);
    expect(rest).toMatchObject({ count: 599, firstOffset: 401, lastOffset: 999 });
    expect([...rest].map(({ offset }) => offset)).toEqual(Array.from({ length: 599 }, (_, index) => 401 + index));
    expect(told([...rest].slice(0, 2))).toEqual(["401:v401", "402:v402"]);
    expect([0, 598, 300, -1, -599, 5].map((index) => rest.at(index)?.offset)).toEqual([401, 999, 701, 999, 401, 406]);
    expect([599, -600, Number.NaN].map((index) => rest.at(index))).toEqual([undefined, undefined, undefined]);
    expect(rest.at(300)?.value?.toString()).toBe("v701");
  });

  it("F8: that are malformed are an error when they are looked at, by whatever way; those before are good", () => {
    const batch = Buffer.from(batchOf(5, ["a", "b", "c"]));
    batch[batch.length - 1] = 7;
    const bad = opened(batch, { checkCrcs: false });
    const malformed = { code: "MALFORMED_MESSAGE", topic: "orders", partition: 3, offset: 7, nextOffset: 8 };
    const rest = opened(batch, { checkCrcs: false }).rest();
    const seen: number[] = [];
    expect(() => {
      for (const { offset } of rest) seen.push(offset);
    }).toThrow(expect.objectContaining(malformed));
    expect(seen).toEqual([5, 6]);
    expect(rest.at(1)?.offset).toBe(6);
    expect(() => rest.at(2)).toThrow(expect.objectContaining(malformed));
    expect(rest.at(0)?.offset).toBe(5);
    expect(() => rest.at(-1)).toThrow(expect.objectContaining(malformed));
    const records: ConsumerRecord<unknown, unknown>[] = [];
    expect(bad.take(records, 10)).toBe(2);
    expect(bad.isDone).toBe(false);
    expect(() => bad.take(records, 10)).toThrow(expect.objectContaining(malformed));
    expect(() => bad.nextRecord()).toThrow(expect.objectContaining(malformed));
    expect(() => bad.rest()).toThrow(expect.objectContaining(malformed));
    expect(records).toHaveLength(2);
  });

  it("R4: may be hundreds of thousands of tiny ones; each call does no more than it was asked for", () => {
    const records = Array.from({ length: 250_000 }, () => ({ value: null }));
    const batch = opened(RecordBatch.encode({ records }), { fetchOffset: 10 });
    const taken: ConsumerRecord<unknown, unknown>[] = [];
    let calls = 0;
    while (!batch.isDone) {
      expect(batch.take(taken, 10_000)).toBeLessThanOrEqual(10_000);
      calls++;
    }
    expect(calls).toBe(25);
    expect(taken).toHaveLength(249_990);
    expect(taken.at(-1)?.offset).toBe(249_999);
  });
});

describe("records with deserializers", () => {
  const keyed = RecordBatch.encode({
    baseOffset: 20,
    records: [
      { key: "k1", value: '{"n":1}', headers: [["trace", "t"]] },
      { key: null, value: null },
      { key: "k3", value: '{"n":3}' },
    ],
  });

  it.each([
    ["at once", json],
    ["later", later(json)],
  ])("have what these make of key and value, null included, %s", async (_, valueDeserializer) => {
    for (const keyDeserializer of [strings, later(strings)]) {
      const batch = opened(keyed, { keyDeserializer, valueDeserializer });
      const records: ConsumerRecord<unknown, unknown>[] = [];
      expect(await batch.take(records, 10)).toBe(3);
      expect(batch.isDone).toBe(true);
      expect(records.map(({ key, value }) => [key, value])).toEqual([
        ["k1", { n: 1 }],
        [null, null],
        ["k3", { n: 3 }],
      ]);
      expect(records.map(({ serializedKeySize, serializedValueSize }) => [serializedKeySize, serializedValueSize])).toEqual([
        [2, 7],
        [-1, -1],
        [2, 7],
      ]);
      expect([records[0]?.rawKey, records[0]?.rawValue]).toEqual([Buffer.from("k1"), Buffer.from('{"n":1}')]);
      expect(records[0]?.headers).toEqual([["trace", Buffer.from("t")]]);
      const again = opened(keyed, { keyDeserializer, valueDeserializer });
      const one = await again.nextRecord();
      expect([one?.key, one?.value, (await again.nextRecord())?.value, again.remaining]).toEqual(["k1", { n: 1 }, null, 1]);
    }
  });

  it("keep bytes where only the other part has one", async () => {
    const records: ConsumerRecord<unknown, unknown>[] = [];
    await opened(keyed, { valueDeserializer: strings }).take(records, 10);
    expect(records.map(({ key, value }) => [key, value])).toEqual([
      [Buffer.from("k1"), '{"n":1}'],
      [null, null],
      [Buffer.from("k3"), '{"n":3}'],
    ]);
  });

  it("give them the topic and the headers", () => {
    const seen: unknown[] = [];
    const deserializer: Deserializer<unknown> = {
      deserialize: (bytes, topic, headers) => seen.push([bytes?.length, topic, headers]),
    };
    void opened(keyed, { keyDeserializer: deserializer }).take([], 2);
    expect(seen).toEqual([
      [2, "orders", [["trace", Buffer.from("t")]]],
      [undefined, "orders", []],
    ]);
  });

  it.each(["at once", "later"])(
    "F28: a poison record is an error with its place and its bytes, and nothing moves: %s",
    async (when) => {
      const asked: string[] = [];
      const values = picky(asked, (value) => value === "v2");
      const valueDeserializer = when === "later" ? later(values) : values;
      const records = numbered(5).map((value) => ({
        key: `k-${value}`,
        value,
        timestamp: 1_700_000_000_000,
        headers: [["h", "1"]] as const,
      }));
      const batch = opened(RecordBatch.encode({ baseOffset: 40, records }), { valueDeserializer });
      const taken: ConsumerRecord<unknown, unknown>[] = [];
      expect(await batch.take(taken, 10)).toBe(2);
      expect(batch).toMatchObject({ isDone: false, remaining: 3 });
      for (const call of [() => batch.take(taken, 10), () => batch.nextRecord(), () => batch.take(taken, 1)]) {
        const error = await failureOf(call);
        expect(error).toMatchObject({ topic: "orders", partition: 3, offset: 42, timestamp: 1_700_000_000_000, part: "value" });
        expect([error.key, error.value, error.headers]).toEqual([
          Buffer.from("k-v2"),
          Buffer.from("v2"),
          [["h", Buffer.from("1")]],
        ]);
        expect(error.cause).toBeInstanceOf(TypeError);
        expect(error.message).toMatch(/seek to offset 43/);
        expect(error.message).not.toMatch(/v2/);
      }
      expect(told(taken)).toEqual(["40:V0", "41:V1"]);
      expect(batch).toMatchObject({ isDone: false, remaining: 3 });
    },
  );

  it.each(["at once", "later"])(
    "F28: goes on with the very record when its deserializer has changed its mind: %s",
    async (when) => {
      let failures = 2;
      const values = picky([], (value) => value === "v2" && failures-- > 0);
      const batch = opened(batchOf(0, numbered(5)), { valueDeserializer: when === "later" ? later(values) : values });
      const taken: ConsumerRecord<unknown, unknown>[] = [];
      expect(await batch.take(taken, 10)).toBe(2);
      await failureOf(() => batch.take(taken, 10));
      expect(await batch.take(taken, 10)).toBe(3);
      expect(told(taken)).toEqual(["0:V0", "1:V1", "2:V2", "3:V3", "4:V4"]);
      expect(batch.isDone).toBe(true);
    },
  );

  it("F28: a poison key is told from a poison value, and both are heard although they fail later", async () => {
    const never = picky([], () => true);
    const record = RecordBatch.encode({ records: [{ key: "k", value: "v" }] });
    for (const [keyDeserializer, valueDeserializer] of [
      [never, never],
      [later(never), never],
      [later(never), later(never)],
    ]) {
      const batch = opened(record, { keyDeserializer, valueDeserializer });
      expect(await failureOf(() => batch.take([], 1))).toMatchObject({ part: "key", offset: 0 });
      expect(await failureOf(() => batch.nextRecord())).toMatchObject({ part: "key", offset: 0 });
    }
    expect(await failureOf(() => opened(record, { valueDeserializer: later(never) }).take([], 1))).toMatchObject({ part: "value" });
  });

  it("are deserialized many at a time when that takes long, and keep their order", async () => {
    const waiting: (() => void)[] = [];
    const valueDeserializer: Deserializer<string> = {
      deserialize: (bytes) => new Promise((resolve) => waiting.push(() => resolve(Buffer.from(bytes ?? []).toString()))),
    };
    const batch = opened(batchOf(0, numbered(1200)), { valueDeserializer });
    const taken: ConsumerRecord<unknown, unknown>[] = [];
    const taking = batch.take(taken, 700);
    const begun: number[] = [];
    let isOver = false;
    void Promise.resolve(taking).then(() => {
      isOver = true;
    });
    while (!isOver) {
      begun.push(waiting.length);
      for (const finish of waiting.splice(0).toReversed()) finish();
      await new Promise(setImmediate);
    }
    expect(begun).toEqual([500, 200]);
    expect(await taking).toBe(700);
    expect(told(taken)).toEqual(numbered(700).map((value, index) => `${index}:${value}`));
    expect(batch.remaining).toBe(500);
  });

  it("F8: and a malformed record behind those that are deserialized ahead: these are given first", async () => {
    const bytes = Buffer.from(batchOf(5, ["a", "b", "c"]));
    bytes[bytes.length - 1] = 7;
    const batch = opened(bytes, { checkCrcs: false, valueDeserializer: later(strings) });
    const taken: ConsumerRecord<unknown, unknown>[] = [];
    expect(await batch.take(taken, 10)).toBe(2);
    expect(batch.isDone).toBe(false);
    expect(() => batch.take(taken, 10)).toThrow(/offset 7 cannot be read/);
  });
});

describe("a batch in an answer of several", () => {
  it("is not touched by how the others are read", async () => {
    const [first, second] = await batchesOf(fetched([batchOf(0, ["a", "b"]), batchOf(2, ["c", "d"])]));
    const records: ConsumerRecord<unknown, unknown>[] = [];
    await second?.take(records, 1);
    await first?.take(records, 1);
    await second?.take(records, 9);
    await first?.take(records, 9);
    expect(told(records)).toEqual(["2:c", "0:a", "3:d", "1:b"]);
  });
});
