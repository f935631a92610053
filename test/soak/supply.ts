/** The embedded broker and who writes to it, in a process of their own: what they take is not the readers'. Ends with its input. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { EmbeddedBroker } from "../../src/broker/index.ts";
import { Producer } from "../../src/index.ts";
import { endWithThisProcess } from "../support/child-processes.ts";
import { partitionsOf, type StreamPlan, streams, topics } from "./streams.ts";

const OWN_PATH = fileURLToPath(import.meta.url);
const TICK_MS = 20;
/** Who was kept from writing does not make up for more. */
const MOST_BEHIND_MS = 1000;
/** Large values share batches too: on a machine with much else to do, each takes long. */
const RECORDS_A_BATCH = 30;
const LEAST_BATCH = 16_384;
const LARGEST_BATCH = 1_000_000;
/** Values are cut from so much text. */
const TEXT_BYTES = 4_000_000;
/** Numerical Recipes' generator: text that halves when it is compressed. */
const MULTIPLIER = 1_664_525;
const INCREMENT = 1_013_904_223;

export interface Supply {
  readonly bootstrapServers: string;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function startSupply(seed: number): Promise<Supply> {
  const child = spawn(process.execPath, ["--import", "tsx", OWN_PATH, String(seed)], { stdio: ["pipe", "pipe", "inherit"] });
  endWithThisProcess(child);
  const closed = once(child, "close");
  const ended = closed.then(([code]) => {
    throw new Error(`the broker's process ended with ${String(code)}`);
  });
  const [line] = await Promise.race([once(createInterface(child.stdout), "line"), ended]);
  ended.catch(() => undefined); // From now on the readers notice.
  return {
    bootstrapServers: String(line),
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      await closed;
    },
  };
}

class Writer {
  readonly #plan: StreamPlan;
  readonly #producer: Producer;
  readonly #text: Buffer;
  readonly #partitions: number;
  #written = 0;
  #debt = 0;

  constructor(bootstrapServers: string, plan: StreamPlan, text: Buffer) {
    const { compression, valueBytes } = plan;
    const batchSize = Math.min(Math.max(LEAST_BATCH, valueBytes * RECORDS_A_BATCH), LARGEST_BATCH);
    this.#plan = plan;
    this.#producer = new Producer({ bootstrapServers, clientId: "writer", compression, lingerMs: TICK_MS, batchSize });
    this.#text = text;
    this.#partitions = partitionsOf(plan.topic);
  }

  async writeFirst(): Promise<void> {
    while (this.#written < this.#plan.atFirst) if (!this.#write()) await this.#producer.ready();
    await this.#producer.flush();
  }

  /** What is due after so long; left out when the broker cannot take it. */
  writeFor(ms: number): void {
    this.#debt += (Math.min(ms, MOST_BEHIND_MS) * this.#plan.perSecond) / 1000;
    for (; this.#debt >= 1; this.#debt--) if (!this.#write()) this.#debt = 1;
  }

  close(): Promise<void> {
    return this.#producer.close();
  }

  #write(): boolean {
    const { topic, valueBytes, partition = this.#written % this.#partitions } = this.#plan;
    const start = (this.#written * valueBytes) % (this.#text.length - valueBytes);
    const isTaken = this.#producer.produce(topic, { value: this.#text.subarray(start, start + valueBytes), partition });
    if (isTaken) this.#written++;
    return isTaken;
  }
}

function textOf(seed: number): Buffer {
  const bytes = Buffer.alloc(TEXT_BYTES / 2);
  let state = seed >>> 0;
  for (let at = 0; at < bytes.length; at++) {
    state = (Math.imul(state, MULTIPLIER) + INCREMENT) >>> 0;
    bytes[at] = state >>> 24;
  }
  return Buffer.from(bytes.toString("hex"), "latin1");
}

async function supply(seed: number): Promise<void> {
  const configs = { "log.retention.check.interval.ms": "5000" };
  const journal = { maxEntries: 1000, maxBytes: 1_000_000 };
  const broker = await EmbeddedBroker.start({ topics, configs, seed, journal });
  const text = textOf(seed);
  const writers = streams.map((plan) => new Writer(broker.bootstrapServers, plan, text));
  await Promise.all(writers.map((writer) => writer.writeFirst()));
  let lastMs = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    for (const writer of writers) writer.writeFor(now - lastMs);
    lastMs = now;
  }, TICK_MS);
  console.log(broker.bootstrapServers);
  process.stdin.resume();
  await once(process.stdin, "end");
  clearInterval(timer);
  await Promise.all(writers.map((writer) => writer.close()));
  await broker.close();
}

if (process.argv[1] === OWN_PATH) await supply(Number(process.argv[2]));
