import { PartitionMap } from "./partition-map.ts";

/**
 * Offsets that the oldest clients (OffsetCommit and OffsetFetch v0) keep in ZooKeeper: beside the groups, which know nothing of them,
 * without metadata, and without end.
 */
export class ZooKeeperOffsets {
  readonly #byGroup = new Map<string, PartitionMap<number>>();

  commit(groupId: string, topic: string, partition: number, offset: number): void {
    let offsets = this.#byGroup.get(groupId);
    if (offsets === undefined) {
      offsets = new PartitionMap();
      this.#byGroup.set(groupId, offsets);
    }
    offsets.set(topic, partition, offset);
  }

  get(groupId: string, topic: string, partition: number): number | undefined {
    return this.#byGroup.get(groupId)?.get(topic, partition);
  }
}
