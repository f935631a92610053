import { setTimeout as pause } from "node:timers/promises";
import { errorCode } from "../../../src/protocol/index.ts";
import type { KafkaCluster } from "../../support/kafka/kafka-cluster.ts";
import { partitionsOf } from "./targets.ts";

const CREATE_MS = 15_000;
const CREATE_VERSION = 5;
const RETRY_MS = 50;
/** A machine that has other things to do takes its time for nodes that come back. */
const UNTIL_MS = 120_000;

interface ClusterTopic {
  readonly name: string;
  readonly partitions: number;
}

/** With as many replicas as the cluster has nodes; resolves when all are in sync. */
export async function createTopics(cluster: KafkaCluster, topics: readonly ClusterTopic[]): Promise<void> {
  const wanted = topics.map(({ name, partitions }) => ({
    name,
    numPartitions: partitions,
    replicationFactor: -1,
    assignments: [],
    configs: [],
  }));
  const answer = await cluster.ask("CreateTopics", CREATE_VERSION, { topics: wanted, timeoutMs: CREATE_MS, validateOnly: false });
  const failed = answer.topics.find((topic) => topic.errorCode !== 0);
  if (failed !== undefined) throw new Error(`${failed.name} was not created: ${errorCode(failed.errorCode).name}`);
  await untilAllInSync(cluster, topics);
}

/** Resolves when every partition has a leader and all of its replicas. */
export async function untilAllInSync(cluster: KafkaCluster, topics: readonly ClusterTopic[]): Promise<void> {
  const count = topics.reduce((sum, { partitions }) => sum + partitions, 0);
  const names = topics.map(({ name }) => name);
  const untilMs = performance.now() + UNTIL_MS;
  for (;;) {
    let seen: string;
    try {
      const partitions = await partitionsOf(cluster, names);
      const sound = partitions.filter(({ leaderId, replicas, inSync }) => leaderId >= 0 && inSync === replicas).length;
      if (sound === count && partitions.length === count) return;
      seen = `${sound} of ${count} partitions are in sync`;
    } catch (error) {
      // Whoever has just come back may have other things to do than to answer.
      seen = String(error);
    }
    if (performance.now() > untilMs) throw new Error(`after ${UNTIL_MS} ms: ${seen}`);
    await pause(RETRY_MS);
  }
}
