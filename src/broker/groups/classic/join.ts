/** What a JoinGroup request does to a classic group. */
import type { ErrorName } from "../../../protocol/index.ts";
import type { Random } from "../../random.ts";
import type { Answer } from "../answer.ts";
import type { ClassicGroup } from "./classic-group.ts";
import { ClassicMember, type JoinAnswer, type MemberTerms } from "./classic-member.ts";
import { equalOffers } from "./protocol-choice.ts";

export interface JoinRequest extends MemberTerms {
  /** Empty for somebody who has no id yet. */
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly protocolType: string;
  readonly clientId: string;
  readonly clientHost: string;
  /** Whether the client knows MEMBER_ID_REQUIRED (v4). */
  readonly takesIdFirst: boolean;
  /** Whether a leader that comes back can be told to leave the assignment as it is (v9). */
  readonly maySkipAssignment: boolean;
}

export interface JoinLimits {
  readonly maxSize: number;
  readonly random: Random;
}

/** `answer` is called at once, or when the rebalance that the join began or was part of is over. */
export function join(group: ClassicGroup, request: JoinRequest, limits: JoinLimits, answer: Answer<JoinAnswer>): void {
  const { memberId } = request;
  if (!hasRoom(group, memberId, limits.maxSize)) {
    group.members.remove(memberId);
    answer({ error: "GROUP_MAX_SIZE_REACHED", memberId: "" });
  } else if (group.state === "Dead") {
    answer({ error: "COORDINATOR_NOT_AVAILABLE", memberId });
  } else if (!speaksTheSame(group, request)) {
    answer({ error: "INCONSISTENT_GROUP_PROTOCOL", memberId });
  } else if (memberId === "") {
    joinAnew(group, request, limits.random, answer);
  } else {
    joinAgain(group, request, answer);
  }
}

/** While joins are collected those count that wait: whoever joins last finds no room. Else the members count. */
function hasRoom(group: ClassicGroup, memberId: string, maxSize: number): boolean {
  const member = group.members.get(memberId);
  switch (group.state) {
    case "Empty":
    case "Dead":
      return true;
    case "PreparingRebalance":
      return member?.isAwaitingJoin === true || group.members.awaitingJoin < maxSize;
    case "CompletingRebalance":
    case "Stable":
      return member !== undefined || group.members.size < maxSize;
  }
}

function speaksTheSame(group: ClassicGroup, { protocolType, protocols }: JoinRequest): boolean {
  if (group.isEmpty) return protocolType !== "" && protocols.length > 0;
  return protocolType === group.protocolType && group.members.canTake(protocols);
}

function joinAnew(group: ClassicGroup, request: JoinRequest, random: Random, answer: Answer<JoinAnswer>): void {
  const { groupInstanceId, clientId } = request;
  const memberId = `${groupInstanceId ?? clientId}-${random.javaUuid()}`;
  const predecessor = groupInstanceId === null ? undefined : group.members.byInstanceId(groupInstanceId);
  if (predecessor !== undefined) {
    takeOver(group, predecessor, memberId, request, answer);
  } else if (groupInstanceId === null && request.takesIdFirst) {
    group.expect(memberId, request.sessionTimeoutMs);
    answer({ error: "MEMBER_ID_REQUIRED", memberId });
  } else {
    enter(group, memberId, request, answer);
  }
}

function joinAgain(group: ClassicGroup, request: JoinRequest, answer: Answer<JoinAnswer>): void {
  const { memberId, groupInstanceId } = request;
  if (group.members.isPending(memberId)) {
    // Ids are handed out to dynamic members only, so this one has lost track of what it is.
    if (groupInstanceId !== null) answer({ error: "UNKNOWN_SERVER_ERROR", memberId: "" });
    else enter(group, memberId, request, answer);
    return;
  }
  const error: ErrorName | undefined = group.members.refusal(memberId, groupInstanceId);
  const member = group.members.get(memberId);
  if (error !== undefined || member === undefined) {
    answer({ error: error ?? "UNKNOWN_MEMBER_ID", memberId });
  } else if (changesNothing(group, member, request)) {
    answer(group.joinedAs(member));
  } else {
    update(member, request, answer);
    group.rebalanceOrComplete();
  }
}

/**
 * The member has lost the answer to its last join, or asks to be on the safe side: it is told the present generation. A leader
 * that joins again when all is stable wants a rebalance: partitions may have been added that no member's metadata shows.
 */
function changesNothing(group: ClassicGroup, member: ClassicMember, { protocols }: JoinRequest): boolean {
  const isSettled = group.state === "CompletingRebalance" || (group.state === "Stable" && group.members.leaderId !== member.id);
  return isSettled && equalOffers(member.terms.protocols, protocols);
}

function enter(group: ClassicGroup, memberId: string, request: JoinRequest, answer: Answer<JoinAnswer>): void {
  const { groupInstanceId, clientId, clientHost } = request;
  const member = new ClassicMember({ id: memberId, groupInstanceId, clientId, clientHost }, termsOf(request));
  member.awaitJoin(answer);
  group.add(member, request.protocolType);
  group.rebalanceOrComplete();
}

function update(member: ClassicMember, request: JoinRequest, answer: Answer<JoinAnswer>): void {
  member.terms = termsOf(request);
  member.awaitJoin(answer);
}

/** A static member came back without its id: the new process takes the place of the old one, and the old one is fenced. */
function takeOver(
  group: ClassicGroup,
  predecessor: ClassicMember,
  memberId: string,
  request: JoinRequest,
  answer: Answer<JoinAnswer>,
): void {
  const previousLeader = group.members.leaderId ?? "";
  const member = group.replace(predecessor, memberId);
  update(member, request, answer);
  if (group.state === "CompletingRebalance") {
    // The leader knows the old id only: its assignment would leave the new one out.
    group.startRebalance();
  } else if (group.state !== "Stable") {
    group.completeJoinIfPossible();
  } else if (group.members.chooseProtocol() !== group.protocolName) {
    group.rebalanceOrComplete();
  } else {
    group.store();
    const joined = group.joinedAs(member);
    const isLeader = joined.leader === memberId;
    // A client that cannot skip the assignment must not take itself for the leader: it would assign, and nobody else would join.
    member.answerJoin(
      request.maySkipAssignment ? { ...joined, skipAssignment: isLeader } : { ...joined, leader: previousLeader, members: [] },
    );
  }
}

function termsOf({ protocols, sessionTimeoutMs, rebalanceTimeoutMs }: JoinRequest): MemberTerms {
  return { protocols, sessionTimeoutMs, rebalanceTimeoutMs };
}
