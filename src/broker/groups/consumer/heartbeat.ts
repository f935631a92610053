/** What a heartbeat does to a group. It is refused as a whole, with nothing changed, or carried out as a whole. */
import type { ConsumerGroupHeartbeatRequest } from "../../../protocol/index.ts";
import { isRefusal, type Refusal, refusal } from "../../cluster/refusal.ts";
import { type Admitted, admit, instanceHolder, unknownMember } from "./admission.ts";
import type { Partitions } from "./assignors/assignor.ts";
import type { ConsumerGroup } from "./consumer-group.ts";
import {
  type ConsumerMember,
  isReconciledTo,
  isSameHeld,
  JOIN_EPOCH,
  leftForAWhile,
  partitionsOf,
  STATIC_LEAVE_EPOCH,
  UNCHANGED_TIMEOUT,
  updatedMember,
} from "./member.ts";
import { reconcile } from "./reconciliation.ts";
import { subscribedTopicIds } from "./target-assignment.ts";
import { compileTopicRegex } from "./topic-regex/topic-regex.ts";

/** Who sends it, as far as the request itself does not say. */
export interface HeartbeatSender {
  readonly clientId: string;
  readonly clientHost: string;
}

export interface HeartbeatAnswer {
  readonly memberId: string;
  readonly memberEpoch: number;
  readonly heartbeatIntervalMs: number;
  /** Null when the member knows it already. */
  readonly assignment: Partitions | null;
}

/** A member joins, or was heard of again. */
export function heartbeat(
  group: ConsumerGroup,
  request: ConsumerGroupHeartbeatRequest,
  sender: HeartbeatSender,
): HeartbeatAnswer | Refusal {
  const memberId = request.memberId || group.cluster.random.uuid();
  const { memberEpoch, instanceId, topicPartitions: owned } = request;
  const admitted = fullGroupRefusal(group, memberId) ?? admit({ memberId, memberEpoch, instanceId, owned }, group);
  if (isRefusal(admitted)) return admitted;
  const before = admitted.member;
  const updated = updatedMember(before, { ...request, ...sender });
  const change = subscriptionChange(group, before, updated);
  const regexRefusal = change.isRegexNew ? invalidRegexRefusal(updated.subscribedTopicRegex) : undefined;
  if (regexRefusal !== undefined) return regexRefusal;

  const isRefreshDue = enter(group, admitted, updated, change);
  group.updateEpoch(change.areNamesNew || change.isRegexResolved);
  group.updateTarget();
  const after = move(group, updated, owned, change.areNamesNew || change.isRegexChanged);
  group.keepSession(after);
  const isNews = memberEpoch === JOIN_EPOCH || isFullRequest(request) || !isSameHeld(before.assigned, after.assigned);
  const answer = answerFor(group, after, isNews);
  // Kafka goes through the topics in the background, so what it finds is news only for the next heartbeat.
  if (isRefreshDue) refreshRegexes(group);
  return answer;
}

/** A member leaves: for good, or as a static member that comes back. */
export function leave(group: ConsumerGroup, request: ConsumerGroupHeartbeatRequest): HeartbeatAnswer | Refusal {
  const { memberId, memberEpoch, instanceId } = request;
  const member =
    instanceId === null ? (group.member(memberId) ?? unknownMember(memberId, group)) : instanceHolder(memberId, instanceId, group);
  if (isRefusal(member)) return member;
  if (instanceId !== null && memberEpoch === STATIC_LEAVE_EPOCH) group.put(leftForAWhile(member));
  else group.remove(member);
  return { memberId, memberEpoch, heartbeatIntervalMs: 0, assignment: null };
}

/** What is wrong with the expression, as Kafka says it. */
export function invalidRegexRefusal(regex: string): Refusal | undefined {
  const compiled = compileTopicRegex(regex);
  if (!("syntaxError" in compiled)) return undefined;
  const complaint = `SubscribedTopicRegex \`${regex}\` is not a valid regular expression: ${compiled.syntaxError}.`;
  return refusal("INVALID_REGULAR_EXPRESSION", complaint);
}

function fullGroupRefusal(group: ConsumerGroup, memberId: string): Refusal | undefined {
  const most = group.cluster.configs.int("group.consumer.max.size");
  if (group.size < most || group.member(memberId) !== undefined) return undefined;
  return refusal("GROUP_MAX_SIZE_REACHED", `The consumer group has reached its maximum capacity of ${most} members.`);
}

