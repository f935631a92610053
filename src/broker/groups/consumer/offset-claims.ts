/** Who may commit and fetch the offsets of a consumer group. */
import type { ErrorName } from "../../../protocol/index.ts";
import type { OffsetCommitClaim, OffsetFetchClaim } from "../offset-access.ts";
import type { ConsumerGroup } from "./consumer-group.ts";
import type { ConsumerMember } from "./member.ts";

/** Before it, a commit says nothing of member epochs. */
const FIRST_COMMIT_WITH_MEMBER_EPOCH = 9;

export function commitError(claim: OffsetCommitClaim, group: ConsumerGroup): ErrorName | undefined {
  const { memberId, generationIdOrMemberEpoch: memberEpoch, isTransactional, version } = claim;
  if (memberEpoch < 0 && group.isEmpty) return undefined;
  // A transactional producer need not say for whom it commits.
  if (isTransactional && memberEpoch === -1 && memberId === "" && claim.groupInstanceId === null) return undefined;
  const member = group.member(memberId);
  if (member === undefined) return "UNKNOWN_MEMBER_ID";
  if (!isTransactional && version < FIRST_COMMIT_WITH_MEMBER_EPOCH) return "UNSUPPORTED_VERSION";
  if (memberEpoch === member.memberEpoch || isForPartitionsHeldSince(claim, member, group)) return undefined;
  return "STALE_MEMBER_EPOCH";
}

export function fetchError({ memberId, memberEpoch }: OffsetFetchClaim, group: ConsumerGroup): ErrorName | undefined {
  const member = group.member(memberId);
  if (member === undefined) return "UNKNOWN_MEMBER_ID";
  return memberEpoch === member.memberEpoch ? undefined : "STALE_MEMBER_EPOCH";
}

/** An older epoch is good for partitions that the member has had since then or longer (KIP-1251). */
function isForPartitionsHeldSince(claim: OffsetCommitClaim, member: ConsumerMember, { cluster }: ConsumerGroup): boolean {
  const { generationIdOrMemberEpoch: memberEpoch, partitions } = claim;
  if (memberEpoch > member.memberEpoch) return false;
  return partitions.every(({ topic, partition }) => {
    const topicId = cluster.topics.get(topic)?.id ?? "";
    const since = member.assigned.get(topicId)?.get(partition) ?? member.pendingRevocation.get(topicId)?.get(partition);
    return since !== undefined && memberEpoch >= since;
  });
}
