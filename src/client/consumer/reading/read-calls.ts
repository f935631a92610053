import type { KafkaError } from "../../../protocol/index.ts";
import type { Clock } from "../../async/clock.ts";
import type { Deadline } from "../../async/deadline.ts";
import { IllegalStateError, WakeupError } from "../../errors.ts";
import type { AssignedPartition } from "../assignment/assigned-partition.ts";
import type { ConsumerMetrics } from "../metrics/consumer-metrics.ts";
import type { Reader } from "./reader.ts";
import { Taken } from "./taken.ts";
import { type HandedBatch, TakenRecords } from "./taken-batch.ts";
import type { TurnWatch } from "./turn-watch.ts";
import type { AnyRecord } from "./typed.ts";

export interface ReadCallsInit {
  readonly reader: Reader;
  readonly clock: Clock;
  readonly turns: TurnWatch;
  /** Somebody comes to read. */
  readonly onCome: () => void;
  /**
   * What has to be done, and awaited, before anything is read: callbacks of the user. Undefined if nothing has. What is not done at the
   * deadline says that it still needs care.
   */
  readonly prepare: (deadline: Deadline) => Promise<void> | undefined;
  /** Whether records are made by the user's deserializers. */
  readonly hasDeserializers: boolean;
  /** Is told of every call that looks for records, and when it has to wait. */
  readonly metrics?: Pick<ConsumerMetrics, "polled" | "waitBegan" | "waitEnded"> | undefined;
}

/** What stands between the reader and the buffer: it is told once, by the next call. */
interface Problem {
  readonly error: KafkaError;
  /** Whose; all that share it are free again when it is told. */
  readonly partitions: Set<AssignedPartition>;
}

/** Not an error: the time is over. */
const OUT_OF_TIME = new Error("nothing to read yet");

/** The calls that read: they take what is there, or wait for it; one at a time. */
export class ReadCalls {
  readonly #init: ReadCallsInit;
  readonly #problems = new Map<KafkaError, Problem>();
  /** Something has to be seen to before the next record. */
  #isCareNeeded = true;
  #isWoken = false;
  #closed: Error | undefined;
  #isBusy = false;
  #wake: (() => void) | undefined;
  /** What somebody waited for in vain: the next one who asks gets it. */
  #unfinished: Promise<Taken> | undefined;

  constructor(init: ReadCallsInit) {
    this.#init = init;
  }

  /** Something changed that a waiting call may want to know. */
  readable(): void {
    this.#wake?.();
  }

  /** Before the next record is read, `prepare` is to be asked. */
  needCare(): void {
    this.#isCareNeeded = true;
    this.#wake?.();
  }

  /** The next call that reads throws it, once. */
  raise(error: KafkaError, partition?: AssignedPartition): void {
    const problem = this.#problems.get(error) ?? { error, partitions: new Set() };
    if (partition !== undefined) {
      partition.problem = error;
      problem.partitions.add(partition);
    }
    this.#problems.set(error, problem);
    this.needCare();
  }

  wakeup(): void {
    this.#isWoken = true;
    this.needCare();
  }

  close(reason: Error): void {
    this.#closed ??= reason;
    this.needCare();
  }

  /** Somebody reads, or waits for something to read. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Somebody has a record of a loop in hand: he may come for the next without a call that waits. */
  get isInLoop(): boolean {
    return this.#init.reader.isInLoop;
  }

  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  /** At most so many records; none when the time is over first. */
  async take(most: number, deadline: Deadline): Promise<Taken> {
    const taken = await this.#until(deadline, () => this.#takeNow(most, deadline), most);
    return taken ?? new Taken();
  }

