/** From the buffer to whoever reads: in the order of each partition's log, position by position. */
import type { AssignedPartition } from "../assignment/assigned-partition.ts";
import type { FetchedBatch } from "../records/fetched-batch.ts";
import { type Backlog, type FetchBuffer, OpenedLater } from "./fetch-buffer.ts";
import { Taken } from "./taken.ts";
import type { HandedBatch } from "./taken-batch.ts";
import type { AnyRecord } from "./typed.ts";

export interface ReaderInit {
  readonly buffer: FetchBuffer;
  /** What comes next of it cannot be read, which is about to be told. Its position is at it. */
  readonly onUnreadable: (backlog: Backlog, error: unknown) => void;
  /** Records of it are about to be handed out. */
  readonly onOpened: (batch: FetchedBatch) => void;
}

export class Reader {
  readonly #init: ReaderInit;
  /** What the last poll handed out, and is not known to be processed. */
  readonly #polled = new Set<AssignedPartition>();
  /** The same for a loop, which has one record or batch at a time. */
  #holder: AssignedPartition | undefined;

  constructor(init: ReaderInit) {
    this.#init = init;
  }

  get isInLoop(): boolean {
    return this.#holder !== undefined;
  }

  /** Who comes for more has done with what he got. */
  processed(): void {
    if (this.#holder !== undefined) {
      this.#holder.unprocessedFrom = undefined;
      this.#holder = undefined;
    }
    if (this.#polled.size > 0) this.processedPolled();
  }

  /** Who polls has done with it when he polls again, or closes the consumer. */
  processedPolled(): void {
    for (const partition of this.#polled) partition.unprocessedFrom = undefined;
    this.#polled.clear();
  }

  /**
   * At most so many records of those that are there; none if there are none. A promise where a codec or a deserializer takes its time.
   *
   * @throws what is wrong with the first of them
   */
  take(most: number): Taken | Promise<Taken> {
    const taken = new Taken();
    const rest = this.#takeInto(taken, most);
    return rest === undefined ? taken : rest.then(() => taken);
  }

  /** What was taken goes to whoever polls. */
  handOut(taken: Taken): void {
    taken.deliver();
    for (const { partition } of taken.runs) this.#polled.add(partition);
  }

  /** What was taken, records of one partition, goes to a loop, or is held for a function. */
  handOutToLoop(taken: Taken, isToBeHeld = false): void {
    taken.deliver();
    // Of others there may have been something that nobody sees.
    this.#handedTo(taken.runs.find(({ start, end }) => start < end)?.partition, isToBeHeld);
  }

  /**
   * The next record, handed out already; undefined if there is none now. Where that takes time, a promise of what was taken instead, which
   * is not handed out.
   */
  next(): AnyRecord | undefined | Promise<Taken> {
    for (;;) {
      const backlog = this.#ready(true);
      if (backlog === undefined) return undefined;
      if (backlog instanceof Promise) return backlog.then(() => new Taken());
      const { batch } = backlog;
      if (batch === undefined) return undefined;
      const record = this.#nextOf(backlog, batch);
      if (record instanceof Promise) return this.#told(backlog, record).then((made) => this.#takenOne(backlog, batch, made));
      if (record !== undefined) return this.#holding(record, batch);
      this.#over(backlog, batch);
    }
  }

  /** The next batch as it is, not handed out; undefined if there is none now. A promise when one is being opened. */
  nextBatch(): FetchedBatch | undefined | Promise<undefined> {
    for (;;) {
      const backlog = this.#ready(true);
      if (backlog instanceof Promise) return backlog.then(() => undefined);
      const batch = backlog?.batch;
      if (backlog === undefined || batch === undefined) return undefined;
      if (!batch.isDone) return batch;
      this.#over(backlog, batch);
    }
  }

  /** All records of the batch that is being read, as `take` does. */
  takeBatch(batch: FetchedBatch): Taken | Promise<Taken> {
    const taken = new Taken();
    const backlog = this.#init.buffer.head();
    if (backlog === undefined || backlog.batch !== batch) return taken;
    const waiting = this.#orTell(backlog, () => this.#takeFrom(backlog, batch, taken, Number.POSITIVE_INFINITY));
    return waiting === undefined ? taken : this.#told(backlog, waiting).then(() => taken);
  }

  /**
   * All that is left of the batch that is being read is handed out as it is, to a loop, or held for a function. Undefined: nobody wants it
   * any more.
   */
  handOutBatch(batch: FetchedBatch, isToBeHeld = false): HandedBatch | undefined {
    const { partition, course, nextOffset, leaderEpoch } = batch;
    const backlog = this.#init.buffer.head();
    if (course !== partition.course || backlog?.batch !== batch) return undefined;
    const records = this.#orTell(backlog, () => batch.rest());
    backlog.batch = undefined;
    partition.unprocessedFrom ??= records.firstOffset;
    partition.advance(nextOffset, leaderEpoch);
    this.#handedTo(partition, isToBeHeld);
    return { partition, course, nextOffset, leaderEpoch, records };
  }

  /**
   * A loop has processed it when it comes for more; who has it held says himself when. The mark is set while the position moves, not when
   * the function is called: whoever commits in between would take what it has not seen for processed.
   */
  #handedTo(partition: AssignedPartition | undefined, isToBeHeld: boolean): void {
    this.#holder = isToBeHeld ? undefined : partition;
    if (isToBeHeld && partition !== undefined) partition.isHeld = true;
  }

  #takeInto(taken: Taken, most: number): Promise<void> | undefined {
    while (taken.records.length < most) {
      const isFirst = taken.records.length === 0;
      const backlog = this.#ready(isFirst, taken);
      if (backlog instanceof Promise) {
        // What is there already does not wait for a codec.
        return isFirst ? backlog.then(() => this.#takeInto(taken, most)) : undefined;
      }
      const batch = backlog?.batch;
      if (backlog === undefined || batch === undefined) return undefined;
      let waiting: Promise<void> | undefined;
      try {
        waiting = this.#takeFrom(backlog, batch, taken, most);
      } catch (error) {
        // Those before it come first; then it is thrown again.
        if (!isFirst) return undefined;
        this.#init.onUnreadable(backlog, error);
        throw error;
      }
      if (waiting === undefined) continue;
      return isFirst ? this.#told(backlog, waiting).then(() => this.#takeInto(taken, most)) : waiting.catch(() => undefined);
    }
    return undefined;
  }

  /**
   * The backlog whose turn it is, its batch opened. Where a codec takes its time others go first; a promise when it is all of them.
   * Undefined when there is nothing, or nothing but an error that is not to be told yet.
   *
   * @throws what is wrong with the next batch of the one whose turn it is
   */
  #ready(mayTell: boolean, taken?: Taken): Backlog | undefined | Promise<void> {
    const { buffer } = this.#init;
    let pending: Promise<void>[] | undefined;
    for (;;) {
      const backlog = buffer.head();
      if (backlog === undefined || backlog.batch !== undefined) return backlog;
      let opening: Promise<void> | undefined;
      try {
        opening = this.#open(backlog, taken);
      } catch (error) {
        if (!mayTell) return undefined;
        this.#init.onUnreadable(backlog, error);
        throw error;
      }
      if (opening === undefined) continue;
      pending ??= [];
      if (pending.includes(opening)) return Promise.race(pending);
      pending.push(opening);
      buffer.yieldTurn(backlog);
    }
  }

