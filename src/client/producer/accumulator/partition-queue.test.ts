import { describe, expect, it } from "vitest";
import { RecordBatchBuilder } from "../../../protocol/index.ts";
import { BufferPool } from "./buffer-pool.ts";
import { PartitionQueue } from "./partition-queue.ts";
import { ProducerBatch } from "./producer-batch.ts";

const pool = new BufferPool({ totalBytes: 0, idleBytes: 0 });

function batch(): ProducerBatch {
  const builder = new RecordBatchBuilder({ maxBytes: 1000 });
  return new ProducerBatch({ topic: "orders", partition: 0, builder, pool, createdAtMs: 0, dueMs: 1000 });
}

const delivered = { kind: "delivered", baseOffset: 0, logAppendTimeMs: -1 } as const;

function queueOf(...batches: readonly ProducerBatch[]): PartitionQueue {
  const queue = new PartitionQueue("orders", 0);
  for (const one of batches) queue.add(one);
  return queue;
}

/** On its way. */
function send(queue: PartitionQueue, ...batches: readonly ProducerBatch[]): void {
  for (const one of batches) {
    queue.take(one);
    queue.inFlight.push(one);
  }
}

describe("the batches of a partition", () => {
  it("only the last of them takes records", () => {
    const [a, b] = [batch(), batch()];
    const queue = queueOf(a, b);
    expect(queue.open).toBe(b);
    b.close();
    expect(queue.open).toBeUndefined();
  });

  it("P12: come back to their places, in whatever order they fail", () => {
    const [a, b, c, d, e] = [batch(), batch(), batch(), batch(), batch()];
    const queue = queueOf(a, b, c, d, e);
    send(queue, a, b, c, d);
    for (const one of [c, a, d, b]) queue.putBack(one);
    expect(queue.waiting).toEqual([a, b, c, d, e]);
    expect(queue.inFlight).toEqual([]);
  });

  it("P18: parts stand where the whole stood", () => {
    const [a, b, c] = [batch(), batch(), batch()];
    const queue = queueOf(a, b, c);
    send(queue, a, b);
    const parts = [batch(), batch()];
    queue.replace(a, parts);
    queue.putBack(b);
    expect(queue.waiting).toEqual([...parts, b, c]);
    expect(queue.unsettled).toEqual([...parts, b, c]);
  });

  it("P23: are told of in their order: one that is settled early waits for those before it", () => {
    const [a, b, c] = [batch(), batch(), batch()];
    const queue = queueOf(a, b, c);
    b.outcome = delivered;
    expect(queue.takeSettled()).toEqual([]);
    a.outcome = delivered;
    expect(queue.takeSettled()).toEqual([a, b]);
    expect(queue.unsettled).toEqual([c]);
    expect(queue.takeSettled()).toEqual([]);
  });

  it("P8: know whether an earlier one that has a sequence is still open", () => {
    const [a, b, c] = [batch(), batch(), batch()];
    const queue = queueOf(a, b, c);
    send(queue, a, b);
    expect(queue.hasStampedBefore(b)).toBe(false);
    a.stamp = { producerId: 1n, producerEpoch: 0, baseSequence: 0 };
    expect([queue.hasStampedBefore(a), queue.hasStampedBefore(b)]).toEqual([false, true]);
  });

  it("P17: know of one that was told of already, and that a broker may still write", () => {
    const [a, b] = [batch(), batch()];
    const queue = queueOf(a, b);
    a.stamp = { producerId: 1n, producerEpoch: 0, baseSequence: 0 };
    send(queue, a, b);
    a.outcome = delivered;
    queue.takeSettled();
    expect(queue.hasStampedBefore(b)).toBe(true);
    queue.take(a);
    expect(queue.hasStampedBefore(b)).toBe(false);
  });
});
