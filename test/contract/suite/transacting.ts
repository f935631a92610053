// How the chapters about transactions begin one, and look at what a group has committed.

import type { Producer, ProducerOptions } from "../../../src/index.ts";
import type { Stage } from "./stage.ts";

/** Every broker since 0.11 takes it. */
const OFFSET_FETCH_VERSION = 1;
export const NOT_COMMITTED = -1;

export async function transactional(stage: Stage, options: Partial<ProducerOptions> = {}): Promise<Producer> {
  const producer = stage.newProducer({ transactionalId: stage.uniqueName("producer"), ...options });
  await producer.initTransactions();
  return producer;
}

/** Where a group goes on. */
export async function committedOffset(stage: Stage, groupId: string, topic: string, partition = 0): Promise<number> {
  return stage.eventually(async () => {
    const body = { groupId, topics: [{ name: topic, partitionIndexes: [partition] }] };
    const { topics } = await stage.ask("OffsetFetch", OFFSET_FETCH_VERSION, body);
    const found = topics[0]?.partitions[0];
    // The coordinator may still be looking for what it has.
    if (found?.errorCode !== 0) throw new Error(`OffsetFetch was answered with ${found?.errorCode}`);
    return Number(found.committedOffset);
  });
}
