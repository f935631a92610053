import { PartitionMap, type TopicPartition } from "../topic-partition.ts";
import { AssignedPartition } from "./assigned-partition.ts";

/** What one assignment has that the one before had not, and the other way round. */
export interface AssignmentChange {
  readonly added: readonly AssignedPartition[];
  readonly removed: readonly AssignedPartition[];
}

/** The partitions that this consumer reads. */
export class Assignment {
  #partitions = new PartitionMap<AssignedPartition>();
  readonly #onCourseLeft: (partition: AssignedPartition) => void;

  constructor(onCourseLeft: (partition: AssignedPartition) => void = () => undefined) {
    this.#onCourseLeft = onCourseLeft;
  }

  get size(): number {
    return this.#partitions.size;
  }

  get(topic: string, partition: number): AssignedPartition | undefined {
    return this.#partitions.get(topic, partition);
  }

  all(): Iterable<AssignedPartition> {
    return this.#partitions.values();
  }

  topics(): Iterable<string> {
    return this.#partitions.topics();
  }

  /** Instead of what was assigned so far; what is in both keeps its position, is still paused, and keeps what is buffered. */
  replace(partitions: Iterable<TopicPartition>): AssignmentChange {
    const before = this.#partitions;
    const next = new PartitionMap<AssignedPartition>();
    const added: AssignedPartition[] = [];
    for (const { topic, partition } of partitions) {
      if (next.has(topic, partition)) continue;
      const kept = before.get(topic, partition);
      if (kept === undefined) {
        const one = new AssignedPartition(topic, partition, this.#onCourseLeft);
        added.push(one);
        next.set(topic, partition, one);
      } else next.set(topic, partition, kept);
    }
    const removed = [...before.values()].filter(({ topic, partition }) => !next.has(topic, partition));
    for (const one of removed) one.unassign();
    this.#partitions = next;
    return { added, removed };
  }
}
