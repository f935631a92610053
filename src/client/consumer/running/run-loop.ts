import { onAbort } from "../../async/abort-listeners.ts";
import type { Deadline } from "../../async/deadline.ts";
import type { AssignedPartition } from "../assignment/assigned-partition.ts";
import type { CommitBatch } from "../reading/consumer-batch.ts";
import { ConsumerBatch } from "../reading/consumer-batch.ts";
import type { FetchBuffer } from "../reading/fetch-buffer.ts";
import type { ReadCalls } from "../reading/read-calls.ts";
import type { HandedBatch } from "../reading/taken-batch.ts";
import type { TurnWatch } from "../reading/turn-watch.ts";
import type { AnyRecord } from "../reading/typed.ts";
import { laneOf } from "./key-lanes.ts";
import { Permits } from "./permits.ts";

export interface RunLoopInit {
  readonly calls: ReadCalls;
  readonly buffer: FetchBuffer;
  readonly turns: TurnWatch;
  readonly eachRecord: ((record: AnyRecord) => unknown) | undefined;
  readonly eachBatch: ((batch: ConsumerBatch<unknown, unknown>) => unknown) | undefined;
  readonly concurrency: number;
  readonly orderBy: "partition" | "key";
  readonly signal: AbortSignal | undefined;
  /** Without end, but with this signal. */
  readonly deadline: (signal: AbortSignal) => Deadline;
  readonly commit: CommitBatch;
}

/** Hands what is read to a function: several partitions at a time, one batch of each. What is processed it notes on the partition. */
export class RunLoop {
  readonly #init: RunLoopInit;
  readonly #permits: Permits;
  readonly #underWay = new Map<AssignedPartition, Promise<void>>();
  readonly #stop = new AbortController();
  #failure: { readonly error: unknown } | undefined;

  constructor(init: RunLoopInit) {
    this.#init = init;
    this.#permits = new Permits(init.concurrency);
  }

