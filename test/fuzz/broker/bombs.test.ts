import { expect, it } from "vitest";
import { type ApiName, apis, encodeRequest } from "../../../src/protocol/index.ts";
import { batchOf } from "../../support/produce.ts";
import { type Known, prepareBroker } from "./prepared-broker.ts";
import { probe } from "./probe.ts";

type Bomb = readonly [name: string, api: ApiName, body: (known: Known) => object, version?: number];

const HUGE = 0x7fff_ffff;

function many<T>(count: number, one: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => one(index));
}

const REGEXES = [
  "(a+)+$",
  "(.*)*(.*)*x",
  "(((o{100}){100}){100}){100}",
  "(".repeat(15_000),
  "a|".repeat(15_000),
  "o?".repeat(15_000),
];
const MEMBER = { memberId: "m", memberEpoch: 0, rebalanceTimeoutMs: HUGE, subscribedTopicNames: [], topicPartitions: [] };
const CLASSIC = { groupId: "g", protocolType: "consumer", sessionTimeoutMs: 10_000, rebalanceTimeoutMs: HUGE };
const DESCRIBED = { includeSynonyms: true, includeDocumentation: true };

function fetchOf({ topicId }: Known, partitions: readonly number[], fetchOffset: number): object {
  const asked = partitions.map((partition) => ({ partition, fetchOffset, partitionMaxBytes: HUGE }));
  return { maxWaitMs: HUGE, minBytes: HUGE, maxBytes: HUGE, topics: [{ topicId, partitions: asked }] };
}

function newTopics(topics: readonly object[]): object {
  return { timeoutMs: HUGE, topics };
}

const bombs: readonly Bomb[] = [
  ["more partitions than numbers", "CreateTopics", () => newTopics([{ name: "x", numPartitions: HUGE, replicationFactor: 1 }])],
  [
    "very many topics",
    "CreateTopics",
    () => newTopics(many(20_000, (i) => ({ name: `x${i}`, numPartitions: -1, replicationFactor: -1 }))),
  ],
  [
    "a replica list without end",
    "CreateTopics",
    () =>
      newTopics([
        {
          name: "x",
          numPartitions: -1,
          replicationFactor: -1,
          assignments: [{ partitionIndex: 0, brokerIds: many(200_000, () => 1) }],
        },
      ]),
  ],
  ["more partitions than numbers", "CreatePartitions", () => newTopics([{ name: "orders", count: HUGE, assignments: null }])],
  [
    "very many missing topics",
    "Metadata",
    () => ({ topics: many(40_000, (i) => ({ name: `n${i}` })), allowAutoTopicCreation: true }),
  ],
  ["no end", "DescribeTopicPartitions", () => ({ topics: many(40_000, () => ({ name: "orders" })), responsePartitionLimit: HUGE })],
  [
    "a cursor from nowhere",
    "DescribeTopicPartitions",
    () => ({ topics: [{ name: "orders" }], responsePartitionLimit: -1, cursor: { topicName: "zzz", partitionIndex: -HUGE } }),
  ],
  ["a megabyte of metadata", "JoinGroup", () => ({ ...CLASSIC, protocols: [{ name: "range", metadata: new Uint8Array(1e6) }] }), 3],
  [
    "very many protocols",
    "JoinGroup",
    () => ({ ...CLASSIC, protocols: many(50_000, (i) => ({ name: `p${i}`, metadata: Buffer.of(1) })) }),
    3,
  ],
  ["all offsets, often", "OffsetFetch", ({ groupId }) => ({ groups: many(20_000, () => ({ groupId, topics: null })) })],
  ...["(a+)+$", "(a{1000}){1000}", "(".repeat(10_000), "(.*)*(.*)*x"].map(
    (transactionalIdPattern): Bomb => ["a pattern", "ListTransactions", () => ({ transactionalIdPattern })],
  ),
  ...REGEXES.map(
    (subscribedTopicRegex): Bomb => [
      "a regex",
      "ConsumerGroupHeartbeat",
      () => ({ ...MEMBER, groupId: "r", subscribedTopicRegex }),
    ],
  ),
  [
    "very many topics",
    "ConsumerGroupHeartbeat",
    () => ({ ...MEMBER, groupId: "r", subscribedTopicNames: many(50_000, (i) => `t${i}`) }),
  ],
  ["all the time there is", "Fetch", (known) => fetchOf(known, [0], 3)],
  [
    "a partition many times",
    "Fetch",
    (known) =>
      fetchOf(
        known,
        many(20_000, () => 0),
        0,
      ),
  ],
  [
    "a partition many times",
    "Produce",
    ({ topicId }) => ({
      acks: -1,
      timeoutMs: HUGE,
      topicData: [{ topicId, partitionData: many(4000, () => ({ index: 0, records: batchOf("x") })) }],
    }),
  ],
  [
    "a broker many times",
    "DescribeConfigs",
    () => ({ ...DESCRIBED, resources: many(60_000, () => ({ resourceType: 4, resourceName: "1", configurationKeys: null })) }),
  ],
  ["a group many times", "DescribeGroups", ({ groupId }) => ({ groups: many(20_000, () => groupId) })],
  [
    "a partition many times",
    "ListOffsets",
    () => ({ replicaId: -1, topics: [{ name: "orders", partitions: many(30_000, () => ({ partitionIndex: 0, timestamp: 1 })) }] }),
  ],
  [
    "marks for many",
    "WriteTxnMarkers",
    () => ({
      markers: many(3000, (i) => ({
        producerId: BigInt(i),
        producerEpoch: 0,
        coordinatorEpoch: 0,
        topics: [{ name: "orders", partitionIndexes: [0] }],
      })),
    }),
  ],
  ["all the time there is", "InitProducerId", () => ({ transactionalId: "t", transactionTimeoutMs: HUGE })],
];

it.each(bombs.map((bomb) => [bomb[0], bomb[1], bomb] as const))(
  "%s: %s is dealt with in bounded time, and others are served on",
  async (_name, api, bomb) => {
    const [, , body, version] = bomb;
    const prepared = await prepareBroker({ nodes: 3 });
    const head = { api, version: version ?? apis[api].clientVersions[1], correlationId: 5, clientId: "bomber" };
    const { problems, answers, isClosed } = await probe(prepared, encodeRequest(head, body(prepared.known)));
    expect(problems).toEqual([]);
    expect([answers, isClosed]).toEqual([1, false]);
  },
);
