// Time, ends and slow readers: clocks that jump, long silences, closing in every situation, and memory that stays bounded. The faults are
// numbered as in the fault list. What is left behind (S4: timers, hot loops) the stage checks after every test.

import { describe, expect, it } from "vitest";
import type { TopicPartitionOffset } from "../../src/client/index.ts";
import { outcomes, P0, P1, writeSingly } from "../support/consumer-outcomes.ts";
import { type ConsumerStage, consumerStage, placed } from "../support/consumer-stage.ts";

const DAY_MS = 86_400_000;
const caught = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);

async function filled(options: object = {}, cluster: object = {}): Promise<ConsumerStage> {
  const stage = await consumerStage(options, cluster);
  await writeSingly(stage, ["a", "b", "c"], 0);
  await writeSingly(stage, ["x", "y", "z"], 1);
  return stage;
}

describe.each([DAY_MS, -DAY_MS])("K1: the wall clock jumps by %i ms", (jumpMs) => {
  it("while a poll waits: it ends when its time is over, and not before", async () => {
    const stage = await consumerStage();
    stage.consumer.assign([P0]);
    await stage.poll({ timeoutMs: 10 });
    const startMs = stage.clock.monotonic();
    const polling = stage.consumer.poll({ timeoutMs: 5000 });
    stage.clock.jump(jumpMs);
    const records = await stage.when(polling);
    expect([records.isEmpty, stage.clock.monotonic() - startMs]).toEqual([true, 5000]);
    await stage.write(["a"]);
    expect(await outcomes(stage, 1)).toEqual(["0/0 a"]);
  });

  it("while a fetch is under way, between polls, during a pause before trying again: nothing is lost, or late", async () => {
    const stage = await filled({ requestTimeoutMs: 5000 });
    stage.consumer.assign([P0]);
    stage.broker.faults.delay({ api: "Fetch", clientId: "test", delayMs: 400, afterApply: true });
    const startMs = stage.clock.monotonic();
    const polling = stage.consumer.poll({ timeoutMs: 60_000, maxRecords: 1 });
    stage.clock.jump(jumpMs);
    expect(placed(await stage.when(polling))).toEqual(["0/0 a"]);
    stage.clock.jump(jumpMs);
    expect(await outcomes(stage, 2)).toEqual(["0/1 b", "0/2 c"]);
    stage.broker.faults.failNext({ api: "Fetch", ...P0, error: "NOT_LEADER_OR_FOLLOWER", times: 2 });
    stage.broker.disconnectAll();
    stage.clock.jump(jumpMs);
    await stage.write(["d"]);
    expect(await outcomes(stage, 1)).toEqual(["0/3 d"]);
    expect(stage.clock.monotonic() - startMs).toBeLessThan(4000);
  });

  it("auto-commit goes on in its rhythm", async () => {
    const stage = await filled({ groupId: "readers", autoCommitIntervalMs: 1000 });
    stage.consumer.assign([P0]);
    await outcomes(stage, 3);
    await stage.poll({ timeoutMs: 1200 });
    stage.clock.jump(jumpMs);
    await stage.poll({ timeoutMs: 3000 });
    expect(stage.count("OffsetCommit")).toBe(1);
    expect(await stage.when(stage.consumer.committed(P0))).toMatchObject({ offset: 3 });
  });

  it("metadata and preferred replicas are neither asked for at once nor kept for ever", async () => {
    const stage = await filled({ metadataMaxAgeMs: 10_000 });
    stage.consumer.assign([P0]);
    await outcomes(stage, 3);
    const asked = stage.count("Metadata");
    stage.clock.jump(jumpMs);
    await stage.poll({ timeoutMs: 25_000 });
    expect(stage.count("Metadata") - asked).toBeGreaterThanOrEqual(2);
    expect(stage.count("Metadata") - asked).toBeLessThanOrEqual(4);
  });
});

