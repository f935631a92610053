import { type ArgumentProblems, MOST_INT32, quoted } from "./arguments.ts";

/** A partition that something is asked of. */
export interface PartitionItem {
  readonly topic: string;
  readonly partition: number;
}

export function placeOf({ topic, partition }: PartitionItem): string {
  return `${partition}/${topic}`;
}

/** As requests want it: topics, each with its partitions. */
export function byTopic<Item extends PartitionItem, Part>(
  items: readonly Item[],
  partFrom: (item: Item) => Part,
): readonly { readonly name: string; readonly partitions: readonly Part[] }[] {
  const topics = new Map<string, Part[]>();
  for (const item of items) {
    const parts = topics.get(item.topic) ?? [];
    parts.push(partFrom(item));
    topics.set(item.topic, parts);
  }
  return Array.from(topics, ([name, partitions]) => ({ name, partitions }));
}

export function checkPartitions(problems: ArgumentProblems, items: readonly PartitionItem[]): void {
  problems.requireList("[{ topic: 'orders', partition: 0 }]", items);
  const seen = new Set<string>();
  for (const item of items) {
    problems.requireName("topic", item.topic);
    problems.requireInteger(`topic ${quoted(item.topic)}: partition`, item.partition, 0, MOST_INT32);
    problems.require(!seen.has(placeOf(item)), () => `topic ${quoted(item.topic)} partition ${item.partition} is named twice`);
    seen.add(placeOf(item));
  }
}
