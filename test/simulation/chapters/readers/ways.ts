// The ways to read: each as users do it, for a while.

import type { ConsumerBatch, RunOptions } from "../../../../src/client/index.ts";
import type { Dice } from "../../world/dice.ts";
import { CLAIMED } from "./read-truth.ts";
import type { AnyRecord, Place, Reader } from "./reader.ts";
import type { Stretch } from "./trail.ts";

/** Resolves with what it failed with, if it did. */
export type Way = (reader: Reader, dice: Dice) => Promise<unknown>;

const IN_TIME = "whoever waits for a record waits as long as he has said";

interface PollLimits {
  readonly timeoutMs: number;
  readonly abortAfterMs?: number | undefined;
  readonly maxRecords?: number;
}

export const poll: Way = async (reader, dice) => {
  const timeoutMs = dice.pick([0, 0, 20, 300, 2000]);
  const maxRecords = dice.pick([0, 0, 1, 7, 100]);
  const abortAfterMs = dice.chance(0.05) ? dice.integer(timeoutMs + 1) : undefined;
  return (await pollOnce(reader, { timeoutMs, abortAfterMs, ...(maxRecords > 0 && { maxRecords }) })).error;
};

/** Gives how many records came. */
export async function pollOnce(reader: Reader, limits: PollLimits): Promise<{ readonly count: number; readonly error: unknown }> {
  const asked = limits.maxRecords === undefined ? {} : { maxRecords: limits.maxRecords };
  reader.comes();
  const ended = await reader.client.call("poll", asked, limits, async (consumer, options) => {
    const records = await consumer.poll({ ...options, ...asked });
    // At once: who does something else meanwhile comes after it.
    for (const record of records) {
      const place = reader.sees(record);
      place.unprocessed ??= record.offset;
    }
    return records.count;
  });
  reader.isInLoop = false;
  return { count: ended.result ?? 0, error: errorOf(ended) };
}

export const iterate: Way = async (reader, dice) => {
  const timeoutMs = dice.pick([0, 50, 500]);
  const pauseMs = dice.pick([0, 0, 0, 5]);
  const most = dice.pick([1, 5, 40, 200]);
  const iterator = reader.consumer.iterate({ timeoutMs });
  const limits = { timeoutMs: (timeoutMs + pauseMs) * most };
  const ended = await reader.client.call("iterate", { most, timeoutMs }, limits, async () => {
    for (let count = 0; count < most; count++) {
      reader.comes();
      const { done, value } = await inTime(reader, timeoutMs, () => iterator.next());
      reader.isInLoop = true;
      if (done === true) return count;
      reader.sees(value).unprocessed = value.offset;
      if (pauseMs > 0) await reader.world.wait(dice.integer(pauseMs + 1));
    }
    await iterator.return?.();
    return most;
  });
  return errorOf(ended);
};

export const batches: Way = async (reader, dice) => {
  const timeoutMs = dice.pick([0, 50, 500]);
  const most = dice.pick([1, 3, 20]);
  const commits = reader.groupId !== undefined && dice.chance(0.2);
  const iterator = reader.consumer.batches({ timeoutMs });
  const mostCommitMs = reader.options.defaultApiTimeoutMs ?? 0;
  const limits = { timeoutMs: (timeoutMs + mostCommitMs) * most };
  const ended = await reader.client.call("batches", { most, timeoutMs }, limits, async () => {
    for (let count = 0; count < most; count++) {
      reader.comes();
      const { done, value } = await inTime(reader, timeoutMs, () => iterator.next());
      reader.isInLoop = true;
      if (done === true) return count;
      const place = seesAll(reader, value);
      if (place === undefined || !commits) continue;
      place.unprocessed = undefined;
      if (place.next !== undefined) reader.processed(place, place.next);
      await value.commit();
    }
    await iterator.return?.();
    return most;
  });
  return errorOf(ended);
};

function seesAll(reader: Reader, batch: ConsumerBatch<unknown, unknown>): Place | undefined {
  let place: Place | undefined;
  for (const record of batch) place = reader.sees(record);
  if (place !== undefined) place.unprocessed = batch.firstOffset;
  return place;
}

class NotThisOne extends Error {}