interface SubscriptionChange {
  readonly areNamesNew: boolean;
  readonly isRegexChanged: boolean;
  /** Nobody in the group subscribes with the expression yet. */
  readonly isRegexNew: boolean;
  /** The expression changed, and what it stands for is known. */
  readonly isRegexResolved: boolean;
}

function subscriptionChange(group: ConsumerGroup, before: ConsumerMember, updated: ConsumerMember): SubscriptionChange {
  const regex = updated.subscribedTopicRegex;
  const isRegexChanged = regex !== before.subscribedTopicRegex;
  return {
    areNamesNew: !isSameSet(before.subscribedTopicNames, updated.subscribedTopicNames),
    isRegexChanged,
    isRegexNew: isRegexChanged && regex !== "" && !group.subscriptions.regexes.has(regex),
    isRegexResolved: isRegexChanged && (regex === "" || group.regexes.resolved.has(regex)),
  };
}

/** Writes the member down. @returns whether it is time to go through the topics for the expressions */
function enter(group: ConsumerGroup, { member, replaces }: Admitted, updated: ConsumerMember, change: SubscriptionChange): boolean {
  const isNew = replaces !== undefined || group.member(member.memberId) === undefined;
  if (replaces === undefined) group.put(updated);
  else group.replace(replaces, updated);
  const subscribed = new Set(group.subscriptions.regexes.keys());
  const hadAny = subscribed.size > 0;
  if (updated.subscribedTopicRegex !== "") subscribed.add(updated.subscribedTopicRegex);
  if (change.isRegexChanged && isLastWith(group, member.subscribedTopicRegex)) subscribed.delete(member.subscribedTopicRegex);
  const isRefreshDue = (hadAny || change.isRegexNew) && group.regexes.needsRefresh(subscribed, change.isRegexNew);
  if (isNew || change.areNamesNew || change.isRegexChanged) group.subscriptionsChanged();
  return isRefreshDue;
}

function isLastWith(group: ConsumerGroup, regex: string): boolean {
  for (const { subscribedTopicRegex } of group.members) if (subscribedTopicRegex === regex) return false;
  return true;
}

/** The member's next step to its target. */
function move(
  group: ConsumerGroup,
  member: ConsumerMember,
  owned: ConsumerGroupHeartbeatRequest["topicPartitions"],
  hasSubscriptionChanged: boolean,
): ConsumerMember {
  if (!hasSubscriptionChanged && isReconciledTo(member, group.assignmentEpoch)) return member;
  const moved = reconcile(member, {
    targetEpoch: group.assignmentEpoch,
    target: group.targetOf(member.memberId),
    hasSubscriptionChanged,
    subscribedTopicIds: subscribedTopicIds(member, group.regexes.resolved, group.cluster.topics),
    owned,
    isHeld: (topicId, partition) => group.isHeld(topicId, partition),
  });
  if (moved === member) return member;
  group.put(moved);
  if (moved.state === "UNREVOKED_PARTITIONS") group.awaitRevocation(moved);
  else group.revocationDone(moved);
  return moved;
}

function refreshRegexes(group: ConsumerGroup): void {
  const hasChanged = group.regexes.refresh(group.subscriptions.regexes.keys());
  group.subscriptionsChanged();
  group.updateEpoch(hasChanged);
}

/** Who says everything may have lost everything it was told. */
function isFullRequest({
  rebalanceTimeoutMs,
  subscribedTopicNames,
  subscribedTopicRegex,
  topicPartitions,
}: ConsumerGroupHeartbeatRequest): boolean {
  const namesTopics = subscribedTopicNames !== null || subscribedTopicRegex !== null;
  return rebalanceTimeoutMs !== UNCHANGED_TIMEOUT && namesTopics && topicPartitions !== null;
}

function answerFor(group: ConsumerGroup, { memberId, memberEpoch, assigned }: ConsumerMember, isNews: boolean): HeartbeatAnswer {
  return {
    memberId,
    memberEpoch,
    heartbeatIntervalMs: group.setting("consumer.heartbeat.interval.ms"),
    assignment: isNews ? partitionsOf(assigned) : null,
  };
}

function isSameSet(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every((item) => other.has(item));
}
