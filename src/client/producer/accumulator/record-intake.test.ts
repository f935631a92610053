import { beforeEach, describe, expect, it } from "vitest";
import { readBatches } from "../../../protocol/index.ts";
import { BrokerError, ClosedError, IllegalStateError, RequestTimeoutError } from "../../errors.ts";
import { PartSerializer } from "../../serializers/part-serializer.ts";
import type { Serializer } from "../../serializers/serializer.ts";
import { withVerdict } from "../verdict.ts";
import { Accumulator } from "./accumulator.ts";
import { BufferMemory } from "./buffer-memory.ts";
import { BufferPool } from "./buffer-pool.ts";
import { FlushWait } from "./flush-wait.ts";
import { RecordIntake } from "./record-intake.ts";
import { Settlements } from "./settlements.ts";
import { TopicQueue } from "./topic-queue.ts";

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface StageOptions {
  readonly bytes?: number;
  readonly keys?: Serializer<unknown>;
  readonly values?: Serializer<unknown>;
}

class Stage {
  readonly topic: TopicQueue;
  readonly memory: BufferMemory;
  readonly settlements: Settlements;
  readonly intake: RecordIntake;
  readonly told: string[] = [];
  readonly lookedUp: string[] = [];
  nowMs = 0;
  check = (): void => undefined;

  constructor({ bytes = 10_000, keys, values }: StageOptions = {}) {
    this.memory = new BufferMemory(bytes, 1000, () => this.intake.memoryWaiters.wake(this.memory));
    this.settlements = new Settlements(this.memory, () => undefined);
    this.topic = new TopicQueue({
      topic: "orders",
      partitionerFor: () => ({ choose: () => 0 }),
      rackOf: () => undefined,
      now: () => this.nowMs,
    });
    const accumulator = new Accumulator({
      settings: { compression: "none", batchSize: 1000, maxRequestSize: 5000, deliveryTimeoutMs: 5000 },
      memory: this.memory,
      pool: new BufferPool({ totalBytes: 0, idleBytes: 0 }),
      settlements: this.settlements,
      now: () => this.nowMs,
      listener: { started: () => undefined, filled: () => undefined, grown: () => undefined },
    });
    this.intake = new RecordIntake({
      accumulator,
      memory: this.memory,
      keys: new PartSerializer("key", keys),
      values: new PartSerializer("value", values),
      clock: { monotonic: () => this.nowMs },
      timestamps: { now: () => 77 },
      lookUp: ({ topic }) => this.lookedUp.push(topic),
      dueBy: () => undefined,
      onRefused: (_topic, error) => withVerdict(error, "not persisted"),
      onWaited: () => undefined,
      onThrown: () => undefined,
      onPressed: () => undefined,
      maxBlockMs: 1000,
      checkAppend: () => this.check(),
    });
  }

  /** The topic is known. */
  known(partitions = 1): this {
    const none = { leaderEpoch: 0, replicas: [], inSyncReplicas: [], offlineReplicas: [] };
    const list = Array.from({ length: partitions }, (_, partition) => ({ partition, leaderId: 1, ...none }));
    this.topic.learn({ name: "orders", topicId: undefined, isInternal: false, partitions: list });
    return this;
  }

  add(
    value: unknown,
    { timeoutMs = 500, ...record }: { timeoutMs?: number; key?: unknown; partition?: number; headers?: never } = {},
    signal?: AbortSignal,
  ): void {
    const told = (error: Error | null): void => void this.told.push(`${String(value)}: ${error?.message ?? "written"}`);
    this.intake.add(this.topic, { ...record, value }, told, { timeoutMs, signal });
  }

  /** What is in batches, in order. */
  get batched(): readonly string[] {
    return [...this.topic.partitions].flatMap(({ unsettled }) =>
      unsettled.flatMap((batch) => {
        void batch.pack({ compression: "none", compressionLevel: undefined, isTransactional: false });
        return recordsIn(batch.bytesFor(undefined, false).bytes);
      }),
    );
  }

  /** Everything that is in a batch is written. */
  write(): void {
    for (const partition of this.topic.partitions) {
      for (let batch = partition.unsettled[0]; batch !== undefined; batch = partition.unsettled[0]) {
        partition.take(batch);
        this.settlements.settle(partition, batch, { kind: "delivered", baseOffset: 0, logAppendTimeMs: -1 });
      }
    }
  }
}

let stage: Stage;

beforeEach(() => {
  stage = new Stage();
});

