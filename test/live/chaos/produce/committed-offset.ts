import { setTimeout as pause } from "node:timers/promises";
import { errorCode } from "../../../../src/protocol/index.ts";
import { askAt } from "../../../support/kafka/ask-at.ts";
import type { KafkaCluster } from "../../../support/kafka/kafka-cluster.ts";

/** The first version that waits for offsets of open transactions, and the last that asks for one group only. */
const OFFSET_FETCH_VERSION = 7;
const UNTIL_MS = 60_000;
const RETRY_MS = 100;

/** Where the group goes on, once no transaction is open that might change it; undefined if it has not begun. Asked over a bare socket. */
export async function committedOffset(
  cluster: KafkaCluster,
  group: string,
  { topic, partition }: { readonly topic: string; readonly partition: number },
): Promise<number | undefined> {
  const body = { groupId: group, topics: [{ name: topic, partitionIndexes: [partition] }], requireStable: true };
  const untilMs = performance.now() + UNTIL_MS;
  let last: unknown;
  while (performance.now() < untilMs) {
    // Whoever is not the group's coordinator says so.
    for (const node of cluster.nodes.filter(({ state }) => state === "running")) {
      try {
        const answer = await askAt(node.direct, "OffsetFetch", OFFSET_FETCH_VERSION, body);
        const found = answer.topics[0]?.partitions[0];
        last = errorCode(answer.errorCode !== 0 ? answer.errorCode : (found?.errorCode ?? 0)).name;
        if (last === "NONE" && found !== undefined) return found.committedOffset < 0 ? undefined : Number(found.committedOffset);
      } catch (error) {
        last = error;
      }
    }
    await pause(RETRY_MS);
  }
  throw new Error(`the offset of ${group} could not be had in ${UNTIL_MS} ms`, { cause: last });
}
