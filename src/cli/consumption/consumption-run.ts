import {
  type CallOptions,
  type Clock,
  RequestTimeoutError,
  type Timer,
  type TopicPartition,
  type TopicPartitionOffset,
} from "../../index.ts";
import type { StatusLine } from "../production/status-line.ts";
import { stopSignal } from "../stop-signal.ts";
import type { ConsumeParameters } from "./consume-parameters.ts";
import { type Consumption, type ConsumptionEnd, progressText } from "./consumption-report.ts";
import { ConsumptionTally } from "./consumption-tally.ts";
import { isToCome, type OffsetSource, type PartitionRange, partitionRanges, placesOf } from "./partition-ranges.ts";
import type { RecordOutput } from "./record-output.ts";
import type { ReadRecord } from "./record-writer.ts";

/** As much of a consumer as is needed. */
export interface RecordReader extends OffsetSource {
  assign(partitions: readonly TopicPartitionOffset[]): void;
  subscribe(topic: string): void;
  poll(options: CallOptions & { readonly maxRecords: number }): Promise<Iterable<ReadRecord>>;
  position(partition: TopicPartition, options: CallOptions): Promise<number>;
  pause(...partitions: readonly TopicPartition[]): void;
}

export interface ConsumptionRunInit {
  readonly wanted: ConsumeParameters;
  readonly reader: RecordReader;
  readonly output: RecordOutput;
  readonly status: StatusLine;
  readonly clock: Clock;
}

export interface FinishedRun extends Consumption {
  /** What ended it before its time. */
  readonly failure?: Error;
}

/** So long a poll waits; then it is looked whether the end is reached, which a log's last records may not tell. */
const POLL_MS = 200;
const MOST_RECORDS = 5000;
const PROGRESS_EVERY_MS = 200;

/** A run from its first look at the topic to the last record, and what came of it. */
export class ConsumptionRun {
  readonly #init: ConsumptionRunInit;
  readonly #tally: ConsumptionTally = new ConsumptionTally();
  readonly #stop = new AbortController();
  /** Nobody reads what it prints. */
  #isUnread = false;
  #ranges: readonly PartitionRange[] = [];
  /** Those that are not at their end. */
  readonly #open = new Set<PartitionRange>();
  readonly #positions = new Map<PartitionRange, number>();
  #until: ReadonlyMap<number, PartitionRange> = new Map();
  #hasHead = false;
  #beganMs: number;
  /** The last sign of life. */
  #movedMs: number;
  #ticker: Timer | undefined;

  constructor(init: ConsumptionRunInit) {
    this.#init = init;
    this.#beganMs = init.clock.monotonic();
    this.#movedMs = this.#beganMs;
  }