  /** Resolves when it was told to stop, or the consumer is closed. @throws what the function has thrown first */
  async run(): Promise<void> {
    const { signal } = this.#init;
    if (signal?.aborted === true) return;
    const stopListening = signal && onAbort(signal, () => this.#stop.abort());
    try {
      await this.#read();
    } catch (error) {
      // What the reader says is the caller's affair, unless it only says that this is over.
      if (!this.#isStopped) this.#failure ??= { error };
    } finally {
      stopListening?.();
      await Promise.all(this.#underWay.values());
    }
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Resolves when the function is at work on none of these. */
  async finished(partitions: readonly AssignedPartition[]): Promise<void> {
    await Promise.all(partitions.flatMap((partition) => this.#underWay.get(partition) ?? []));
  }

  get #isStopped(): boolean {
    return this.#stop.signal.aborted || this.#init.calls.isClosed;
  }

  async #read(): Promise<void> {
    const { calls } = this.#init;
    const deadline = this.#init.deadline(this.#stop.signal);
    while (!this.#isStopped) {
      const waiting = this.#permits.take();
      if (waiting !== undefined) await waiting;
      if (this.#isStopped) return;
      const batch = await calls.nextBatch(deadline, true);
      if (batch === undefined) return;
      const work = this.#work(batch);
      if (work === undefined) continue;
      const { partition } = batch;
      this.#underWay.set(partition, work);
      void work.finally(() => this.#isOver(partition, work));
    }
  }

  /** It may be held again already. */
  #isOver(partition: AssignedPartition, work: Promise<void>): void {
    if (this.#underWay.get(partition) === work) this.#underWay.delete(partition);
  }

  /**
   * Of a batch whose partition is held, which ends here, whatever comes. Never rejects. Undefined when it is done already: a function that
   * returns no promise costs nothing more than its call.
   */
  #work(batch: HandedBatch): Promise<void> | undefined {
    let working: Promise<void> | undefined;
    try {
      working = this.#process(batch);
    } catch (error) {
      this.#failed(error);
    }
    if (working === undefined) {
      this.#done(batch);
      return undefined;
    }
    return working.catch((error: unknown) => this.#failed(error)).then(() => this.#done(batch));
  }

  #process(batch: HandedBatch): Promise<void> | undefined {
    const { turns } = this.#init;
    // G12: between this and its being handed out another function may have been at work.
    if (turns.isLong(1) && turns.held !== undefined) return this.#rest().then(() => this.#begin(batch));
    return this.#begin(batch);
  }

  #begin(batch: HandedBatch): Promise<void> | undefined {
    const { eachBatch, eachRecord, orderBy, concurrency, commit } = this.#init;
    // Since it was handed out it was sought, or taken away, or everything is to end.
    if (batch.course !== batch.partition.course || this.#isStopped) return undefined;
    if (eachRecord === undefined) {
      const given = eachBatch?.(new ConsumerBatch(batch, commit));
      if (isThenable(given)) return this.#afterBatch(given, batch);
      batch.partition.unprocessedFrom = undefined;
      return undefined;
    }
    if (orderBy === "key" && concurrency > 1) return this.#byKey(batch, eachRecord);
    return this.#inOrder(batch.records[Symbol.iterator](), batch, eachRecord);
  }

  async #afterBatch(given: PromiseLike<unknown>, { partition, course }: HandedBatch): Promise<void> {
    await given;
    if (course === partition.course) partition.unprocessedFrom = undefined;
  }

  /** Without a promise as long as the function returns none and the event loop is not kept waiting. */
  #inOrder(records: Iterator<AnyRecord>, batch: HandedBatch, each: (record: AnyRecord) => unknown): Promise<void> | undefined {
    const { partition, course } = batch;
    const { turns } = this.#init;
    for (let next = records.next(); next.done !== true; next = records.next()) {
      const { value } = next;
      // It was sought, or taken away, by the function itself perhaps.
      if (course !== partition.course) return undefined;
      partition.unprocessedFrom = value.offset;
      if (this.#isStopped || partition.isLeaving) return undefined;
      const given = each(value);
      if (isThenable(given)) return this.#afterRecord(given, records, batch, each);
      if (turns.isLong(1)) return this.#rest().then(() => this.#inOrder(records, batch, each));
    }
    if (course === partition.course) partition.unprocessedFrom = undefined;
    return undefined;
  }

  async #afterRecord(
    given: PromiseLike<unknown>,
    records: Iterator<AnyRecord>,
    batch: HandedBatch,
    each: (record: AnyRecord) => unknown,
  ): Promise<void> {
    await given;
    // G12: also a function that waits may have blocked the event loop.
    if (this.#init.turns.isLong(1)) await this.#rest();
    if (batch.course === batch.partition.course) await this.#inOrder(records, batch, each);
  }

  /** As many lanes as there may be calls; a key has always the same. The partition is processed up to the first record that is not. */
  async #byKey(batch: HandedBatch, each: (record: AnyRecord) => unknown): Promise<void> {
    const { partition, course } = batch;
    const lanes: number[][] = Array.from({ length: this.#init.concurrency }, () => []);
    const records = [...batch.records];
    for (const [index, { rawKey }] of records.entries()) lanes[laneOf(rawKey, index, lanes.length)]?.push(index);
    const isDone = new Uint8Array(records.length);
    let first = 0;
    const oneDone = (index: number): void => {
      isDone[index] = 1;
      while (isDone[first] === 1) first++;
      if (course === partition.course) partition.unprocessedFrom = records[first]?.offset;
    };
    const runLane = async (lane: readonly number[], hasPermit: boolean): Promise<void> => {
      if (!hasPermit) await this.#permits.take();
      try {
        for (const index of lane) {
          // G12: whoever was at work meanwhile, here or in another lane.
          if (this.#init.turns.isLong(1)) await this.#rest();
          const record = records[index];
          if (record === undefined || this.#isStopped || partition.isLeaving || course !== partition.course) return;
          const given = each(record);
          if (isThenable(given)) await given;
          oneDone(index);
        }
      } catch (error) {
        this.#failed(error);
      } finally {
        if (!hasPermit) this.#permits.giveBack();
      }
    };
    // The batch has one permit already, which its first lane uses.
    await Promise.all(lanes.filter(({ length }) => length > 0).map((lane, at) => runLane(lane, at === 0)));
  }

  /** Others have a turn. While nobody knows whether what was read is its own still, nothing more of it goes to a function, unless it is over. */
  async #rest(): Promise<void> {
    const { turns, deadline } = this.#init;
    await turns.next();
    const { held } = turns;
    if (held === undefined || this.#isStopped) return;
    const stopped = deadline(this.#stop.signal);
    await stopped.race(held, () => new Error("it has no end")).catch(() => undefined);
  }

  #failed(error: unknown): void {
    this.#failure ??= { error };
    this.#stop.abort();
  }

  /** What was not processed of it is read again, by whoever reads next. */
  #done({ partition }: HandedBatch): void {
    partition.isHeld = false;
    const isCutShort = this.#isStopped || partition.isLeaving;
    if (partition.isAssigned && partition.unprocessedFrom !== undefined && isCutShort) {
      partition.moveTo(partition.unprocessedFrom, partition.epoch);
    }
    this.#init.buffer.resume(partition);
    this.#permits.giveBack();
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
