import { type CallOptions, type Clock, IllegalStateError, type PartitionInfo, type Timer } from "../../index.ts";
import { stopSignal } from "../stop-signal.ts";
import { counted } from "../text-table.ts";
import type { ProduceParameters } from "./produce-parameters.ts";
import { type Production, progressText } from "./production-report.ts";
import { type FailureKind, ProductionTally } from "./production-tally.ts";
import { type PumpEnd, RecordPump, type RecordSink } from "./record-pump.ts";
import type { RecordSource } from "./record-source.ts";
import type { StatusLine } from "./status-line.ts";

const PROGRESS_EVERY_MS = 250;

export interface ProductionRunInit {
  readonly wanted: Pick<ProduceParameters, "topic" | "partition" | "parser" | "stopsOnError">;
  readonly producer: RecordSink & { partitionsFor(topic: string, options: CallOptions): Promise<readonly PartitionInfo[]> };
  readonly source: RecordSource;
  readonly status: StatusLine;
  /** To people, at once. */
  readonly tell: (text: string) => void;
  readonly clock: Clock;
}

export interface FinishedRun extends Production {
  /** What ended it before its time, when that was no record's fault. */
  readonly failure?: Error;
}

/** A run from its first look at the topic to the last delivery, and what came of it. */
export class ProductionRun {
  readonly #init: ProductionRunInit;
  readonly #tally: ProductionTally = new ProductionTally();
  readonly #pump: RecordPump;
  #beganMs: number;
  #ticker: Timer | undefined;

  constructor(init: ProductionRunInit) {
    const { wanted, producer } = init;
    this.#init = init;
    this.#beganMs = init.clock.monotonic();
    const onNewFailure = (kind: FailureKind): void => init.tell(`line ${kind.firstLine}: ${kind.firstMessage}`);
    this.#pump = new RecordPump({ ...wanted, sink: producer, tally: this.#tally, onNewFailure });
  }

  /** Throws what is wrong before it has begun. Ends early at SIGINT and SIGTERM: what was taken is delivered all the same. */
  async run(): Promise<FinishedRun> {
    const stop = stopSignal();
    void stop.received.then((signal) => {
      this.#init.tell(`${signal}: delivering what was taken; once more ends it at once`);
      this.#pump.interrupt();
    });
    try {
      if (!(await this.#checkTopic())) return this.#production("interrupted");
      this.#beganMs = this.#init.clock.monotonic();
      this.#tick();
      return await this.#pumpAll();
    } finally {
      this.#ticker?.cancel();
      stop.forget();
    }
  }

  async #pumpAll(): Promise<FinishedRun> {
    try {
      return this.#production(await this.#pump.run(this.#init.source.pieces(this.#pump.stopped)));
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error), { cause: error });
      return { ...this.#production("stopped by an error"), failure };
    }
  }

  /** Before anything is read: what is wrong with the cluster or the topic is told once, and not of every record. */
  async #checkTopic(): Promise<boolean> {
    const { producer, wanted } = this.#init;
    const { topic, partition } = wanted;
    try {
      const { length } = await producer.partitionsFor(topic, { signal: this.#pump.stopped });
      if (partition === undefined || partition < length) return true;
      throw new IllegalStateError(`--partition ${partition}: topic '${topic}' has ${counted(length, "partition")}, counted from 0`);
    } catch (error) {
      if (!this.#pump.stopped.aborted) throw error;
      return false;
    }
  }

  #tick(): void {
    const { status, source, clock } = this.#init;
    // Where somebody types, it would be written over what he types.
    if (!status.isUseful || source.isTyped) return;
    const part = source.size === undefined || source.size === 0 ? undefined : Math.min(1, this.#pump.bytesRead / source.size);
    status.show(progressText(this.#tally, this.#seconds(), part));
    this.#ticker = clock.schedule(PROGRESS_EVERY_MS, () => this.#tick(), { background: true });
  }

  #production(end: PumpEnd): Production {
    return { topic: this.#init.wanted.topic, tally: this.#tally, seconds: this.#seconds(), end };
  }

  #seconds(): number {
    return (this.#init.clock.monotonic() - this.#beganMs) / 1000;
  }
}
