import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AdminStage, type Outcome, outcomeOf } from "../../../test/support/admin-stage.ts";

let stage: AdminStage;

beforeEach(async () => {
  stage = await AdminStage.open({ nodes: 3, topics: { t: { partitions: 2, replicationFactor: 2 } } });
});

afterEach(async () => {
  expect(await stage.close()).toEqual([]);
});

type Wanted = {
  readonly name: string;
  readonly count: number;
  readonly assignments: readonly { readonly brokerIds: readonly number[] }[] | null;
};

async function enlarge(topics: readonly Wanted[], validateOnly = false): Promise<Outcome[]> {
  const { results } = await stage.client.ask("CreatePartitions", { topics, validateOnly, timeoutMs: 1 }, 3);
  return results.map(({ name, ...result }) => outcomeOf(name, result));
}

async function replicas(): Promise<readonly (readonly number[])[]> {
  const { topics } = await stage.client.ask("Metadata", { topics: [{ name: "t" }] }, 12);
  return topics[0]!.partitions.map(({ replicaNodes }) => replicaNodes);
}

describe("CreatePartitions", () => {
  it("adds partitions with as many replicas as the others have", async () => {
    const before = await replicas();
    expect(await enlarge([{ name: "t", count: 5, assignments: null }])).toEqual([["t", "NONE", null]]);
    expect((await replicas()).slice(0, 2)).toEqual(before);
    expect((await replicas()).map(({ length }) => length)).toEqual([2, 2, 2, 2, 2]);
  });

  it("follows an assignment by hand", async () => {
    await enlarge([{ name: "t", count: 3, assignments: [{ brokerIds: [3, 1] }] }]);
    expect((await replicas())[2]).toEqual([3, 1]);
  });

  it("only checks when it is told to", async () => {
    expect(await enlarge([{ name: "t", count: 5, assignments: null }], true)).toEqual([["t", "NONE", null]]);
    expect(await replicas()).toHaveLength(2);
  });

  // The words are a 4.3.1 broker's, except for the number of partitions that is too large for it, too.
  it.each([
    [{ name: "nope", count: 3, assignments: null }, "UNKNOWN_TOPIC_OR_PARTITION", null],
    [{ name: "t", count: 2, assignments: null }, "INVALID_PARTITIONS", "Topic already has 2 partition(s)."],
    [
      { name: "t", count: 1, assignments: null },
      "INVALID_PARTITIONS",
      "The topic t currently has 2 partition(s); 1 would not be an increase.",
    ],
    [
      { name: "t", count: 3, assignments: [] },
      "INVALID_REPLICA_ASSIGNMENT",
      "Attempted to add 1 additional partition(s), but only 0 assignment(s) were specified.",
    ],
    [
      { name: "t", count: 3, assignments: [{ brokerIds: [9, 1] }] },
      "INVALID_REPLICA_ASSIGNMENT",
      "The manual partition assignment includes broker 9, but no such broker is registered.",
    ],
    [
      { name: "t", count: 3, assignments: [{ brokerIds: [1] }] },
      "INVALID_REPLICA_ASSIGNMENT",
      "The manual partition assignment includes a partition with 1 replica(s), but this is not consistent with previous partitions, which have 2 replica(s).",
    ],
    [
      { name: "t", count: 2147483647, assignments: null },
      "POLICY_VIOLATION",
      "Excessively large number of partitions per request.",
    ],
  ] as const)("refuses %o", async (wanted, error, message) => {
    expect(await enlarge([wanted])).toEqual([[wanted.name, error, message]]);
    expect(await replicas()).toHaveLength(2);
  });

  it("refuses a name that comes twice", async () => {
    const twice = [
      { name: "t", count: 3, assignments: null },
      { name: "t", count: 4, assignments: null },
    ];
    expect(await enlarge(twice)).toEqual([["t", "INVALID_REQUEST", "Duplicate topic name."]]);
  });
});
