import type { ErrorName } from "../../../protocol/index.ts";
import type { OffsetCommitClaim } from "../offset-access.ts";
import type { ClassicGroup } from "./classic-group.ts";

/**
 * Why a commit is refused. Somebody without membership may commit as long as nobody is a member, or within a transaction, whose
 * producers used to know nothing of groups (KIP-447). Joins do not disturb a transaction either.
 */
export function commitError(claim: OffsetCommitClaim, group: ClassicGroup): ErrorName | undefined {
  const { memberId, groupInstanceId, generationIdOrMemberEpoch: generationId, isTransactional } = claim;
  if (group.state === "Dead") return "COORDINATOR_NOT_AVAILABLE";
  if (generationId < 0 && group.isEmpty) return undefined;
  if (generationId >= 0 || memberId !== "" || groupInstanceId !== null) {
    const refusal = group.members.refusal(memberId, groupInstanceId);
    if (refusal !== undefined) return refusal;
    if (generationId !== group.generationId) return "ILLEGAL_GENERATION";
  } else if (!isTransactional) {
    return "UNKNOWN_MEMBER_ID";
  }
  return !isTransactional && group.state === "CompletingRebalance" ? "REBALANCE_IN_PROGRESS" : undefined;
}
