import { describe, expect, it } from "vitest";
import { consumerStage, placed, TOPIC, textOf } from "../../../../test/support/consumer-stage.ts";
import type { Deserializer } from "../../serializers/serializer.ts";
import { strings } from "../../serializers/strings.ts";

const P0 = { topic: TOPIC, partition: 0 };
const P1 = { topic: TOPIC, partition: 1 };

const caught = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);

describe("poll", () => {
  it("gives what is there, maxPollRecords at most, and keeps the rest for the next one without asking for it again", async () => {
    const stage = await consumerStage({ maxPollRecords: 3 });
    await stage.write(["a", "b", "c", "d"]);
    stage.consumer.assign([P0]);
    expect(placed(await stage.poll())).toEqual(["0/0 a", "0/1 b", "0/2 c"]);
    const asked = stage.count("Fetch");
    expect(placed(await stage.poll({ timeoutMs: 0 }))).toEqual(["0/3 d"]);
    expect(stage.count("Fetch")).toBe(asked);
  });

  it("waits for records until its time is over, and then gives none", async () => {
    const stage = await consumerStage();
    stage.consumer.assign([P0]);
    const before = stage.clock.now();
    const records = await stage.when(stage.consumer.poll({ timeoutMs: 700 }));
    expect([records.isEmpty, records.count, records.partitions(), stage.clock.now() - before]).toEqual([true, 0, [], 700]);
  });

  it("gives records as soon as they are written, while it waits", async () => {
    const stage = await consumerStage();
    stage.consumer.assign([P0]);
    const polling = stage.consumer.poll({ timeoutMs: 60_000 });
    await stage.write(["late"]);
    expect(placed(await stage.when(polling))).toEqual(["0/0 late"]);
  });

  it("gives records of several partitions at once, those of a partition in their order, and says which", async () => {
    const stage = await consumerStage();
    await stage.write(["a", "b"]);
    await stage.write(["x", "y"], { partition: 1 });
    stage.consumer.assign([P0, P1]);
    await stage.poll({ maxRecords: 1 });
    const records = await stage.when(stage.consumer.poll({ timeoutMs: 1000 }));
    expect(records.partitions()).toEqual(expect.arrayContaining([P0, P1]));
    expect(placed(records.records(P1)).filter((one) => one.startsWith("1/"))).toEqual(placed(records.records(P1)));
    expect(records.nextOffsets()).toEqual(
      expect.arrayContaining([
        { ...P0, offset: 2 },
        { ...P1, offset: 2 },
      ]),
    );
    expect(records.records(TOPIC)).toHaveLength(3);
  });

  it("moves positions over what it gave and nothing else", async () => {
    const stage = await consumerStage();
    await stage.write(["a", "b", "c"]);
    stage.consumer.assign([P0]);
    await stage.poll({ maxRecords: 2 });
    expect(await stage.consumer.position(P0)).toBe(2);
    expect([stage.consumer.highwater(P0), stage.consumer.lag(P0)]).toEqual([3, 1]);
  });

  it("gives everything of a record", async () => {
    const stage = await consumerStage({ keyDeserializer: strings, valueDeserializer: strings });
    await stage.write([
      {
        key: "k",
        value: "v",
        timestampMs: 1234,
        headers: [
          ["h", "1"],
          ["h", null],
        ],
      },
      { key: null, value: null },
    ]);
    stage.consumer.assign([P0]);
    const [first, second] = await stage.poll();
    expect(first).toMatchObject({
      topic: TOPIC,
      partition: 0,
      offset: 0,
      timestamp: 1234,
      timestampType: "CreateTime",
      key: "k",
      value: "v",
    });
    expect(first?.headers.map(([name, value]) => [name, value === null ? null : textOf(value)])).toEqual([
      ["h", "1"],
      ["h", null],
    ]);
    expect([first?.serializedKeySize, first?.serializedValueSize, first?.leaderEpoch]).toEqual([1, 1, 0]);
    expect([second?.key, second?.value, second?.serializedKeySize, second?.serializedValueSize]).toEqual([null, null, -1, -1]);
  });

  it("is refused with a negative timeout, without room for a record, and while another call reads", async () => {
    const stage = await consumerStage();
    stage.consumer.assign([P0]);
    await expect(stage.consumer.poll({ timeoutMs: -1 })).rejects.toMatchObject({ code: "ILLEGAL_STATE" });
    await expect(stage.consumer.poll({ maxRecords: 0 })).rejects.toMatchObject({ code: "ILLEGAL_STATE" });
    const polling = stage.consumer.poll({ timeoutMs: 100 });
    await expect(stage.consumer.poll()).rejects.toMatchObject({ code: "ILLEGAL_STATE" });
    await stage.when(polling);
  });

  it("is refused, as other calls are, with options that are none: poll(500) would not wait at all", async () => {
    const { consumer } = await consumerStage();
    const none = 500 as unknown as object;
    const noSignal = { signal: {} as AbortSignal };
    const refused = { code: "ILLEGAL_STATE" };
    for (const options of [none, null as unknown as object, noSignal]) {
      await expect(consumer.poll(options)).rejects.toMatchObject(refused);
      await expect(consumer.topics(options)).rejects.toMatchObject(refused);
      expect(() => consumer.iterate(options)).toThrow(expect.objectContaining(refused));
      expect(() => consumer.batches(options)).toThrow(expect.objectContaining(refused));
    }
    await expect(consumer.close(none)).rejects.toMatchObject(refused);
    await expect(consumer.run(undefined as never)).rejects.toMatchObject(refused);
  });

  it("ends with the reason of its signal, and nothing is lost by it", async () => {
    const stage = await consumerStage();
    stage.consumer.assign([P0]);
    const controller = new AbortController();
    const polling = caught(stage.consumer.poll({ timeoutMs: 60_000, signal: controller.signal }));
    controller.abort(new Error("enough"));
    expect(await stage.when(polling)).toMatchObject({ message: "enough" });
    await stage.write(["a"]);
    expect(placed(await stage.poll())).toEqual(["0/0 a"]);
  });

  it("is interrupted by wakeup(), also by one that came before, once", async () => {
    const stage = await consumerStage();
    stage.consumer.assign([P0]);
    const polling = caught(stage.consumer.poll({ timeoutMs: 60_000 }));
    stage.consumer.wakeup();
    expect(await stage.when(polling)).toMatchObject({ code: "WAKEUP", retriable: true });
    stage.consumer.wakeup();
    expect((await stage.failureOf(stage.consumer.poll())).error).toMatchObject({ code: "WAKEUP" });
    await stage.write(["a"]);
    expect(placed(await stage.poll())).toEqual(["0/0 a"]);
  });

  it("rejects with a ClosedError when the consumer is closed, before and meanwhile", async () => {
    const stage = await consumerStage();
    stage.consumer.assign([P0]);
    const polling = caught(stage.consumer.poll({ timeoutMs: 60_000 }));
    await stage.when(stage.consumer.close());
    expect(await stage.when(polling)).toMatchObject({ code: "CLOSED" });
    await expect(stage.consumer.poll()).rejects.toMatchObject({ code: "CLOSED" });
  });

  it("tells who reads that no bootstrap server answers, and begins again when it is asked again", async () => {
    const stage = await consumerStage({ bootstrapTimeoutMs: 1000 });
    stage.consumer.assign([P0]);
    await stage.broker.stopNode(1);
    expect((await stage.failureOf(stage.consumer.poll({ timeoutMs: 60_000 }))).error).toMatchObject({ code: "BOOTSTRAP" });
    await stage.broker.startNode(1);
    await stage.write(["a"]);
    expect(placed(await stage.poll())).toEqual(["0/0 a"]);
  });
});

