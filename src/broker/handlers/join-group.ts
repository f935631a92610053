import {
  type Draft,
  JOIN_GROUP_NO_GENERATION,
  JoinGroup,
  type JoinGroupRequest,
  type JoinGroupResponse,
} from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import { codeOf, NONE } from "../error-codes.ts";
import type { JoinAnswer, JoinRefused } from "../groups/classic/classic-member.ts";
import { join } from "../groups/classic/join.ts";
import { namedOnce } from "../groups/classic/protocol-choice.ts";
import { parked } from "../groups/parked.ts";
import { NO_ANSWER } from "../no-answer.ts";
import type { RequestContext } from "../request-context.ts";

const FIRST_VERSION_WITH_REBALANCE_TIMEOUT = 1;
const FIRST_VERSION_WITH_MEMBER_ID_REQUIRED = 4;
const FIRST_VERSION_WITH_NULL_PROTOCOL = 7;
const FIRST_VERSION_WITH_SKIPPED_ASSIGNMENT = 9;

export const handler: Handler = defineHandler(JoinGroup, {
  async answer(request, context) {
    const { cluster, version } = context;
    const refused = refusalBeforeGroup(request, context);
    if (refused !== undefined) return responseOf(refused, version);
    const group = cluster.groups.classicGroup(request.groupId, { create: request.memberId === "" });
    if (group === undefined) {
      const isOther = cluster.groups.get(request.groupId)?.isEmpty === false;
      const error = isOther ? "INCONSISTENT_GROUP_PROTOCOL" : "UNKNOWN_MEMBER_ID";
      return responseOf({ error, memberId: isOther ? "" : request.memberId }, version);
    }
    const limits = { maxSize: cluster.configs.int("group.max.size"), random: cluster.random };
    const answer = await parked<JoinAnswer>(context, (give) => join(group, joinRequest(request, context), limits, give));
    return answer === NO_ANSWER ? NO_ANSWER : responseOf(answer, version);
  },
  refuse: (_request, errorCode, { version }) => refusal(errorCode, "", version),
});

function refusalBeforeGroup(request: JoinGroupRequest, { cluster, node }: RequestContext): JoinRefused | undefined {
  const { groupId, memberId, sessionTimeoutMs } = request;
  const { configs } = cluster;
  if (groupId === "") return { error: "INVALID_GROUP_ID", memberId };
  const isTooShort = sessionTimeoutMs < configs.int("group.min.session.timeout.ms");
  if (isTooShort || sessionTimeoutMs > configs.int("group.max.session.timeout.ms"))
    return { error: "INVALID_SESSION_TIMEOUT", memberId };
  const error = cluster.coordinators.refusal("group", groupId, node);
  return error === undefined ? undefined : { error, memberId: "" };
}

function joinRequest(request: JoinGroupRequest, { clientId, connection, version }: RequestContext) {
  return {
    memberId: request.memberId,
    groupInstanceId: request.groupInstanceId,
    protocolType: request.protocolType,
    protocols: namedOnce(request.protocols),
    sessionTimeoutMs: request.sessionTimeoutMs,
    rebalanceTimeoutMs: version >= FIRST_VERSION_WITH_REBALANCE_TIMEOUT ? request.rebalanceTimeoutMs : request.sessionTimeoutMs,
    clientId,
    clientHost: connection.clientHost,
    takesIdFirst: version >= FIRST_VERSION_WITH_MEMBER_ID_REQUIRED,
    maySkipAssignment: version >= FIRST_VERSION_WITH_SKIPPED_ASSIGNMENT,
  };
}

function responseOf(answer: JoinAnswer, version: number): Draft<JoinGroupResponse> {
  if ("error" in answer) return refusal(codeOf(answer.error), answer.memberId, version);
  const { skipAssignment, ...joined } = answer;
  return { errorCode: NONE, ...joined, ...(version >= FIRST_VERSION_WITH_SKIPPED_ASSIGNMENT && { skipAssignment }) };
}

function refusal(errorCode: number, memberId: string, version: number): Draft<JoinGroupResponse> {
  const protocolName = version >= FIRST_VERSION_WITH_NULL_PROTOCOL ? null : "";
  return { errorCode, memberId, generationId: JOIN_GROUP_NO_GENERATION, protocolName };
}
