// Groups, what the assignors of Java's consumer give to their members, and what ours do.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { TopicPartition } from "../../src/client/consumer/topic-partition.ts";
import type { Assignment, GroupMember, TopicRacks } from "../../src/client/group/assignors/assignor.ts";
import { builtInAssignor } from "../../src/client/group/assignors/built-in.ts";
import { FIXTURES_FOLDER } from "./fixtures.ts";

/** What Java's own assignor made of a group; see fixtures/README.md. */
export interface AssignorCase {
  readonly assignor: "range" | "roundrobin" | "sticky" | "cooperative-sticky";
  /** A letter for each rack, a text for each partition. */
  readonly topics: readonly { readonly name: string; readonly racks: readonly string[] }[];
  readonly members: readonly {
    readonly id: string;
    readonly instance: string | null;
    readonly rack: string | null;
    readonly topics: readonly string[];
    readonly generation: number;
    readonly userData: string | null;
    readonly owned: readonly string[];
    readonly target: readonly string[];
  }[];
}

export function assignorFixtures(folder: string = FIXTURES_FOLDER): readonly AssignorCase[] {
  const lines = gunzipSync(readFileSync(join(folder, "client-assignors.jsonl.gz")))
    .toString()
    .trim()
    .split("\n");
  return lines.map((line) => JSON.parse(line));
}

export function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic} ${partition}`;
}

function partitionOf(name: string): TopicPartition {
  const [topic = "", partition = ""] = name.split(" ");
  return { topic, partition: Number(partition) };
}

export function racksOf({ topics }: AssignorCase): TopicRacks {
  return new Map(topics.map(({ name, racks }) => [name, racks.map((letters) => letters.split(""))]));
}

export function membersOf({ members }: AssignorCase): GroupMember[] {
  return members.map(({ id, instance, rack, topics, generation, userData, owned }) => ({
    memberId: id,
    instanceId: instance ?? undefined,
    rackId: rack ?? undefined,
    topics,
    generationId: generation,
    userData: userData === null ? null : Buffer.from(userData, "hex"),
    ownedPartitions: owned.map(partitionOf),
  }));
}

/** `{ member: ["topic 0", …] }`, in order. */
export function printed(assignment: Assignment): Record<string, readonly string[]> {
  return Object.fromEntries([...assignment].map(([memberId, partitions]) => [memberId, partitions.map(nameOf).sort()]));
}

export function javasShares({ members }: AssignorCase): Record<string, readonly string[]> {
  return Object.fromEntries(members.map(({ id, target }) => [id, [...target].sort()]));
}

export function ourShares(one: AssignorCase): Record<string, readonly string[]> {
  return printed(builtInAssignor(one.assignor).assign(racksOf(one), membersOf(one)));
}

/** Two static members of one name: chance draws them, and no broker has them in one group. Whose turn is first is open then. */
export function hasNamesakes({ members }: AssignorCase): boolean {
  const names = members.flatMap(({ instance }) => instance ?? []);
  return new Set(names).size < names.length;
}

/**
 * Java's sticky assignor may give a member back what it had long ago, though it does not want the topic any more: nobody would read that.
 * Ours does not follow it there.
 */
export function hasJavaGoneAstray({ members }: AssignorCase): boolean {
  return members.some(({ topics, target }) => target.some((name) => !topics.includes(partitionOf(name).topic)));
}

/** Partitions that some member wants, which ours gives to nobody, to two, or to somebody who does not want them. */
export function astrayWithUs(one: AssignorCase): readonly string[] {
  const wanted = new Map(one.members.map(({ id, topics }) => [id, topics]));
  const given = Object.entries(ourShares(one)).flatMap(([id, names]) => names.map((name) => [id, name] as const));
  const taken = given.filter(([id, name]) => wanted.get(id)?.includes(partitionOf(name).topic)).map(([, name]) => name);
  const all = one.topics
    .filter(({ name }) => one.members.some(({ topics }) => topics.includes(name)))
    .flatMap(({ name, racks }) => racks.map((_, partition) => nameOf({ topic: name, partition })));
  return all.filter((name) => taken.filter((other) => other === name).length !== 1);
}
