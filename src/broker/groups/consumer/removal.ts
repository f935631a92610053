/** What a LeaveGroup request, which is the classic protocol's, does to a consumer group: administrators remove members with it. */
import type { ErrorName } from "../../../protocol/index.ts";
import { isRefusal, type Refusal } from "../../cluster/refusal.ts";
import type { Leaver } from "../leaver.ts";
import { instanceHolder, unknownInstance, unknownMember } from "./admission.ts";
import type { ConsumerGroup } from "./consumer-group.ts";
import type { ConsumerMember } from "./member.ts";

/** Removes them together, which is one change of the group. What befell each, in the same order. */
export function removeMembers(group: ConsumerGroup, leavers: readonly Leaver[]): readonly (ErrorName | undefined)[] {
  const found = leavers.map((leaver) => memberOf(leaver, group));
  const members = new Set(found.flatMap((outcome) => (isRefusal(outcome) ? [] : [outcome])));
  if (members.size > 0) group.remove(...members);
  return found.map((outcome) => (isRefusal(outcome) ? outcome.error : undefined));
}

function memberOf({ memberId, groupInstanceId }: Leaver, group: ConsumerGroup): ConsumerMember | Refusal {
  if (groupInstanceId === null) return group.member(memberId) ?? unknownMember(memberId, group);
  if (memberId !== "") return instanceHolder(memberId, groupInstanceId, group);
  return group.staticMember(groupInstanceId) ?? unknownInstance(groupInstanceId);
}
