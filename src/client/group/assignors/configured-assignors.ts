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
  const { name } = custom;
  const fail = (problem: string): never => {
    throw new IllegalStateError(`assignor '${name}' ${problem}`);
  };
  return {
    name,
    assign: (topics, members) => {
      let assigned: unknown;
      try {
        assigned = custom.assign(topics, members);
      } catch (error) {
        return fail(`has thrown: ${error instanceof Error ? error.message : String(error)}`);
      }
      return assigned instanceof Map
        ? checkedAssignment(assigned, members, fail)
        : fail("must give a Map from member ids to partitions");
    },
  };
}

function checkedAssignment(
  assigned: ReadonlyMap<unknown, unknown>,
  members: readonly GroupMember[],
  fail: (problem: string) => never,
): Assignment {
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

function isPartition(value: unknown): value is TopicPartition {
  if (typeof value !== "object" || value === null || !("topic" in value) || !("partition" in value)) return false;
  return typeof value.topic === "string" && Number.isInteger(value.partition) && Number(value.partition) >= 0;
}
