// A Consumer and its cluster in memory, on a clock that is held: what it was given, what it asked for.

import { expect, onTestFinished } from "vitest";
import type { EmbeddedBrokerOptions } from "../../src/broker/index.ts";
import type { Clock } from "../../src/client/async/clock.ts";
import {
  Admin,
  Consumer,
  type ConsumerOptions,
  type ConsumerRecord,
  type PollOptions,
  Producer,
  type ProducerOptions,
  type ProducerRecord,
} from "../../src/client/index.ts";
import type { Runtime } from "../../src/client/runtime.ts";
import { memoryRuntime } from "./client-runtime.ts";
import { type HeldCluster, HeldStage, heldCluster } from "./held-stage.ts";

export const TOPIC = "orders";
export const GROUP = "readers";

export class ConsumerStage<K = Uint8Array | null, V = Uint8Array | null> extends HeldStage {
  readonly consumer: Consumer<K, V>;
  readonly #runtime: Runtime;
  readonly #closers: (() => Promise<void>)[] = [];
  #producer: Producer | undefined;

  private constructor(held: HeldCluster, options: ConsumerOptions<K, V>) {
    super(held);
    const { broker, clock } = held;
    this.#runtime = memoryRuntime(broker, { clock });
    this.consumer = this.another(options);
  }

  static async open<K, V>(cluster: EmbeddedBrokerOptions, options: ConsumerOptions<K, V>): Promise<ConsumerStage<K, V>> {
    const held = await heldCluster({
      topics: { [TOPIC]: 2 },
      ...cluster,
    });
    return new ConsumerStage<K, V>(held, options);
  }

  /** One more consumer of the same cluster, which is closed with the first. */
  another(options: ConsumerOptions<K, V> = {}, clock: Clock = this.clock): Consumer<K, V> {
    const { bootstrapServers } = this.broker;
    const base: ConsumerOptions<K, V> = {
      bootstrapServers,
      clientId: "test",
      autoOffsetReset: "earliest",
      allowAutoCreateTopics: false,
    };
    const consumer = new Consumer<K, V>({ ...base, logger: this.logger(), ...options }, { ...this.#runtime, clock });
    this.#closers.push(() => consumer.close({ timeoutMs: 1000 }));
    return consumer;
  }

  /** Writes one batch of records to a partition. */
  async write(
    records: readonly (string | ProducerRecord)[],
    { partition = 0, topic = TOPIC }: { readonly partition?: number; readonly topic?: string } = {},
  ): Promise<void> {
    const sent = records.map((record) => (typeof record === "string" ? { value: record } : record));
    await this.when(
      this.producer().sendBatch(
        topic,
        sent.map((record) => ({ ...record, partition })),
      ),
    );
  }

  producer(options: ProducerOptions = {}): Producer {
    if (this.#producer !== undefined) return this.#producer;
    const { bootstrapServers } = this.broker;
    const producer = new Producer({ bootstrapServers, clientId: "writer", ...options }, this.#runtime);
    this.#producer = producer;
    this.#closers.push(() => producer.close({ timeoutMs: 0 }));
    return producer;
  }

  admin(): Admin {
    const admin = new Admin({ bootstrapServers: this.broker.bootstrapServers, clientId: "admin" }, this.#runtime);
    this.#closers.push(() => admin.close());
    return admin;
  }

  async poll(options: PollOptions = {}): Promise<readonly ConsumerRecord<K, V>[]> {
    return [...(await this.when(this.consumer.poll({ timeoutMs: 5000, ...options })))];
  }

  /** Polls until there were so many, or nothing comes any more. */
  async read(count: number, consumer: Consumer<K, V> = this.consumer): Promise<ConsumerRecord<K, V>[]> {
    const records: ConsumerRecord<K, V>[] = [];
    while (records.length < count) {
      const polled = await this.when(consumer.poll({ timeoutMs: 2000, maxRecords: count - records.length }));
      if (polled.isEmpty) break;
      records.push(...polled);
    }
    return records;
  }

  /** Requests of one API that brokers have read. */
  count(api: string): number {
    return this.broker.journal.requests(api).length;
  }

  /** Closes everything; what is wrong afterwards, which should be nothing. */
  async close(): Promise<readonly string[]> {
    for (const close of this.#closers) await this.when(close());
    return this.leftOver();
  }
}

/** As `partition/offset value`. */
export function placed(records: Iterable<ConsumerRecord<unknown, unknown>>): string[] {
  return [...records].map(({ partition, offset, value }) => `${partition}/${offset} ${textOf(value)}`);
}

export function textOf(value: unknown): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString() : String(value);
}

/** For the test that calls it: afterwards it is closed, and must leave nothing. */
export async function consumerStage<K = Uint8Array | null, V = Uint8Array | null>(
  options: ConsumerOptions<K, V> = {},
  cluster: EmbeddedBrokerOptions = {},
): Promise<ConsumerStage<K, V>> {
  const stage = await ConsumerStage.open<K, V>(cluster, options);
  onTestFinished(async () => {
    expect(await stage.close()).toEqual([]);
  });
  return stage;
}
