import { Consumer, onDiagnostics, type Rebalance, strings, type TopicPartition } from "../../index.ts";

export interface CrewInit {
  readonly bootstrapServers: string;
  readonly groupId: string;
  readonly topic: string;
}

/** A record that somebody has read, and committed. */
export interface Reading {
  readonly reader: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly value: string | null;
}

export interface SeenRebalance {
  readonly reader: string;
  readonly rebalance: Rebalance;
}

interface Member {
  readonly consumer: Consumer<string | null, string | null>;
  /** Until the consumer is closed. */
  readonly reading: Promise<void>;
}

/** The consumers of one group. Each reads batch by batch, and commits each. */
export class Crew {
  readonly readings: Reading[] = [];
  readonly rebalances: SeenRebalance[] = [];
  readonly #init: CrewInit;
  readonly #members = new Map<string, Member>();
  readonly #stopListening: () => void;
  readonly #failures: unknown[] = [];
  #onNews: (() => void) | undefined;

  constructor(init: CrewInit) {
    this.#init = init;
    this.#stopListening = onDiagnostics("kafkawire:consumer:rebalanced", ({ client, ...rebalance }) => {
      if (!this.#members.has(client.clientId)) return;
      this.rebalances.push({ reader: client.clientId, rebalance });
      this.#onNews?.();
    });
  }

  get names(): readonly string[] {
    return [...this.#members.keys()];
  }

  join(name: string): void {
    const { bootstrapServers, groupId, topic } = this.#init;
    const consumer = new Consumer({
      bootstrapServers,
      groupId,
      clientId: name,
      partitionAssignmentStrategy: "cooperative-sticky",
      // How soon a member hears that the others wait for it; three seconds are a long time in a story.
      heartbeatIntervalMs: 200,
      autoOffsetReset: "earliest",
      enableAutoCommit: false,
      keyDeserializer: strings,
      valueDeserializer: strings,
    });
    consumer.subscribe(topic);
    const reading = this.#read(name, consumer);
    reading.catch((error: unknown) => {
      this.#failures.push(error);
      this.#onNews?.();
    });
    this.#members.set(name, { consumer, reading });
  }

  /** Says goodbye, so that nobody has to wait for it. */
  async leave(name: string): Promise<void> {
    const consumer = this.consumer(name);
    const reading = this.#members.get(name)?.reading;
    this.#members.delete(name);
    await consumer.close();
    await reading;
  }

  consumer(name: string): Consumer<string | null, string | null> {
    const member = this.#members.get(name);
    if (member === undefined) throw new Error(`${name} is not in the group`);
    return member.consumer;
  }

  partitionsOf(name: string): readonly TopicPartition[] {
    return this.consumer(name).assignment();
  }

  holderOf(partition: number): string | undefined {
    return this.names.find((name) => this.partitionsOf(name).some((held) => held.partition === partition));
  }

  /** Resolves when it is so; whatever happens to the crew is a reason to look. @throws what a member has failed with */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      if (this.#failures.length > 0) throw this.#failures[0];
      await new Promise<void>((resolve) => {
        this.#onNews = resolve;
      });
    }
  }

  /** All partitions are held, and everybody is through with the same generation. */
  async untilSettled(partitions: number): Promise<void> {
    await this.until(() => {
      const held = this.names.reduce((sum, name) => sum + this.partitionsOf(name).length, 0);
      const last = [...this.#members.values()].map(({ consumer }) => consumer.rebalances().at(-1));
      const [first] = last;
      const isSame = last.every((one) => one?.outcome === "assigned" && one.generationId === first?.generationId);
      return held === partitions && isSame;
    });
  }

  async close(): Promise<void> {
    this.#stopListening();
    await Promise.all(this.names.map((name) => this.leave(name)));
  }

  async #read(reader: string, consumer: Consumer<string | null, string | null>): Promise<void> {
    for await (const batch of consumer.batches()) {
      await batch.commit();
      for (const { partition, offset, key, value } of batch) this.readings.push({ reader, partition, offset, key, value });
      this.#onNews?.();
    }
  }
}