describe("K2: a long silence", () => {
  it("of the reader: he goes on where he was, and brokers were not pestered meanwhile", async () => {
    const stage = await filled();
    stage.consumer.assign([P0, P1]);
    expect(await outcomes(stage, 1)).toHaveLength(1);
    const asked = stage.count("Fetch");
    await stage.clock.advance(3_600_000);
    // Two partitions at their ends: one long poll at a time.
    expect(stage.count("Fetch") - asked).toBeLessThanOrEqual(3_600_000 / 500 + 10);
    expect((await outcomes(stage, 5)).toSorted()).toHaveLength(5);
    await stage.write(["d"]);
    expect(await outcomes(stage, 1)).toEqual(["0/3 d"]);
  });

  it("of everybody, after which all connections turn out to be dead: nothing is lost or doubled", async () => {
    const stage = await filled();
    stage.consumer.assign([P0, P1]);
    expect(await outcomes(stage, 6)).toHaveLength(6);
    stage.broker.network.cutAll();
    await stage.clock.advance(60_000);
    await stage.write(["d"]);
    await stage.write(["w"], { partition: 1 });
    expect((await outcomes(stage, 2)).toSorted()).toEqual(["0/3 d", "1/3 w"]);
  });
});

describe("S2, S3: closing", () => {
  it("S2: twice, at the same time, and again later is closing once", async () => {
    const stage = await filled({ groupId: "readers" });
    stage.consumer.assign([P0]);
    await outcomes(stage, 3);
    await stage.when(Promise.all([stage.consumer.close(), stage.consumer.close()]));
    await stage.when(stage.consumer.close());
    expect(stage.count("OffsetCommit")).toBe(1);
    await expect(stage.consumer.poll()).rejects.toMatchObject({ code: "CLOSED" });
  });

  it("S2: in a handler of run(), which then ends, and what is processed is committed", async () => {
    const stage = await filled({ groupId: "readers" });
    stage.consumer.assign([P0]);
    const seen: string[] = [];
    let closing: Promise<void> | undefined;
    const running = stage.consumer.run({
      eachRecord: (record) => {
        seen.push(...placed([record]));
        if (record.offset === 1) closing = stage.consumer.close();
      },
    });
    await stage.when(caught(running));
    await stage.when(closing ?? Promise.reject(new Error("it was not closed")));
    expect(seen).toEqual(["0/0 a", "0/1 b"]);
    const other = stage.another({ groupId: "readers" });
    expect(await stage.when(other.committed(P0))).toMatchObject({ offset: 2 });
  });

  it("S2: in a commit callback, and in a deserializer", async () => {
    const stage = await consumerStage<Uint8Array | null, string>({
      groupId: "readers",
      valueDeserializer: {
        deserialize: (bytes) => {
          void stage.consumer.close();
          return String(bytes);
        },
      },
    });
    const told: unknown[] = [];
    stage.consumer.assign([P0]);
    stage.consumer.commitAsync([{ ...P0, offset: 0 }], (offsets: readonly TopicPartitionOffset[], error) => {
      told.push([offsets.length, error]);
    });
    await stage.clock.advance(100);
    expect(told).toEqual([[1, undefined]]);
    await stage.write(["a"]);
    await stage.when(caught(stage.consumer.poll({ timeoutMs: 5000 })));
    await stage.when(stage.consumer.close());
  });

  it("S3: without a living broker takes no longer than it may", async () => {
    const stage = await filled({ groupId: "readers", requestTimeoutMs: 20_000 });
    stage.consumer.assign([P0]);
    await outcomes(stage, 3);
    await stage.broker.stopNode(1);
    const startMs = stage.clock.monotonic();
    await stage.when(caught(stage.consumer.close({ timeoutMs: 3000 })));
    expect(stage.clock.monotonic() - startMs).toBeLessThanOrEqual(3000);
  });

  it("S3: with brokers that say nothing any more takes no longer than it may", async () => {
    const stage = await filled({ groupId: "readers", requestTimeoutMs: 20_000 });
    stage.consumer.assign([P0]);
    await outcomes(stage, 3);
    stage.broker.faults.neverAnswer({ clientId: "test", times: Number.POSITIVE_INFINITY });
    const startMs = stage.clock.monotonic();
    await stage.when(caught(stage.consumer.close({ timeoutMs: 3000 })));
    expect(stage.clock.monotonic() - startMs).toBeLessThanOrEqual(3000);
  });

  it("S3: before anything was ever connected, and while it is being connected", async () => {
    const stage = await consumerStage();
    stage.broker.faults.neverAnswer({ clientId: "test", times: Number.POSITIVE_INFINITY });
    const other = stage.another();
    await stage.when(other.close());
    stage.consumer.assign([P0]);
    const polling = caught(stage.consumer.poll({ timeoutMs: 60_000 }));
    await stage.clock.advance(10);
    const startMs = stage.clock.monotonic();
    await stage.when(stage.consumer.close({ timeoutMs: 3000 }));
    expect(await stage.when(polling)).toMatchObject({ code: "CLOSED" });
    expect(stage.clock.monotonic() - startMs).toBeLessThanOrEqual(3000);
  });

  it("S4: in the middle of everything: a position looked up, a fetch, a pause, a loop", async () => {
    const stage = await filled({ requestTimeoutMs: 5000 });
    stage.broker.faults.delay({ api: "ListOffsets", delayMs: 1000, afterApply: true });
    stage.consumer.assign([P0]);
    const position = caught(stage.consumer.position(P0));
    const loop = (async (): Promise<number> => {
      let count = 0;
      for await (const _record of stage.consumer) count++;
      return count;
    })();
    await stage.clock.advance(100);
    await stage.when(stage.consumer.close());
    expect(await stage.when(position)).toMatchObject({ code: "CLOSED" });
    expect(await stage.when(caught(loop))).toBe(0);
  });
});