describe("a record on its way into a batch", () => {
  it("is there at once when its topic is known", () => {
    stage.known().add("a");
    expect(stage.batched).toEqual(["a"]);
    expect(stage.intake.waitingRecords).toBe(0);
  });

  it("waits for its topic, and those behind it for it", () => {
    stage.add("a");
    stage.add("b");
    expect([stage.lookedUp.length > 0, stage.intake.waitingRecords]).toEqual([true, 2]);
    stage.known();
    stage.intake.pump(stage.topic);
    expect(stage.batched).toEqual(["a", "b"]);
    expect(stage.intake.topicsWaiting.size).toBe(0);
  });

  it("fails alike when its time is over, whether the clock notices first or the question about its topic", async () => {
    const unknown = new BrokerError(3, { api: "Metadata", topic: "orders" });
    const failed = (notice: (at: Stage) => void): readonly unknown[] => {
      const at = new Stage();
      const told: unknown[] = [];
      at.intake.add(at.topic, { value: "a" }, (error) => told.push(error), { timeoutMs: 500, signal: undefined });
      at.topic.lookUpError = unknown;
      at.nowMs = 500;
      notice(at);
      return told;
    };
    const byClock = failed((at) => at.intake.expire());
    const byAnswer = failed((at) => at.intake.lookUpFailed(at.topic, unknown, false));
    await turn();
    for (const told of [byClock, byAnswer]) {
      expect(told).toEqual([expect.any(RequestTimeoutError)]);
      expect(told[0]).toHaveProperty("cause", unknown);
    }
  });

  it("keeps its bytes while it waits, though the caller writes into his buffers again", () => {
    const [key, value, header] = [Buffer.from("key"), Buffer.from("value"), Buffer.from("header")];
    stage.intake.add(stage.topic, { key, value, headers: [["h", header]] }, undefined, { timeoutMs: 500, signal: undefined });
    for (const buffer of [key, value, header]) buffer.fill("X");
    stage.known();
    stage.intake.pump(stage.topic);
    expect(stage.batched).toEqual(["value"]);
    expect(textOfBatch(stage)).toContain("key");
    expect(textOfBatch(stage)).toContain("header");
    expect(textOfBatch(stage)).not.toContain("X");
  });

  it("keeps the bytes that it has while a serializer works on the others", async () => {
    const slow = new Stage({ values: { serialize: async (value) => Promise.resolve(String(value)) } }).known();
    const key = Buffer.from("key");
    const header = new Uint8Array(Buffer.from("header"));
    slow.intake.add(slow.topic, { key, value: "v", headers: [["h", header]] }, undefined, { timeoutMs: 500, signal: undefined });
    key.fill("X");
    header.fill(88);
    await turn();
    expect(slow.batched).toEqual(["v"]);
    expect(textOfBatch(slow)).toContain("key");
    expect(textOfBatch(slow)).not.toContain("X");
  });

  it("keeps its place in front of those whose serializer is faster", async () => {
    const go = new Map<string, () => void>();
    const values = {
      serialize: (value: unknown) => new Promise<string>((resolve) => go.set(String(value), () => resolve(String(value)))),
    };
    const slow = new Stage({ values }).known();
    for (const value of ["a", "b", "c"]) slow.add(value);
    for (const value of ["c", "b"]) go.get(value)!();
    await turn();
    expect(slow.batched).toEqual([]);
    go.get("a")!();
    await turn();
    expect(slow.batched).toEqual(["a", "b", "c"]);
  });

  it("whose serializer fails later fails alone", async () => {
    const values = { serialize: async (value: unknown) => (value === "bad" ? Promise.reject(new Error("no")) : String(value)) };
    const slow = new Stage({ values }).known();
    for (const value of ["a", "bad", "c"]) slow.add(value);
    await turn();
    expect(slow.batched).toEqual(["a", "c"]);
    expect(slow.told).toEqual([expect.stringContaining("bad: ")]);
  });

  it("whose one serializer throws while the other works leaves no rejection that nobody handles", async () => {
    const values = {
      serialize: () => {
        throw new Error("at once");
      },
    };
    const keys = { serialize: () => Promise.reject(new Error("later")) };
    const one = new Stage({ keys, values }).known();
    expect(() => one.add("a", { key: "k" })).toThrow("its serializer has thrown");
    await turn();
    expect(one.intake.waitingRecords).toBe(0);
  });

  it("whose time is over fails with what it waited for, and those behind it move up", async () => {
    stage.add("a", { timeoutMs: 100 });
    stage.add("b", { timeoutMs: 900 });
    stage.nowMs = 100;
    expect(stage.intake.expire()).toBe(900);
    await turn();
    expect(stage.told).toEqual([expect.stringContaining("a: metadata of topic 'orders'")]);
    stage.known();
    stage.intake.pump(stage.topic);
    expect(stage.batched).toEqual(["b"]);
  });

  it("is never told of inside the call that refuses it", async () => {
    stage.add("a", { timeoutMs: 0 });
    stage.intake.expire();
    expect(stage.told).toEqual([]);
    await turn();
    expect(stage.told).toHaveLength(1);
  });

  it("whose partition is not there has its topic looked up once more, then fails", async () => {
    stage.known(1);
    stage.add("a", { partition: 3 });
    expect(stage.lookedUp).toEqual(["orders"]);
    stage.intake.pump(stage.topic);
    await turn();
    expect(stage.told).toEqual(["a: topic 'orders' has no partition 3: its partitions are 0 to 0"]);
  });

  it("whose partition has been added meanwhile is written to it", () => {
    stage.known(1);
    stage.add("a", { partition: 3 });
    stage.known(4);
    stage.intake.pump(stage.topic);
    expect(stage.topic.partition(3).unsettled).toHaveLength(1);
  });

  it("is asked for again whether it may be sent, when it has waited", async () => {
    stage.add("a");
    stage.check = () => {
      throw new IllegalStateError("not any more");
    };
    stage.known();
    stage.intake.pump(stage.topic);
    await turn();
    expect(stage.told).toEqual(["a: not any more"]);
    expect(stage.batched).toEqual([]);
  });

  it("that was given up leaves no trace, and nobody hears of it again", async () => {
    const giveUp = new AbortController();
    stage.add("a", {}, giveUp.signal);
    stage.add("b");
    giveUp.abort();
    stage.known();
    stage.intake.pump(stage.topic);
    await turn();
    expect(stage.batched).toEqual(["b"]);
    expect(stage.told).toEqual([]);
  });

  it("fails with all others at the end", async () => {
    stage.add("a");
    stage.add("b");
    stage.intake.failAll(new ClosedError("it"));
    await turn();
    expect(stage.told).toEqual(["a: it was closed", "b: it was closed"]);
    expect(stage.intake.waitingRecords).toBe(0);
  });
});

