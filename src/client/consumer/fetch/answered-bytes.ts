import type { FetchResponse } from "../../../protocol/index.ts";
import type { FetchedBytes } from "../metrics/consumer-metrics.ts";
import type { AskedPartition } from "./asked-partition.ts";

/** How many bytes of records an answer has, by topic. For metrics. */
export function answeredBytes(
  { responses }: FetchResponse,
  labelOf: (row: FetchResponse["responses"][0]) => string,
  find: (label: string, partition: number) => AskedPartition | undefined,
): readonly FetchedBytes[] {
  const byTopic = new Map<string, number>();
  for (const row of responses) {
    const label = labelOf(row);
    for (const { partitionIndex, records } of row.partitions) {
      if (records === null || records.length === 0) continue;
      // A topic may come more than once, and one that nobody asked for has no name that we know.
      const topic = find(label, partitionIndex)?.topic;
      if (topic !== undefined) byTopic.set(topic, (byTopic.get(topic) ?? 0) + records.length);
    }
  }
  return Array.from(byTopic, ([topic, bytes]) => ({ topic, bytes }));
}
