/** A slow consumer, watched: what it has read, what it has buffered, and what is wrong with it. */
import { setTimeout as sleep } from "node:timers/promises";
import { Consumer, type ConsumerRecord } from "../../src/index.ts";
import { boundOf, type FetchLimits } from "./bound.ts";
import { partitionsOf, type TopicName } from "./streams.ts";

type Bytes = Uint8Array | null;
export type SoakRecord = ConsumerRecord<Bytes, Bytes>;

export interface ReaderPlan {
  readonly name: string;
  readonly topics: readonly TopicName[];
  readonly limits?: FetchLimits;
  /** Answers come when they have so much. */
  readonly fetchMinBytes?: number;
  /** How many partitions are paused at a time. */
  readonly paused?: number;
  /** Reads until the consumer is closed. */
  readonly read: (reader: Reader) => Promise<void>;
}

/** Those of a consumer to whom nobody says anything. */
const DEFAULT_LIMITS: FetchLimits = { fetchMaxBytes: 52_428_800, maxPartitionFetchBytes: 1_048_576 };

export class Reader {
  readonly name: string;
  readonly consumer: Consumer;
  /** In bytes, of what is fetched and not handed out. */
  readonly bound: number;
  readonly partitions: number;
  records = 0;
  problem: string | undefined;
  readonly #plan: ReaderPlan;
  readonly #stop = new AbortController();
  readonly #nextOffsets = new Map<string, number>();
  readonly #onRecord: (record: SoakRecord) => void;
  #reading: Promise<void> | undefined;

  /** @param asking how many times as much as its plan says it really asks for */
  constructor(bootstrapServers: string, plan: ReaderPlan, asking: number, onRecord: (record: SoakRecord) => void) {
    const { name, topics, limits = DEFAULT_LIMITS, fetchMinBytes = 1, paused = 0 } = plan;
    const fetchMaxBytes = limits.fetchMaxBytes * asking;
    const maxPartitionFetchBytes = limits.maxPartitionFetchBytes * asking;
    this.name = name;
    this.#plan = plan;
    this.#onRecord = onRecord;
    this.partitions = topics.reduce((sum, topic) => sum + partitionsOf(topic), 0);
    this.bound = boundOf(limits, this.partitions, paused);
    this.consumer = new Consumer({
      bootstrapServers,
      clientId: `soak-${name}`,
      autoOffsetReset: "earliest",
      fetchMinBytes,
      fetchMaxBytes,
      maxPartitionFetchBytes,
    });
    this.consumer.subscribe(topics);
  }

  get isOver(): boolean {
    return this.#stop.signal.aborted;
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  get bufferedBytes(): number {
    const bytes = this.consumer.metrics()["consumer-fetch-manager-metrics"]?.["buffered-bytes"];
    if (bytes === undefined) throw new Error(`the consumer of '${this.name}' does not say how much it has buffered`);
    return bytes;
  }

  start(): void {
    this.#reading = this.#plan.read(this).then(
      () => this.#ended(undefined),
      (error: unknown) => this.#ended(error),
    );
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.consumer.close();
    await this.#reading;
  }

  /** Somebody takes his time; no longer than to the end. */
  async pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }

  /** It goes on somewhere else. */
  sought(): void {
    this.#nextOffsets.clear();
  }

  took(record: SoakRecord): void {
    const { topic, partition, offset, value } = record;
    const place = `${topic}/${partition}`;
    const next = this.#nextOffsets.get(place) ?? 0;
    if (offset < next) this.problem ??= `${place}: offset ${offset} came after ${next - 1}`;
    if (value === null || value.length === 0) this.problem ??= `${place}: the record at offset ${offset} has no value`;
    this.#nextOffsets.set(place, offset + 1);
    this.records++;
    this.#onRecord(record);
  }

  #ended(error: unknown): void {
    if (this.isOver) return;
    this.problem ??= error instanceof Error ? `${error.name}: ${error.message}` : "it has stopped reading";
  }
}
