import { type Draft, type ErrorName, LeaveGroup, type LeaveGroupRequest, type LeaveGroupResponse } from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import { codeOf, NONE } from "../error-codes.ts";
import { leave } from "../groups/classic/leave.ts";
import { removeMembers } from "../groups/consumer/removal.ts";
import type { Leaver } from "../groups/leaver.ts";
import type { RequestContext } from "../request-context.ts";

const FIRST_VERSION_WITH_MANY_MEMBERS = 3;

export const handler: Handler = defineHandler(LeaveGroup, {
  answer(request, context) {
    const leavers = leaversOf(request, context.version);
    const outcome = leaveAll(request.groupId, leavers, context);
    if (typeof outcome === "string") return { errorCode: codeOf(outcome) };
    const results = leavers.map((leaver, index) => ({ ...leaver, errorCode: codeOrNone(outcome[index]) }));
    return responseOf(results, context.version);
  },
  refuse: (_request, errorCode) => ({ errorCode }),
});

function leaversOf({ memberId, members }: LeaveGroupRequest, version: number): readonly Leaver[] {
  if (version < FIRST_VERSION_WITH_MANY_MEMBERS) return [{ memberId, groupInstanceId: null }];
  return members.map((member) => ({ memberId: member.memberId, groupInstanceId: member.groupInstanceId }));
}

function leaveAll(
  groupId: string,
  leavers: readonly Leaver[],
  { cluster, node }: RequestContext,
): ErrorName | readonly (ErrorName | undefined)[] {
  if (groupId === "") return "INVALID_GROUP_ID";
  const refusal = cluster.coordinators.refusal("group", groupId, node);
  if (refusal !== undefined) return refusal;
  const group = cluster.groups.get(groupId);
  if (group === undefined) return leavers.map(() => "UNKNOWN_MEMBER_ID");
  return group.protocol === "consumer" ? removeMembers(group, leavers) : leave(group, leavers);
}

/** Before v3 the one member's error is the request's. */
function responseOf(results: readonly (Leaver & { readonly errorCode: number })[], version: number): Draft<LeaveGroupResponse> {
  return version < FIRST_VERSION_WITH_MANY_MEMBERS ? { errorCode: results[0]?.errorCode ?? NONE } : { members: results };
}

function codeOrNone(error: ErrorName | undefined): number {
  return error === undefined ? NONE : codeOf(error);
}
