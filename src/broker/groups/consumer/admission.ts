/** Whether the sender of a heartbeat is who it says it is. */
import { type Refusal, refusal } from "../../cluster/refusal.ts";
import { type ConsumerMember, type HeldPartitions, JOIN_EPOCH, newMember, replacementOf, STATIC_LEAVE_EPOCH } from "./member.ts";
import type { OwnedPartitions } from "./reconciliation.ts";

export interface Claim {
  readonly memberId: string;
  readonly memberEpoch: number;
  readonly instanceId: string | null;
  readonly owned: readonly OwnedPartitions[] | null;
}

export interface Admitted {
  readonly member: ConsumerMember;
  /** The static member whose place it takes. */
  readonly replaces?: ConsumerMember;
}

/** The members of the group, as far as admission has to know them. */
export interface Members {
  readonly id: string;
  member(memberId: string): ConsumerMember | undefined;
  staticMember(instanceId: string): ConsumerMember | undefined;
}

export function admit(claim: Claim, group: Members): Admitted | Refusal {
  return claim.instanceId === null ? admitDynamic(claim, group) : admitStatic(claim, claim.instanceId, group);
}

function admitDynamic(claim: Claim, group: Members): Admitted | Refusal {
  const member = group.member(claim.memberId);
  if (claim.memberEpoch === JOIN_EPOCH) return { member: member ?? newMember(claim.memberId) };
  if (member === undefined) return unknownMember(claim.memberId, group);
  return epochRefusal(claim, member) ?? { member };
}

function admitStatic(claim: Claim, instanceId: string, group: Members): Admitted | Refusal {
  const present = group.staticMember(instanceId);
  if (claim.memberEpoch === JOIN_EPOCH) {
    if (present === undefined) return { member: group.member(claim.memberId) ?? newMember(claim.memberId) };
    if (present.memberEpoch !== STATIC_LEAVE_EPOCH) return unreleasedInstance(claim.memberId, instanceId, present);
    return { member: replacementOf(present, claim.memberId), replaces: present };
  }
  const holder = instanceHolder(claim.memberId, instanceId, group);
  if ("error" in holder) return holder;
  return epochRefusal(claim, holder) ?? { member: holder };
}

/** The member that has this name, if it is the one that asks. */
export function instanceHolder(memberId: string, instanceId: string, group: Members): ConsumerMember | Refusal {
  const present = group.staticMember(instanceId);
  if (present === undefined) return unknownInstance(instanceId);
  if (present.memberId === memberId) return present;
  return refusal(
    "FENCED_INSTANCE_ID",
    `Static member ${memberId} with instance id ${instanceId} was fenced by member ${present.memberId}.`,
  );
}

export function unknownMember(memberId: string, { id }: Members): Refusal {
  return refusal("UNKNOWN_MEMBER_ID", `Member ${memberId} is not a member of group ${id}.`);
}

export function unknownInstance(instanceId: string): Refusal {
  return refusal("UNKNOWN_MEMBER_ID", `Instance id ${instanceId} is unknown.`);
}

function unreleasedInstance(memberId: string, instanceId: string, owner: ConsumerMember): Refusal {
  const because = `because the instance id is owned by ${owner.memberId} member.`;
  return refusal(
    "UNRELEASED_INSTANCE_ID",
    `Static member ${memberId} with instance id ${instanceId} cannot join the group ${because}`,
  );
}

/** The epoch before the last one is good as long as the member has nothing that it could have learnt of only later. */
function epochRefusal({ memberEpoch, owned }: Claim, member: ConsumerMember): Refusal | undefined {
  if (memberEpoch === member.memberEpoch) return undefined;
  if (memberEpoch > member.memberEpoch) return fenced("greater", memberEpoch, member);
  const isAnswerLost = memberEpoch === member.previousMemberEpoch && owned !== null && isWithin(owned, member.assigned);
  return isAnswerLost ? undefined : fenced("smaller", memberEpoch, member);
}

function fenced(comparison: "greater" | "smaller", received: number, member: ConsumerMember): Refusal {
  return refusal(
    "FENCED_MEMBER_EPOCH",
    `The consumer group member has a ${comparison} member epoch (${received}) than the one known by the group coordinator ` +
      `(${member.memberEpoch}). The member must abandon all its partitions and rejoin.`,
  );
}

function isWithin(owned: readonly OwnedPartitions[], assigned: HeldPartitions): boolean {
  return owned.every(({ topicId, partitions }) => {
    const held = assigned.get(topicId);
    return held !== undefined && partitions.every((partition) => held.has(partition));
  });
}
