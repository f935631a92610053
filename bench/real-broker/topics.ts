/** The topics of a suite: made before they are needed, looked at afterwards, removed. */
import { setTimeout as pause } from "node:timers/promises";
import { Admin } from "../../src/client/admin/admin.ts";

/** Deleted for good at once: the next run shall not share the disk with it. */
const CONFIGS = { "file.delete.delay.ms": "0" } as const;
const LOOK_AGAIN_MS = 50;

export class RunTopics {
  readonly #admin: Admin;
  readonly #prefix: string = `bench-${process.pid}`;
  readonly #partitions = new Map<string, number>();

  constructor(bootstrapServers: string) {
    this.#admin = new Admin({ bootstrapServers, clientId: "bench" });
  }

  /** So many at once, ahead of the runs that need them: leaders are not elected while something is measured. */
  async create(count: number, partitions: number): Promise<string[]> {
    const names = Array.from({ length: count }, (_, index) => `${this.#prefix}-${this.#partitions.size + index + 1}`);
    const topics = names.map((name) => ({ name, numPartitions: partitions, replicationFactor: 1, configs: CONFIGS }));
    for (const { error } of await this.#admin.createTopics(topics)) if (error !== undefined) throw error;
    for (const name of names) this.#partitions.set(name, partitions);
    // Only when the broker leads them.
    for (const name of names) await this.records(name);
    return names;
  }

  /** How many are in its log. */
  async records(topic: string): Promise<number> {
    const length = this.#partitions.get(topic) ?? 0;
    const partitions = Array.from({ length }, (_, partition) => ({ topic, partition, at: "latest" as const }));
    let sum = 0;
    for (const { offset, error } of await this.#admin.listOffsets(partitions)) {
      if (error !== undefined) throw error;
      sum += offset;
    }
    return sum;
  }

  /** As `records`, but waits a while until there are as many as expected. */
  async arrived(topic: string, expected: number, patienceMs: number): Promise<number> {
    const until = Date.now() + patienceMs;
    let records = await this.records(topic);
    while (records < expected && Date.now() < until) {
      await pause(LOOK_AGAIN_MS);
      records = await this.records(topic);
    }
    return records;
  }

  async remove(name: string): Promise<void> {
    await this.#admin.deleteTopics([name]);
  }

  close(): Promise<void> {
    return this.#admin.close();
  }
}
