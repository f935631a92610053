import { ConsumerGroupDescribe, type DescribedConsumerGroup, type Draft } from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import { ALL_GROUP_OPERATIONS } from "../cluster/authorized-operations.ts";
import { codeOf } from "../error-codes.ts";
import { describeGroup } from "../groups/consumer/description.ts";
import { isConsumerProtocolEnabled } from "../groups/consumer/protocol-switch.ts";
import type { RequestContext } from "../request-context.ts";

export const handler: Handler = defineHandler(ConsumerGroupDescribe, {
  answer(request, context) {
    if (!isConsumerProtocolEnabled(context.cluster)) return this.refuse(request, codeOf("UNSUPPORTED_VERSION"), context);
    return { groups: request.groupIds.map((groupId) => describe(groupId, request.includeAuthorizedOperations, context)) };
  },
  refuse: (request, errorCode) => ({ groups: request.groupIds.map((groupId) => ({ groupId, errorCode })) }),
});

function describe(groupId: string, withOperations: boolean, { cluster, node }: RequestContext): Draft<DescribedConsumerGroup> {
  if (groupId === "") return { groupId, errorCode: codeOf("INVALID_GROUP_ID") };
  const refusal = cluster.coordinators.refusal("group", groupId, node);
  if (refusal !== undefined) return { groupId, errorCode: codeOf(refusal) };
  const group = cluster.groups.get(groupId);
  if (group?.protocol === "consumer") {
    return { ...describeGroup(group), ...(withOperations && { authorizedOperations: ALL_GROUP_OPERATIONS }) };
  }
  const errorMessage = group === undefined ? `Group ${groupId} not found.` : `Group ${groupId} is not a consumer group.`;
  return { groupId, errorCode: codeOf("GROUP_ID_NOT_FOUND"), errorMessage };
}
