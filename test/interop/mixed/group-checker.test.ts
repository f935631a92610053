import { describe, expect, it } from "vitest";
import { judge } from "./group-checker.ts";
import type { Entry } from "./journal.ts";

/** As a list of facts, each a millisecond after the one before. */
function told<T extends object>(...facts: readonly T[]): readonly Entry[] {
  return facts.map((fact, at) => ({ at, ...fact })) as unknown as readonly Entry[];
}

const assigned = (member: string, ...partitions: readonly number[]): object => ({ what: "assigned", member, partitions });
const revoked = (member: string, ...partitions: readonly number[]): object => ({ what: "revoked", member, partitions });
const killed = (member: string): object => ({ what: "killed", member });
const read = (member: string, ...offsets: readonly number[]): object => ({
  what: "read",
  member,
  records: offsets.map((offset) => [0, offset]),
});
const committed = (member: string, offset: number): object => ({ what: "committed", member, offsets: [[0, offset]] });
const asked = { what: "asked" };
const stored = (offset: number): object => ({ what: "stored", offsets: [[0, offset]] });

describe("the judge of a group", () => {
  it("has nothing against a partition that is handed over where it was committed", () => {
    const facts = [assigned("a", 0), read("a", 0, 1), committed("a", 2), revoked("a", 0), assigned("b", 0), read("b", 2, 3)];
    expect(judge(told(...facts), [4])).toEqual({
      problems: [],
      handled: 4,
      again: 0,
      againAfter: new Map(),
      lost: 0,
      committed: [2],
    });
  });

  it("counts what is handled again because it was not committed, and by whom it might have been", () => {
    const facts = [assigned("a", 0), read("a", 0, 1, 2), committed("a", 1)];
    const rest = [assigned("b", 0), read("b", 1, 2)];
    expect(judge(told(...facts, killed("a"), ...rest), [3])).toMatchObject({ problems: [], again: 2, againAfter: new Map() });
    const peaceful = judge(told(...facts, revoked("a", 0), ...rest), [3]);
    expect(peaceful).toMatchObject({ problems: [], againAfter: new Map([["a", 2]]) });
  });

  const proofs: readonly (readonly [what: string, facts: readonly object[], problem: string])[] = [
    ["a record that nobody handled", [assigned("a", 0), read("a", 0, 2)], "not 1"],
    ["one between two members", [assigned("a", 0), read("a", 0), revoked("a", 0), assigned("b", 0), read("b", 2)], "skipped"],
    ["the last one", [assigned("a", 0), read("a", 0, 1)], "ends at 3"],
    [
      "one that comes again although it was committed",
      [assigned("a", 0), read("a", 0, 1), committed("a", 2), killed("a"), assigned("b", 0), read("b", 1, 2)],
      "doubled",
    ],
    [
      "the same, if only a witness knows of the commit",
      [assigned("a", 0), read("a", 0, 1), asked, stored(2), killed("a"), assigned("b", 0), read("b", 1, 2)],
      "doubled",
    ],
    ["records out of order", [assigned("a", 0), read("a", 0, 1, 0, 2)], "not 2"],
    ["a partition that two have", [assigned("a", 0), assigned("b", 0), read("b", 0, 1, 2)], "is a's, and was given to b"],
    ["somebody who reads on after he gave up", [assigned("a", 0), read("a", 0, 1), revoked("a", 0), read("a", 2)], "nobody's"],
    ["a commit of what is not handled yet", [assigned("a", 0), read("a", 0), committed("a", 2), read("a", 1, 2)], "up to 1 only"],
    ["a commit that goes back", [assigned("a", 0), read("a", 0, 1, 2), committed("a", 3), committed("a", 1)], "rewound"],
    ["the same, seen by a witness", [assigned("a", 0), read("a", 0, 1, 2), committed("a", 3), asked, stored(1)], "rewound"],
    [
      "a stale member's commit",
      [assigned("a", 0), read("a", 0, 1, 2), revoked("a", 0), assigned("b", 0), committed("a", 3)],
      "which is b's",
    ],
    [
      "a member that failed",
      [assigned("a", 0), read("a", 0, 1, 2), { what: "failed", member: "a", error: "it" }],
      "a has failed: it",
    ],
  ];

  it.each(proofs)("finds %s", (_, facts, problem) => {
    expect(judge(told(...facts), [3]).problems.join("\n")).toContain(problem);
  });

  it("does not call it a rewound commit when the answer is older than a commit that came meanwhile", () => {
    const facts = [assigned("a", 0), read("a", 0, 1, 2), committed("a", 1), asked, committed("a", 3), stored(1)];
    expect(judge(told(...facts), [3]).problems).toEqual([]);
  });
});
