import { setTimeout as pause } from "node:timers/promises";
import { Consumer, KafkaError, type TopicPartition } from "../../../../src/index.ts";
import type { ObservedCommit, PartitionName } from "./history.ts";
import { nameOf } from "./progress.ts";

const EVERY_MS = 400;
const PATIENCE_MS = 5000;

/** Asks again and again what a group has committed, as an outsider. */
export class CommitWatch {
  readonly group: string;
  readonly observed: ObservedCommit[] = [];
  readonly #consumer: Consumer;
  readonly #partitions: readonly TopicPartition[];
  readonly #last = new Map<PartitionName, number>();
  #isOver = false;

  constructor(bootstrapServers: string, group: string, partitions: readonly TopicPartition[]) {
    this.group = group;
    this.#consumer = new Consumer({ bootstrapServers, clientId: `watch-${group}`, groupId: group, enableAutoCommit: false });
    this.#partitions = partitions;
  }

  /** As it was told last. */
  get total(): number {
    return [...this.#last.values()].reduce((sum, offset) => sum + offset, 0);
  }

  async run(): Promise<void> {
    while (!this.#isOver) {
      try {
        await this.#ask();
      } catch (error) {
        // A coordinator that is away is none of its business.
        if (!(error instanceof KafkaError) || (!error.retriable && error.code !== "CLOSED")) throw error;
      }
      await pause(EVERY_MS);
    }
  }

  async close(): Promise<void> {
    this.#isOver = true;
    await this.#consumer.close();
  }

  async #ask(): Promise<void> {
    const askedMs = Date.now();
    const found = await this.#consumer.committed(this.#partitions, { timeoutMs: PATIENCE_MS });
    const answeredMs = Date.now();
    for (const [index, place] of this.#partitions.entries()) {
      const partition = nameOf(place);
      const offset = found[index]?.offset ?? 0;
      // What has not changed is not worth a line.
      if (this.#last.get(partition) === offset) continue;
      this.#last.set(partition, offset);
      this.observed.push({ partition, askedMs, answeredMs, offset });
    }
  }
}
