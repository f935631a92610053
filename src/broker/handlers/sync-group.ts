import { type Draft, type ErrorName, SyncGroup, type SyncGroupRequest, type SyncGroupResponse } from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import { codeOf, NONE } from "../error-codes.ts";
import type { ClassicGroup } from "../groups/classic/classic-group.ts";
import type { SyncAnswer } from "../groups/classic/classic-member.ts";
import { type SyncRequest, sync } from "../groups/classic/sync.ts";
import { parked } from "../groups/parked.ts";
import { NO_ANSWER } from "../no-answer.ts";
import type { RequestContext } from "../request-context.ts";

const FIRST_VERSION_WITH_PROTOCOL = 5;

export const handler: Handler = defineHandler(SyncGroup, {
  async answer(request, context) {
    const group = reachableGroup(request, context);
    if (typeof group === "string") return { errorCode: codeOf(group) };
    const answer = await parked<SyncAnswer>(context, (give) => sync(group, syncRequest(request), give));
    return answer === NO_ANSWER ? NO_ANSWER : responseOf(answer);
  },
  refuse: (_request, errorCode) => ({ errorCode }),
});

function reachableGroup(request: SyncGroupRequest, { cluster, node, version }: RequestContext): ClassicGroup | ErrorName {
  const { groupId, protocolType, protocolName } = request;
  if (version >= FIRST_VERSION_WITH_PROTOCOL && (protocolType === null || protocolName === null))
    return "INCONSISTENT_GROUP_PROTOCOL";
  if (groupId === "") return "INVALID_GROUP_ID";
  const refusal = cluster.coordinators.refusal("group", groupId, node);
  return refusal ?? cluster.groups.classicGroup(groupId, { create: false }) ?? "UNKNOWN_MEMBER_ID";
}

function syncRequest({ assignments, ...request }: SyncGroupRequest): SyncRequest {
  return { ...request, assignments: new Map(assignments.map(({ memberId, assignment }) => [memberId, assignment])) };
}

function responseOf(answer: SyncAnswer): Draft<SyncGroupResponse> {
  return "error" in answer ? { errorCode: codeOf(answer.error) } : { errorCode: NONE, ...answer };
}
