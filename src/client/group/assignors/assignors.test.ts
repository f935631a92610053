import { describe, expect, it } from "vitest";
import {
  assignorFixtures,
  javasShares,
  membersOf,
  nameOf,
  ourShares,
  printed,
  racksOf,
} from "../../../../test/support/assignor-cases.ts";
import { encodeStickyUserData } from "../../../protocol/index.ts";
import type { TopicPartition } from "../../consumer/topic-partition.ts";
import type { GroupMember, PartitionAssignor, TopicRacks } from "./assignor.ts";
import { builtInAssignor } from "./built-in.ts";

const NAMES = ["range", "roundrobin", "sticky", "cooperative-sticky"] as const;

const cases = assignorFixtures();

function member(memberId: string, topics: readonly string[], more: Partial<GroupMember> = {}): GroupMember {
  const nothing = { instanceId: undefined, rackId: undefined, ownedPartitions: [], generationId: -1, userData: null };
  return { memberId, topics, ...nothing, ...more };
}

const partitions = (topic: string, ...numbers: readonly number[]): TopicPartition[] =>
  numbers.map((partition) => ({ topic, partition }));

const withoutRacks = (...counts: readonly (readonly [topic: string, count: number])[]): TopicRacks =>
  new Map(counts.map(([topic, length]) => [topic, Array.from({ length }, () => [])]));

describe("the assignors", () => {
  it.each(NAMES)("%s gives every member what Java's own gives it", (name) => {
    const ofThis = cases.filter(({ assignor }) => assignor === name);
    expect(ofThis.length).toBeGreaterThan(100);
    for (const one of ofThis) expect(ourShares(one)).toEqual(javasShares(one));
  });

  it("are compared in groups of all kinds", () => {
    const sticky = cases.filter(({ assignor }) => assignor.endsWith("sticky"));
    const withRacks = cases.filter(({ members }) => members.some(({ rack }) => rack !== null));
    const late = sticky.filter(({ members }) => new Set(members.map((one) => one.generation).filter((id) => id >= 0)).size > 1);
    const alike = sticky.filter(({ members }) => new Set(members.map(({ topics }) => [...topics].sort().join())).size === 1);
    for (const some of [withRacks, late, alike, sticky.filter((one) => !alike.includes(one))]) {
      expect(some.length).toBeGreaterThan(40);
    }
  });

  it.each(NAMES)("%s gives no partition to two members, and none to who has not subscribed to it", (name) => {
    for (const one of cases) {
      const group = membersOf(one);
      const assignment = builtInAssignor(name).assign(racksOf(one), group);
      const all = [...assignment.values()].flat().map(nameOf);
      expect(new Set(all).size).toBe(all.length);
      for (const { memberId, topics } of group) {
        for (const { topic } of assignment.get(memberId) ?? []) expect(topics).toContain(topic);
      }
    }
  });

  it.each(NAMES)("%s gives who has subscribed to nothing, or to what does not exist, nothing", (name) => {
    const group = [member("a", []), member("b", ["t"]), member("c", ["nowhere"])];
    expect(printed(builtInAssignor(name).assign(withoutRacks(["t", 3]), group))).toEqual({
      a: [],
      b: ["t 0", "t 1", "t 2"],
      c: [],
    });
  });
});

describe("sticky assignors, of members who make things up,", () => {
  const topics = withoutRacks(["t", 4]);
  const assign = (assignor: PartitionAssignor, ...group: readonly GroupMember[]): Record<string, readonly string[]> =>
    printed(assignor.assign(topics, group));

  it("G21: take no notice of partitions that do not exist", () => {
    const owned = [...partitions("t", -1, 3, 99), ...partitions("other", 0)];
    const told = { generationId: 4, ownedPartitions: owned };
    const group = [member("a", ["t"], told), member("b", ["t"], { generationId: 4 })];
    expect(assign(builtInAssignor("cooperative-sticky"), ...group)).toEqual({ a: ["t 0", "t 3"], b: ["t 1", "t 2"] });
  });

  it("G21: take no notice of user data that cannot be read", () => {
    const group = [member("a", ["t"], { userData: Buffer.from("ffffffff00", "hex") }), member("b", ["t"])];
    for (const name of ["sticky", "cooperative-sticky"] as const) {
      expect(assign(builtInAssignor(name), ...group)).toEqual({ a: ["t 0", "t 2"], b: ["t 1", "t 3"] });
    }
  });

  it("G21: believe the younger generation of two who claim the same, and neither of the same one", () => {
    const older = member("a", ["t"], { generationId: 3, ownedPartitions: partitions("t", 0, 1) });
    const younger = member("b", ["t"], { generationId: 4, ownedPartitions: partitions("t", 0, 2) });
    expect(assign(builtInAssignor("cooperative-sticky"), older, younger)).toEqual({ a: ["t 1", "t 3"], b: ["t 0", "t 2"] });
    // Nobody has partition 0 until both have let go of it.
    const equal = member("b", ["t"], { generationId: 3, ownedPartitions: partitions("t", 0, 2) });
    expect(assign(builtInAssignor("cooperative-sticky"), older, equal)).toEqual({ a: ["t 1"], b: ["t 2", "t 3"] });
  });

  it("cooperative: what goes to another member is nobody's until who has it has let go", () => {
    const holder = member("a", ["t"], { generationId: 1, ownedPartitions: partitions("t", 0, 1, 2, 3) });
    expect(assign(builtInAssignor("cooperative-sticky"), holder, member("b", ["t"]))).toEqual({ a: ["t 0", "t 1"], b: [] });
    const released = { ...holder, generationId: 2, ownedPartitions: partitions("t", 0, 1) };
    const waiting = member("b", ["t"], { generationId: 2 });
    expect(assign(builtInAssignor("cooperative-sticky"), released, waiting)).toEqual({ a: ["t 0", "t 1"], b: ["t 2", "t 3"] });
  });

  it("sticky: members keep what their user data says they had", () => {
    const had = (generation: number, ...numbers: readonly number[]): Uint8Array =>
      encodeStickyUserData({ generation, previousAssignment: [{ topic: "t", partitions: numbers }] });
    const group = [member("a", ["t"], { userData: had(2, 1, 3) }), member("b", ["t"], { userData: had(2, 0, 2) })];
    expect(assign(builtInAssignor("sticky"), ...group)).toEqual({ a: ["t 1", "t 3"], b: ["t 0", "t 2"] });
  });
});