describe("seeking and pausing", () => {
  it("drops what was fetched ahead when the partition is sought", async () => {
    const stage = await consumerStage();
    await stage.write(["a", "b", "c", "d"]);
    stage.consumer.assign([P0]);
    await stage.poll({ maxRecords: 2 });
    stage.consumer.seek(P0, 0);
    expect(await stage.consumer.position(P0)).toBe(0);
    expect(placed(await stage.poll())).toEqual(["0/0 a", "0/1 b", "0/2 c", "0/3 d"]);
    stage.consumer.seek(P0, 3);
    expect(placed(await stage.poll())).toEqual(["0/3 d"]);
  });

  it("gives nothing of a paused partition, and goes on where it was without fetching again what it has", async () => {
    const stage = await consumerStage();
    await stage.write(["a", "b", "c"]);
    stage.consumer.assign([P0]);
    await stage.poll({ maxRecords: 1 });
    stage.consumer.pause(P0);
    expect(stage.consumer.paused()).toEqual([P0]);
    expect(await stage.poll({ timeoutMs: 2000 })).toEqual([]);
    const asked = stage.count("Fetch");
    stage.consumer.resume(P0);
    expect(placed(await stage.poll({ timeoutMs: 0 }))).toEqual(["0/1 b", "0/2 c"]);
    expect(stage.count("Fetch")).toBe(asked);
  });

  it("reads on from either end", async () => {
    const stage = await consumerStage({ autoOffsetReset: "latest" });
    await stage.write(["a", "b"]);
    stage.consumer.assign([P0, P1]);
    stage.consumer.seekToBeginning();
    expect(await stage.when(stage.consumer.position(P0))).toBe(0);
    expect(placed(await stage.poll())).toEqual(["0/0 a", "0/1 b"]);
    stage.consumer.seekToBeginning(P0);
    stage.consumer.seekToEnd(P0);
    expect(await stage.when(stage.consumer.position(P0))).toBe(2);
  });

  it("is refused for partitions that are not assigned, and for offsets that cannot be", async () => {
    const stage = await consumerStage();
    const refused = { code: "ILLEGAL_STATE" };
    const { consumer } = stage;
    expect(() => consumer.seek(P0, 1)).toThrow(expect.objectContaining(refused));
    expect(() => consumer.pause(P0)).toThrow(expect.objectContaining(refused));
    expect(() => consumer.seekToEnd()).toThrow(expect.objectContaining(refused));
    consumer.assign([P0]);
    for (const offset of [-1, 1.5, Number.NaN]) expect(() => consumer.seek(P0, offset)).toThrow(expect.objectContaining(refused));
    expect(() => consumer.resume(P1)).toThrow(expect.objectContaining(refused));
    await expect(consumer.position(P1)).rejects.toMatchObject(refused);
  });
});

