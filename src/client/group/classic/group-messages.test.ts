import { describe, expect, it } from "vitest";
import {
  decodeCooperativeStickyUserData,
  decodeStickyUserData,
  decodeSubscription,
  encodeAssignment,
  type JoinGroupMember,
} from "../../../protocol/index.ts";
import type { TopicPartition } from "../../consumer/topic-partition.ts";
import { builtInAssignor } from "../assignors/built-in.ts";
import { areSeenTo, assignedIn, assignmentsOf, type JoiningMember, membersFrom, protocolsOf } from "./group-messages.ts";

const p = (topic: string, partition: number): TopicPartition => ({ topic, partition });
const held = [p("b", 1), p("a", 2), p("a", 0)];
const joining: JoiningMember = {
  topics: ["b", "a", "b"],
  ownedPartitions: held,
  lastAssignment: held,
  generationId: 5,
  lastGenerationId: 5,
  rackId: "r",
};
const assignors = (["range", "sticky", "cooperative-sticky"] as const).map((name) => builtInAssignor(name));

const fail = (): never => {
  throw new Error("was readable");
};

function asMembers(member: JoiningMember): readonly JoinGroupMember[] {
  return protocolsOf(assignors, member).map(({ name, metadata }) => ({ memberId: name, groupInstanceId: null, metadata }));
}

describe("what a member says when it joins", () => {
  it("is its topics, what it keeps, its generation and its rack, for each of its assignors in their order", () => {
    const protocols = protocolsOf(assignors, joining);
    expect(protocols.map(({ name }) => name)).toEqual(["range", "sticky", "cooperative-sticky"]);
    for (const { metadata } of protocols) {
      expect(decodeSubscription(metadata)).toMatchObject({
        version: 3,
        value: {
          topics: ["a", "b"],
          ownedPartitions: [
            { topic: "a", partitions: [0, 2] },
            { topic: "b", partitions: [1] },
          ],
          generationId: 5,
          rackId: "r",
        },
      });
    }
  });

  it("has user data only for those assignors that ask for some", () => {
    const [range, sticky, cooperative] = protocolsOf(assignors, joining).map(
      ({ metadata }) => decodeSubscription(metadata).value.userData,
    );
    expect(range).toBeNull();
    expect(decodeStickyUserData(sticky!)).toEqual({
      previousAssignment: [
        { topic: "a", partitions: [0, 2] },
        { topic: "b", partitions: [1] },
      ],
      generation: 5,
    });
    expect(decodeCooperativeStickyUserData(cooperative!)).toBe(5);
    const first = { ...joining, ownedPartitions: [], lastAssignment: [], generationId: -1, lastGenerationId: -1 };
    const [, before] = protocolsOf(assignors, first).map(({ metadata }) => decodeSubscription(metadata).value.userData);
    expect(before).toBeNull();
  });
});

describe("what the leader hears", () => {
  it("is what the members said", () => {
    const [member] = membersFrom(asMembers(joining), fail);
    expect(member).toEqual({
      memberId: "range",
      instanceId: undefined,
      topics: ["a", "b"],
      ownedPartitions: [p("a", 0), p("a", 2), p("b", 1)],
      generationId: 5,
      rackId: "r",
      userData: null,
    });
  });

  it("G21: a member whose bytes cannot be read gets nothing, one that comes twice counts once, and the others are served", () => {
    const [one] = asMembers({ ...joining, ownedPartitions: [], lastAssignment: [], generationId: -1, lastGenerationId: -1 });
    const unreadable: string[] = [];
    const broken = { memberId: "broken", groupInstanceId: null, metadata: Buffer.from("0003ffff", "hex") };
    const empty = { memberId: "empty", groupInstanceId: null, metadata: Buffer.alloc(0) };
    const members = membersFrom([one!, broken, empty, { ...one!, metadata: broken.metadata }], (memberId) =>
      unreadable.push(memberId),
    );
    expect(members.map(({ memberId, topics }) => [memberId, topics])).toEqual([
      ["range", ["a", "b"]],
      ["broken", []],
      ["empty", []],
    ]);
    expect(unreadable).toEqual(["broken", "empty"]);
    const assignment = builtInAssignor("range").assign(new Map([["a", [[], []]]]), members);
    expect(assignment.get("range")).toEqual([p("a", 0), p("a", 1)]);
  });
});

describe("an assignment", () => {
  it("comes as it was sent, and everybody is in it", () => {
    const sent = assignmentsOf(
      new Map([
        ["m", held],
        ["n", []],
      ]),
    );
    expect(sent.map(({ memberId, assignment }) => [memberId, assignedIn(assignment)])).toEqual([
      ["m", [p("a", 0), p("a", 2), p("b", 1)]],
      ["n", []],
    ]);
  });

  it("is nothing for who was left out of it", () => {
    expect(assignedIn(new Uint8Array())).toEqual([]);
  });

  it("G29: has nothing twice, and no partition that cannot be", () => {
    const assignedPartitions = [
      { topic: "a", partitions: [1, -1, 1] },
      { topic: "a", partitions: [1, 2] },
    ];
    expect(assignedIn(encodeAssignment({ assignedPartitions, userData: null }))).toEqual([p("a", 1), p("a", 2)]);
  });
});

describe("whether partitions are seen to", () => {
  const assigned = (...partitions: readonly TopicPartition[]): Uint8Array =>
    assignmentsOf(new Map([["m", partitions]]))[0]?.assignment ?? new Uint8Array();
  const says = (...ownedPartitions: readonly TopicPartition[]): Uint8Array =>
    protocolsOf(assignors, { ...joining, ownedPartitions })[0]?.metadata ?? new Uint8Array();

  it("G20: they are if somebody has them, or has had them when he joined, and so is to let go of them", () => {
    const one = { memberMetadata: says(p("a", 0), p("a", 1)), memberAssignment: assigned(p("a", 0)) };
    const other = { memberMetadata: says(), memberAssignment: assigned(p("b", 0)) };
    expect(areSeenTo([p("a", 0), p("a", 1), p("b", 0)], [one, other])).toBe(true);
    expect(areSeenTo([p("a", 0), p("a", 1)], [{ ...one, memberMetadata: says() }, other])).toBe(false);
    expect(areSeenTo([p("b", 1)], [one, other])).toBe(false);
    expect([areSeenTo([], []), areSeenTo([p("a", 0)], [])]).toEqual([true, false]);
  });

  it("G21: who says of himself what cannot be read has what he is assigned", () => {
    const odd = { memberMetadata: Buffer.from("ffff", "hex"), memberAssignment: assigned(p("a", 0)) };
    const nobody = { memberMetadata: new Uint8Array(), memberAssignment: new Uint8Array() };
    expect([areSeenTo([p("a", 0)], [nobody, odd]), areSeenTo([p("a", 1)], [nobody, odd])]).toEqual([true, false]);
  });
});
