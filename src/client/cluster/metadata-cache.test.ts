import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type MetadataPartition, type MetadataResponse, type MetadataTopic, ZERO_UUID } from "../../protocol/index.ts";
import { ClusterMetadata } from "./cluster-metadata.ts";
import { brokersIn, type MergedMetadata, mergeMetadata } from "./metadata-cache.ts";
import { TOLERATED_GAPS } from "./topic-merge.ts";

const NO_ID = ZERO_UUID;
const ID = "AAAAAAAAAAAAAAAAAAAAAQ";
const OTHER_ID = "AAAAAAAAAAAAAAAAAAAAAg";

const broker = (nodeId: number): MetadataResponse["brokers"][number] => ({
  nodeId,
  host: `host-${nodeId}`,
  port: 9092,
  rack: null,
});

function partition(partitionIndex: number, leaderId: number, leaderEpoch: number): MetadataPartition {
  return { errorCode: 0, partitionIndex, leaderId, leaderEpoch, replicaNodes: [1, 2, 3], isrNodes: [1, 2, 3], offlineReplicas: [] };
}

function topic(name: string, partitions: readonly MetadataPartition[], topicId: string = ID): MetadataTopic {
  return { errorCode: 0, name, topicId, isInternal: false, partitions, topicAuthorizedOperations: 0 };
}

function refusedTopic(name: string, errorCode: number): MetadataTopic {
  return { ...topic(name, [], NO_ID), errorCode };
}

function response(topics: readonly MetadataTopic[], changes: Partial<MetadataResponse> = {}): MetadataResponse {
  const brokers = [1, 2, 3].map(broker);
  return {
    throttleTimeMs: 0,
    brokers,
    clusterId: "c",
    controllerId: 1,
    topics,
    clusterAuthorizedOperations: 0,
    errorCode: 0,
    ...changes,
  };
}

function merge(
  known: ClusterMetadata,
  topics: readonly MetadataTopic[],
  version = 13,
  asked: readonly string[] = [],
): MergedMetadata {
  return mergeMetadata(known, response(topics), { version, asked, isWanted: () => true });
}

const start = (topics: readonly MetadataTopic[]): ClusterMetadata => merge(ClusterMetadata.empty, topics).metadata;

