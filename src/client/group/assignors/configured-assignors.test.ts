import { describe, expect, it } from "vitest";
import type { CustomAssignor } from "../../config/consumer-options.ts";
import type { TopicPartition } from "../../consumer/topic-partition.ts";
import type { GroupMember, PartitionAssignor } from "./assignor.ts";
import { assignorsOf } from "./configured-assignors.ts";

const P0 = { topic: "t", partition: 0 };
const TOPICS = new Map([["t", [[], []]]]);

function member(memberId: string, ownedPartitions: readonly TopicPartition[] = []): GroupMember {
  return { memberId, topics: ["t"], instanceId: undefined, rackId: undefined, ownedPartitions, generationId: 1, userData: null };
}

function checked(custom: Omit<CustomAssignor, "name">): PartitionAssignor {
  const [assignor] = assignorsOf([{ name: "own", ...custom }]);
  if (assignor === undefined) throw new Error("there is none");
  return assignor;
}

const toB = new Map([["b", [P0]]]);

describe("a strategy of one's own", () => {
  it("gives nothing to those whom it leaves out", () => {
    const assignment = checked({ assign: () => toB }).assign(TOPICS, [member("a"), member("b")]);
    expect([...assignment]).toEqual([
      ["a", []],
      ["b", [P0]],
    ]);
  });

  it.each([
    ["what it throws", () => fail("no"), "has thrown: no"],
    ["no Map", () => ({}), "must give a Map from member ids to partitions"],
    ["what is no partition", () => new Map([["a", ["t-0"]]]), "must give each member a list of { topic, partition }"],
    ["a partition twice", () => new Map(["a", "b"].map((id) => [id, [P0]])), "has given partition 0 of topic 't' to two members"],
  ])("%s is told, with its name", (_what, assign, problem) => {
    const { assign: run } = checked({ assign: assign as unknown as CustomAssignor["assign"] });
    expect(() => run(TOPICS, [member("a"), member("b")])).toThrow(`assignor 'own' ${problem}`);
  });

  it("that is cooperative must leave out what somebody else still has, as Java wants it", () => {
    const { assign } = checked({ rebalanceProtocol: "cooperative", assign: () => toB });
    expect(() => assign(TOPICS, [member("a", [P0]), member("b")])).toThrow("before the one that has it has let go of it");
    expect(assign(TOPICS, [member("a"), member("b", [P0])]).get("b")).toEqual([P0]);
    // Of two who say that they have it, one may be right.
    expect(assign(TOPICS, [member("a", [P0]), member("b", [P0])]).get("b")).toEqual([P0]);
    expect(
      checked({ assign: () => toB })
        .assign(TOPICS, [member("a", [P0]), member("b")])
        .get("b"),
    ).toEqual([P0]);
  });

  it("says what it likes to whoever leads, if it is bytes", () => {
    const topics = new Set(["t"]);
    const said = Buffer.from("load 7");
    expect(checked({ assign: () => toB }).userData?.(topics)).toBeNull();
    expect(checked({ assign: () => toB, userData: () => said }).userData?.(topics)).toBe(said);
    const { userData } = checked({ assign: () => toB, userData: () => "load 7" as unknown as Uint8Array });
    expect(() => userData?.(topics)).toThrow("assignor 'own' must say bytes, or null, as its userData");
  });
});

function fail(problem: string): never {
  throw new Error(problem);
}
