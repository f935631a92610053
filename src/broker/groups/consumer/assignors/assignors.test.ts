import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { FIXTURES_FOLDER } from "../../../../../test/support/fixtures.ts";
import type { AssignorGroup, Partitions } from "./assignor.ts";
import { bucketsWhenGrown, hashOrder, topicIdHash } from "./hash-order.ts";
import { assignRanges } from "./range.ts";
import { assignUniformly } from "./uniform.ts";

/** Indexes of topics, with partitions. */
type Held = readonly (readonly [topic: number, partitions: readonly number[]])[];

/** What Kafka's own assignor made of a group; see fixtures/README.md. */
interface AssignorCase {
  readonly assignor: "range" | "uniform";
  readonly homogeneous: boolean;
  /** With partition counts; 0 for a topic that was deleted. */
  readonly topics: readonly (readonly [id: string, partitions: number])[];
  /** In the order of the hash table that Kafka keeps them in. */
  readonly members: readonly {
    readonly id: string;
    readonly instance: string | null;
    readonly topics: readonly number[];
    readonly held: Held;
    readonly target: Held;
  }[];
}

const cases: readonly AssignorCase[] = gunzipSync(readFileSync(join(FIXTURES_FOLDER, "assignors.jsonl.gz")))
  .toString()
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line));

describe("the assignors", () => {
  it.each(["uniform", "range"] as const)("%s gives every member what Kafka's own gives it", (name) => {
    const ofThis = cases.filter(({ assignor }) => assignor === name);
    expect(ofThis.length).toBeGreaterThan(100);
    for (const assignorCase of ofThis) expect(targetOf(assignorCase)).toEqual(expectedOf(assignorCase));
  });

  it("are compared in groups of all kinds", () => {
    const uniform = cases.filter(({ assignor }) => assignor === "uniform");
    expect(uniform.filter(({ homogeneous }) => homogeneous).length).toBeGreaterThan(150);
    expect(uniform.filter(({ homogeneous }) => !homogeneous).length).toBeGreaterThan(150);
    const sticky = uniform.filter(({ members }) => members.some(({ held }) => held.length > 0));
    expect(sticky.length).toBeGreaterThan(300);
    expect(sticky.some(({ topics }) => topics.some(([, partitions]) => partitions === 0))).toBe(true);
  });
});

describe("the order of hash tables", () => {
  it("is the one in which Java goes through topics", () => {
    const held = cases.flatMap(({ topics, members }) => members.map((member) => member.held.map(([topic]) => topics[topic]![0])));
    const several = held.filter((ids) => ids.length > 1);
    expect(several.length).toBeGreaterThan(100);
    for (const ids of several) expect(hashOrder(ids, topicIdHash, bucketsWhenGrown)).toEqual(ids);
  });
});

function targetOf({ assignor, homogeneous, topics, members }: AssignorCase): unknown {
  const counts = new Map(topics);
  const idOf = (index: number): string => topics[index]![0];
  const group: AssignorGroup = {
    isHomogeneous: homogeneous,
    partitionCountOf: (topicId) => counts.get(topicId)!,
    members: members.map(({ id, instance, topics: subscribed, held }) => ({
      memberId: id,
      instanceId: instance,
      subscribedTopicIds: new Set(subscribed.map(idOf)),
      assigned: new Map(held.map(([topic, partitions]) => [idOf(topic), new Set(partitions)])),
    })),
  };
  const target = assignor === "range" ? assignRanges(group) : assignUniformly(group);
  return members.map(({ id }) => sorted(target.get(id) ?? new Map()));
}

function expectedOf({ topics, members }: AssignorCase): unknown {
  return members.map(({ target }) =>
    sorted(new Map(target.map(([topic, partitions]) => [topics[topic]![0], new Set(partitions)]))),
  );
}

function sorted(partitions: Partitions): unknown {
  return Array.from(partitions, ([topicId, numbers]) => [topicId, [...numbers].sort((one, other) => one - other)] as const).sort(
    ([one], [other]) => (one < other ? -1 : 1),
  );
}