describe("a record that cannot be deserialized (F28)", () => {
  const picky = (isAsync: boolean): Deserializer<string> => ({
    deserialize: (bytes) => {
      const text = textOf(bytes);
      if (text === "poison") throw new RangeError("not mine");
      return isAsync ? Promise.resolve(text) : text;
    },
  });

  it.each([false, true])(
    "comes after those before it, stays until it is sought over, and others go on (async: %s)",
    async (isAsync) => {
      const stage = await consumerStage<Uint8Array | null, string>({ valueDeserializer: picky(isAsync) });
      await stage.write(["a", { key: "k", value: "poison" }, "b"]);
      stage.consumer.assign([P0, P1]);
      expect(placed(await stage.poll())).toEqual(["0/0 a"]);
      for (let time = 0; time < 3; time++) {
        const { error } = await stage.failureOf(stage.consumer.poll({ timeoutMs: 1000 }));
        expect(error).toMatchObject({ code: "DESERIALIZATION", topic: TOPIC, partition: 0, offset: 1, part: "value" });
        expect(error).toMatchObject({ cause: expect.any(RangeError), value: expect.any(Uint8Array), key: expect.any(Uint8Array) });
        expect(await stage.consumer.position(P0)).toBe(1);
      }
      await stage.write(["x"], { partition: 1 });
      const outcomes: unknown[] = [];
      for (let time = 0; time < 4; time++) {
        outcomes.push(await stage.poll({ timeoutMs: 1000 }).then(placed, (error: { code: string }) => error.code));
      }
      expect(outcomes).toContainEqual(["1/0 x"]);
      stage.consumer.seek(P0, 2);
      expect(placed(await stage.poll())).toEqual(["0/2 b"]);
    },
  );
});
