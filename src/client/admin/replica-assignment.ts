import { type ArgumentProblems, MOST_INT32, quoted } from "./arguments.ts";

/**
 * The brokers that shall hold each partition, the preferred leader first: `[[1, 2], [2, 3]]`, or `{ 0: [1, 2], 1: [2, 3] }`.
 */
export type ReplicaAssignment = readonly (readonly number[])[] | Readonly<Record<number, readonly number[]>>;

/** By partition, from 0 on; notes what is wrong with it. */
export function replicasByPartition(
  problems: ArgumentProblems,
  where: string,
  assignment: ReplicaAssignment,
): readonly (readonly number[])[] {
  const entries = Object.entries(assignment);
  const inOrder = entries.map((_entry, partition) => Object.hasOwn(assignment, partition));
  const isComplete = entries.length > 0 && inOrder.every(Boolean);
  if (!problems.require(isComplete, () => `${where}: replicaAssignment must name partitions from 0 on without gaps`)) return [];
  const replicas = entries.map(([, brokerIds]) => brokerIds);
  for (const [partition, brokerIds] of replicas.entries()) checkReplicas(problems, `${where}: partition ${partition}`, brokerIds);
  return replicas;
}

/** The brokers of one partition. */
export function checkReplicas(problems: ArgumentProblems, where: string, brokerIds: unknown): void {
  const isList = Array.isArray(brokerIds) && brokerIds.length > 0;
  if (!problems.require(isList, () => `${where} needs a list of broker ids, not ${quoted(brokerIds)}`) || !Array.isArray(brokerIds))
    return;
  for (const id of brokerIds) problems.requireInteger(`${where}: a broker id`, id, 0, MOST_INT32);
  problems.require(new Set(brokerIds).size === brokerIds.length, () => `${where} names a broker twice`);
}
