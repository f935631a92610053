/** Writes a topic at a pace, from this process, while a client in another reads it. Every value begins with the time when it was sent. */
import { Producer } from "../../src/client/producer/producer.ts";
import { lookedAt } from "./data-topics.ts";

const TICK_MS = 1;
const TWO_TO_THE_32 = 2 ** 32;
const FILLER = "x";

interface Pace {
  readonly valueBytes: number;
  readonly perSecond: number;
  /** All of them, unless it is one. */
  readonly partition?: number;
}

export class PacedWriter {
  readonly #producer: Producer;
  readonly #topic: string;
  readonly #valueBytes: number;
  readonly #place: { readonly partition?: number };
  readonly #originMs: number = wallClockOrigin();
  readonly #timer: NodeJS.Timeout;
  #sent = 0;
  #problem: Error | undefined;

  constructor(bootstrapServers: string, topic: string, { valueBytes, perSecond, partition }: Pace) {
    this.#producer = new Producer({ bootstrapServers, clientId: "bench" });
    this.#topic = topic;
    this.#valueBytes = valueBytes;
    this.#place = partition === undefined ? {} : { partition };
    const start = performance.now();
    this.#timer = setInterval(() => {
      const due = Math.floor(((performance.now() - start) * perSecond) / 1000);
      while (this.#sent < due) this.#send();
    }, TICK_MS);
  }

  /** Ends; may be called again. Returns how many records were written. */
  async stop(): Promise<number> {
    clearInterval(this.#timer);
    await this.#producer.close();
    if (this.#problem !== undefined) throw this.#problem;
    return this.#sent;
  }

  /** What a reader's sum must be after so many records, whichever. */
  sumOf(records: number): number {
    return records * lookedAt(this.#value(0));
  }

  #send(): void {
    this.#sent++;
    const value = this.#value((this.#originMs + performance.now()) * 1000);
    this.#producer.send(this.#topic, { value, ...this.#place }).catch((error: unknown) => {
      this.#problem ??= error instanceof Error ? error : new Error(String(error));
    });
  }

  #value(microseconds: number): Buffer {
    const value = Buffer.alloc(this.#valueBytes, FILLER);
    value.writeUInt32BE(Math.floor(microseconds / TWO_TO_THE_32), 0);
    value.writeUInt32BE(Math.floor(microseconds % TWO_TO_THE_32), 4);
    return value;
  }
}

/**
 * The wall clock's time when performance.now() was 0, to a few microseconds: looked for when the wall clock, which counts milliseconds, goes on.
 * performance.timeOrigin, which is as old as this process, would have drifted from the wall clock of one that has just started.
 */
function wallClockOrigin(): number {
  const before = Date.now();
  let now = before;
  while (now === before) now = Date.now();
  return now - performance.now();
}