describe("S5: a signal", () => {
  it("ends its own call, and nothing else: what was under way is there for the next", async () => {
    const stage = await filled();
    stage.consumer.assign([P0]);
    stage.broker.faults.delay({ api: "Fetch", clientId: "test", delayMs: 300, afterApply: true });
    const controller = new AbortController();
    const polling = caught(stage.consumer.poll({ timeoutMs: 60_000, signal: controller.signal }));
    await stage.clock.advance(100);
    controller.abort(new Error("enough"));
    expect(await stage.when(polling)).toMatchObject({ message: "enough" });
    const asked = stage.count("Fetch");
    expect(await outcomes(stage, 3)).toEqual(["0/0 a", "0/1 b", "0/2 c"]);
    expect(stage.count("Fetch") - asked).toBeLessThanOrEqual(1);
    const position = caught(stage.consumer.endOffsets([P0], { signal: AbortSignal.abort(new Error("too late")) }));
    expect(await stage.when(position)).toMatchObject({ message: "too late" });
    expect(await stage.consumer.position(P0)).toBe(3);
  });
});

describe("F29: a slow reader", () => {
  /** Bytes of fetch answers so far. */
  const fetched = (stage: ConsumerStage): number =>
    stage.broker.journal.responses("Fetch").reduce((sum, { sizeInBytes }) => sum + sizeInBytes, 0);

  it("has no more fetched for him than the bounds, however long he takes, and gets everything once in the end", async () => {
    const stage = await consumerStage({ maxPartitionFetchBytes: 5000, fetchMaxBytes: 20_000 });
    const values = Array.from({ length: 60 }, (_, index) => `${index}`.padEnd(1000, "."));
    await writeSingly(stage, values);
    stage.consumer.assign([P0]);
    expect(await outcomes(stage, 1)).toHaveLength(1);
    await stage.clock.advance(60_000);
    expect(fetched(stage)).toBeLessThan(3 * 5000 + 3000);
    const rest = await outcomes(stage, 59, { maxRecords: 3 });
    expect(rest.map((one) => Number.parseInt(one.split(" ")[1] ?? "", 10))).toEqual(
      Array.from({ length: 59 }, (_, index) => index + 1),
    );
  });

  it("keeps what a paused partition has, asks for no more of it, and is not asked for it again", async () => {
    const stage = await filled();
    stage.consumer.assign([P0, P1]);
    await outcomes(stage, 1);
    stage.consumer.pause(P0);
    const told = await outcomes(stage, 9, { timeoutMs: 20_000 });
    expect(told.every((one) => one.startsWith("1/"))).toBe(true);
    await writeSingly(stage, ["d"], 0);
    await stage.poll({ timeoutMs: 5000 });
    stage.consumer.resume(P0);
    const rest = await outcomes(stage, 9, { timeoutMs: 3000 });
    expect(rest.filter((one) => one.startsWith("0/")).slice(-1)).toEqual(["0/3 d"]);
    expect(new Set([...told, ...rest]).size).toBe(told.length + rest.length);
  });

  it("has a hot partition and a quiet one: the quiet one is not starved", async () => {
    const stage = await consumerStage({ maxPartitionFetchBytes: 2000, fetchMaxBytes: 4000, maxPollRecords: 2 });
    await writeSingly(
      stage,
      Array.from({ length: 40 }, (_, index) => `h${index}`.padEnd(900, ".")),
      0,
    );
    await writeSingly(stage, ["q0", "q1"], 1);
    stage.consumer.assign([P0, P1]);
    const told = await outcomes(stage, 42);
    expect(told).toHaveLength(42);
    expect(told.findIndex((one) => one.startsWith("1/1"))).toBeLessThan(12);
  });
});
