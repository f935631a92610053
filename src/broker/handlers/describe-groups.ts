import { type DescribedGroup, DescribeGroups, type Draft } from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import { ALL_GROUP_OPERATIONS } from "../cluster/authorized-operations.ts";
import { codeOf, NONE } from "../error-codes.ts";
import type { ClassicGroup } from "../groups/classic/classic-group.ts";
import type { RequestContext } from "../request-context.ts";

const FIRST_VERSION_WITH_GROUP_ID_NOT_FOUND = 6;

export const handler: Handler = defineHandler(DescribeGroups, {
  answer(request, context) {
    const operations = request.includeAuthorizedOperations ? { authorizedOperations: ALL_GROUP_OPERATIONS } : {};
    const groups = request.groups.map((groupId) => {
      const described = describe(groupId, context);
      return described.errorCode === NONE ? { ...described, ...operations } : described;
    });
    return { groups };
  },
  refuse: (request, errorCode) => ({ groups: request.groups.map((groupId) => ({ groupId, errorCode })) }),
});

function describe(
  groupId: string,
  { cluster, node, version }: RequestContext,
): Draft<DescribedGroup> & { readonly errorCode: number } {
  const refusal = cluster.coordinators.refusal("group", groupId, node);
  if (refusal !== undefined) return { groupId, errorCode: codeOf(refusal) };
  const group = cluster.groups.get(groupId);
  if (group?.protocol === "classic") return describeClassic(group);
  if (version < FIRST_VERSION_WITH_GROUP_ID_NOT_FOUND) return { groupId, errorCode: NONE, groupState: "Dead" };
  const errorMessage = group === undefined ? `Group ${groupId} not found.` : `Group ${groupId} is not a classic group.`;
  return { groupId, errorCode: codeOf("GROUP_ID_NOT_FOUND"), errorMessage, groupState: "Dead" };
}

function describeClassic(group: ClassicGroup): Draft<DescribedGroup> & { readonly errorCode: number } {
  const isStable = group.state === "Stable";
  return {
    errorCode: NONE,
    groupId: group.id,
    groupState: group.state,
    protocolType: group.protocolType ?? "",
    protocolData: isStable ? (group.protocolName ?? "") : "",
    members: Array.from(group.members, (member) => ({
      memberId: member.id,
      groupInstanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      ...(isStable && { memberMetadata: member.metadataFor(group.protocolName) }),
      memberAssignment: member.assignment,
    })),
  };
}
