// Writes that count only when all in-sync replicas have them: how tests see whether a cluster is of use.

import { setTimeout as pause } from "node:timers/promises";
import { errorCode } from "../../../src/protocol/index.ts";
import { batchOf } from "../produce.ts";
import { askAt } from "./ask-at.ts";
import type { KafkaCluster } from "./kafka-cluster.ts";

const RETRY_MS = 20;
const UNTIL_MS = 60_000;
/** Shorter than an answer may take: the broker gives up first, and says so. */
const ACKNOWLEDGE_MS = 1000;
const CREATE_MS = 15_000;

/** Creates a topic with one partition on these brokers; the first is to lead it. */
export async function createTopic(cluster: KafkaCluster, topic: string, brokerIds: readonly number[]): Promise<void> {
  const assignments = [{ partitionIndex: 0, brokerIds }];
  const wanted = { name: topic, numPartitions: -1, replicationFactor: -1, assignments, configs: [] };
  const { topics } = await cluster.ask("CreateTopics", 5, { topics: [wanted], timeoutMs: CREATE_MS, validateOnly: false });
  const [created] = topics;
  if (created?.errorCode !== 0) throw new Error(`${topic} was not created: ${errorCode(created?.errorCode ?? -1).name}`);
}

export interface PartitionView {
  readonly leaderId: number;
  readonly isrNodes: readonly number[];
}

/** Partition 0 of the topic, as the first running node knows it. */
export async function partitionOf(cluster: KafkaCluster, topic: string): Promise<PartitionView> {
  const { topics } = await cluster.ask("Metadata", 4, { topics: [{ name: topic }], allowAutoTopicCreation: false });
  return topics[0]?.partitions[0] ?? { leaderId: -1, isrNodes: [] };
}

/** Resolves when a record is on all in-sync replicas of partition 0. Tries again after every refusal until then. */
export async function untilWritten(cluster: KafkaCluster, topic: string): Promise<void> {
  const deadline = Date.now() + UNTIL_MS;
  let last: unknown;
  while (Date.now() < deadline) {
    try {
      const { leaderId } = await partitionOf(cluster, topic);
      const leader = cluster.nodes.find(({ id, state }) => id === leaderId && state === "running");
      if (leader !== undefined) {
        const partitionData = [{ index: 0, records: batchOf("written") }];
        const request = { acks: -1, timeoutMs: ACKNOWLEDGE_MS, topicData: [{ name: topic, partitionData }] };
        const { responses } = await askAt(leader.direct, "Produce", 7, request);
        const code = responses[0]?.partitionResponses[0]?.errorCode;
        if (code === 0) return;
        last = errorCode(code ?? -1).name;
      }
    } catch (error) {
      last = error;
    }
    await pause(RETRY_MS);
  }
  throw new Error(`no write to ${topic} was acknowledged in ${UNTIL_MS} ms`, { cause: last });
}

/** Resolves when the partition has exactly these in-sync replicas, in whatever order. */
export async function untilInSync(cluster: KafkaCluster, topic: string, brokerIds: readonly number[]): Promise<PartitionView> {
  const deadline = Date.now() + UNTIL_MS;
  for (;;) {
    const view = await partitionOf(cluster, topic);
    if (view.isrNodes.length === brokerIds.length && brokerIds.every((id) => view.isrNodes.includes(id))) return view;
    if (Date.now() > deadline)
      throw new Error(`${topic} is in sync on ${view.isrNodes.join(", ")}, expected ${brokerIds.join(", ")}`);
    await pause(RETRY_MS);
  }
}
