// Writes records without end, each with its number: the one at offset 7 of a partition says that it is the one at offset 7.

import { setTimeout as pause } from "node:timers/promises";
import { Producer } from "../../../../src/index.ts";
import type { PartitionName } from "./history.ts";
import { keyAt, valueAt } from "./numbered-value.ts";

export interface NumberWriterInit {
  readonly bootstrapServers: string;
  readonly topics: Readonly<Record<string, number>>;
  readonly ratePerSecond: number;
}

interface Target {
  readonly topic: string;
  readonly partition: number;
  sent: number;
  acknowledged: number;
}

const TICK_MS = 10;

export class NumberWriter {
  readonly violations: string[] = [];
  readonly #ratePerSecond: number;
  readonly #producer: Producer;
  readonly #targets: readonly Target[];
  #sent = 0;

  constructor({ bootstrapServers, topics, ratePerSecond }: NumberWriterInit) {
    this.#ratePerSecond = ratePerSecond;
    this.#producer = new Producer({ bootstrapServers, clientId: "writer", lingerMs: 5, compression: "lz4" });
    this.#targets = Object.entries(topics).flatMap(([topic, partitions]) =>
      Array.from({ length: partitions }, (_, partition) => ({ topic, partition, sent: 0, acknowledged: 0 })),
    );
  }

  /** Of each partition, how many records are acknowledged. */
  written(): ReadonlyMap<PartitionName, number> {
    return new Map(this.#targets.map(({ topic, partition, acknowledged }) => [`${topic}-${partition}`, acknowledged]));
  }

  /** Resolves when all are acknowledged that were sent until it was over. */
  async run(isOver: () => boolean): Promise<void> {
    const startedMs = performance.now();
    while (!isOver()) {
      const due = Math.floor(((performance.now() - startedMs) * this.#ratePerSecond) / 1000);
      for (; this.#sent < due; this.#sent++) await this.#send();
      await pause(TICK_MS);
    }
    await this.#producer.flush();
    for (const { topic, partition, sent, acknowledged } of this.#targets) {
      if (sent !== acknowledged)
        this.violations.push(`${topic}-${partition}: ${acknowledged} of ${sent} records were acknowledged`);
    }
  }

  close(): Promise<void> {
    return this.#producer.close();
  }

  async #send(): Promise<void> {
    const target = this.#targets[this.#sent % this.#targets.length]!;
    const { topic, partition } = target;
    const offset = target.sent++;
    const record = { partition, key: keyAt(offset), value: valueAt(topic, partition, offset) };
    const settled = (error: unknown, metadata: { readonly offset: number } | undefined): void => {
      if (metadata?.offset === offset) target.acknowledged++;
      else this.violations.push(`${record.value}: ${error === null ? `acknowledged at ${metadata?.offset}` : String(error)}`);
    };
    while (!this.#producer.produce(topic, record, settled)) await this.#producer.ready();
  }
}