  /** The next record if it is there, and nothing else is to be done first. */
  nextNow(): AnyRecord | undefined {
    if (this.#isCareNeeded || this.#isBusy || this.#unfinished !== undefined) return undefined;
    const { reader, turns } = this.#init;
    if (turns.isLong(1)) {
      this.#isCareNeeded = true;
      return undefined;
    }
    // G12: it may have been away for so long that nothing of it is left.
    if (this.#isHeldUp()) return undefined;
    reader.processed();
    const found = reader.next();
    if (!(found instanceof Promise)) return found;
    this.#unfinished = found;
    found.catch(() => undefined); // It is awaited, and heard, in the next step.
    return undefined;
  }

  #isHeldUp(): boolean {
    return this.#isCareNeeded;
  }

  /** G12: while somebody waited the event loop may have stood still, which nobody may have noticed yet. */
  #isHeldUpNow(): boolean {
    this.#init.onCome();
    return this.#isCareNeeded;
  }

  /** Undefined when the time is over. */
  async next(deadline: Deadline): Promise<AnyRecord | undefined> {
    return this.#until(deadline, () => this.#nextStep(deadline), 1);
  }

  /**
   * Undefined when the time is over.
   *
   * @param isToBeHeld its partition is held from the moment in which its position moves; whoever gets it ends that, and says himself what
   *   is processed
   */
  async nextBatch(deadline: Deadline, isToBeHeld = false): Promise<HandedBatch | undefined> {
    return this.#until(deadline, () => this.#batchStep(deadline, isToBeHeld), 100);
  }

  /** Repeats `step` until it gives something, or the time is over. */
  async #until<T>(deadline: Deadline, step: () => T | undefined | Promise<T | undefined>, records: number): Promise<T | undefined> {
    if (this.#isBusy) throw new IllegalStateError("another call is reading already; one at a time");
    this.#init.onCome();
    this.#isBusy = true;
    this.#init.metrics?.polled();
    try {
      this.#init.reader.processed();
      if (this.#init.turns.isLong(records)) await this.#init.turns.next();
      for (;;) {
        deadline.throwIfAborted();
        while (this.#isCareNeeded) {
          await this.#care(deadline);
          if (this.#isCareNeeded && deadline.isOver) return undefined;
        }
        const stepping = step();
        const found = stepping instanceof Promise ? await stepping : stepping;
        if (found !== undefined) return found;
        // What has arrived meanwhile did not wake anybody.
        if (stepping instanceof Promise && !deadline.isOver) continue;
        if (!this.#isCareNeeded && !(await this.#wait(deadline))) return undefined;
        this.#init.onCome();
      }
    } finally {
      this.#isBusy = false;
    }
  }

  async #care(deadline: Deadline): Promise<void> {
    this.#isCareNeeded = false;
    this.#throwIfOver();
    this.#throwProblem();
    const preparing = this.#init.prepare(deadline);
    if (preparing === undefined) return;
    await preparing;
    // G12: a callback may have blocked the event loop.
    this.#init.onCome();
    this.#throwIfOver();
  }

  /** One; what it stands in the way of is tried again by the next call. */
  #throwProblem(): void {
    for (const { error, partitions } of this.#problems.values()) {
      this.#problems.delete(error);
      const isMeant = partitions.size === 0 || [...partitions].some(({ problem }) => problem === error);
      for (const partition of partitions) if (partition.problem === error) partition.problem = undefined;
      if (!isMeant) continue; // They have been sought, or taken away, since.
      this.#isCareNeeded = true;
      throw error;
    }
  }

  #throwIfOver(): void {
    if (this.#closed !== undefined) {
      this.#isCareNeeded = true;
      throw this.#closed;
    }
    if (!this.#isWoken) return;
    this.#isWoken = false;
    this.#isCareNeeded = true;
    throw new WakeupError();
  }

  /** False when the time is over. */
  async #wait(deadline: Deadline): Promise<boolean> {
    const waiting = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    return this.#inTime(waiting, deadline);
  }

