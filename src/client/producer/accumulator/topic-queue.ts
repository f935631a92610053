import type { TopicMetadata } from "../../cluster/metadata-snapshot.ts";
import type { TopicPartitioner, TopicView } from "../partitioner/topic-partitioner.ts";
import { Fifo } from "./fifo.ts";
import { PartitionQueue } from "./partition-queue.ts";
import type { WaitingRecord } from "./waiting-record.ts";

export interface TopicQueueInit {
  readonly topic: string;
  readonly partitionerFor: (view: TopicView) => TopicPartitioner;
  readonly rackOf: (nodeId: number) => string | undefined;
  /** Monotonic. */
  readonly now: () => number;
}

/** What goes to one topic: its partitions' batches, and the records that cannot be put into one yet, first come, first served. */
export class TopicQueue implements TopicView {
  readonly topic: string;
  readonly waiting: Fifo<WaitingRecord> = new Fifo();
  /** Somebody is asking for its metadata. */
  isLookedUp = false;
  /** How often in a row that was in vain, and why. */
  lookUpFailures = 0;
  lookUpError: Error | undefined;
  readonly #init: TopicQueueInit;
  readonly #partitions: PartitionQueue[] = [];
  #metadata: TopicMetadata | undefined;
  #partitioner: TopicPartitioner | undefined;

  constructor(init: TopicQueueInit) {
    this.topic = init.topic;
    this.#init = init;
  }

  /** Undefined while it is not known. */
  get metadata(): TopicMetadata | undefined {
    return this.#metadata;
  }

  /** Those that were ever used. */
  get partitions(): Iterable<PartitionQueue> {
    return this.#partitions.filter((partition) => partition !== undefined);
  }

  /** True if the topic is another one by now: it was deleted, and created again. */
  learn(metadata: TopicMetadata | undefined): boolean {
    const known = this.#metadata;
    this.#metadata = metadata;
    const isOther = known !== undefined && metadata !== undefined && known.topicId !== metadata.topicId;
    // Partitions never become fewer, unless the topic is another one: then the sticky partition may not be there.
    if (isOther) this.#partitioner = undefined;
    return isOther;
  }

  get partitioner(): TopicPartitioner {
    this.#partitioner ??= this.#init.partitionerFor(this);
    return this.#partitioner;
  }

  /** The queue of a partition that exists. */
  partition(partition: number): PartitionQueue {
    const known = this.#partitions[partition];
    if (known !== undefined) return known;
    const made = new PartitionQueue(this.topic, partition);
    this.#partitions[partition] = made;
    return made;
  }

  get partitionCount(): number {
    return this.#metadata?.partitions.length ?? 0;
  }

  hasLeader(partition: number): boolean {
    return (this.#metadata?.partitions[partition]?.leaderId ?? -1) >= 0;
  }

  leaderRack(partition: number): string | undefined {
    return this.#init.rackOf(this.#metadata?.partitions[partition]?.leaderId ?? -1);
  }

  queuedBatches(partition: number): number {
    return this.#partitions[partition]?.waiting.length ?? 0;
  }

  stuckMs(partition: number): number {
    const sinceMs = this.#partitions[partition]?.stuckSinceMs ?? 0;
    return sinceMs === 0 ? 0 : this.#init.now() - sinceMs;
  }
}
