import { beforeEach, describe, expect, it } from "vitest";
import { RecordBatchBuilder } from "../../../protocol/index.ts";
import { ClosedError } from "../../errors.ts";
import { BufferMemory } from "./buffer-memory.ts";
import { BufferPool } from "./buffer-pool.ts";
import { FlushWait } from "./flush-wait.ts";
import { PartitionQueue } from "./partition-queue.ts";
import { ProducerBatch } from "./producer-batch.ts";
import { Settlements } from "./settlements.ts";

const pool = new BufferPool({ totalBytes: 0, idleBytes: 0 });
const written = (baseOffset: number) => ({ kind: "delivered", baseOffset, logAppendTimeMs: -1 }) as const;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

let memory: BufferMemory;
let told: string[];
let thrown: unknown[];
let settlements: Settlements;

beforeEach(() => {
  memory = new BufferMemory(1000, 1000, () => undefined);
  told = [];
  thrown = [];
  settlements = new Settlements(memory, (error) => thrown.push(error));
});

function batch(queue: PartitionQueue, name: string, onTold = (): void => undefined): ProducerBatch {
  const builder = new RecordBatchBuilder({ maxBytes: 1000 });
  const made = new ProducerBatch({ topic: "orders", partition: 0, builder, pool, createdAtMs: 0, dueMs: 1000 });
  made.tryAppend(5, null, name, []);
  const hears = (error: Error | null): void => {
    told.push(error === null ? name : `${name} failed`);
    onTold();
  };
  made.recipients.add(hears, 0, 5, -1, 1);
  made.heldBytes = 100;
  memory.take(100);
  queue.add(made);
  settlements.watch(queue);
  return made;
}

describe("settlements", () => {
  it("P23: tell in the order of the partition, from the microtask queue", async () => {
    const queue = new PartitionQueue("orders", 0);
    const [a, b, c] = [batch(queue, "a"), batch(queue, "b"), batch(queue, "c")];
    settlements.settle(queue, c, written(2));
    settlements.settle(queue, a, { kind: "failed", errorOf: () => new ClosedError("it") });
    expect(told).toEqual([]);
    await turn();
    expect(told).toEqual(["a failed"]);
    settlements.settle(queue, b, written(1));
    await turn();
    expect(told).toEqual(["a failed", "b", "c"]);
    expect([settlements.isIdle, settlements.partitions.size]).toEqual([true, 0]);
  });

  it("decide once: what comes later is not told", async () => {
    const queue = new PartitionQueue("orders", 0);
    const a = batch(queue, "a");
    settlements.settle(queue, a, { kind: "failed", errorOf: () => new ClosedError("it") });
    settlements.settle(queue, a, written(0));
    await turn();
    expect(told).toEqual(["a failed"]);
    expect([memory.usedBytes, memory.records]).toEqual([0, 0]);
  });

  it("R1: give memory back when a batch is settled; when it is in flight, not before that is over; and once", () => {
    const queue = new PartitionQueue("orders", 0);
    const [a, b] = [batch(queue, "a"), batch(queue, "b")];
    queue.take(a);
    queue.inFlight.push(a);
    settlements.settle(queue, a, { kind: "failed", errorOf: () => new ClosedError("it") });
    expect(memory.usedBytes).toBe(200);
    settlements.settle(queue, b, written(0));
    expect(memory.usedBytes).toBe(100);
    queue.take(a);
    settlements.free(a);
    settlements.free(a);
    settlements.free(b);
    expect([memory.usedBytes, memory.records]).toEqual([0, 0]);
  });

  it("let a callback settle others: they are told afterwards, not inside it", async () => {
    const queue = new PartitionQueue("orders", 0);
    const events: string[] = [];
    const a = batch(queue, "a", () => {
      events.push("in a");
      settlements.settle(queue, b, written(1));
      events.push("out of a");
    });
    const b = batch(queue, "b", () => events.push("in b"));
    settlements.settle(queue, a, written(0));
    await turn();
    expect(events).toEqual(["in a", "out of a", "in b"]);
  });

  it("go on behind a callback that throws, and pass on what it threw", async () => {
    const queue = new PartitionQueue("orders", 0);
    const a = batch(queue, "a", () => {
      throw new Error("the callback's own");
    });
    const b = batch(queue, "b");
    settlements.settle(queue, a, written(0));
    settlements.settle(queue, b, written(1));
    await turn();
    expect(told).toEqual(["a", "b"]);
    expect(thrown.map(String)).toEqual(["Error: the callback's own"]);
  });

  it("S1: a flush waits for what is not settled, and for what is not told of yet; not for what comes later", async () => {
    const queue = new PartitionQueue("orders", 0);
    const [a, b] = [batch(queue, "a"), batch(queue, "b")];
    settlements.settle(queue, a, written(0));
    const flush = new FlushWait();
    settlements.addFlush(flush);
    flush.seal();
    batch(queue, "later");
    let isOver = false;
    void flush.promise.then(() => (isOver = true));
    await turn();
    expect(isOver).toBe(false);
    settlements.settle(queue, b, written(1));
    await flush.promise;
    expect(told).toEqual(["a", "b"]);
  });
});
