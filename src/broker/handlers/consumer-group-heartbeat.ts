import { ConsumerGroupHeartbeat, type ConsumerGroupHeartbeatRequest } from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { isRefusal, type Refusal, refusal } from "../cluster/refusal.ts";
import { codeOf } from "../error-codes.ts";
import { type HeartbeatAnswer, heartbeat, invalidRegexRefusal, leave } from "../groups/consumer/heartbeat.ts";
import { requestRefusal } from "../groups/consumer/heartbeat-request.ts";
import { JOIN_EPOCH, LEAVE_EPOCH, STATIC_LEAVE_EPOCH } from "../groups/consumer/member.ts";
import { isConsumerProtocolEnabled } from "../groups/consumer/protocol-switch.ts";
import type { RequestContext } from "../request-context.ts";

export const handler: Handler = defineHandler(ConsumerGroupHeartbeat, {
  answer(request, context) {
    const outcome = carryOut(request, context);
    if (isRefusal(outcome)) return { errorCode: codeOf(outcome.error), errorMessage: outcome.message };
    const { memberId, memberEpoch, heartbeatIntervalMs, assignment } = outcome;
    if (assignment === null) return { memberId, memberEpoch, heartbeatIntervalMs };
    const topicPartitions = Array.from(assignment, ([topicId, partitions]) => ({ topicId, partitions: [...partitions] }));
    return { memberId, memberEpoch, heartbeatIntervalMs, assignment: { topicPartitions } };
  },
  refuse: (_request, errorCode) => ({ errorCode }),
});

function carryOut(request: ConsumerGroupHeartbeatRequest, context: RequestContext): HeartbeatAnswer | Refusal {
  const { cluster, node, version, clientId, connection } = context;
  if (!isConsumerProtocolEnabled(cluster)) return refusal("UNSUPPORTED_VERSION");
  const invalid = requestRefusal(request, version, cluster.configs.list("group.consumer.assignors"));
  if (invalid !== undefined) return invalid;
  const elsewhere = cluster.coordinators.refusal("group", request.groupId, node);
  if (elsewhere !== undefined) return refusal(elsewhere);
  if (request.memberEpoch === LEAVE_EPOCH || request.memberEpoch === STATIC_LEAVE_EPOCH) return leaveGroup(request, cluster);
  const hasGroup = cluster.groups.get(request.groupId)?.protocol === "consumer";
  // Nothing may come into being because of a request that is refused.
  const refusedRegex =
    hasGroup || request.memberEpoch !== JOIN_EPOCH ? undefined : invalidRegexRefusal(request.subscribedTopicRegex ?? "");
  if (refusedRegex !== undefined) return noGroup(request, cluster, { create: true }) ?? refusedRegex;
  const group = cluster.groups.consumerGroup(request.groupId, { create: request.memberEpoch === JOIN_EPOCH });
  if (group !== undefined) return heartbeat(group, request, { clientId, clientHost: connection.clientHost });
  return noGroup(request, cluster, { create: request.memberEpoch === JOIN_EPOCH })!;
}

function leaveGroup(request: ConsumerGroupHeartbeatRequest, { groups }: Cluster): HeartbeatAnswer | Refusal {
  const { groupId } = request;
  const group = groups.consumerGroup(groupId, { create: false });
  if (group !== undefined) return leave(group, request);
  return refusal(
    "GROUP_ID_NOT_FOUND",
    groups.get(groupId) === undefined ? `Group ${groupId} not found.` : notAConsumerGroup(groupId),
  );
}

/** Why there is no consumer group to join, or to be in. */
function noGroup(
  { groupId }: ConsumerGroupHeartbeatRequest,
  { groups }: Cluster,
  { create }: { readonly create: boolean },
): Refusal | undefined {
  const present = groups.get(groupId);
  if (present === undefined) return create ? undefined : refusal("GROUP_ID_NOT_FOUND", `Consumer group ${groupId} not found.`);
  if (!create) return refusal("GROUP_ID_NOT_FOUND", notAConsumerGroup(groupId));
  if (present.isEmpty) return undefined;
  // A group with members stays what it is: this broker moves no group from one protocol to the other while it is in use.
  return refusal(
    "GROUP_ID_NOT_FOUND",
    `Cannot upgrade classic group ${groupId} to consumer group because online upgrade is disabled.`,
  );
}

function notAConsumerGroup(groupId: string): string {
  return `Group ${groupId} is not a consumer group.`;
}
