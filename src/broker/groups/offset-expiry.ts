/** When offsets go by themselves (KIP-211). */
import type { Group } from "./groups.ts";
import type { CommittedOffset } from "./offsets.ts";

/** Forgets what has expired. Returns whether nothing is left that would keep an empty group alive. */
export function expireOffsets(group: Group, nowMs: number, retentionMs: number): boolean {
  const { offsets } = group;
  if (offsets.isEmpty) return true;
  const since = retentionStart(group);
  if (since === undefined) return false;
  let isAllGone = true;
  for (const [topic, partitions] of offsets.all()) {
    for (const [partition, offset] of partitions) {
      const hasExpired = nowMs >= (offset.expiresAtMs ?? since(offset) + retentionMs);
      if (hasExpired && !group.isSubscribedTo(topic) && !offsets.isUnstable(topic, partition)) offsets.delete(topic, partition);
      else isAllGone = false;
    }
  }
  return isAllGone && !offsets.hasStaged;
}

/**
 * From when the retention time of an offset counts. Members keep the offsets of what they read; an empty group keeps all for some
 * time after the last one has left; of a group that nobody ever joined each commit counts for itself. Undefined when no offset may
 * go: the group rebalances, or nobody knows what it reads.
 */
function retentionStart(group: Group): ((offset: CommittedOffset) => number) | undefined {
  const sinceCommit = (offset: CommittedOffset): number => offset.committedAtMs;
  if (group.protocol === "consumer" || group.protocolType === null) return sinceCommit;
  if (group.isEmpty) return () => group.stateSinceMs;
  return group.state === "Stable" && group.subscribedTopics !== undefined ? sinceCommit : undefined;
}
