import { type PartitionItem, placeOf } from "../leaders/partition-item.ts";
import { type ArgumentProblems, MOST_INT32, quoted } from "./arguments.ts";

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