describe("merging an answer into what is known", () => {
  test("keeps the cluster's id when a broker has not heard of it, and drops a broker that is not in the answer", () => {
    const before = start([]);
    const said = response([], { clusterId: null, brokers: [broker(1), broker(3)] });
    const { metadata } = mergeMetadata(before, said, { version: 13, asked: [], isWanted: () => true });
    expect(metadata.clusterId).toBe("c");
    expect([...metadata.brokers.keys()]).toEqual([1, 3]);
  });

  test("M4: believes in leader epochs from Metadata v9 on, and not before (KAFKA-9212)", () => {
    const before = merge(ClusterMetadata.empty, [topic("t", [partition(0, 1, 7)])], 9).metadata;
    const older = [topic("t", [partition(0, 2, 6)])];
    expect(merge(before, older, 9).metadata.leaderOf("t", 0)).toMatchObject({ broker: { nodeId: 1 }, leaderEpoch: 7 });
    expect(merge(before, older, 8).metadata.leaderOf("t", 0)).toMatchObject({ broker: { nodeId: 2 }, leaderEpoch: -1 });
  });

  test("M4: takes what an answer of the same leader epoch says of replicas and of the leader", () => {
    const before = start([topic("t", [partition(0, 1, 7)])]);
    const said = { ...partition(0, -1, 7), isrNodes: [2, 3], offlineReplicas: [1] };
    const [after] = merge(before, [topic("t", [said])]).metadata.topics.get("t")?.partitions ?? [];
    expect(after).toMatchObject({
      leaderId: -1,
      leaderEpoch: 7,
      replicas: [1, 2, 3],
      inSyncReplicas: [2, 3],
      offlineReplicas: [1],
    });
  });

  test.each(["replicaNodes", "isrNodes", "offlineReplicas"] as const)("takes a change of %s alone", (field) => {
    const before = start([topic("t", [partition(0, 1, 7)])]);
    const { metadata } = merge(before, [topic("t", [{ ...partition(0, 1, 7), [field]: [3, 1] }])]);
    const [after] = metadata.topics.get("t")?.partitions ?? [];
    const names = { replicaNodes: "replicas", isrNodes: "inSyncReplicas", offlineReplicas: "offlineReplicas" } as const;
    expect(after?.[names[field]]).toEqual([3, 1]);
  });

  test("M6: a partition in the middle that answers go on to lack keeps its leader for a while, and then has none", () => {
    let known = start([topic("t", [partition(0, 1, 0), partition(1, 2, 0), partition(2, 3, 0)])]);
    const lacking = [topic("t", [partition(0, 1, 0), partition(2, 3, 0)])];
    for (let answers = 0; answers < TOLERATED_GAPS; answers++) known = merge(known, lacking).metadata;
    expect(known.leaderOf("t", 1)?.broker.nodeId).toBe(2);
    known = merge(known, lacking).metadata;
    expect(known.leaderOf("t", 1)).toBeUndefined();
    expect(known.topics.get("t")?.partitions).toHaveLength(3);
  });

  test("M8: a topic whose id is heard of for the first time is not another one", () => {
    const before = start([topic("t", [partition(0, 1, 7)], NO_ID)]);
    const { metadata, events } = merge(before, [topic("t", [partition(0, 2, 8)])]);
    expect(metadata.topics.get("t")?.topicId).toBe(ID);
    expect(events).toEqual([]);
  });

  test.each([
    ["others in their places", [topic("t", [partition(0, 1, 0)]), topic("unasked", [partition(0, 1, 0)], OTHER_ID)]],
    ["one of them twice", [topic("t", [partition(0, 1, 0)]), topic("t", [partition(0, 1, 0)])]],
  ])("M5: topics that were asked for and have %s in the answer are unknown topics, and no longer unheard of", (_how, topics) => {
    const { metadata } = merge(ClusterMetadata.empty, topics, 13, ["t", "u"]);
    expect([...metadata.problems]).toEqual([["u", 3]]);
    expect(metadata.topics.has("t")).toBe(true);
  });

  test("gives brokers, topics and leaders, by name and by id", () => {
    const { metadata } = merge(ClusterMetadata.empty, [topic("t", [partition(0, 2, 5), partition(1, -1, 3)])]);
    expect(metadata).toMatchObject({ clusterId: "c", controllerId: 1 });
    expect(metadata.brokers.get(2)).toEqual({ nodeId: 2, host: "host-2", port: 9092, rack: undefined });
    expect(metadata.leaderOf("t", 0)).toEqual({ broker: metadata.brokers.get(2), leaderEpoch: 5 });
    expect(metadata.leaderOf("t", 1)).toBeUndefined();
    expect(metadata.leaderOf("t", 2)).toBeUndefined();
    expect(metadata.leaderOf("u", 0)).toBeUndefined();
    expect(metadata.topicById(ID)).toBe(metadata.topics.get("t"));
    expect(metadata.topicById(NO_ID)).toBeUndefined();
  });

  test("shares everything that has not changed, and is itself when nothing has", () => {
    const before = start([topic("t", [partition(0, 1, 0), partition(1, 2, 0)]), topic("u", [partition(0, 1, 0)], OTHER_ID)]);
    expect(merge(before, [topic("t", [partition(0, 1, 0), partition(1, 2, 0)])]).metadata).toBe(before);
    const after = merge(before, [topic("t", [partition(0, 1, 0), partition(1, 3, 1)])]).metadata;
    expect(after.topics.get("u")).toBe(before.topics.get("u"));
    expect(after.topics.get("t")?.partitions[0]).toBe(before.topics.get("t")?.partitions[0]);
    expect(after.topics.get("t")?.partitions[1]).not.toBe(before.topics.get("t")?.partitions[1]);
    expect(after.brokers).toBe(before.brokers);
    expect(before.leaderOf("t", 1)?.broker.nodeId).toBe(2);
  });

  test("takes partitions in any order", () => {
    const shuffled = [partition(2, 1, 0), partition(0, 2, 0), partition(1, 3, 0)];
    expect(
      start([topic("t", shuffled)])
        .topics.get("t")
        ?.partitions.map(({ partition, leaderId }) => [partition, leaderId]),
    ).toEqual([
      [0, 2],
      [1, 3],
      [2, 1],
    ]);
  });

  test("M4: an older epoch of the same topic changes nothing, partition by partition", () => {
    const before = start([topic("t", [partition(0, 1, 5), partition(1, 1, 5)])]);
    const { metadata } = merge(before, [topic("t", [partition(0, 2, 4), partition(1, 2, 6)])]);
    expect(metadata.topics.get("t")?.partitions.map(({ leaderId, leaderEpoch }) => [leaderId, leaderEpoch])).toEqual([
      [1, 5],
      [2, 6],
    ]);
  });

  test("M4: before Metadata v9 epochs cannot be relied upon, and are none", () => {
    const before = start([topic("t", [partition(0, 1, 5)])]);
    const { metadata } = merge(before, [topic("t", [partition(0, 2, 4)], NO_ID)], 8);
    expect(metadata.leaderOf("t", 0)).toMatchObject({ broker: { nodeId: 2 }, leaderEpoch: -1 });
    expect(metadata.topics.get("t")?.topicId).toBe(ID);
  });

  test("M6: a topic that an answer does not mention stays for some answers", () => {
    let known = start([topic("t", [partition(0, 1, 0)])]);
    const kept: boolean[] = [];
    for (let round = 0; round <= TOLERATED_GAPS; round++) {
      known = merge(known, [], 13, ["t"]).metadata;
      kept.push(known.topics.has("t"));
      expect(known.problems.get("t")).toBe(3);
    }
    expect(kept).toEqual([...Array.from({ length: TOLERATED_GAPS }, () => true), false]);
  });

  test("M6: gaps in a row count; an answer that is whole ends them", () => {
    let known = start([topic("t", [partition(0, 1, 0), partition(1, 1, 0)])]);
    for (let round = 0; round < 4 * TOLERATED_GAPS; round++) {
      const partitions = round % TOLERATED_GAPS === 0 ? [partition(0, 1, 0), partition(1, 1, 0)] : [partition(0, 1, 0)];
      known = merge(known, [topic("t", partitions)]).metadata;
      expect(known.leaderOf("t", 1)).toBeDefined();
    }
  });

  test("M6: partitions at the end that stay away are gone", () => {
    let known = start([topic("t", [partition(0, 1, 0), partition(1, 1, 0)])]);
    let merged: MergedMetadata | undefined;
    for (let round = 0; round <= TOLERATED_GAPS; round++) {
      merged = merge(known, [topic("t", [partition(0, 1, 0)])]);
      known = merged.metadata;
    }
    expect(known.topics.get("t")?.partitions).toHaveLength(1);
    expect(merged?.events).toEqual([{ kind: "partition count changed", topic: "t", from: 2, to: 1 }]);
  });

  test("half a topic that was never seen whole is none", () => {
    const { metadata } = merge(ClusterMetadata.empty, [topic("t", [partition(0, 1, 0), partition(2, 1, 0)])]);
    expect(metadata.topics.size).toBe(0);
    expect(metadata.problems.get("t")).toBe(3);
  });

  test("an absurd partition number makes nothing large", () => {
    const { metadata } = merge(ClusterMetadata.empty, [
      topic("t", [partition(2_147_483_647, 1, 0)]),
      topic("u", [partition(-1, 1, 0)]),
    ]);
    expect(metadata.topics.size).toBe(0);
  });

  test("M7: a topic without partitions is retriable, and takes nothing away", () => {
    const before = start([topic("t", [partition(0, 1, 0)])]);
    const { metadata } = merge(before, [topic("t", [])]);
    expect(metadata.problems.get("t")).toBe(3);
    expect(metadata.leaderOf("t", 0)).toBeDefined();
  });

  test("M8: without topic ids, the older epoch of a topic that was made anew holds when so many answers in a row say it", () => {
    const anew = [topic("t", [partition(0, 2, 0)], NO_ID)];
    let { metadata } = merge(ClusterMetadata.empty, [topic("t", [partition(0, 1, 3)], NO_ID)], 9);
    for (let answers = 0; answers < TOLERATED_GAPS; answers++) {
      metadata = merge(metadata, anew, 9).metadata;
      expect(metadata.leaderOf("t", 0)).toMatchObject({ broker: { nodeId: 1 }, leaderEpoch: 3 });
    }
    metadata = merge(metadata, anew, 9).metadata;
    expect(metadata.leaderOf("t", 0)).toMatchObject({ broker: { nodeId: 2 }, leaderEpoch: 0 });
    expect(metadata.lacking.size).toBe(0);
  });

  test("M4: brokers that lag behind between others, or topics with ids, never make an epoch older", () => {
    const older = partition(0, 2, 2);
    const newest = topic("t", [partition(0, 1, 3)], NO_ID);
    let withoutIds = merge(ClusterMetadata.empty, [newest], 9).metadata;
    let withIds = start([topic("t", [partition(0, 1, 3)])]);
    for (let answers = 0; answers < 3 * TOLERATED_GAPS; answers++) {
      withoutIds = merge(withoutIds, [answers % TOLERATED_GAPS === 0 ? newest : topic("t", [older], NO_ID)], 9).metadata;
      withIds = merge(withIds, [topic("t", [older])]).metadata;
      for (const known of [withoutIds, withIds]) expect(known.leaderOf("t", 0)).toMatchObject({ leaderEpoch: 3 });
    }
  });

  test("M8: a new topic id lets lower epochs hold, and is an event", () => {
    const before = start([topic("t", [partition(0, 1, 9), partition(1, 1, 9)])]);
    const { metadata, events } = merge(before, [topic("t", [partition(0, 2, 0)], OTHER_ID)]);
    expect(metadata.topics.get("t")).toMatchObject({ topicId: OTHER_ID, partitions: [{ leaderId: 2, leaderEpoch: 0 }] });
    expect(events).toEqual([{ kind: "topic recreated", topic: "t", oldTopicId: ID, newTopicId: OTHER_ID }]);
    expect(metadata.topicById(ID)).toBeUndefined();
  });

  test("M12: brokers that nobody can connect to are none", () => {
    const brokers = [{ ...broker(1), port: 0 }, { ...broker(2), host: "" }, { ...broker(3), port: 70_000 }, broker(-1)];
    expect(brokersIn(response([], { brokers }))).toEqual([]);
  });

  test.each([
    [29, false],
    [17, false],
    [5, true],
    [3, true],
  ])("M13, M14: error %i stays with its topic, which is kept: %s", (code, isKept) => {
    const before = start([topic("t", [partition(0, 1, 0)]), topic("u", [partition(0, 1, 0)], OTHER_ID)]);
    const { metadata, events } = merge(before, [refusedTopic("t", code), topic("u", [partition(0, 2, 1)], OTHER_ID)]);
    expect(metadata.problems).toEqual(new Map([["t", code]]));
    expect(metadata.topics.has("t")).toBe(isKept);
    expect(metadata.leaderOf("u", 0)?.broker.nodeId).toBe(2);
    expect(events).toEqual(isKept ? [] : [{ kind: "topic gone", topic: "t", errorCode: code }]);
  });

  test("what nobody wants is forgotten, also when a broker tells of it unasked", () => {
    const before = start([topic("t", [partition(0, 1, 0)])]);
    const answer = response([topic("u", [partition(0, 1, 0)], OTHER_ID), topic("__proto__", [partition(0, 1, 0)], OTHER_ID)]);
    const { metadata } = mergeMetadata(before, answer, { version: 13, asked: [], isWanted: (name) => name === "u" });
    expect([...metadata.topics.keys()]).toEqual(["u"]);
  });

  test("a broker that has moved has a new object, others keep theirs", () => {
    const before = start([]);
    const brokers = [broker(1), { ...broker(2), port: 9999 }];
    const { metadata } = mergeMetadata(before, response([], { brokers }), { version: 13, asked: [], isWanted: () => true });
    expect(metadata.brokers.get(1)).toBe(before.brokers.get(1));
    expect(metadata.brokers.get(2)?.port).toBe(9999);
    expect(metadata.brokers.has(3)).toBe(false);
  });

  test("looking up a leader gives the same object again: nothing is allocated", () => {
    const known = start([topic("t", [partition(0, 1, 7), partition(1, 1, 7), partition(2, 2, 7)])]);
    expect(known.leaderOf("t", 0)).toBe(known.leaderOf("t", 0));
    expect(known.leaderOf("t", 1)).toBe(known.leaderOf("t", 0));
    expect(known.leaderOf("t", 2)).not.toBe(known.leaderOf("t", 0));
  });

  test("200,000 partitions: one that changes makes one partition, its topic and its list anew, and nothing else", () => {
    const names = Array.from({ length: 2_000 }, (_, index) => `topic-${index}`);
    const idOf = (index: number): string => `00000000-0000-0000-0001-${String(index).padStart(12, "0")}`;
    const all = (changed?: number): readonly MetadataTopic[] =>
      names.map((name, index) =>
        topic(
          name,
          Array.from({ length: 100 }, (_, number) =>
            partition(number, (number % 3) + 1, index === changed && number === 50 ? 1 : 0),
          ),
          idOf(index),
        ),
      );
    const before = start(all());
    expect(merge(before, all()).metadata).toBe(before);
    const after = merge(before, all(1_234)).metadata;
    let anew = 0;
    for (const name of names) {
      const [old, now] = [before.topics.get(name), after.topics.get(name)];
      if (old === now) continue;
      anew += now?.partitions.filter((one, index) => one !== old?.partitions[index]).length ?? 0;
    }
    expect(anew).toBe(1);
    const leaders = new Set<unknown>();
    for (const name of names) for (let number = 0; number < 100; number++) leaders.add(after.leaderOf(name, number));
    // Three brokers at epoch 0, and one at epoch 1.
    expect(leaders.size).toBe(4);
    const [some] = before.topics.get("topic-7")?.partitions ?? [];
    expect(some?.inSyncReplicas).toBe(some?.replicas);
  });
});

