import { type CallOptions, isKafkaError, type KafkaError, type OnDelivery, type ProducerRecord } from "../../index.ts";
import type { InputItem, InputRecord, RecordParser } from "../record-input/input-item.ts";
import type { FailureKind, ProductionTally } from "./production-tally.ts";
import { RecordFates } from "./record-fates.ts";

/** As much of a producer as is needed. */
export interface RecordSink {
  produce(topic: string, record: ProducerRecord, onDelivery: OnDelivery): boolean;
  ready(options: CallOptions): Promise<void>;
  flush(options: CallOptions): Promise<void>;
}

export interface RecordPumpInit {
  readonly sink: RecordSink;
  readonly topic: string;
  /** Where all records go that do not say it themselves. */
  readonly partition: number | undefined;
  readonly parser: RecordParser;
  readonly tally: ProductionTally;
  /** Whether the first wrong line, or record that fails, is the end. */
  readonly stopsOnError: boolean;
  /** Told of the first failure of each kind, at once. */
  readonly onNewFailure: (kind: FailureKind) => void;
}

/** Why reading ended. */
export type PumpEnd = "end of input" | "interrupted" | "stopped by an error";

/** Sends what is read, and reads no more than there is room for: how large the input is makes no difference to the memory. */
export class RecordPump {
  readonly #init: RecordPumpInit;
  /** Ends reading, for whatever reason. */
  readonly #stop = new AbortController();
  readonly #fates: RecordFates;
  #end: PumpEnd = "end of input";
  #bytesRead = 0;

  constructor(init: RecordPumpInit) {
    this.#init = init;
    const { tally } = init;
    this.#fates = new RecordFates((line, error, metadata) => {
      if (metadata !== undefined) tally.delivered(metadata);
      else if (error !== null) this.#failed(tally.recordFailed(line, error));
    });
  }

  /** Aborted when no more is wanted: whoever reads the input must stop then. */
  get stopped(): AbortSignal {
    return this.#stop.signal;
  }

  get bytesRead(): number {
    return this.#bytesRead;
  }

  interrupt(): void {
    this.#stopBy("interrupted");
  }

  /** Resolves when all that was taken is delivered or has failed. What reading throws is thrown on, after that. */
  async run(pieces: AsyncIterable<Uint8Array>): Promise<PumpEnd> {
    const { parser, sink } = this.#init;
    try {
      for await (const piece of pieces) {
        this.#bytesRead += piece.length;
        await this.#sendAll(parser.push(piece));
        if (this.stopped.aborted) break;
      }
      if (!this.stopped.aborted) await this.#sendAll(parser.end());
    } catch (error) {
      // A reader that is told to stop says so by an error of its own.
      if (!this.stopped.aborted) throw error;
    } finally {
      await sink.flush({});
    }
    return this.#end;
  }

  async #sendAll(items: Iterable<InputItem>): Promise<void> {
    for (const item of items) {
      if (this.stopped.aborted) return;
      if ("problem" in item) this.#failed(this.#init.tally.lineIsWrong(item.line, item.problem));
      // Waiting only when there is something to wait for: a promise for each record would cost more than its sending.
      else if (!this.#send(item)) await this.#sendWhenReady(item);
    }
  }

  async #sendWhenReady(item: InputRecord): Promise<void> {
    // Each record that takes room has a time limit of its own, and then there is room.
    do await this.#init.sink.ready({ timeoutMs: Number.POSITIVE_INFINITY, signal: this.stopped });
    while (!this.#send(item));
  }

  /** @returns false if there is no room for it */
  #send({ line, record }: InputRecord): boolean {
    const { sink, topic, partition, tally } = this.#init;
    const placed = partition === undefined || record.partition !== undefined ? record : { ...record, partition };
    const fate = this.#fates.of(line);
    try {
      if (sink.produce(topic, placed, fate.onDelivery)) return true;
      fate.giveBack();
      return false;
    } catch (error) {
      fate.giveBack();
      this.#failed(tally.recordFailed(line, ownError(error)));
      return true;
    }
  }

  #failed(news: FailureKind | undefined): void {
    if (news !== undefined) this.#init.onNewFailure(news);
    if (this.#init.stopsOnError) this.#stopBy("stopped by an error");
  }

  #stopBy(end: PumpEnd): void {
    if (this.stopped.aborted) return;
    this.#end = end;
    this.#stop.abort();
  }
}

function ownError(error: unknown): KafkaError {
  if (isKafkaError(error)) return error;
  throw error;
}
