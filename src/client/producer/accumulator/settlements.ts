/** What becomes of batches, and who is told of it when. */
import type { BufferMemory } from "./buffer-memory.ts";
import { Fifo } from "./fifo.ts";
import type { FlushWait } from "./flush-wait.ts";
import type { PartitionQueue } from "./partition-queue.ts";
import type { BatchOutcome, ProducerBatch } from "./producer-batch.ts";
import type { OnThrown } from "./recipient.ts";

/**
 * Outcomes are told in the order of a partition's batches, whatever order they come in (P23), from the microtask queue: never inside the
 * call that caused them, and never one inside the other, however often a callback sends again.
 */
export class Settlements {
  readonly #memory: BufferMemory;
  readonly #onThrown: OnThrown;
  /** Partitions with batches that are not settled, or not told of. */
  readonly #watched = new Set<PartitionQueue>();
  readonly #toTell: Fifo<ProducerBatch> = new Fifo();
  #isTelling = false;

  constructor(memory: BufferMemory, onThrown: OnThrown) {
    this.#memory = memory;
    this.#onThrown = onThrown;
  }

  get partitions(): ReadonlySet<PartitionQueue> {
    return this.#watched;
  }

  get isIdle(): boolean {
    return this.#watched.size === 0 && this.#toTell.length === 0;
  }

  watch(partition: PartitionQueue): void {
    this.#watched.add(partition);
  }

  /** Decides, for good. Its memory is free as soon as no answer is awaited for it. */
  settle(partition: PartitionQueue, batch: ProducerBatch, outcome: BatchOutcome): void {
    if (batch.outcome !== undefined) return;
    batch.outcome = outcome;
    if (!partition.inFlight.includes(batch)) this.free(batch);
    for (const settled of partition.takeSettled()) this.#toTell.push(settled);
    if (partition.unsettled.length === 0) this.#watched.delete(partition);
    this.#tellSoon();
  }

  /** Its parts go on in its place: they have its memory, and those who wait for it. */
  replaced(whole: ProducerBatch): void {
    whole.discard();
    whole.endFlushes();
  }

  /** Gives its memory back, once. */
  free(batch: ProducerBatch): void {
    batch.discard();
    const { heldBytes } = batch;
    if (heldBytes === 0) return;
    batch.heldBytes = 0;
    this.#memory.give(heldBytes, batch.recordCount);
  }

  /** Waits for everything that has not been told of. */
  addFlush(flush: FlushWait): void {
    for (const partition of this.#watched) for (const batch of partition.unsettled) batch.addFlush(flush);
    for (const batch of this.#toTell) batch.addFlush(flush);
  }

  #tellSoon(): void {
    if (this.#isTelling || this.#toTell.length === 0) return;
    this.#isTelling = true;
    queueMicrotask(() => this.#tellAll());
  }

  #tellAll(): void {
    for (let next = this.#toTell.shift(); next !== undefined; next = this.#toTell.shift()) next.tell(this.#onThrown);
    this.#isTelling = false;
  }
}
