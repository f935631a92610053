import type { AssignorName, CustomAssignor } from "../../config/consumer-options.ts";
import { PartitionMap, type TopicPartition } from "../../consumer/topic-partition.ts";
import { IllegalStateError } from "../../errors.ts";
import type { RebalanceProtocol } from "../classic/membership-state.ts";
import type { Assignment, GroupMember, PartitionAssignor } from "./assignor.ts";
import { builtInAssignor } from "./built-in.ts";

type Strategy = AssignorName | CustomAssignor;

export function assignorsOf(strategies: readonly Strategy[]): readonly PartitionAssignor[] {
  return strategies.map((one) => (typeof one === "string" ? builtInAssignor(one) : checked(one)));
}

/** As in Java, the best that all of them can do: a group goes from one to the other by way of members that name both (KIP-429). */
export function rebalanceProtocolOf(strategies: readonly Strategy[]): RebalanceProtocol {
  const isCooperative = (one: Strategy): boolean =>
    typeof one === "string" ? one === "cooperative-sticky" : one.rebalanceProtocol === "cooperative";
  return strategies.every(isCooperative) ? "cooperative" : "eager";
}

/** What somebody else has written may throw, or give the same partition to two; others would not notice before it is too late. */
function checked(custom: CustomAssignor): PartitionAssignor {
  const { name, rebalanceProtocol } = custom;
  const fail = (problem: string): never => {
    throw new IllegalStateError(`assignor '${name}' ${problem}`);
  };
  const tried = (attempt: () => unknown): unknown => {
    try {
      return attempt();
    } catch (error) {
      return fail(`has thrown: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  return {
    name,
    userData: (topics) => {
      const said = tried(() => custom.userData?.(topics) ?? null);
      return said === null || said instanceof Uint8Array ? said : fail("must say bytes, or null, as its userData");
    },
    assign: (topics, members) => {
      const assigned = tried(() => custom.assign(topics, members));
      if (!(assigned instanceof Map)) return fail("must give a Map from member ids to partitions");
      const assignment = checkedAssignment(assigned, members, fail);
      if (rebalanceProtocol === "cooperative") checkLetGo(assignment, members, fail);
      return assignment;
    },
  };
}

type Fail = (problem: string) => never;

function checkedAssignment(assigned: ReadonlyMap<unknown, unknown>, members: readonly GroupMember[], fail: Fail): Assignment {
  const owners = new PartitionMap<string>();
  const assignment = new Map<string, readonly TopicPartition[]>();
  for (const { memberId } of members) {
    const share: unknown = assigned.get(memberId) ?? [];
    if (!Array.isArray(share) || !share.every(isPartition)) return fail("must give each member a list of { topic, partition }");
    for (const { topic, partition } of share) {
      if (owners.has(topic, partition)) return fail(`has given partition ${partition} of topic '${topic}' to two members`);
      owners.set(topic, partition, memberId);
    }
    assignment.set(memberId, share);
  }
  return assignment;
}

/** As Java does: cooperative members have what they own until they are told that they have it no more. */
function checkLetGo(assignment: Assignment, members: readonly GroupMember[], fail: Fail): void {
  const owners = new PartitionMap<Set<string>>();
  for (const { memberId, ownedPartitions } of members) {
    for (const { topic, partition } of ownedPartitions) {
      const known = owners.get(topic, partition);
      if (known === undefined) owners.set(topic, partition, new Set([memberId]));
      else known.add(memberId);
    }
  }
  for (const [memberId, share] of assignment) {
    for (const { topic, partition } of share) {
      if (owners.get(topic, partition)?.has(memberId) !== false) continue;
      fail(`has given partition ${partition} of topic '${topic}' to another member before the one that has it has let go of it`);
    }
  }
}

function isPartition(value: unknown): value is TopicPartition {
  if (typeof value !== "object" || value === null || !("topic" in value) || !("partition" in value)) return false;
  return typeof value.topic === "string" && Number.isInteger(value.partition) && Number(value.partition) >= 0;
}
