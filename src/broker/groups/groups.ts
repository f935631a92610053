import type { Timer } from "../clock.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { NO_LEADER, type Partition } from "../cluster/partition.ts";
import { ClassicGroup } from "./classic/classic-group.ts";
import { ConsumerGroup } from "./consumer/consumer-group.ts";
import { expireOffsets } from "./offset-expiry.ts";
import { GroupOffsets } from "./offsets.ts";
import { ZooKeeperOffsets } from "./zookeeper-offsets.ts";

export type Group = ClassicGroup | ConsumerGroup;

/** The groups of the cluster, of both protocols. */
export class Groups {
  /** Where brokers with ZooKeeper keep what their oldest clients commit. */
  readonly zooKeeperOffsets: ZooKeeperOffsets = new ZooKeeperOffsets();
  readonly #cluster: Cluster;
  readonly #groups = new Map<string, Group>();
  /** Partitions of __consumer_offsets whose leader has groups to coordinate. */
  readonly #watched = new Map<Partition, () => void>();
  readonly #stopListening: () => void;
  #expiryTimer: Timer | undefined;
  #isClosed = false;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#stopListening = cluster.topics.onChange(() => this.#dropOffsetsOfMissingTopics());
  }

  get(id: string): Group | undefined {
    return this.#groups.get(id);
  }

  /** In the order of creation. */
  [Symbol.iterator](): IterableIterator<Group> {
    return this.#groups.values();
  }

  /**
   * The group of the consumer protocol with this id. `create` makes it where there is none, and turns a classic group without
   * members into one, its offsets kept. Undefined for a group that does not exist or that is still a classic one: both are
   * GROUP_ID_NOT_FOUND to a client.
   */
  consumerGroup(id: string, { create }: { readonly create: boolean }): ConsumerGroup | undefined {
    const present = this.#groups.get(id);
    if (present?.protocol === "consumer") return present;
    if (!create || present?.isEmpty === false) return undefined;
    return this.#put(new ConsumerGroup(this.#cluster, id, this.#takeOffsets(present)));
  }

  /** The classic group with this id, likewise. */
  classicGroup(id: string, { create }: { readonly create: boolean }): ClassicGroup | undefined {
    const present = this.#groups.get(id);
    if (present?.protocol === "classic") return present;
    if (!create || present?.isEmpty === false) return undefined;
    return this.#put(new ClassicGroup(this.#cluster, id, this.#takeOffsets(present)));
  }

  /** With its offsets. That it is without members has been checked. */
  delete(group: Group): void {
    group.close();
    this.#groups.delete(group.id);
  }

  /** A transaction is decided: what it staged counts now, or never will. */
  completeTransaction(producerId: bigint, committed: boolean): void {
    for (const group of this) group.offsets.complete(producerId, committed);
  }

  /** The topic was deleted. */
  dropOffsetsOf(topicName: string): void {
    for (const group of this) group.offsets.deleteTopic(topicName);
  }

  close(): void {
    this.#isClosed = true;
    this.#stopListening();
    this.#expiryTimer?.cancel();
    for (const stopWatching of this.#watched.values()) stopWatching();
    for (const group of this) group.close();
    this.#groups.clear();
  }

  #takeOffsets(predecessor: Group | undefined): GroupOffsets {
    predecessor?.close();
    return predecessor?.offsets ?? new GroupOffsets();
  }

  #put<Kind extends Group>(group: Kind): Kind {
    this.#groups.set(group.id, group);
    this.#watch(this.#cluster.coordinators.partitionOf("group", group.id));
    this.#expireLater();
    return group;
  }

  #watch(partition: Partition): void {
    if (this.#watched.has(partition)) return;
    this.#watched.set(
      partition,
      partition.onLeaderChange(() => this.#coordinatorMoved(partition)),
    );
  }

  #coordinatorMoved(partition: Partition): void {
    for (const group of this) {
      if (this.#cluster.coordinators.partitionOf("group", group.id) !== partition) continue;
      group.coordinatorMoved(partition.leaderId !== NO_LEADER);
    }
  }

  #dropOffsetsOfMissingTopics(): void {
    for (const { offsets } of this) {
      for (const topic of offsets.topics()) if (this.#cluster.topics.get(topic) === undefined) offsets.deleteTopic(topic);
    }
  }

  /** No clock runs for a cluster without groups. */
  #expireLater(): void {
    if (this.#expiryTimer !== undefined || this.#isClosed) return;
    const intervalMs = this.#cluster.configs.int("offsets.retention.check.interval.ms");
    this.#expiryTimer = this.#cluster.clock.schedule(intervalMs, () => {
      this.#expiryTimer = undefined;
      this.#expireOffsets();
      if (this.#groups.size > 0) this.#expireLater();
    });
  }

  #expireOffsets(): void {
    const { clock, configs } = this.#cluster;
    const retentionMs = configs.int("offsets.retention.minutes") * MS_PER_MINUTE;
    for (const group of this) {
      const isDone = expireOffsets(group, clock.now(), retentionMs);
      if (isDone && group.isEmpty) this.delete(group);
    }
  }
}

const MS_PER_MINUTE = 60_000;
