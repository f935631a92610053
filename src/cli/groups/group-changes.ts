import type { DescribedMember } from "../../client/admin/groups/describe-group.ts";
import { type GroupView, keyOf, type PartitionView } from "./group-view.ts";

/**
 * What has happened to a group between two looks at it, in words.
 *
 * @param assigned the last look that told who holds what
 */
export function changesBetween(before: GroupView, after: GroupView, assigned: GroupView = before): readonly string[] {
  return [...stateChanges(before, after), ...memberChanges(before, after), ...moves(assigned, after)];
}

function stateChanges({ description: before }: GroupView, { description: after }: GroupView): readonly string[] {
  const changes: string[] = [];
  if (before.type !== after.type) changes.push(`${before.type} → ${after.type}`);
  if (before.state !== after.state) changes.push(`${before.state} → ${after.state}`);
  if (after.epoch !== undefined && before.epoch !== after.epoch) changes.push(`epoch ${before.epoch ?? "?"} → ${after.epoch}`);
  if (before.assignor !== after.assignor && after.assignor !== "") changes.push(`shared by ${after.assignor}`);
  return changes;
}

function memberChanges(before: GroupView, after: GroupView): readonly string[] {
  const [old, now] = [membersOf(before), membersOf(after)];
  const joined = [...now.values()].filter(({ memberId }) => !old.has(memberId));
  const left = [...old.values()].filter(({ memberId }) => !now.has(memberId));
  return [
    ...left.map((member) => `${labelOf(member, before)} left`),
    ...joined.map((member) => `${labelOf(member, after)} joined, from ${member.host}`),
  ];
}

function membersOf({ description }: GroupView): ReadonlyMap<string, DescribedMember> {
  return new Map(description.members.map((member) => [member.memberId, member]));
}

/** Brokers tell no assignment of a classic group while it comes together. */
export function tellsAssignment({ description: { type, state } }: GroupView): boolean {
  return type === "consumer" || state === "Stable" || state === "Empty";
}

/** Who has what now that he had not before. */
function moves(before: GroupView, after: GroupView): readonly string[] {
  if (!tellsAssignment(after)) return [];
  const holders = new Map(before.partitions.map((one) => [keyOf(one), one]));
  const moved = new Map<string, string[]>();
  for (const one of after.partitions) {
    const [from, to] = [holderIn(holders.get(keyOf(one)), before), holderIn(one, after)];
    if (from === to) continue;
    const what = `${from ?? "nobody"} → ${to ?? "nobody"}`;
    moved.set(what, [...(moved.get(what) ?? []), `${one.topic}-${one.partition}`]);
  }
  return [...moved].map(([what, places]) => `${what}: ${places.join(", ")}`);
}

function holderIn(one: PartitionView | undefined, view: GroupView): string | undefined {
  return one?.member === undefined ? undefined : labelOf(one.member, view);
}

/** By the name of its client, if that tells it from the others. */
function labelOf({ clientId, memberId, instanceId }: DescribedMember, { description }: GroupView): string {
  const isOnly = description.members.filter((member) => member.clientId === clientId).length === 1;
  return isOnly ? clientId : (instanceId ?? memberId);
}
