/** What a heartbeat must look like before anybody looks at the group. */
import type { ConsumerGroupHeartbeatRequest } from "../../../protocol/index.ts";
import { type Refusal, refusal } from "../../cluster/refusal.ts";
import { JOIN_EPOCH, LEAVE_EPOCH, STATIC_LEAVE_EPOCH, UNCHANGED_TIMEOUT } from "./member.ts";

/** From here on clients make up their member ids themselves (KIP-1082). */
const FIRST_VERSION_WITH_OWN_MEMBER_ID = 1;

/** Why the request cannot be carried out, whatever the group; undefined when it can. */
export function requestRefusal(
  request: ConsumerGroupHeartbeatRequest,
  version: number,
  assignors: readonly string[],
): Refusal | undefined {
  const complaint = emptyTextComplaint(request, version) ?? epochComplaint(request);
  if (complaint !== undefined) return refusal("INVALID_REQUEST", complaint);
  const { serverAssignor } = request;
  if (serverAssignor === null || assignors.includes(serverAssignor)) return undefined;
  const supported = assignors.join(", ");
  return refusal("UNSUPPORTED_ASSIGNOR", `ServerAssignor ${serverAssignor} is not supported. Supported assignors: ${supported}.`);
}

function emptyTextComplaint(request: ConsumerGroupHeartbeatRequest, version: number): string | undefined {
  const { memberId, memberEpoch, groupId, instanceId, rackId } = request;
  const needsMemberId = version >= FIRST_VERSION_WITH_OWN_MEMBER_ID || memberEpoch > JOIN_EPOCH || memberEpoch === LEAVE_EPOCH;
  if (needsMemberId && isBlank(memberId)) return "MemberId can't be empty.";
  if (isBlank(groupId)) return "GroupId can't be empty.";
  if (isBlank(instanceId)) return "InstanceId can't be empty.";
  if (isBlank(rackId)) return "RackId can't be empty.";
  return undefined;
}

function epochComplaint(request: ConsumerGroupHeartbeatRequest): string | undefined {
  const { memberEpoch } = request;
  if (memberEpoch === JOIN_EPOCH) return joinComplaint(request);
  if (memberEpoch === STATIC_LEAVE_EPOCH && request.instanceId === null) return "InstanceId can't be null.";
  return memberEpoch < STATIC_LEAVE_EPOCH ? "MemberEpoch is invalid." : undefined;
}

function joinComplaint(request: ConsumerGroupHeartbeatRequest): string | undefined {
  const { rebalanceTimeoutMs, topicPartitions, subscribedTopicNames, subscribedTopicRegex } = request;
  if (rebalanceTimeoutMs === UNCHANGED_TIMEOUT) return "RebalanceTimeoutMs must be provided in first request.";
  if (topicPartitions === null || topicPartitions.length > 0) return "TopicPartitions must be empty when (re-)joining.";
  if (subscribedTopicNames !== null || subscribedTopicRegex !== null) return undefined;
  return "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.";
}

/** Blank as Java's `trim` sees it: nothing but spaces and control characters. */
function isBlank(text: string | null): boolean {
  return text !== null && Array.from(text).every((character) => character <= " ");
}