  /** Throws what is wrong before it has begun. Ends early at SIGINT and SIGTERM. */
  async run(): Promise<FinishedRun> {
    const stop = stopSignal();
    void stop.received.then(() => this.#stop.abort());
    try {
      if (!(await this.#begin())) return this.#finished(this.#stopped);
      this.#tick();
      return await this.#readAll();
    } finally {
      this.#ticker?.cancel();
      stop.forget();
    }
  }

  /** Nobody reads what is printed any more. */
  unread(): void {
    this.#isUnread = true;
    this.#stop.abort();
  }

  /** False: somebody has stopped it. */
  async #begin(): Promise<boolean> {
    const { reader, wanted, clock } = this.#init;
    try {
      if (wanted.group !== undefined) {
        await placesOf(reader, wanted, this.#options);
        reader.subscribe(wanted.topic);
      } else this.#ranges = await partitionRanges(reader, wanted, clock.now(), this.#options);
    } catch (error) {
      if (this.#stop.signal.aborted) return false;
      throw error;
    }
    this.#until = new Map(this.#ranges.map((range) => [range.partition, range]));
    for (const range of this.#ranges) {
      this.#positions.set(range, range.from);
      if (range.from < range.until) this.#open.add(range);
    }
    const opened = [...this.#open];
    if (opened.length > 0) reader.assign(opened.map(({ topic, partition, from }) => ({ topic, partition, offset: from })));
    this.#beganMs = this.#movedMs = clock.monotonic();
    return true;
  }

  async #readAll(): Promise<FinishedRun> {
    try {
      while ((this.#isMember || this.#open.size > 0) && !(await this.#step())) this.#checkLife();
      return this.#finished("complete");
    } catch (error) {
      if (this.#isUnread) return this.#finished(this.#stopped);
      await this.#init.output.flush();
      if (this.#stop.signal.aborted) return this.#finished(this.#stopped);
      const failure = error instanceof Error ? error : new Error(String(error), { cause: error });
      return { ...this.#finished("stopped by an error"), failure };
    }
  }

  /** True: there are as many as were wanted. */
  async #step(): Promise<boolean> {
    const { reader, output, wanted } = this.#init;
    await this.#learnEnd();
    // A member commits all that it gets.
    const maxRecords = this.#isMember ? Math.min(MOST_RECORDS, wanted.count - this.#tally.printed) : MOST_RECORDS;
    const records = await reader.poll({ timeoutMs: POLL_MS, maxRecords, signal: this.#stop.signal });
    for (const record of records) {
      const isFull = this.#take(record);
      if (isFull) await output.flush();
      if (this.#tally.printed >= wanted.count) break;
    }
    await output.flush();
    if (this.#tally.printed >= wanted.count) return true;
    await this.#closePassed();
    return false;
  }

  /** @returns whether there is enough to be written out */
  #take(record: ReadRecord): boolean {
    const { wanted, output } = this.#init;
    const { filter, writer } = wanted;
    const range = this.#until.get(record.partition);
    if (!this.#isMember && (range === undefined || record.offset >= range.until)) return false;
    this.#tally.read(record);
    if (filter !== undefined && !filter(record)) return false;
    this.#tally.printed++;
    if (!this.#hasHead && writer.head !== undefined) output.write(writer.head);
    this.#hasHead = true;
    return output.write(writer.write(record));
  }

  /** A partition is at its end when its position is: the last offsets before it need not be records. */
  async #closePassed(): Promise<void> {
    const { reader, clock } = this.#init;
    for (const range of this.#open) {
      const position = await reader.position(range, this.#options);
      if (position !== this.#positions.get(range)) this.#movedMs = clock.monotonic();
      this.#positions.set(range, position);
      if (position < range.until) continue;
      this.#open.delete(range);
      reader.pause(range);
    }
  }

  /** A time that was to come is there: now it is known where that is. */
  async #learnEnd(): Promise<void> {
    const { reader, wanted, clock } = this.#init;
    const { until, follows } = wanted;
    const isUnknown = this.#ranges.some((range) => range.until === Number.POSITIVE_INFINITY);
    if (!follows || until === undefined || !isUnknown || isToCome(until, clock.now())) return;
    const partitions = this.#ranges.map(({ partition }) => partition);
    for (const { partition, until: end } of await partitionRanges(reader, { ...wanted, partitions }, clock.now(), this.#options)) {
      const range = this.#until.get(partition);
      if (range !== undefined) range.until = end;
    }
    await this.#closePassed();
  }

  /** What must be there has to come, sooner or later. */
  #checkLife(): void {
    const { wanted, clock } = this.#init;
    if (wanted.follows || clock.monotonic() - this.#movedMs < wanted.timeoutMs) return;
    const [stuck] = this.#open;
    if (stuck === undefined) return;
    const { topic, partition, until } = stuck;
    throw new RequestTimeoutError(
      `reading topic '${topic}' partition ${partition} from offset ${this.#positions.get(stuck)} to ${until}`,
      wanted.timeoutMs,
    );
  }

  get #isMember(): boolean {
    return this.#init.wanted.group !== undefined;
  }

  get #stopped(): ConsumptionEnd {
    return this.#isUnread ? "nobody reads" : "interrupted";
  }

  get #options(): CallOptions {
    return { timeoutMs: this.#init.wanted.timeoutMs, signal: this.#stop.signal };
  }

  #tick(): void {
    const { status, clock, wanted } = this.#init;
    if (!status.isUseful || wanted.isQuiet) return;
    status.show(progressText(this.#tally, this.#seconds(), this.#part()));
    this.#ticker = clock.schedule(PROGRESS_EVERY_MS, () => this.#tick(), { background: true });
  }

  #part(): number | undefined {
    const total = this.#ranges.reduce((sum, { from, until }) => sum + Math.max(0, until - from), 0);
    if (!Number.isFinite(total) || total === 0) return undefined;
    const done = this.#ranges.reduce((sum, range) => sum + this.#done(range), 0);
    return done / total;
  }

  #done(range: PartitionRange): number {
    return Math.max(0, Math.min(this.#positions.get(range) ?? range.from, range.until) - range.from);
  }

  #finished(end: ConsumptionEnd): Consumption {
    const { topic, filter, follows, until } = this.#init.wanted;
    return {
      topic,
      tally: this.#tally,
      seconds: this.#seconds(),
      end,
      isFiltered: filter !== undefined,
      isBounded: !follows || until !== undefined,
    };
  }

  #seconds(): number {
    return (this.#init.clock.monotonic() - this.#beganMs) / 1000;
  }
}
