import { type ErrorName, Heartbeat, type HeartbeatRequest } from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import { codeOf, NONE } from "../error-codes.ts";
import { heartbeat } from "../groups/classic/heartbeat.ts";
import type { RequestContext } from "../request-context.ts";

export const handler: Handler = defineHandler(Heartbeat, {
  answer(request, context) {
    const error = errorFor(request, context);
    return { errorCode: error === undefined ? NONE : codeOf(error) };
  },
  refuse: (_request, errorCode) => ({ errorCode }),
});

function errorFor(request: HeartbeatRequest, { cluster, node }: RequestContext): ErrorName | undefined {
  if (request.groupId === "") return "INVALID_GROUP_ID";
  const refusal = cluster.coordinators.refusal("group", request.groupId, node);
  // A coordinator that is still loading cannot know better, and a member must not be alarmed.
  if (refusal === "COORDINATOR_LOAD_IN_PROGRESS") return undefined;
  if (refusal !== undefined) return refusal;
  const group = cluster.groups.classicGroup(request.groupId, { create: false });
  return group === undefined ? "UNKNOWN_MEMBER_ID" : heartbeat(group, request);
}
