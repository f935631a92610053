import type { ConsumerMember, HeldPartitions } from "./member.ts";

/** Who holds which partition of the group's topics: nobody else gets it before it is given up. */
export class Holders {
  readonly #byTopic = new Map<string, Map<number, string>>();

  has(topicId: string, partition: number): boolean {
    return this.#byTopic.get(topicId)?.has(partition) === true;
  }

  /** What the member has is what it says now; undefined when it comes, or is gone. */
  replace(before: ConsumerMember | undefined, now: ConsumerMember | undefined): void {
    if (before !== undefined) for (const held of [before.assigned, before.pendingRevocation]) this.#remove(before.memberId, held);
    if (now !== undefined) for (const held of [now.assigned, now.pendingRevocation]) this.#add(now.memberId, held);
  }

  #add(memberId: string, held: HeldPartitions): void {
    for (const [topicId, partitions] of held) {
      const holders = this.#byTopic.get(topicId) ?? new Map<number, string>();
      for (const partition of partitions.keys()) holders.set(partition, memberId);
      this.#byTopic.set(topicId, holders);
    }
  }

  #remove(memberId: string, held: HeldPartitions): void {
    for (const [topicId, partitions] of held) {
      const holders = this.#byTopic.get(topicId);
      for (const partition of partitions.keys()) if (holders?.get(partition) === memberId) holders.delete(partition);
      if (holders?.size === 0) this.#byTopic.delete(topicId);
    }
  }
}
