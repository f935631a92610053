import { describe, expect, it } from "vitest";
import { type ConsumerStage, consumerStage, GROUP, placed, TOPIC, textOf } from "../../../../test/support/consumer-stage.ts";
import { strings } from "../../serializers/strings.ts";
import type { ConsumerBatch } from "./consumer-batch.ts";

const P0 = { topic: TOPIC, partition: 0 };
const P1 = { topic: TOPIC, partition: 1 };

/** What a loop over records gives, up to so many. */
async function iterated(stage: ConsumerStage, most: number): Promise<string[]> {
  const seen: string[] = [];
  const loop = async (): Promise<void> => {
    for await (const record of stage.consumer) {
      seen.push(...placed([record]));
      if (seen.length === most) break;
    }
  };
  await stage.when(loop());
  return seen;
}

/** As `partition first-last count`. */
function shown({ partition, firstOffset, lastOffset, count }: ConsumerBatch<unknown, unknown>): string {
  return `${partition} ${firstOffset}-${lastOffset} ${count}`;
}

async function batched(
  stage: ConsumerStage<Uint8Array | null, unknown>,
  timeoutMs = 500,
): Promise<ConsumerBatch<unknown, unknown>[]> {
  const batches: ConsumerBatch<unknown, unknown>[] = [];
  const loop = async (): Promise<void> => {
    for await (const batch of stage.consumer.batches({ timeoutMs })) batches.push(batch);
  };
  await stage.when(loop());
  return batches;
}

describe("iterating over a consumer", () => {
  it("gives record after record, ends after consumerTimeoutMs without one, and may be done again", async () => {
    const stage = await consumerStage({ consumerTimeoutMs: 300 });
    await stage.write(["a", "b"]);
    stage.consumer.assign([P0]);
    const before = stage.clock.now();
    expect(await iterated(stage, 10)).toEqual(["0/0 a", "0/1 b"]);
    expect(stage.clock.now() - before).toBeGreaterThanOrEqual(300);
    await stage.write(["c"]);
    expect(await iterated(stage, 10)).toEqual(["0/2 c"]);
  });

  it("goes on behind the record where a loop was left, also by poll, and the position is behind that", async () => {
    const stage = await consumerStage();
    await stage.write(["a", "b", "c"]);
    stage.consumer.assign([P0]);
    expect(await iterated(stage, 1)).toEqual(["0/0 a"]);
    expect(await stage.consumer.position(P0)).toBe(1);
    expect(placed(await stage.poll({ maxRecords: 1 }))).toEqual(["0/1 b"]);
    expect(await iterated(stage, 1)).toEqual(["0/2 c"]);
  });

  it("heeds a pause and a seek between two records", async () => {
    const stage = await consumerStage({ consumerTimeoutMs: 300 });
    await stage.write(["a", "b", "c"]);
    await stage.write(["x"], { partition: 1 });
    stage.consumer.assign([P0, P1]);
    const seen: string[] = [];
    const loop = async (): Promise<void> => {
      for await (const record of stage.consumer) {
        seen.push(...placed([record]));
        if (seen.length === 1) stage.consumer.pause(record);
      }
    };
    await stage.when(loop());
    expect(seen).toHaveLength(seen[0] === "0/0 a" ? 2 : 4);
    stage.consumer.resume(P0, P1);
    stage.consumer.seek(P0, 2);
    stage.consumer.seek(P1, 1);
    expect(await iterated(stage, 10)).toEqual(["0/2 c"]);
  });

  it("gives each record once to callers that do not wait for one another", async () => {
    const stage = await consumerStage({ consumerTimeoutMs: 300 });
    await stage.write(["a", "b"]);
    stage.consumer.assign([P0]);
    const iterator = stage.consumer.iterate();
    const results = await stage.when(Promise.all([iterator.next(), iterator.next(), iterator.next()]));
    expect(placed(results.flatMap(({ value }) => (value === undefined ? [] : [value])))).toEqual(["0/0 a", "0/1 b"]);
    expect(results.map(({ done }) => done)).toEqual([false, false, true]);
  });

  it("ends when the consumer is closed, and rejects with the reason of a signal", async () => {
    const stage = await consumerStage();
    stage.consumer.assign([P0]);
    const controller = new AbortController();
    const aborted = stage.consumer.iterate({ signal: controller.signal }).next();
    controller.abort(new Error("enough"));
    expect((await stage.failureOf(aborted)).error).toMatchObject({ message: "enough" });
    const waiting = stage.consumer.iterate().next();
    await stage.when(stage.consumer.close());
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(() => stage.consumer.iterate()).toThrow(expect.objectContaining({ code: "CLOSED" }));
  });

  it("goes on through a broker that is gone for a while (recoverable errors never end it)", async () => {
    const stage = await consumerStage();
    stage.consumer.assign([P0]);
    await stage.write(["a"]);
    expect(await iterated(stage, 1)).toEqual(["0/0 a"]);
    await stage.broker.stopNode(1);
    const next = stage.consumer.iterate().next();
    await stage.clock.advance(60_000);
    await stage.broker.startNode(1);
    await stage.write(["b"]);
    expect(placed([(await stage.when(next)).value ?? []].flat())).toEqual(["0/1 b"]);
  });
});