describe("memory", () => {
  it("P21: is waited for by those with patience, in their order; the others are turned away at once", async () => {
    const small = new Stage({ bytes: 400 }).known();
    small.add("x".repeat(150));
    small.add("y".repeat(150));
    expect(small.intake.isFull).toBe(true);
    expect(small.intake.add(small.topic, { value: "z" }, undefined, undefined)).toBe(false);
    small.write();
    await turn();
    expect(small.batched.map((value) => value[0])).toEqual(["y"]);
  });

  it("is reserved for a record that `produce` has taken before its topic is known, and given back when it fails", () => {
    const small = new Stage({ bytes: 400 });
    const produced = Array.from({ length: 5 }, () =>
      small.intake.add(small.topic, { value: "x".repeat(50) }, undefined, undefined),
    );
    expect(produced).toContain(true);
    expect(produced.at(-1)).toBe(false);
    expect(small.memory.usedBytes).toBeLessThanOrEqual(400);
    small.intake.failAll(new ClosedError("it"));
    expect([small.memory.usedBytes, small.memory.records]).toEqual([0, 0]);
  });

  it("says what a record would need when none came free in time", async () => {
    const small = new Stage({ bytes: 400 }).known();
    small.add("x".repeat(150));
    small.add("y".repeat(150), { timeoutMs: 70 });
    small.nowMs = 70;
    small.intake.expire();
    await turn();
    expect(small.told).toEqual([
      expect.stringMatching(/no room for a record of \d+ bytes after 70 ms: the 400 bytes of bufferMemory/),
    ]);
  });
});

describe("flush", () => {
  it("S1: waits for records that wait, into their batches and out of them", async () => {
    stage.add("a");
    const flush = new FlushWait();
    stage.intake.addFlush(flush);
    flush.seal();
    let isOver = false;
    void flush.promise.then(() => (isOver = true));
    stage.known();
    stage.intake.pump(stage.topic);
    await turn();
    expect(isOver).toBe(false);
    stage.write();
    await flush.promise;
    expect(stage.told).toEqual(["a: written"]);
  });

  it("does not wait for one that was refused or given up", async () => {
    const giveUp = new AbortController();
    stage.add("a", { timeoutMs: 0 });
    stage.add("b", {}, giveUp.signal);
    const flush = new FlushWait();
    stage.intake.addFlush(flush);
    flush.seal();
    stage.intake.expire();
    giveUp.abort();
    await flush.promise;
    expect(stage.told).toHaveLength(1);
  });
});

function recordsIn(bytes: Uint8Array): readonly string[] {
  return [...readBatches(bytes)].flatMap((batch) => batch.records().map(({ value }) => Buffer.from(value ?? []).toString()));
}

function textOfBatch({ topic }: Stage): string {
  const [batch] = topic.partition(0).unsettled;
  return Buffer.from(batch?.packedBytes ?? []).toString("latin1");
}
