/** What a LeaveGroup request does to a classic group. */
import type { ErrorName } from "../../../protocol/index.ts";
import type { Leaver } from "../leaver.ts";
import type { ClassicGroup } from "./classic-group.ts";

/** Lets them go one by one; the others hear of it once. What befell each, in the same order. */
export function leave(group: ClassicGroup, leavers: readonly Leaver[]): readonly (ErrorName | undefined)[] {
  const errors = leavers.map((leaver) => leaveOne(group, leaver));
  if (errors.includes(undefined) && !group.isEmpty) group.rebalanceOrComplete();
  return errors;
}

function leaveOne(group: ClassicGroup, { memberId, groupInstanceId }: Leaver): ErrorName | undefined {
  if (memberId === "") {
    const member = groupInstanceId === null ? undefined : group.members.byInstanceId(groupInstanceId);
    if (member === undefined) return "UNKNOWN_MEMBER_ID";
    group.drop(member.id);
    return undefined;
  }
  const error = group.members.isPending(memberId) ? undefined : group.members.refusal(memberId, groupInstanceId);
  if (error === undefined) group.drop(memberId);
  return error;
}
