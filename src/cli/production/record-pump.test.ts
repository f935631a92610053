import { describe, expect, it } from "vitest";
import { ClosedError, IllegalStateError, type OnDelivery, type ProducerRecord, QueueFullError } from "../../index.ts";
import { LinesParser } from "../record-input/lines-parser.ts";
import { ProductionTally } from "./production-tally.ts";
import { RecordPump, type RecordSink } from "./record-pump.ts";

interface Taken {
  readonly value: string;
  readonly partition: number | undefined;
  readonly onDelivery: OnDelivery;
}

/** Has room for a few records, and delivers when it is told to. */
class FakeProducer implements RecordSink {
  readonly taken: Taken[] = [];
  readonly refusals: string[] = [];
  /** All that were ever given. */
  readonly callbacks = new Set<OnDelivery>();
  /** How long room was waited for. */
  readonly patience = new Set<number | undefined>();
  room = Number.POSITIVE_INFINITY;
  flushes = 0;
  #onReady: (() => void) | undefined;

  produce(_topic: string, { value, partition }: ProducerRecord, onDelivery: OnDelivery): boolean {
    const text = Buffer.from(value ?? "").toString();
    if (text === "unthinkable") throw new IllegalStateError("such a record cannot be");
    if (this.room === 0) {
      this.refusals.push(text);
      return false;
    }
    this.room--;
    this.callbacks.add(onDelivery);
    this.taken.push({ value: text, partition, onDelivery });
    return true;
  }

  ready({ signal, timeoutMs }: { readonly signal?: AbortSignal; readonly timeoutMs?: number }): Promise<void> {
    this.patience.add(timeoutMs);
    return new Promise((resolve, reject) => {
      this.#onReady = resolve;
      signal?.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
    });
  }

  flush(): Promise<void> {
    this.flushes++;
    for (const { value, onDelivery } of this.taken.splice(0)) this.#settle(value, onDelivery);
    return Promise.resolve();
  }

  deliverAll(): void {
    const settled = this.taken.splice(0);
    this.room += settled.length;
    for (const { value, onDelivery } of settled) this.#settle(value, onDelivery);
    this.#onReady?.();
  }

  #settle(value: string, onDelivery: OnDelivery): void {
    if (value.startsWith("bad")) {
      const error = value === "bad-unsure" ? new ClosedError("producer") : fullError();
      error.verdict = value === "bad-unsure" ? "possibly persisted" : "not persisted";
      onDelivery(error, undefined);
    } else {
      const sizes = { serializedKeySize: -1, serializedValueSize: value.length };
      onDelivery(null, { topic: "orders", partition: 0, offset: 1, timestamp: 1, ...sizes });
    }
  }
}

function fullError(): QueueFullError {
  return new QueueFullError({ topic: "orders", wantedBytes: 10, bufferMemory: 5 });
}

function stage({ stopsOnError = false, partition }: { stopsOnError?: boolean; partition?: number } = {}) {
  const sink = new FakeProducer();
  const tally = new ProductionTally();
  const news: string[] = [];
  const pump = new RecordPump({
    sink,
    topic: "orders",
    partition,
    parser: new LinesParser({ keySeparator: undefined, hasHeaders: false, nullMarker: undefined }),
    tally,
    stopsOnError,
    onNewFailure: ({ code, firstLine }) => void news.push(`${code} in line ${firstLine}`),
  });
  return { sink, tally, news, pump };
}

/** Counts what has been asked for. */
class Pieces {
  asked = 0;
  readonly #texts: readonly string[];

  constructor(...texts: readonly string[]) {
    this.#texts = texts;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (const text of this.#texts) {
      this.asked++;
      yield Buffer.from(text);
    }
  }
}

const turn = (): Promise<void> => new Promise(setImmediate);

