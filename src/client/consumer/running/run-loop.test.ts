import { describe, expect, it, vi } from "vitest";
import { type ConsumerStage, consumerStage, GROUP, placed, TOPIC, textOf } from "../../../../test/support/consumer-stage.ts";
import { AssignedPartition } from "../assignment/assigned-partition.ts";
import { laneOf } from "./key-lanes.ts";

const P0 = { topic: TOPIC, partition: 0 };
const P1 = { topic: TOPIC, partition: 1 };

/** A promise that the test settles. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  const { promise, resolve } = withResolvers();
  return { opened: promise, open: resolve };
}

function withResolvers(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

const lane = (key: string): number => laneOf(Buffer.from(key), 0, 8);

/** Calls it in the microtask that follows the first move of a partition's position to that offset: a batch is handed out then. */
function afterMoveTo(offset: number, call: () => void): void {
  const { advance } = AssignedPartition.prototype;
  const spy = vi.spyOn(AssignedPartition.prototype, "advance").mockImplementation(function (this: AssignedPartition, to, epoch) {
    advance.call(this, to, epoch);
    if (to !== offset) return;
    spy.mockRestore();
    queueMicrotask(call);
  });
}

const processedOf = async (stage: ConsumerStage): Promise<number | undefined> =>
  (await stage.when(stage.consumer.committed(P0)))?.offset;

