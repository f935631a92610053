import type { TopicPartition } from "../../../consumer/topic-partition.ts";
import { inHashOrder, partitionHash } from "../java-hash-order.ts";

interface Movement {
  readonly from: string;
  readonly to: string;
}

/** A set in Java's order, whose table never shrinks. */
class PartitionSet {
  readonly #partitions = new Set<TopicPartition>();
  #most = 0;

  get isEmpty(): boolean {
    return this.#partitions.size === 0;
  }

  get first(): TopicPartition | undefined {
    return inHashOrder(this.#partitions, partitionHash, this.#most)[0];
  }

  add(partition: TopicPartition): void {
    this.#partitions.add(partition);
    this.#most = Math.max(this.#most, this.#partitions.size);
  }

  delete(partition: TopicPartition): void {
    this.#partitions.delete(partition);
  }
}

/**
 * What has moved from whom to whom. Two partitions of a topic that would cross on their way are exchanged for none: one of them goes back
 * instead.
 */
export class Movements {
  readonly #byTopic = new Map<string, Map<string, PartitionSet>>();
  readonly #ofPartition = new Map<TopicPartition, Movement>();

  moved(partition: TopicPartition, from: string, to: string): void {
    const earlier = this.#ofPartition.get(partition);
    if (earlier === undefined) this.#add(partition, { from, to });
    else {
      this.#remove(partition, earlier);
      if (earlier.from !== to) this.#add(partition, { from: earlier.from, to });
    }
  }

  /** Which partition of the topic is to be moved so that this one, or one like it, goes there. */
  toBeMoved(partition: TopicPartition, from: string, to: string): TopicPartition {
    const source = this.#ofPartition.get(partition)?.from ?? from;
    return this.#byTopic.get(partition.topic)?.get(nameOf({ from: to, to: source }))?.first ?? partition;
  }

  #add(partition: TopicPartition, movement: Movement): void {
    this.#ofPartition.set(partition, movement);
    const ofTopic = this.#byTopic.get(partition.topic) ?? new Map<string, PartitionSet>();
    this.#byTopic.set(partition.topic, ofTopic);
    const name = nameOf(movement);
    const set = ofTopic.get(name) ?? new PartitionSet();
    ofTopic.set(name, set);
    set.add(partition);
  }

  #remove(partition: TopicPartition, movement: Movement): void {
    this.#ofPartition.delete(partition);
    const ofTopic = this.#byTopic.get(partition.topic);
    const set = ofTopic?.get(nameOf(movement));
    set?.delete(partition);
    if (set?.isEmpty === true) ofTopic?.delete(nameOf(movement));
  }
}

function nameOf({ from, to }: Movement): string {
  return JSON.stringify([from, to]);
}