  #takeFrom(backlog: Backlog, batch: FetchedBatch, taken: Taken, most: number): Promise<void> | undefined {
    const start = taken.records.length;
    const count = batch.take(taken.records, most - start);
    if (count instanceof Promise) return count.then(() => this.#note(backlog, batch, taken, start));
    this.#note(backlog, batch, taken, start);
    return undefined;
  }

  #note(backlog: Backlog, batch: FetchedBatch, taken: Taken, start: number): void {
    const { partition } = backlog;
    const { records } = taken;
    // It was sought, or taken away, while its records were made.
    if (batch.course !== partition.course) records.length = start;
    const last = records.at(-1);
    if (last !== undefined && records.length > start) {
      taken.note(partition, start, batch.isDone ? batch.nextOffset : last.offset + 1, batch.leaderEpoch);
    }
    if (batch.isDone && backlog.batch === batch) backlog.batch = undefined;
  }

  /**
   * Sees to the next batch of a backlog. A promise when that takes time: then it is to be asked again.
   *
   * @throws what is wrong with it; what shows later is thrown by the next call
   */
  #open(backlog: Backlog, taken?: Taken): Promise<void> | undefined {
    if (backlog.opening !== undefined) return backlog.opening;
    const [part] = backlog.parts;
    if (part === undefined) {
      this.#init.buffer.finishPart(backlog);
      return undefined;
    }
    const next = backlog.opened ?? part.next();
    if (next instanceof Promise) return this.#openLater(backlog, next);
    const batch = next instanceof OpenedLater ? next.batch : next;
    backlog.opened = undefined;
    if (batch === undefined) this.#finishPart(backlog, part.nextOffset, part.nextEpoch, taken);
    else {
      backlog.batch = batch;
      this.#init.onOpened(batch);
    }
    return undefined;
  }

  /** What comes of it only waits here: positions move when somebody reads, behind what he has taken before. */
  #openLater(backlog: Backlog, next: Promise<FetchedBatch | undefined>): Promise<void> {
    const opening = next.then(
      (batch) => {
        backlog.opened = new OpenedLater(batch);
        backlog.opening = undefined;
      },
      // Asked again, the part throws it.
      () => {
        backlog.opening = undefined;
      },
    );
    backlog.opening = opening;
    return opening;
  }

  /** Also over what is not handed out: control records, aborted ones, gaps. */
  #finishPart(backlog: Backlog, nextOffset: number, epoch: number, taken: Taken | undefined): void {
    const { partition } = backlog;
    if (taken !== undefined) taken.note(partition, taken.records.length, nextOffset, epoch);
    else if (partition.offset < nextOffset) partition.advance(nextOffset, epoch);
    this.#init.buffer.finishPart(backlog);
  }

  #over(backlog: Backlog, batch: FetchedBatch): void {
    backlog.partition.advance(batch.nextOffset, batch.leaderEpoch);
    backlog.batch = undefined;
  }

  #orTell<T>(backlog: Backlog, read: () => T): T {
    try {
      return read();
    } catch (error) {
      this.#init.onUnreadable(backlog, error);
      throw error;
    }
  }

  async #told<T>(backlog: Backlog, reading: Promise<T>): Promise<T> {
    try {
      return await reading;
    } catch (error) {
      this.#init.onUnreadable(backlog, error);
      throw error;
    }
  }

  /** Not in a closure: this is once per record. */
  #nextOf(backlog: Backlog, batch: FetchedBatch): AnyRecord | undefined | Promise<AnyRecord | undefined> {
    try {
      return batch.nextRecord();
    } catch (error) {
      this.#init.onUnreadable(backlog, error);
      throw error;
    }
  }

  #takenOne(backlog: Backlog, batch: FetchedBatch, record: AnyRecord | undefined): Taken {
    const taken = new Taken();
    if (record !== undefined) taken.records.push(record);
    this.#note(backlog, batch, taken, 0);
    return taken;
  }

  #holding(record: AnyRecord, batch: FetchedBatch): AnyRecord {
    const { partition } = batch;
    const { offset } = record;
    partition.unprocessedFrom = offset;
    partition.advance(offset + 1, batch.leaderEpoch);
    this.#holder = partition;
    return record;
  }
}
