// A client's cluster that knows one topic, of three partitions, and whose brokers may say other things of it.

import { expect } from "vitest";
import type { EmbeddedBroker } from "../../src/broker/index.ts";
import type { MetadataEvent } from "../../src/client/cluster/metadata-cache.ts";
import { ListOffsets, type ListOffsetsResponse } from "../../src/protocol/index.ts";
import { ClusterStage, type StageOptions } from "./cluster-stage.ts";

export const place = { topic: "orders", partition: 0 } as const;
export const leader = { kind: "leader", topic: "orders", partition: 0 } as const;

export interface MetadataBody {
  readonly brokers: readonly { readonly nodeId: number }[];
  readonly topics: readonly { readonly name: string; readonly partitions: readonly { readonly partitionIndex: number }[] }[];
}

export async function stageThatKnowsOrders(options: StageOptions): Promise<ClusterStage> {
  const stage = await ClusterStage.start(options);
  await stage.value(stage.cluster.topics(["orders"], stage.deadline()));
  // Whatever comes next is not held back by what was just asked.
  await stage.clock.advance(10_000);
  return stage;
}

/** Nothing was asked in a loop, and no timer is left. */
export async function endQuietly(stage: ClusterStage): Promise<void> {
  expect(stage.broker.journal.hotLoops).toEqual([]);
  expect(await stage.closeClient()).toBe(0);
  await stage.close();
}

const errorsIn = ({ topics }: ListOffsetsResponse): readonly number[] =>
  topics.flatMap(({ partitions }) => partitions.map(({ errorCode }) => errorCode));

/** Something that only the leader answers. */
export function askLeader(stage: ClusterStage, timeoutMs = 60_000): Promise<{ broker: { nodeId: number } }> {
  const topics = [{ name: "orders", partitions: [{ partitionIndex: 0, timestamp: -1, currentLeaderEpoch: -1 }] }];
  return stage.cluster.ask(ListOffsets, { replicaId: -1, topics }, leader, { deadline: stage.deadline(timeoutMs), errorsIn });
}

export function otherReplica(broker: EmbeddedBroker): number {
  return broker.leaderOf(place) === 1 ? 2 : 1;
}

/** Changes every answer to Metadata. */
export function alterMetadata(
  stage: ClusterStage,
  alter: (body: MetadataBody) => unknown,
  times: number = Number.POSITIVE_INFINITY,
): { cancel(): void } {
  return stage.broker.faults.on("Metadata", async (_, asked) => alter((await asked.next()) as MetadataBody), { times });
}

/** What the cluster tells from now on. */
export function eventsOf(stage: ClusterStage): readonly MetadataEvent[] {
  const seen: MetadataEvent[] = [];
  stage.cluster.onChange((change) => seen.push(...change.events));
  return seen;
}