export const run: Way = async (reader, dice) => {
  const { world } = reader;
  const lastsMs = dice.pick([20, 200, 1500]);
  const mostMs = dice.pick([0, 0, 1, 20]);
  const failureChance = dice.pick([0, 0, 0.02]);
  const concurrency = dice.pick([1, 1, 2, 8]);
  const kind = dice.pick(["record", "record", "batch", "key"] as const);
  const shift = new Shift(reader);
  const controller = new AbortController();
  const work = async (): Promise<void> => {
    if (mostMs > 0) await world.wait(dice.integer(mostMs + 1));
    if (dice.chance(failureChance)) throw new NotThisOne("somebody does not want it");
  };
  const options: RunOptions<unknown, unknown> =
    kind === "batch"
      ? { eachBatch: (batch) => shift.batch(batch, work) }
      : { eachRecord: (record) => (kind === "key" ? shift.byKey(record, work) : shift.record(record, work)) };
  reader.comes();
  const stop = world.clock.schedule(lastsMs, () => controller.abort());
  const said = { kind, concurrency, lastsMs, mostMs };
  reader.isRunning = true;
  const ended = await reader.client.call("run", said, { timeoutMs: lastsMs + 2 * mostMs + 100 }, async (consumer) => {
    try {
      const orderBy = kind === "key" ? "key" : "partition";
      await consumer.run({ ...options, concurrency, orderBy, signal: controller.signal });
    } catch (error) {
      if (!(error instanceof NotThisOne)) throw error;
      reader.note("run ended with a record that nobody wants");
    }
  });
  stop.cancel();
  reader.isRunning = false;
  reader.isInLoop = true;
  await shift.end();
  return errorOf(ended);
};

/** What a function has been handed by `run`. What it finishes after somebody has sought elsewhere says nothing of where reading is. */
class Shift {
  readonly #reader: Reader;
  readonly #places = new Set<Place>();
  readonly #last = new Map<Stretch, number>();
  readonly #open = new Map<Stretch, Set<number>>();

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  async record(record: AnyRecord, work: () => Promise<void>): Promise<void> {
    const place = this.#reader.sees(record);
    const { stretch } = place;
    this.#places.add(place);
    place.unprocessed = record.offset;
    await work();
    this.#finished(place, stretch, record.offset);
  }

  async batch(batch: ConsumerBatch<unknown, unknown>, work: () => Promise<void>): Promise<void> {
    const place = seesAll(this.#reader, batch);
    if (place === undefined) return;
    const { stretch } = place;
    this.#places.add(place);
    const last = (place.next ?? 0) - 1;
    await work();
    this.#finished(place, stretch, last);
  }

  /** Several keys of a partition side by side: it is done up to the first record that is not. */
  async byKey(record: AnyRecord, work: () => Promise<void>): Promise<void> {
    const before = this.#reader.placeOf(record).next ?? 0;
    const place = this.#reader.sees(record);
    const { stretch } = place;
    const { offset } = record;
    place.next = Math.max(before, offset + 1);
    stretch.isByKey = true;
    this.#places.add(place);
    place.done ??= { from: this.#reader.processedSoFar(place), offsets: new Set() };
    const open = this.#openOf(stretch);
    open.add(offset);
    place.unprocessed = Math.min(...open);
    await work();
    open.delete(offset);
    if (place.stretch !== stretch) return;
    place.done?.offsets.add(offset);
    place.unprocessed = open.size === 0 ? undefined : Math.min(...open);
  }

  /** Whoever reads next begins where it was not finished. */
  async end(): Promise<void> {
    const reader = this.#reader;
    for (const place of this.#places) {
      const { stretch } = place;
      // Of a partition that is not assigned any more.
      if (!reader.isAt(place)) continue;
      const finished = this.#last.get(stretch);
      place.unprocessed = undefined;
      const position = reader.client.isClosing ? undefined : await reader.position(place);
      if (place.stretch !== stretch || !reader.isAt(place)) continue;
      place.done = undefined;
      if (position !== undefined && finished !== undefined && position <= finished && !reader.isDisturbed(place)) {
        reader.world.violate(CLAIMED, `${stretch.place}: ${finished} is finished, and the position is ${position}`);
      }
      stretch.to = position;
      reader.goesOn(place, position);
      place.next = position;
      if (position !== undefined) reader.processed(place, position);
    }
  }

  #openOf(stretch: Stretch): Set<number> {
    let open = this.#open.get(stretch);
    if (open === undefined) {
      open = new Set();
      this.#open.set(stretch, open);
    }
    return open;
  }

  #finished(place: Place, stretch: Stretch, offset: number): void {
    if (place.stretch !== stretch) return;
    place.unprocessed = undefined;
    this.#last.set(stretch, offset);
    this.#reader.processed(place, offset + 1);
  }
}

async function inTime<T>({ world, client }: Reader, timeoutMs: number, next: () => Promise<T>): Promise<T> {
  const dueMs = world.clock.monotonic() + timeoutMs;
  const result = await next();
  if (world.clock.monotonic() > world.excused(dueMs)) {
    world.violate(IN_TIME, `${client.clientId} had said ${timeoutMs} ms, until ${dueMs}`);
  }
  return result;
}

function errorOf({ outcome }: { readonly outcome: { readonly kind: string; readonly error?: unknown } }): unknown {
  return outcome.kind === "error" ? outcome.error : undefined;
}
