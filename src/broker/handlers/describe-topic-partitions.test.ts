import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AdminStage } from "../../../test/support/admin-stage.ts";

let stage: AdminStage;

beforeEach(async () => {
  stage = await AdminStage.open({ nodes: 2, topics: { b: 3, a: 2, c: 1 } });
});

afterEach(async () => {
  expect(await stage.close()).toEqual([]);
});

interface Asked {
  readonly topics?: readonly { readonly name: string }[];
  readonly responsePartitionLimit?: number;
  readonly cursor?: { readonly topicName: string; readonly partitionIndex: number } | null;
}

async function ask(asked: Asked) {
  const { topics, nextCursor } = await stage.client.ask(
    "DescribeTopicPartitions",
    { responsePartitionLimit: 2000, topics: [], ...asked },
    0,
  );
  return {
    topics: topics.map(({ name, errorCode, partitions }) => [
      name,
      errorCode,
      partitions.map(({ partitionIndex }) => partitionIndex),
    ]),
    nextCursor,
  };
}

describe("DescribeTopicPartitions", () => {
  it("describes all topics in the order of their names", async () => {
    expect(await ask({})).toEqual({
      topics: [
        ["a", 0, [0, 1]],
        ["b", 0, [0, 1, 2]],
        ["c", 0, [0]],
      ],
      nextCursor: null,
    });
  });

  it("tells leader, replicas and what the client may do", async () => {
    await stage.broker.stopNode(2);
    const { topics } = await stage.client.ask("DescribeTopicPartitions", { topics: [{ name: "c" }], responsePartitionLimit: 1 }, 0);
    expect(topics).toMatchObject([
      { topicAuthorizedOperations: 3576, partitions: [{ leaderId: 1, isrNodes: [1], offlineReplicas: [2] }] },
    ]);
  });

  it("goes page by page, so that every partition comes once", async () => {
    const seen: unknown[] = [];
    let cursor: Asked["cursor"] = null;
    do {
      const page = await ask({ responsePartitionLimit: 2, cursor });
      seen.push(...page.topics);
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual([
      ["a", 0, [0, 1]],
      ["b", 0, [0, 1]],
      ["b", 0, [2]],
      ["c", 0, [0]],
    ]);
  });

  it("points at the next topic when a page is full, whether there is such a topic or not", async () => {
    const { nextCursor } = await ask({ topics: [{ name: "a" }, { name: "zz" }], responsePartitionLimit: 2 });
    expect(nextCursor).toEqual({ topicName: "zz", partitionIndex: 0 });
  });

  it("answers at least one partition, whatever the limit", async () => {
    expect(await ask({ topics: [{ name: "a" }], responsePartitionLimit: -5 })).toEqual({
      topics: [["a", 0, [0]]],
      nextCursor: { topicName: "a", partitionIndex: 1 },
    });
  });

  it("holds the broker's own limit", async () => {
    const small = await AdminStage.open({ topics: { a: 3 }, configs: { "max.request.partition.size.limit": "2" } });
    const { topics } = await small.client.ask("DescribeTopicPartitions", { topics: [], responsePartitionLimit: 100 }, 0);
    expect(topics[0]!.partitions).toHaveLength(2);
    await small.close();
  });

  it("says of topics that do not exist, or cannot, what is wrong", async () => {
    const { topics } = await ask({ topics: [{ name: "nope" }, { name: "a b" }] });
    expect(topics).toEqual([
      ["a b", 17, []],
      ["nope", 3, []],
    ]);
  });

  it.each([
    { topicName: "b", partitionIndex: 0 },
    { topicName: "a", partitionIndex: -1 },
  ])("refuses the cursor %o, which cannot be its own", async (cursor) => {
    expect(await ask({ topics: [{ name: "a" }], cursor })).toEqual({ topics: [["a", 42, []]], nextCursor: null });
  });

  it("has nothing to say of partitions behind the last", async () => {
    expect(await ask({ topics: [{ name: "a" }], cursor: { topicName: "a", partitionIndex: 99 } })).toEqual({
      topics: [["a", 0, []]],
      nextCursor: null,
    });
  });
});
