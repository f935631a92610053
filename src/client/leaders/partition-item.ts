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