describe("the pump from input to producer", () => {
  it("sends all, flushes, and counts records and their bytes", async () => {
    const { pump, sink, tally } = stage({ partition: 2 });
    expect(await pump.run(new Pieces("one\ntw", "o\nthree"))).toBe("end of input");
    expect(sink.flushes).toBe(1);
    expect(tally).toMatchObject({ records: 3, bytes: 11, failed: 0, wrongLines: 0, isFlawless: true });
    expect(pump.bytesRead).toBe(13);
  });

  it("sends records to the partition that was asked for", async () => {
    const { pump, sink } = stage({ partition: 2 });
    sink.room = 1;
    const running = pump.run(new Pieces("one\ntwo\n"));
    await turn();
    expect(sink.taken.map(({ value, partition }) => [value, partition])).toEqual([["one", 2]]);
    sink.deliverAll();
    await running;
  });

  it("reads nothing more while there is no room, and sends each record once", async () => {
    const { pump, sink, tally } = stage();
    sink.room = 2;
    const pieces = new Pieces("one\ntwo\nthree\n", "four\n");
    const running = pump.run(pieces);
    await turn();
    expect([pieces.asked, sink.taken.map(({ value }) => value), sink.refusals]).toEqual([1, ["one", "two"], ["three"]]);
    sink.deliverAll();
    expect(await running).toBe("end of input");
    expect([pieces.asked, sink.refusals, tally.records]).toEqual([2, ["three"], 4]);
  });

  it("counts what fails by kind, tells the first of each at once, and goes on", async () => {
    const { pump, tally, news } = stage();
    await pump.run(new Pieces("bad\nfine\nbad\nunthinkable\nbad-unsure\nfine\n"));
    expect(news).toEqual(["ILLEGAL_STATE in line 4", "QUEUE_FULL in line 1", "CLOSED in line 5"]);
    expect(tally).toMatchObject({ records: 2, failed: 4, possiblyPersisted: 1, isFlawless: false });
    expect([...tally.kinds.values()].map(({ code, count }) => [code, count])).toEqual([
      ["ILLEGAL_STATE", 1],
      ["QUEUE_FULL", 2],
      ["CLOSED", 1],
    ]);
  });

  it("waits for room without end, for each record has a time limit of its own, and uses its callbacks again", async () => {
    const { pump, sink, tally } = stage();
    sink.room = 40;
    const running = pump.run(new Pieces("bad\nfine\n".repeat(100)));
    for (let round = 0; round < 8; round++) {
      await turn();
      sink.deliverAll();
    }
    expect(await running).toBe("end of input");
    expect(tally).toMatchObject({ records: 100, failed: 100 });
    expect([...sink.patience]).toEqual([Number.POSITIVE_INFINITY]);
    expect(sink.callbacks.size).toBeLessThanOrEqual(40);
  });

  it("ends at the first error when that is wanted, and delivers what was taken", async () => {
    const { pump, sink, tally } = stage({ stopsOnError: true });
    const pieces = new Pieces("one\nunthinkable\nthree\n", "four\n");
    expect(await pump.run(pieces)).toBe("stopped by an error");
    expect([pieces.asked, tally.records, tally.failed, sink.flushes]).toEqual([1, 1, 1, 1]);
    expect(pump.stopped.aborted).toBe(true);
  });

  it("ends when it is interrupted while there is no room, and delivers what was taken", async () => {
    const { pump, sink, tally } = stage();
    sink.room = 1;
    const running = pump.run(new Pieces("one\ntwo\n", "three\n"));
    await turn();
    pump.interrupt();
    expect(await running).toBe("interrupted");
    expect([tally.records, tally.failed, sink.flushes]).toEqual([1, 0, 1]);
  });

  it("ends when the reader ends because of the interruption", async () => {
    const { pump, tally } = stage();
    async function* untilAborted(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("one\nunfinis");
      await new Promise((_resolve, reject) => pump.stopped.addEventListener("abort", () => reject(new Error("aborted"))));
    }
    const running = pump.run(untilAborted());
    await turn();
    pump.interrupt();
    expect(await running).toBe("interrupted");
    expect(tally.records).toBe(1);
  });

  it("throws on what reading throws, when what was taken is delivered", async () => {
    const { pump, tally } = stage();
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("one\n");
      throw new Error("EIO");
    }
    await expect(pump.run(failing())).rejects.toThrow("EIO");
    expect(tally.records).toBe(1);
  });
});
