// Producing, fetching, and where in a partition one is.

import { expect } from "vitest";
import { RecordBatch, ZERO_UUID } from "../../src/protocol/index.ts";
import type { RequestBody } from "./exchange.ts";
import { type Live, produceBody, type Topic, when } from "./live.ts";
import * as refusals from "./refusals.ts";
import { type Script, type Scripts, STAGE_RECORDS } from "./script.ts";

const COUNT = STAGE_RECORDS.length;
/** Topic ids are random ones. */
const UNKNOWN_TOPIC_ID = "AAAAAAAAAAAAAAAAAAABBA";
const MEBIBYTE = 1 << 20;
/** What Produce, Fetch and their relatives say where there is no offset or no timestamp. */
const NO_OFFSET = -1;

const produce: Script = async (live, version) => {
  const topic = await live.newTopic();
  const batch = RecordBatch.encode({ records: STAGE_RECORDS });
  const plain = await live.send("Produce", version, produceToEither(topic, batch));
  expect(plain.responses[0]?.partitionResponses[0]?.baseOffset, "the first batch's offset").toBe(0);
  for (const compression of ["snappy", "lz4"] as const) {
    const compressed = RecordBatch.encode({ records: STAGE_RECORDS, compression });
    await live.send("Produce", version, produceToEither(topic, compressed));
  }
  live.sendOnly("Produce", version, { ...produceToEither(topic, batch), acks: 0 });
  const leader = await live.send("Produce", version, { ...produceToEither(topic, batch), acks: 1 });
  expect(leader.responses[0]?.partitionResponses[0]?.baseOffset, "the offset behind the unacknowledged batch").toBe(4 * COUNT);
  const nowhere = { name: "no-such-topic", id: UNKNOWN_TOPIC_ID };
  const refusal = version >= 13 ? refusals.unknownTopicId : refusals.unknownTopic;
  await live.send("Produce", version, produceToEither(nowhere, batch), refusal);
  const compacted = await live.newTopic(1, { "cleanup.policy": "compact" });
  const keyless = RecordBatch.encode({ records: [{ value: "without a key" }] });
  const refused = await live.send("Produce", version, produceToEither(compacted, keyless), refusals.recordWithoutKey);
  const partition = refused.responses[0]?.partitionResponses[0];
  if (version >= 8) expect(partition?.recordErrors.map(({ batchIndex }) => batchIndex)).toEqual([0]);
};

/** By name and by id: a version sends the one that it knows. */
function produceToEither({ name, id }: Topic, records: Uint8Array): RequestBody<"Produce"> {
  const body = produceBody(name, records);
  return { ...body, topicData: (body.topicData ?? []).map((data) => ({ ...data, topicId: id })) };
}

const fetch: Script = async (live, version, { topic }) => {
  const partition = (fetchOffset: number) => ({ partition: 0, currentLeaderEpoch: 0, fetchOffset, partitionMaxBytes: MEBIBYTE });
  const topicsAt = (fetchOffset: number, of: Topic = topic) => [
    { topic: of.name, topicId: of.id, partitions: [partition(fetchOffset)] },
  ];
  const body = { maxWaitMs: 500, minBytes: 1, maxBytes: MEBIBYTE, topics: topicsAt(0) };
  const full = await live.send("Fetch", version, body);
  const records = full.responses[0]?.partitions[0]?.records ?? new Uint8Array(0);
  expect([...RecordBatch.decode(records)].map(({ key }) => Buffer.from(key ?? "").toString())).toEqual([
    "first",
    "second",
    "third",
  ]);
  await live.send("Fetch", version, { ...body, minBytes: 0, topics: topicsAt(COUNT) });
  await live.send("Fetch", version, { ...body, topics: topicsAt(1000) }, refusals.offsetOutOfRange);
  const aborted = await live.newTopic();
  await live.send("EndTxn", 4, { ...(await live.newTransaction(aborted.name)), committed: false });
  const committedOnly = { ...body, isolationLevel: 1, topics: topicsAt(0, aborted) };
  const isAborted = (it: readonly unknown[] | null | undefined) => (it ?? []).length === 1;
  await live.until("Fetch", version, committedOnly, ({ body: { responses } }) =>
    isAborted(responses[0]?.partitions[0]?.abortedTransactions),
  );
  if (version >= 7) await fetchSession(live, version, { ...body, minBytes: 0 });
  if (version >= 12) {
    const ahead = { ...partition(1000), lastFetchedEpoch: 0 };
    const { responses } = await live.send("Fetch", version, { ...body, topics: [{ ...topicsAt(0)[0], partitions: [ahead] }] });
    expect(responses[0]?.partitions[0]?.divergingEpoch.endOffset, "where the logs part").toBe(COUNT);
  }
};

async function fetchSession(live: Live, version: number, body: FetchBody): Promise<void> {
  const { sessionId } = await live.send("Fetch", version, { ...body, sessionEpoch: 0 });
  expect(sessionId).toBeGreaterThan(0);
  const forgottenTopicsData = body.topics.map(({ topic, topicId }) => ({ topic, topicId, partitions: [0] }));
  await live.send("Fetch", version, { ...body, sessionId, sessionEpoch: 1, topics: [], forgottenTopicsData });
  await live.send("Fetch", version, { ...body, sessionId: sessionId + 1, sessionEpoch: 2 }, refusals.unknownFetchSession);
}

interface FetchBody extends RequestBody<"Fetch"> {
  readonly topics: readonly { readonly topic: string; readonly topicId: string }[];
}