describe("batches()", () => {
  it("gives batches as they lie in the log, each as often as one likes, and by number", async () => {
    const stage = await consumerStage();
    await stage.write(["a", "b", "c"]);
    await stage.write(["d"]);
    stage.consumer.assign([P0]);
    const [first, second, ...more] = await batched(stage);
    expect([first && shown(first), second && shown(second), more]).toEqual(["0 0-2 3", "0 3-3 1", []]);
    expect(placed(first?.records ?? [])).toEqual(["0/0 a", "0/1 b", "0/2 c"]);
    expect(placed(first ?? [])).toEqual(placed(first?.records ?? []));
    expect([textOf(first?.at(1)?.value), textOf(first?.at(-1)?.value), first?.at(3)]).toEqual(["b", "c", undefined]);
    expect(first?.highWatermark).toBe(4);
    expect(await stage.consumer.position(P0)).toBe(4);
  });

  it("gives the rest of a batch that poll has begun", async () => {
    const stage = await consumerStage();
    await stage.write(["a", "b", "c"]);
    stage.consumer.assign([P0]);
    await stage.poll({ maxRecords: 1 });
    const batches = await batched(stage);
    expect(batches.map(shown)).toEqual(["0 1-2 2"]);
    expect(batches.flatMap((batch) => placed(batch))).toEqual(["0/1 b", "0/2 c"]);
  });

  it.each([false, true])("with deserializers: up to what cannot be read, then the error (async: %s)", async (isAsync) => {
    const deserialize = (bytes: Uint8Array | null): string | Promise<string> => {
      if (textOf(bytes) === "poison") throw new Error("not mine");
      return isAsync ? Promise.resolve(textOf(bytes)) : textOf(bytes);
    };
    const stage = await consumerStage<Uint8Array | null, string>({ valueDeserializer: { deserialize } });
    await stage.write(["a", "b", "poison", "c"]);
    stage.consumer.assign([P0]);
    const iterator = stage.consumer.batches({ timeoutMs: 500 });
    const { value } = await stage.when(iterator.next());
    expect([value && shown(value), [...(value ?? [])].map((record) => record.value)]).toEqual(["0 0-1 2", ["a", "b"]]);
    expect((await stage.failureOf(iterator.next())).error).toMatchObject({ code: "DESERIALIZATION", offset: 2 });
    expect(await stage.consumer.position(P0)).toBe(2);
    stage.consumer.seek(P0, 3);
    expect((await stage.when(iterator.next())).value?.at(0)?.value).toBe("c");
  });
});

describe("what counts as processed", () => {
  const committed = async (stage: ConsumerStage<unknown, unknown>): Promise<number | undefined> =>
    (await stage.when(stage.consumer.committed(P0)))?.offset;

  it("is what was polled before the last poll; all of it, when the consumer is closed", async () => {
    const stage = await consumerStage({ groupId: GROUP, autoCommitIntervalMs: 1000 });
    await stage.write(["a", "b", "c", "d"]);
    stage.consumer.assign([P0]);
    await stage.poll({ maxRecords: 2 });
    await stage.clock.advance(5000);
    expect(await committed(stage)).toBe(0);
    await stage.poll({ maxRecords: 1 });
    await stage.clock.advance(5000);
    expect(await committed(stage)).toBe(2);
    await stage.when(stage.consumer.close());
    const next = stage.another({ groupId: GROUP, enableAutoCommit: false });
    expect((await stage.when(next.committed(P0)))?.offset).toBe(3);
  });

  it("is, in a loop, every record but the one that the loop has: who leaves by an exception gets it again", async () => {
    const stage = await consumerStage({ groupId: GROUP, autoCommitIntervalMs: 1000 });
    await stage.write(["a", "b", "c"]);
    stage.consumer.assign([P0]);
    const loop = async (): Promise<void> => {
      for await (const record of stage.consumer) if (record.offset === 1) throw new Error("the handler failed");
    };
    expect((await stage.failureOf(loop())).error).toMatchObject({ message: "the handler failed" });
    await stage.when(stage.consumer.close());
    const next = stage.another({ groupId: GROUP, enableAutoCommit: false });
    next.assign([P0]);
    expect(placed(await stage.read(2, next))).toEqual(["0/1 b", "0/2 c"]);
  });

  it("is, of batches, every one but the last; batch.commit() says more", async () => {
    const stage = await consumerStage({ groupId: GROUP, autoCommitIntervalMs: 1000 });
    await stage.write(["a", "b"]);
    await stage.write(["c"]);
    stage.consumer.assign([P0]);
    const iterator = stage.consumer.batches({ timeoutMs: 500 });
    const { value: first } = await stage.when(iterator.next());
    await stage.clock.advance(5000);
    expect(await committed(stage)).toBe(0);
    await stage.when(first?.commit() ?? Promise.reject(new Error("there is none")));
    expect(await committed(stage)).toBe(2);
    await stage.when(iterator.next());
    await stage.clock.advance(5000);
    expect(await committed(stage)).toBe(2);
    await stage.when(iterator.next());
    await stage.clock.advance(5000);
    expect(await committed(stage)).toBe(3);
  });
});

it("types follow the deserializers", async () => {
  const stage = await consumerStage({ keyDeserializer: strings, valueDeserializer: strings });
  await stage.write([{ key: "k", value: "v" }]);
  stage.consumer.assign([P0]);
  const [record] = await stage.poll();
  const both: (string | null | undefined)[] = [record?.key, record?.value];
  expect(both).toEqual(["k", "v"]);
});
