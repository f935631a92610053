import { type DescribedLogDirTopic, DescribeLogDirs, type Draft } from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import { LOG_DIRECTORY } from "../cluster/log-directory.ts";
import type { RequestContext } from "../request-context.ts";

/** The size of memory's volume is unknown, as Kafka says where it cannot tell. */
export const handler: Handler = defineHandler(DescribeLogDirs, {
  answer({ topics }, context) {
    const asked = topics === null ? undefined : partitionsByTopic(topics);
    return { results: [{ logDir: LOG_DIRECTORY, topics: replicasHere(asked, context) }] };
  },
  refuse: (_request, errorCode) => ({ errorCode }),
});

type PartitionsByTopic = ReadonlyMap<string, ReadonlySet<number>>;

function partitionsByTopic(
  topics: readonly { readonly topic: string; readonly partitions: readonly number[] }[],
): PartitionsByTopic {
  const all = new Map<string, Set<number>>();
  for (const { topic, partitions } of topics) all.set(topic, new Set([...(all.get(topic) ?? []), ...partitions]));
  return all;
}

/** What does not exist or is elsewhere is left out without an error. */
function replicasHere(
  asked: PartitionsByTopic | undefined,
  { cluster, node }: RequestContext,
): readonly Draft<DescribedLogDirTopic>[] {
  const described: Draft<DescribedLogDirTopic>[] = [];
  for (const { name, partitions } of cluster.topics) {
    const wanted = asked?.get(name);
    if (asked !== undefined && wanted === undefined) continue;
    const here = partitions.filter(({ replicas, index }) => replicas.includes(node.id) && (wanted?.has(index) ?? true));
    if (here.length === 0) continue;
    described.push({
      name,
      // No replica lags, and none is on its way to another directory.
      partitions: here.map(({ index, log }) => ({ partitionIndex: index, partitionSize: log.sizeInBytes, offsetLag: 0 })),
    });
  }
  return described;
}