describe("run", () => {
  it("calls the function for every record, in order, one at a time, until its signal", async () => {
    const stage = await consumerStage();
    await stage.write(["a", "b"]);
    await stage.write(["c"]);
    stage.consumer.assign([P0]);
    const controller = new AbortController();
    const seen: string[] = [];
    let atOnce = 0;
    await stage.when(
      stage.consumer.run({
        signal: controller.signal,
        eachRecord: async (record) => {
          expect(++atOnce).toBe(1);
          await Promise.resolve();
          atOnce--;
          seen.push(...placed([record]));
          if (seen.length === 3) controller.abort();
        },
      }),
    );
    expect(seen).toEqual(["0/0 a", "0/1 b", "0/2 c"]);
  });

  it("works on several partitions at once, and keeps each in order", async () => {
    const stage = await consumerStage();
    await stage.write(["a", "b"]);
    await stage.write(["x", "y"], { partition: 1 });
    stage.consumer.assign([P0, P1]);
    const controller = new AbortController();
    const slow = gate();
    const seen: string[] = [];
    const running = stage.consumer.run({
      signal: controller.signal,
      concurrency: 2,
      eachRecord: async (record) => {
        if (record.partition === 0) await slow.opened;
        seen.push(...placed([record]));
        if (seen.length === 2) slow.open();
        if (seen.length === 4) controller.abort();
      },
    });
    await stage.when(running);
    expect(seen).toEqual(["1/0 x", "1/1 y", "0/0 a", "0/1 b"]);
  });

  it("begins with the record that failed when it is called again, and is processed up to it", async () => {
    const stage = await consumerStage({ groupId: GROUP, autoCommitIntervalMs: 1000 });
    await stage.write(["a", "b", "c"]);
    stage.consumer.assign([P0]);
    const failing = stage.consumer.run({
      eachRecord: ({ value }) => {
        if (textOf(value) === "b") throw new Error("not this one");
      },
    });
    expect((await stage.failureOf(failing)).error).toMatchObject({ message: "not this one" });
    expect(await stage.consumer.position(P0)).toBe(1);
    await stage.clock.advance(5000);
    expect(await processedOf(stage)).toBe(1);
    expect(placed(await stage.poll())).toEqual(["0/1 b", "0/2 c"]);
  });

  it("commits with several records of a partition under way only up to the first that is not done, by key", async () => {
    const stage = await consumerStage({ groupId: GROUP, autoCommitIntervalMs: 1000 });
    const other = ["b", "c", "d", "e"].find((key) => lane(key) !== lane("a")) ?? "none";
    await stage.write([
      { key: "a", value: "1" },
      { key: other, value: "2" },
      { key: "a", value: "3" },
      { key: other, value: "4" },
    ]);
    stage.consumer.assign([P0]);
    const controller = new AbortController();
    const first = gate();
    const seen: string[] = [];
    const running = stage.consumer.run({
      signal: controller.signal,
      concurrency: 8,
      orderBy: "key",
      eachRecord: async ({ key, value }) => {
        if (textOf(value) === "1") await first.opened;
        seen.push(`${textOf(key)}${textOf(value)}`);
        if (seen.length === 4) controller.abort();
      },
    });
    await stage.clock.advance(5000);
    expect(seen).toEqual([`${other}2`, `${other}4`]);
    expect(await processedOf(stage)).not.toBeGreaterThan(0);
    first.open();
    await stage.when(running);
    expect(seen).toEqual([`${other}2`, `${other}4`, "a1", "a3"]);
    await stage.clock.advance(5000);
    expect(await processedOf(stage)).toBe(4);
  });

  it.each(["partition", "key"] as const)(
    "commit() in its function stores what it has done with, by %s, not the whole batch",
    async (orderBy) => {
      const stage = await consumerStage({ groupId: GROUP, enableAutoCommit: false });
      await stage.write(["a", "b", "c"].map((value) => ({ key: "one", value })));
      stage.consumer.assign([P0]);
      const controller = new AbortController();
      const stored: (number | undefined)[] = [];
      const running = stage.consumer.run({
        signal: controller.signal,
        concurrency: 2,
        orderBy,
        eachRecord: async () => {
          await stage.consumer.commit();
          stored.push((await stage.consumer.committed(P0))?.offset);
          if (stored.length === 3) controller.abort();
        },
      });
      await stage.when(running);
      expect(stored).toEqual([0, 1, 2]);
      await stage.when(stage.consumer.commit());
      expect(await processedOf(stage)).toBe(3);
    },
  );

  it.each([
    ["a batch as it is", {}],
    ["what deserializers make of it", { valueDeserializer: { deserialize: (bytes: Uint8Array | null) => bytes } }],
    ["what they make of it later", { valueDeserializer: { deserialize: (bytes: Uint8Array | null) => Promise.resolve(bytes) } }],
  ] as const)("commit() by others, while %s goes to its function, stores nothing that it has not seen", async (_, how) => {
    const stage = await consumerStage<unknown, unknown>({ groupId: GROUP, enableAutoCommit: false, ...how });
    await stage.write(["a", "b", "c"]);
    stage.consumer.assign([P0]);
    let committing: Promise<void> | undefined;
    let isCalled = false;
    afterMoveTo(3, () => {
      if (!isCalled) committing = stage.consumer.commit();
    });
    const controller = new AbortController();
    const done = gate();
    const running = stage.consumer.run({
      signal: controller.signal,
      eachBatch: async () => {
        isCalled = true;
        await done.opened;
        controller.abort();
      },
    });
    await stage.clock.advance(1000);
    expect(isCalled).toBe(true);
    await stage.when(committing ?? Promise.reject(new Error("nobody has committed")));
    expect((await stage.when(stage.consumer.committed(P0)))?.offset).toBe(0);
    done.open();
    await stage.when(running);
    await stage.when(stage.consumer.commit());
    expect((await stage.when(stage.consumer.committed(P0)))?.offset).toBe(3);
  });

  it.each([
    { what: "sought", act: ({ consumer }: ConsumerStage) => consumer.seek(P0, 2), isSeen: ["0/2 c"] },
    {
      what: "assigned anew",
      act: ({ consumer }: ConsumerStage) => {
        consumer.assign([]);
        consumer.assign([P0]);
      },
      isSeen: ["0/0 a", "0/1 b", "0/2 c"],
    },
  ])(
    "what is on its way to its function when the partition is $what is nobody's, and what comes instead is not held up",
    async (one) => {
      const stage = await consumerStage();
      await stage.write(["a", "b", "c"]);
      stage.consumer.assign([P0]);
      afterMoveTo(3, () => one.act(stage));
      const controller = new AbortController();
      const seen: string[] = [];
      const running = stage.consumer.run({
        signal: controller.signal,
        eachBatch: (batch) => {
          seen.push(...placed(batch));
          controller.abort();
        },
      });
      await stage.when(running);
      expect(seen).toEqual(one.isSeen);
      await stage.write(["d"]);
      expect(placed(await stage.poll())).toEqual(["0/3 d"]);
    },
  );

  it("what is on its way to its function when it is told to stop is read again, by whoever reads next", async () => {
    const stage = await consumerStage();
    await stage.write(["a", "b"]);
    stage.consumer.assign([P0]);
    const controller = new AbortController();
    afterMoveTo(2, () => controller.abort());
    const seen: string[] = [];
    await stage.when(stage.consumer.run({ signal: controller.signal, eachBatch: (batch) => void seen.push(...placed(batch)) }));
    expect(seen).toEqual([]);
    expect(placed(await stage.poll())).toEqual(["0/0 a", "0/1 b"]);
  });

  it("hands over whole batches, and awaits the function before the next of the partition", async () => {
    const stage = await consumerStage();
    await stage.write(["a", "b"]);
    await stage.write(["c"]);
    stage.consumer.assign([P0]);
    const controller = new AbortController();
    const seen: string[][] = [];
    const running = stage.consumer.run({
      signal: controller.signal,
      concurrency: 4,
      eachBatch: async (batch) => {
        seen.push(placed(batch));
        await Promise.resolve();
        if (seen.length === 2) controller.abort();
      },
    });
    await stage.when(running);
    expect(seen).toEqual([["0/0 a", "0/1 b"], ["0/2 c"]]);
  });

  it("ends when the consumer is closed, which waits for what is under way", async () => {
    const stage = await consumerStage({ groupId: GROUP });
    await stage.write(["a", "b"]);
    stage.consumer.assign([P0]);
    const slow = gate();
    const begun = gate();
    const running = stage.consumer.run({
      eachRecord: async () => {
        begun.open();
        await slow.opened;
      },
    });
    await stage.when(begun.opened);
    const closing = stage.consumer.close();
    slow.open();
    await stage.when(closing);
    await stage.when(running);
    const next = stage.another({ groupId: GROUP, enableAutoCommit: false });
    expect((await stage.when(next.committed(P0)))?.offset).toBe(1);
  });

  it("heeds a seek of its own function", async () => {
    const stage = await consumerStage();
    await stage.write(["a", "b", "c"]);
    stage.consumer.assign([P0]);
    const controller = new AbortController();
    const seen: string[] = [];
    const running = stage.consumer.run({
      signal: controller.signal,
      eachRecord: (record) => {
        seen.push(...placed([record]));
        if (seen.length === 1) stage.consumer.seek(P0, 2);
        if (seen.length === 2) controller.abort();
      },
    });
    await stage.when(running);
    expect(seen).toEqual(["0/0 a", "0/2 c"]);
  });

  it("is refused without a function, with two, and with a concurrency or an order that cannot be", async () => {
    const stage = await consumerStage();
    const each = (): void => undefined;
    const wrong = [
      {},
      { eachRecord: each, eachBatch: each },
      { eachRecord: each, concurrency: 0 },
      { eachBatch: each, orderBy: "key" },
      // A function cannot go to other threads, and is not called on this one as if nothing had been said.
      { eachRecord: each, threads: 4 },
      { eachBatch: each, data: 1 },
    ] as const;
    for (const options of wrong) await expect(stage.consumer.run(options)).rejects.toMatchObject({ code: "ILLEGAL_STATE" });
  });
});
