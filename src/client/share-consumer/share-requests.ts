/** What the two requests of a share session have in common: partitions by topic, and what was acknowledged of them. */

import type { ShareAcknowledgePartition, ShareFetchResponse } from "../../protocol/index.ts";
import type { LeaderHints } from "../cluster/leader-hints.ts";
import type { Acknowledgement } from "./acknowledgement.ts";
import { batchesOf, type OffsetRun } from "./offset-runs.ts";
import type { SessionPartition } from "./share-session.ts";

interface TopicWithPartitions<Partition> {
  readonly topicId: string;
  readonly partitions: readonly Partition[];
}

/** Partitions that are named, and those that something is acknowledged of. */
export function acknowledgedTopics(
  named: readonly SessionPartition[],
  acknowledgements: readonly Acknowledgement[],
): TopicWithPartitions<ShareAcknowledgePartition>[] {
  const places = new Map<string, { readonly place: SessionPartition; readonly runs: OffsetRun[] }>();
  const at = (place: SessionPartition): OffsetRun[] => {
    const key = keyOf(place);
    const found = places.get(key) ?? { place, runs: [] };
    places.set(key, found);
    return found.runs;
  };
  for (const place of named) at(place);
  for (const { lease, runs } of acknowledgements) at(lease).push(...runs);
  return byTopic([...places.values()], ({ place, runs }) => [
    place.topicId,
    { partitionIndex: place.partition, acknowledgementBatches: batchesOf(runs) },
  ]);
}

export function forgottenTopics(forgotten: readonly SessionPartition[]): TopicWithPartitions<number>[] {
  return byTopic(forgotten, ({ topicId, partition }) => [topicId, partition]);
}

export function keyOf({ topicId, partition }: SessionPartition): string {
  return `${topicId} ${partition}`;
}

type AnswerWithLeaders = Pick<ShareFetchResponse, "nodeEndpoints"> & {
  readonly responses: readonly {
    readonly topicId: string;
    readonly partitions: readonly Pick<ShareFetchResponse["responses"][0]["partitions"][0], "partitionIndex" | "currentLeader">[];
  }[];
};

/** KIP-951. Where nothing is wrong all is zero, which would name node 0; an epoch of 0 is never news. */
export function leaderHintsOf({ responses, nodeEndpoints }: AnswerWithLeaders): LeaderHints {
  const leaders = responses.flatMap(({ topicId, partitions }) =>
    partitions
      .filter(({ currentLeader: { leaderId, leaderEpoch } }) => leaderId >= 0 && leaderEpoch > 0)
      .map(({ partitionIndex, currentLeader }) => ({ topic: "", topicId, partition: partitionIndex, ...currentLeader })),
  );
  return { leaders, endpoints: nodeEndpoints };
}

function byTopic<Item, Entry>(
  items: readonly Item[],
  entryOf: (item: Item) => readonly [topicId: string, entry: Entry],
): TopicWithPartitions<Entry>[] {
  const topics = new Map<string, Entry[]>();
  for (const item of items) {
    const [topicId, entry] = entryOf(item);
    const entries = topics.get(topicId) ?? [];
    entries.push(entry);
    topics.set(topicId, entries);
  }
  return [...topics].map(([topicId, partitions]) => ({ topicId, partitions }));
}
