// What the rows of the expectations of members of groups have to play with.

import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { EmbeddedBroker } from "../../src/broker/index.ts";
import { Consumer, type ConsumerOptions, type ConsumerRecord, Producer, type TopicPartition } from "../../src/index.ts";
import { askOverTcp } from "../support/ask-over-tcp.ts";
import { RawConnection } from "../support/raw-connection.ts";
import { numbersOf } from "./consumer-expectations-stage.ts";
import type { TableRow } from "./kafka-python-table.ts";

export interface GroupExpectation extends TableRow {
  show(stage: GroupExpectationStage): unknown;
}

/** So that rebalances are quick. */
const QUICK = { heartbeatIntervalMs: 100, sessionTimeoutMs: 10_000 } as const;
const POLL_MS = 10_000;
const PATIENCE_MS = 30_000;
const LOOK_AGAIN_MS = 20;

type Look = (what: string, partitions: readonly TopicPartition[]) => unknown;

/** Notes what it is told, and what `look` sees meanwhile. */
export class Listener {
  readonly calls: unknown[][] = [];
  readonly #look: Look | undefined;

  constructor(look?: Look) {
    this.#look = look;
  }

  onPartitionsAssigned(partitions: readonly TopicPartition[]): Promise<void> {
    return this.note("assigned", partitions);
  }

  onPartitionsRevoked(partitions: readonly TopicPartition[]): Promise<void> {
    return this.note("revoked", partitions);
  }

  protected async note(what: string, partitions: readonly TopicPartition[]): Promise<void> {
    const call: unknown[] = [what, numbersOf(partitions)];
    if (this.#look !== undefined) call.push(await this.#look(what, partitions));
    this.calls.push(call);
  }
}

export class WithLost extends Listener {
  onPartitionsLost(partitions: readonly TopicPartition[]): Promise<void> {
    return this.note("lost", partitions);
  }
}

/** Polls in the background, and keeps what it reads. */
export class Reading {
  readonly consumer: Consumer;
  readonly read: ConsumerRecord[] = [];
  /** What ended it. */
  failure: unknown;
  readonly #stopped = new AbortController();
  readonly #polling: Promise<void>;

  constructor(consumer: Consumer) {
    this.consumer = consumer;
    this.#polling = this.#poll();
  }

  get owned(): readonly number[] {
    return numbersOf(this.consumer.assignment());
  }

  async close(): Promise<void> {
    this.#stopped.abort();
    await this.#polling;
    await this.consumer.close();
  }

  async #poll(): Promise<void> {
    try {
      while (!this.#stopped.signal.aborted) this.read.push(...(await this.consumer.poll({ timeoutMs: 100 })));
    } catch (error) {
      this.failure = error;
    }
  }
}

export class GroupExpectationStage {
  readonly #broker: EmbeddedBroker;
  readonly #closers: (() => Promise<void>)[] = [];

  constructor(broker: EmbeddedBroker) {
    this.#broker = broker;
  }

  unique(word: string): string {
    return `${word}-${randomUUID()}`;
  }

  /** A new topic with so many records in each partition. */
  async topic({
    name = this.unique("topic"),
    partitions = 2,
    each = 3,
  }: {
    readonly name?: string;
    readonly partitions?: number;
    readonly each?: number;
  } = {}): Promise<string> {
    this.#broker.createTopic(name, { partitions, configs: { "retention.ms": "-1" } });
    await this.write(name, { partitions, each });
    return name;
  }

  async write(
    topic: string,
    { partitions = 2, each = 1 }: { readonly partitions?: number; readonly each?: number } = {},
  ): Promise<void> {
    await using producer = new Producer({ bootstrapServers: this.#broker.bootstrapServers });
    for (let partition = 0; partition < partitions; partition++) {
      await producer.sendBatch(
        topic,
        Array.from({ length: each }, (_, i) => ({ value: String(i), partition })),
      );
    }
  }

  /** In a group of its own, unless told otherwise. Closed afterwards. */
  consumer(options: Partial<ConsumerOptions> = {}): Consumer {
    const { bootstrapServers } = this.#broker;
    const own = { groupId: this.unique("group"), autoOffsetReset: "earliest", fetchMaxWaitMs: 100, ...QUICK } as const;
    const made = new Consumer({ bootstrapServers, ...own, ...options });
    this.#closers.push(() => made.close({ timeoutMs: 0, autocommit: false }));
    return made;
  }

  /** A member that has read so many records. */
  async joined(
    topic: string,
    { listener, read = 1, ...options }: Partial<ConsumerOptions> & { listener?: Listener | undefined; read?: number } = {},
  ): Promise<Consumer> {
    const consumer = this.consumer(options);
    consumer.subscribe(topic, listener);
    await this.read(consumer, read);
    return consumer;
  }

  async read(consumer: Consumer, count: number): Promise<readonly ConsumerRecord[]> {
    const records: ConsumerRecord[] = [];
    while (records.length < count) {
      records.push(...(await consumer.poll({ timeoutMs: POLL_MS, maxRecords: count - records.length })));
    }
    return records;
  }

  reading(topics: string | RegExp, options: Partial<ConsumerOptions> = {}, listener?: Listener): Reading {
    const consumer = this.consumer(options);
    consumer.subscribe(topics, listener);
    const reading = new Reading(consumer);
    this.#closers.push(() => reading.close());
    return reading;
  }

  /** Of both partitions together, as somebody else is told. */
  async allCommitted(groupId: string, topic: string): Promise<number> {
    const witness = this.consumer({ groupId, enableAutoCommit: false });
    const found = await witness.committed([0, 1].map((partition) => ({ topic, partition })));
    await witness.close();
    return found.reduce((sum, one) => sum + (one?.offset ?? 0), 0);
  }

  /** By hand: the coordinator does not count it among the members any more. */
  async throwOut({ groupId, memberId }: { readonly groupId: string; readonly memberId: string }): Promise<void> {
    const [host = "", port = ""] = this.#broker.bootstrapServers.split(":");
    const connection = await RawConnection.open(host, Number(port));
    try {
      await askOverTcp(connection, "LeaveGroup", 5, { groupId, members: [{ memberId, groupInstanceId: null, reason: null }] });
    } finally {
      await connection.close();
    }
  }

  async until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    while (!(await isSo())) {
      if (performance.now() > deadline) throw new Error(`waited for ${what}`);
      await pause(LOOK_AGAIN_MS);
    }
  }

  pause(ms: number): Promise<void> {
    return pause(ms);
  }

  async close(): Promise<void> {
    await Promise.all(this.#closers.map((close) => close()));
  }
}