const listOffsets: Script = async (live, version, { topic }) => {
  const offsetAt = async (timestamp: number): Promise<number | undefined> => {
    const partitions = [{ partitionIndex: 0, currentLeaderEpoch: 0, timestamp }];
    const { topics } = await live.send("ListOffsets", version, {
      replicaId: -1,
      topics: [{ name: topic.name, partitions }],
      timeoutMs: 5000,
    });
    return topics[0]?.partitions[0]?.offset;
  };
  expect(await offsetAt(-1), "latest").toBe(COUNT);
  expect(await offsetAt(-2), "earliest").toBe(0);
  expect(await offsetAt(1500), "the first one not older than 1500").toBe(1);
  expect(await offsetAt(9999), "nothing so young").toBe(NO_OFFSET);
  if (version >= 7) expect(await offsetAt(-3), "of the greatest timestamp").toBe(1);
  if (version >= 8) expect(await offsetAt(-4), "earliest local").toBe(0);
  if (version >= 9) expect(await offsetAt(-5), "latest in tiered storage").toBe(NO_OFFSET);
  if (version >= 11) expect(await offsetAt(-6), "earliest that is not in tiered storage").toBe(NO_OFFSET);
  const partitions = [{ partitionIndex: 77, timestamp: -1 }];
  await live.send("ListOffsets", version, { replicaId: -1, topics: [{ name: topic.name, partitions }] }, refusals.unknownPartition);
};

const offsetForLeaderEpoch: Script = async (live, version, { topic }) => {
  const asked = (leaderEpoch: number) => ({
    ...when(version >= 3, { replicaId: -1 }),
    topics: [{ topic: topic.name, partitions: [{ partition: 0, currentLeaderEpoch: 0, leaderEpoch }] }],
  });
  const { topics } = await live.send("OffsetForLeaderEpoch", version, asked(0));
  expect(topics[0]?.partitions[0]?.endOffset).toBe(COUNT);
  await live.send("OffsetForLeaderEpoch", version, asked(5));
};

const metadata: Script = async (live, version, { topic, brokerId }) => {
  const authorized = when(version >= 8, { includeTopicAuthorizedOperations: true });
  const cluster = when(version >= 8 && version <= 10, { includeClusterAuthorizedOperations: true });
  const allTopics = version === 0 ? [] : null;
  const { brokers } = await live.send("Metadata", version, { topics: allTopics, ...authorized, ...cluster });
  expect(brokers.map(({ nodeId }) => nodeId)).toEqual([brokerId]);
  const named = await live.send("Metadata", version, { topics: [{ name: topic.name }], ...authorized });
  expect(named.topics[0]?.partitions.map(({ leaderId }) => leaderId)).toEqual([brokerId, brokerId]);
  if (version >= 1) await live.send("Metadata", version, { topics: [] });
  if (version >= 10) expect(named.topics[0]?.topicId).toBe(topic.id);
  if (version >= 12) {
    const byId = await live.send("Metadata", version, { topics: [{ name: null, topicId: topic.id }] });
    expect(byId.topics[0]?.name).toBe(topic.name);
  }
  if (version < 4) return;
  const unknown = { topics: [{ name: "no-such-topic" }], allowAutoTopicCreation: false };
  await live.send("Metadata", version, unknown, refusals.unknownTopic);
};

const deleteRecords: Script = async (live, version) => {
  const { name } = await live.newTopic();
  await live.produce(name, { records: STAGE_RECORDS });
  const upTo = (offset: number) => ({ topics: [{ name, partitions: [{ partitionIndex: 0, offset }] }], timeoutMs: 5000 });
  const { topics } = await live.send("DeleteRecords", version, upTo(2));
  expect(topics[0]?.partitions[0]?.lowWatermark).toBe(2);
  await live.send("DeleteRecords", version, upTo(1000), refusals.deleteBehindEnd);
};

const describeProducers: Script = async (live, version) => {
  const { name } = await live.newTopic();
  const { producerId } = await live.newTransaction(name);
  const { topics } = await live.send("DescribeProducers", version, { topics: [{ name, partitionIndexes: [0] }] });
  expect(topics[0]?.partitions[0]?.activeProducers.map((producer) => producer.producerId)).toEqual([producerId]);
};

const describeTopicPartitions: Script = async (live, version, { topic }) => {
  const asked = { topics: [{ name: topic.name }], responsePartitionLimit: 1 };
  const { topics, nextCursor } = await live.send("DescribeTopicPartitions", version, asked);
  expect(topics[0]?.topicId).toBe(topic.id);
  expect(nextCursor).toEqual({ topicName: topic.name, partitionIndex: 1 });
  const rest = await live.send("DescribeTopicPartitions", version, { ...asked, cursor: nextCursor });
  expect(rest.topics[0]?.partitions.map(({ partitionIndex }) => partitionIndex)).toEqual([1]);
  const unknown = { topics: [{ name: "no-such-topic" }] };
  const { topics: none } = await live.send("DescribeTopicPartitions", version, unknown, refusals.unknownTopic);
  expect(none[0]?.topicId).toBe(ZERO_UUID);
};

export const dataScripts: Scripts = {
  Produce: produce,
  Fetch: fetch,
  ListOffsets: listOffsets,
  Metadata: metadata,
  OffsetForLeaderEpoch: offsetForLeaderEpoch,
  DeleteRecords: deleteRecords,
  DescribeProducers: describeProducers,
  DescribeTopicPartitions: describeTopicPartitions,
};