  async #inTime(waiting: Promise<unknown>, deadline: Deadline): Promise<boolean> {
    this.#init.metrics?.waitBegan();
    try {
      await deadline.race(waiting, () => OUT_OF_TIME);
      return true;
    } catch (error) {
      if (error === OUT_OF_TIME) return false;
      throw error;
    } finally {
      this.#init.metrics?.waitEnded();
    }
  }

  #takeNow(most: number, deadline: Deadline): Taken | undefined | Promise<Taken | undefined> {
    const taking = this.#unfinished ?? this.#init.reader.take(most);
    return taking instanceof Promise ? this.#takeLater(taking, deadline) : this.#handOut(taking);
  }

  async #takeLater(taking: Promise<Taken>, deadline: Deadline): Promise<Taken | undefined> {
    const taken = await this.#finished(taking, deadline);
    return taken === undefined ? undefined : this.#handOut(taken);
  }

  /** Undefined when the time is over, or something else has to be seen to first; then whoever asks next goes on waiting for it. */
  async #finished(taking: Promise<Taken>, deadline: Deadline): Promise<Taken | undefined> {
    this.#unfinished = taking;
    taking.catch(() => undefined); // Whoever waits hears of it.
    try {
      if (!(await this.#inTime(taking, deadline))) return undefined;
    } catch (error) {
      if (deadline.signal?.aborted !== true) this.#unfinished = undefined;
      throw error;
    }
    if (this.#isHeldUpNow()) return undefined;
    this.#unfinished = undefined;
    return taking;
  }

  #handOut(taken: Taken): Taken | undefined {
    this.#init.reader.handOut(taken);
    return taken.records.length > 0 ? taken : undefined;
  }

  #nextStep(deadline: Deadline): AnyRecord | undefined | Promise<AnyRecord | undefined> {
    const found = this.#unfinished ?? this.#init.reader.next();
    return found instanceof Promise ? this.#nextLater(found, deadline) : found;
  }

  async #nextLater(taking: Promise<Taken>, deadline: Deadline): Promise<AnyRecord | undefined> {
    const taken = await this.#finished(taking, deadline);
    if (taken === undefined) return undefined;
    // Of a poll that nobody waited for.
    if (taken.records.length > 1) taken.giveBack();
    else this.#init.reader.handOutToLoop(taken);
    return taken.records[0] ?? this.#nextStep(deadline);
  }

  /** Once it is handed out nothing stands between it and whoever called: he alone ends its being held. */
  #batchStep(deadline: Deadline, isToBeHeld: boolean): HandedBatch | undefined | Promise<HandedBatch | undefined> {
    if (this.#unfinished !== undefined) return this.#batchOfTaken(this.#unfinished, deadline, isToBeHeld);
    const { reader, hasDeserializers } = this.#init;
    const batch = reader.nextBatch();
    if (batch === undefined) return undefined;
    if (batch instanceof Promise) return this.#batchLater(batch, deadline, isToBeHeld);
    if (hasDeserializers) {
      const taking = reader.takeBatch(batch);
      return taking instanceof Promise ? this.#batchOfTaken(taking, deadline, isToBeHeld) : this.#batchOf(taking, isToBeHeld);
    }
    return reader.handOutBatch(batch, isToBeHeld);
  }

  async #batchLater(opening: Promise<undefined>, deadline: Deadline, isToBeHeld: boolean): Promise<HandedBatch | undefined> {
    const isOpen = (await this.#inTime(opening, deadline)) && !this.#isHeldUpNow();
    return isOpen ? this.#batchStep(deadline, isToBeHeld) : undefined;
  }

  async #batchOfTaken(taking: Promise<Taken>, deadline: Deadline, isToBeHeld: boolean): Promise<HandedBatch | undefined> {
    const taken = await this.#finished(taking, deadline);
    return taken === undefined ? undefined : this.#batchOf(taken, isToBeHeld);
  }

  #batchOf(taken: Taken, isToBeHeld: boolean): HandedBatch | undefined {
    // Of a poll that nobody waited for.
    if (taken.runs.length > 1) taken.giveBack();
    else this.#init.reader.handOutToLoop(taken, isToBeHeld);
    const [run] = taken.runs;
    if (run === undefined || taken.records.length === 0) return undefined;
    const { partition, course, nextOffset, epoch } = run;
    return { partition, course, nextOffset, leaderEpoch: epoch, records: new TakenRecords(taken.records, nextOffset) };
  }
}
