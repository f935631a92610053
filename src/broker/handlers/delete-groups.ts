import { DeleteGroups, type DeleteGroupsResult, type Draft, type ErrorName } from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import { codeOf, NONE } from "../error-codes.ts";
import type { RequestContext } from "../request-context.ts";

export const handler: Handler = defineHandler(DeleteGroups, {
  answer(request, context) {
    return { results: Array.from(new Set(request.groupsNames), (groupId) => deleteGroup(groupId, context)) };
  },
  refuse: (request, errorCode) => ({ results: request.groupsNames.map((groupId) => ({ groupId, errorCode })) }),
});

function deleteGroup(groupId: string, context: RequestContext): Draft<DeleteGroupsResult> {
  const { groups, coordinators } = context.cluster;
  const failed = (error: ErrorName, errorMessage: string | null = null) => ({ groupId, errorCode: codeOf(error), errorMessage });
  const refusal = coordinators.refusal("group", groupId, context.node);
  if (refusal !== undefined) return failed(refusal);
  const group = groups.get(groupId);
  if (group === undefined) return failed("GROUP_ID_NOT_FOUND", `Group ${groupId} not found.`);
  if (!group.isEmpty) return failed("NON_EMPTY_GROUP");
  groups.delete(group);
  return { groupId, errorCode: NONE };
}
