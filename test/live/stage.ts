// What is made on a fresh node before anything is asked.

import { apis } from "../../src/protocol/index.ts";
import type { Live } from "./live.ts";
import { STAGE_RECORDS, type Stage } from "./script.ts";

export async function prepareStage(live: Live, offered: ReadonlySet<number>): Promise<Stage> {
  const topic = await live.newTopic(2);
  await live.produce(topic.name, { records: STAGE_RECORDS });
  const hasShareGroups = offered.has(apis.ShareGroupHeartbeat.key);
  await loadCoordinators(live, topic.name);
  if (hasShareGroups)
    await live.until("FindCoordinator", 6, { keyType: 2, coordinatorKeys: [`first-group:${topic.id}:0`] }, isReady);
  const { brokers } = await live.send("DescribeCluster", 1, {});
  const { results } = await live.send("DescribeLogDirs", 4, { topics: [] });
  return { topic, brokerId: brokers[0]?.brokerId ?? -1, logDir: results[0]?.logDir ?? "", hasShareGroups };
}

/** The topics in which groups, transactions and share groups are kept are made when they are first asked for. */
async function loadCoordinators(live: Live, topic: string): Promise<void> {
  await live.until("FindCoordinator", 6, { keyType: 0, coordinatorKeys: ["first-group"] }, isReady);
  await live.until("FindCoordinator", 6, { keyType: 1, coordinatorKeys: ["first-transaction"] }, isReady);
  const partitions = [{ partitionIndex: 0, committedOffset: 0, committedMetadata: null }];
  await live.until("OffsetCommit", 9, { groupId: "first-group", topics: [{ name: topic, partitions }] }, isReady);
  await live.until("InitProducerId", 5, { transactionalId: "first-transaction", transactionTimeoutMs: 60_000 }, isReady);
}

function isReady({ errors }: { readonly errors: readonly string[] }): boolean {
  return errors.length === 0;
}