describe("M4: the leader epoch of a partition", () => {
  const answer = fc.record({
    version: fc.constantFrom(10, 12, 13),
    epochs: fc.array(fc.integer({ min: -1, max: 20 }), { maxLength: 4 }),
    errorCode: fc.constantFrom(0, 0, 0, 3, 5),
    order: fc.boolean(),
  });

  test("never goes back while the topic is the same, whatever answers come in whatever order", () => {
    fc.assert(
      fc.property(fc.array(answer, { maxLength: 40 }), (answers) => {
        let known = ClusterMetadata.empty;
        const highest: number[] = [];
        for (const { version, epochs, errorCode, order } of answers) {
          const partitions = epochs.map((epoch, index) => partition(index, (epoch % 3) + 1, epoch));
          const said = { ...topic("t", order ? partitions : partitions.toReversed()), errorCode };
          known = merge(known, [errorCode === 0 ? said : refusedTopic("t", errorCode)], version).metadata;
          const now = known.topics.get("t")?.partitions ?? [];
          // Gone for good, or shorter: what comes after is known from scratch.
          highest.length = now.length;
          for (const [index, { leaderEpoch, partition: number }] of now.entries()) {
            expect(number).toBe(index);
            expect(leaderEpoch).toBeGreaterThanOrEqual(highest[index] ?? -1);
            highest[index] = leaderEpoch;
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  test("ends as the newest answer says, in whatever order all of them come", () => {
    const epochs = fc.uniqueArray(fc.nat(50), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(epochs, (all) => {
        let known = ClusterMetadata.empty;
        for (const epoch of all) known = merge(known, [topic("t", [partition(0, (epoch % 3) + 1, epoch)])]).metadata;
        const newest = Math.max(...all);
        expect(known.leaderOf("t", 0)).toMatchObject({ leaderEpoch: newest, broker: { nodeId: (newest % 3) + 1 } });
      }),
    );
  });
});
