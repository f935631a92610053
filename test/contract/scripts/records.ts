// Producing, fetching, and where in a partition one is.

import { encodeMessageSet, RecordBatch } from "../../../src/protocol/index.ts";
import type { RequestBody } from "../../live/exchange.ts";
import type { Conversation } from "../conversation.ts";
import {
  newProducer,
  newTopic,
  newTransaction,
  produce,
  produceBody,
  RECORDS,
  type Topic,
  transactionalBatch,
  UNKNOWN_TOPIC,
  UNKNOWN_TOPIC_ID,
} from "../preparations.ts";
import type { Script, Scripts } from "../script.ts";

const NOWHERE: Topic = { name: UNKNOWN_TOPIC, id: UNKNOWN_TOPIC_ID };
const MEBIBYTE = 1 << 20;
const COUNT = RECORDS.length;
/** Produce before version 3 is only named (KAFKA-18659). */
const FIRST_PRODUCE = 3;

const produceScript: Script = async (to, version, { topic: shared }) => {
  if (version < FIRST_PRODUCE) {
    await to.compareHangUp("a version that is only named", "Produce", version, {});
    // The version is answered by hanging up, whatever is asked; there is nothing that it accepts.
    return;
  }
  const topic = await newTopic(to);
  const send = (label: string, body: RequestBody<"Produce">) => to.compare(label, "Produce", version, body);
  const batch = RecordBatch.encode({ records: RECORDS });
  await send("the first batch", produceBody(topic, batch));
  for (const compression of ["snappy", "lz4"] as const) {
    await send(compression, produceBody(topic, RecordBatch.encode({ records: RECORDS, compression })));
  }
  to.sendOnly("Produce", version, { ...produceBody(topic, batch), acks: 0 });
  await send("acks 1, behind a batch without acknowledgement", { ...produceBody(topic, batch), acks: 1 });
  to.sendOnly("Produce", version, { ...produceBody(NOWHERE, batch), acks: 0 });
  await to.compareHangUp("behind an unknown topic without acknowledgement", "Produce", version, produceBody(topic, batch));
  await send("acks 2", { ...produceBody(topic, batch), acks: 2 });
  await send("no topics", { ...produceBody(topic, batch), topicData: [] });
  await send("an unknown topic", produceBody(NOWHERE, batch));
  await send("an unknown partition", {
    ...produceBody(topic, batch),
    topicData: [{ name: topic.name, topicId: topic.id, partitionData: [{ index: 77, records: batch }] }],
  });
  await send("a good and an unknown partition", {
    ...produceBody(topic, batch),
    topicData: [
      {
        name: topic.name,
        topicId: topic.id,
        partitionData: [
          { index: 0, records: batch },
          { index: 1, records: batch },
        ],
      },
      { name: NOWHERE.name, topicId: NOWHERE.id, partitionData: [{ index: 0, records: batch }] },
    ],
  });
  await badBatches(to, version, topic);
  await idempotence(to, version);
  await producedTransactions(to, version, shared);
  await topicRules(to, version);
};

async function badBatches(to: Conversation, version: number, topic: Topic): Promise<void> {
  const send = (label: string, records: Uint8Array) => to.compare(label, "Produce", version, produceBody(topic, records));
  const batch = RecordBatch.encode({ records: RECORDS });
  const corrupt = batch.slice();
  corrupt[corrupt.length - 1]! ^= 0xff;
  await send("a wrong checksum", corrupt);
  await send("two batches", Buffer.concat([batch, batch]));
  await send("half a batch", batch.subarray(0, batch.length - 10));
  await send("no bytes", new Uint8Array(0));
  await send("a batch without records", RecordBatch.encode({ records: [] }));
  await send("a base offset of its own", RecordBatch.encode({ records: RECORDS, baseOffset: 100 }));
  await send("a message set of format 1", encodeMessageSet({ magic: 1, records: [{ value: "old", timestamp: 5 }] }));
  await send("a message set of format 0", encodeMessageSet({ magic: 0, records: [{ value: "old" }] }));
}

async function idempotence(to: Conversation, version: number): Promise<void> {
  const topic = await newTopic(to);
  const { producerId } = await to.prepareUntil("InitProducerId", 5, { transactionalId: null, transactionTimeoutMs: 60_000 });
  const send = (label: string, baseSequence: number, producerEpoch = 0, id = producerId) => {
    const batch = RecordBatch.encode({ records: RECORDS, producerId: id, producerEpoch, baseSequence });
    return to.compare(label, "Produce", version, produceBody(topic, batch));
  };
  await send("sequence 0", 0);
  await send("sequence 3", 3);
  await send("sequence 3 again", 3);
  await send("sequence 0 again", 0);
  await send("sequence 100", 100);
  await send("part of a batch again", 1);
  await send("epoch 1 from sequence 5", 5, 1);
  await send("epoch 1", 0, 1);
  await send("epoch 0 afterwards", 6, 0);
  await send("an unknown producer in the middle", 50, 0, producerId + 500n);
  await send("an id without a sequence", -1, 0);
  const other = producerId + 900n;
  for (let batch = 0; batch < 7; batch++) await send(`batch ${batch} of seven`, batch * RECORDS.length, 0, other);
  await send("the last but four again", 2 * RECORDS.length, 0, other);
  await send("the first again", 0, 0, other);
  const wrapping = producerId + 901n;
  await send("the last sequence numbers there are", 0x7fff_fffe, 0, wrapping);
  await send("behind them", 1, 0, wrapping);
  await send("not behind them", 0x7fff_ffff, 0, wrapping);
}

async function producedTransactions(to: Conversation, version: number, shared: Topic): Promise<void> {
  const topic = await newTopic(to);
  const producer = await newProducer(to);
  const send = (label: string, bytes: Uint8Array, id: string | null) =>
    to.compare(label, "Produce", version, produceBody(topic, bytes, id));
  if (version < 12) {
    await send("a transaction that the partition was not added to", transactionalBatch(producer, 0), producer.transactionalId);
    await to.prepare("AddPartitionsToTxn", 3, {
      v3AndBelowTransactionalId: producer.transactionalId,
      v3AndBelowProducerId: producer.producerId,
      v3AndBelowProducerEpoch: producer.producerEpoch,
      v3AndBelowTopics: [{ name: topic.name, partitions: [0] }],
    });
  }
  await send("a transaction", transactionalBatch(producer, 0), producer.transactionalId);
  const plain = RecordBatch.encode({ records: RECORDS, ...producer, baseSequence: 1 });
  await send("no transaction within a transaction", plain, producer.transactionalId);
  await send("a transaction without a name", transactionalBatch(producer, 1), null);
  const other = { producerId: producer.producerId + 700n, producerEpoch: 0 };
  await send("a transaction of another producer", transactionalBatch(other, 0), producer.transactionalId);
  const stale = { ...producer, producerEpoch: producer.producerEpoch + 3 };
  await send("an epoch of the future", transactionalBatch(stale, 0), producer.transactionalId);
  await send("a name that nobody has", transactionalBatch(producer, 0), `not-${shared.name}`);
}

async function topicRules(to: Conversation, version: number): Promise<void> {
  const send = async (label: string, configs: Record<string, string>, batch: Parameters<typeof RecordBatch.encode>[0]) => {
    const topic = await newTopic(to, 1, configs);
    await to.compare(label, "Produce", version, produceBody(topic, RecordBatch.encode(batch)));
  };
  const compacted = { "cleanup.policy": "compact" };
  await send("no key for a compacted topic", compacted, { records: [{ key: "a" }, { value: "without a key", timestamp: 1 }] });
  await send("too large", { "max.message.bytes": "100" }, { records: [{ value: "x".repeat(200), timestamp: 1 }] });
  await send("append time", { "message.timestamp.type": "LogAppendTime" }, { records: RECORDS });
  await send("too old", { "message.timestamp.before.max.ms": "1000" }, { records: RECORDS });
  await send(
    "too young",
    { "message.timestamp.before.max.ms": "1000000" },
    { records: [{ value: "x", timestamp: Date.now() + 10_000_000 }] },
  );
  await send("no timestamp", {}, { records: [{ value: "x", timestamp: -1 }] });
  await stored(to, version, { "message.timestamp.type": "LogAppendTime" }, "none");
  await stored(to, version, { "compression.type": "uncompressed" }, "snappy");
  await stored(to, version, { "compression.type": "producer" }, "lz4");
  await stored(to, version, { "min.insync.replicas": "2" }, "none");
  const internal = { name: "__consumer_offsets", id: UNKNOWN_TOPIC_ID };
  if (version < 13)
    await to.compare("an internal topic", "Produce", version, produceBody(internal, RecordBatch.encode({ records: RECORDS })));
}

/** How the topic keeps what was produced. */
async function stored(
  to: Conversation,
  version: number,
  configs: Readonly<Record<string, string>>,
  compression: "none" | "snappy" | "lz4",
): Promise<void> {
  const label = Object.entries(configs).flat().join(" ");
  const topic = await newTopic(to, 1, configs);
  const batch = RecordBatch.encode({ records: RECORDS, compression });
  await to.compare(`${label}, produced`, "Produce", version, produceBody(topic, batch));
  await to.compare(`${label}, fetched`, "Fetch", 18, fetchBody([fetchTopic(topic, 0)]));
  for (const timestamp of [-1, -3, 2000]) {
    const topics = [{ name: topic.name, partitions: [{ partitionIndex: 0, timestamp }] }];
    await to.compare(`${label}, at ${timestamp}`, "ListOffsets", 11, { replicaId: -1, topics });
  }
}

type FetchPartition = NonNullable<NonNullable<RequestBody<"Fetch">["topics"]>[number]["partitions"]>[number];

function fetchTopic({ name, id }: Topic, fetchOffset: number, more: FetchPartition = {}) {
  const partition = { partition: 0, currentLeaderEpoch: -1, fetchOffset, partitionMaxBytes: MEBIBYTE, logStartOffset: -1, ...more };
  return { topic: name, topicId: id, partitions: [partition] };
}

function fetchBody(topics: RequestBody<"Fetch">["topics"], more: RequestBody<"Fetch"> = {}): RequestBody<"Fetch"> {
  return { maxWaitMs: 0, minBytes: 0, maxBytes: MEBIBYTE, sessionId: 0, sessionEpoch: -1, topics: topics ?? [], ...more };
}

const fetchScript: Script = async (to, version, { topic }) => {
  const at = (offset: number, more: FetchPartition = {}, of = topic) => fetchBody([fetchTopic(of, offset, more)]);
  const send = (label: string, body: RequestBody<"Fetch">) => to.compare(label, "Fetch", version, body);
  await send("everything", at(0));
  await send("from the middle of a batch", at(1));
  await send("at the end", at(COUNT));
  await send("at the end, waiting for a byte", { ...at(COUNT), minBytes: 1, maxWaitMs: 50 });
  await send("beyond the end", at(1000));
  await send("a negative offset", at(-1));
  await send("one byte at most", at(0, { partitionMaxBytes: 1 }));
  await send("one byte at most in all", { ...at(0), maxBytes: 1 });
  await send("the current leader epoch", at(0, { currentLeaderEpoch: 0 }));
  await send("a leader epoch of the future", at(0, { currentLeaderEpoch: 5 }));
  await send("an unknown topic", at(0, {}, NOWHERE));
  await send("an unknown partition", at(0, { partition: 77 }));
  await send("an empty partition", at(0, { partition: 1 }));
  await send("good and bad together", fetchBody([fetchTopic(topic, 0), fetchTopic(NOWHERE, 0)]));
  await send("no topics", fetchBody([]));
  await send("a known epoch", at(0, { lastFetchedEpoch: 0 }));
  await send("an epoch that ended before", at(1000, { lastFetchedEpoch: 0 }));
  await send("committed only", { ...at(0), isolationLevel: 1 });
  const own = await newTopic(to, 3);
  const partitions = [2, 0, 1].map((partition) => ({
    partition,
    currentLeaderEpoch: -1,
    fetchOffset: 0,
    partitionMaxBytes: MEBIBYTE,
  }));
  await send(
    "three partitions and another topic",
    fetchBody([{ topic: own.name, topicId: own.id, partitions }, fetchTopic(topic, 0)]),
  );
  await fetchedTransactions(to, version);
  await fetchedAfterDeletion(to, version);
  if (version >= 7) await fetchSession(to, version, topic);
};

async function fetchedTransactions(to: Conversation, version: number): Promise<void> {
  const topic = await newTopic(to);
  const aborted = await newTransaction(to, topic);
  const committed = await newTransaction(to, topic);
  const read = (isolationLevel: number) => fetchBody([fetchTopic(topic, 0)], { isolationLevel });
  await to.compare("an open transaction, uncommitted", "Fetch", version, read(0));
  await to.compare("an open transaction, committed", "Fetch", version, read(1));
  await to.prepare("EndTxn", 4, { ...aborted, committed: false });
  const marked = (offset: number) => async () =>
    to.prepareUntil("ListOffsets", 7, latest(topic.name, 1), ({ body }) => body.topics[0]?.partitions[0]?.offset === offset);
  // The second transaction is still open: the last stable offset is where it began.
  await marked(1)();
  await to.compare("behind an aborted transaction, committed", "Fetch", version, read(1));
  await to.prepare("EndTxn", 4, { ...committed, committed: true });
  await marked(4)();
  await to.compare("all transactions ended, committed", "Fetch", version, read(1));
  await to.compare("all transactions ended, uncommitted", "Fetch", version, read(0));
  const behind = fetchBody([fetchTopic(topic, 3)], { isolationLevel: 1 });
  await to.compare("from behind the aborted one, committed", "Fetch", version, behind);
}

function latest(name: string, isolationLevel: number): RequestBody<"ListOffsets"> {
  return { replicaId: -1, isolationLevel, topics: [{ name, partitions: [{ partitionIndex: 0, timestamp: -1 }] }] };
}

async function fetchedAfterDeletion(to: Conversation, version: number): Promise<void> {
  const topic = await newTopic(to);
  await produce(to, topic);
  await produce(to, topic);
  const upTo = { topics: [{ name: topic.name, partitions: [{ partitionIndex: 0, offset: 4 }] }], timeoutMs: 5000 };
  await to.prepare("DeleteRecords", 2, upTo);
  await to.compare("before the start", "Fetch", version, fetchBody([fetchTopic(topic, 2)]));
  await to.compare("at the start, in the middle of a batch", "Fetch", version, fetchBody([fetchTopic(topic, 4)]));
}

async function fetchSession(to: Conversation, version: number, topic: Topic): Promise<void> {
  const own = await newTopic(to);
  const both = [fetchTopic(topic, 0), fetchTopic(own, 0)];
  const send = (label: string, body: RequestBody<"Fetch">) => to.compare(label, "Fetch", version, body);
  const { sessionId } = await send("a new session", fetchBody(both, { sessionEpoch: 0 }));
  await send("the session, nothing new asked", fetchBody([], { sessionId, sessionEpoch: 1 }));
  await send("the session, everything read", fetchBody([fetchTopic(topic, COUNT)], { sessionId, sessionEpoch: 2 }));
  await produce(to, own);
  await send("the session, something new there", fetchBody([], { sessionId, sessionEpoch: 3 }));
  await send("the session, a partition that fails", fetchBody([fetchTopic(own, 1000)], { sessionId, sessionEpoch: 4 }));
  await send("the session, still failing", fetchBody([], { sessionId, sessionEpoch: 5 }));
  const forgottenTopicsData = [{ topic: own.name, topicId: own.id, partitions: [0] }];
  await send("the session, one forgotten", fetchBody([], { sessionId, sessionEpoch: 6, forgottenTopicsData }));
  await send("the session, a topic that is unknown", fetchBody([fetchTopic(NOWHERE, 0)], { sessionId, sessionEpoch: 7 }));
  await send("an epoch out of turn", fetchBody([], { sessionId, sessionEpoch: 77 }));
  await send("another session", fetchBody([], { sessionId: sessionId === 5 ? 6 : 5, sessionEpoch: 1 }));
  await send("the end of the session", fetchBody([fetchTopic(topic, 0)], { sessionId, sessionEpoch: -1 }));
  await send("after its end", fetchBody([], { sessionId, sessionEpoch: 8 }));
}

const listOffsets: Script = async (to, version, { topic }) => {
  const ask = (label: string, timestamp: number, more: object = {}, name = topic.name) =>
    to.compare(label, "ListOffsets", version, {
      replicaId: -1,
      timeoutMs: 5000,
      topics: [{ name, partitions: [{ partitionIndex: 0, currentLeaderEpoch: -1, timestamp, ...more }] }],
    });
  await ask("the latest", -1);
  await ask("the earliest", -2);
  await ask("by time, the first", 0);
  await ask("by time, between", 1500);
  await ask("by time, exactly", 3000);
  await ask("by time, after the last", 9999);
  for (const special of [-3, -4, -5, -6, -7, -99]) await ask(`timestamp ${special}`, special);
  await ask("the current leader epoch", -1, { currentLeaderEpoch: 0 });
  await ask("a leader epoch of the future", -1, { currentLeaderEpoch: 5 });
  await ask("an unknown partition", -1, { partitionIndex: 77 });
  await ask("a negative partition", -1, { partitionIndex: -1 });
  await ask("an unknown topic", -1, {}, UNKNOWN_TOPIC);
  await ask("an empty partition, the latest", -1, { partitionIndex: 1 });
  await ask("an empty partition, by time", 5, { partitionIndex: 1 });
  await ask("an empty partition, of the greatest timestamp", -3, { partitionIndex: 1 });
  const partition = { partitionIndex: 0, timestamp: -1 };
  const several = [1, 0, 77].map((partitionIndex) => ({ partitionIndex, timestamp: -1 }));
  const topics = [
    { name: UNKNOWN_TOPIC, partitions: several },
    { name: topic.name, partitions: several },
  ];
  await to.compare("several partitions of two topics", "ListOffsets", version, { replicaId: -1, topics });
  const twice = { replicaId: -1, topics: [{ name: topic.name, partitions: [partition, partition] }] };
  await to.compare("a partition twice", "ListOffsets", version, twice);
  await to.compare("no topics", "ListOffsets", version, { replicaId: -1, topics: [] });
  const own = await newTopic(to);
  await produce(to, own);
  await newTransaction(to, own);
  for (const isolationLevel of [0, 1]) {
    await to.compare(`an open transaction, isolation ${isolationLevel}`, "ListOffsets", version, latest(own.name, isolationLevel));
  }
  const byTime = {
    replicaId: -1,
    isolationLevel: 1,
    topics: [{ name: own.name, partitions: [{ partitionIndex: 0, timestamp: 0 }] }],
  };
  await to.compare("by time below an open transaction", "ListOffsets", version, byTime);
  const upTo = { topics: [{ name: own.name, partitions: [{ partitionIndex: 0, offset: 2 }] }], timeoutMs: 5000 };
  await to.prepare("DeleteRecords", 2, upTo);
  await ask("the earliest after a deletion", -2, {}, own.name);
  await ask("by time after a deletion", 0, {}, own.name);
};

const offsetForLeaderEpoch: Script = async (to, version, { topic }) => {
  const ask = (label: string, leaderEpoch: number, more: object = {}, name = topic.name) =>
    to.compare(label, "OffsetForLeaderEpoch", version, {
      replicaId: -1,
      topics: [{ topic: name, partitions: [{ partition: 0, currentLeaderEpoch: -1, leaderEpoch, ...more }] }],
    });
  await ask("the only epoch", 0);
  await ask("an epoch of the future", 5);
  await ask("no epoch", -1);
  await ask("the current leader epoch", 0, { currentLeaderEpoch: 0 });
  await ask("a current leader epoch of the future", 0, { currentLeaderEpoch: 5 });
  await ask("an empty partition", 0, { partition: 1 });
  await ask("an unknown partition", 0, { partition: 77 });
  await ask("an unknown topic", 0, {}, UNKNOWN_TOPIC);
  const partitions = [1, 0, 77].map((partition) => ({ partition, currentLeaderEpoch: -1, leaderEpoch: 0 }));
  const topics = [
    { topic: topic.name, partitions },
    { topic: UNKNOWN_TOPIC, partitions },
  ];
  await to.compare("several partitions of two topics", "OffsetForLeaderEpoch", version, { replicaId: -1, topics });
};

const deleteRecords: Script = async (to, version) => {
  const topic = await newTopic(to);
  await produce(to, topic);
  const upTo = (label: string, offset: number, name = topic.name, partitionIndex = 0) =>
    to.compare(label, "DeleteRecords", version, {
      topics: [{ name, partitions: [{ partitionIndex, offset }] }],
      timeoutMs: 5000,
    });
  await upTo("up to 2", 2);
  await upTo("up to 1, which is gone", 1);
  await upTo("beyond the end", 1000);
  await upTo("a negative offset", -5);
  await upTo("everything", -1);
  await upTo("everything again", -1);
  await upTo("an unknown partition", 0, topic.name, 77);
  await upTo("an unknown topic", 0, UNKNOWN_TOPIC);
  await upTo("an internal topic", 0, "__consumer_offsets");
  const compacted = await newTopic(to, 1, { "cleanup.policy": "compact" });
  await upTo("a compacted topic", 0, compacted.name);
};

const describeProducers: Script = async (to, version, { topic: shared }) => {
  const topic = await newTopic(to);
  const producer = await newTransaction(to, topic);
  const ask = (label: string, name: string, ...partitionIndexes: readonly number[]) =>
    to.compare(label, "DescribeProducers", version, { topics: [{ name, partitionIndexes }] });
  await ask("an open transaction", topic.name, 0);
  await to.prepare("EndTxn", 4, { ...producer, committed: true });
  await to.prepareUntil("ListOffsets", 7, latest(topic.name, 1), ({ body }) => body.topics[0]?.partitions[0]?.offset === 2);
  await ask("a transaction that ended", topic.name, 0);
  await ask("no producers", shared.name, 1);
  await ask("an unknown partition", shared.name, 0, 77);
  await ask("an unknown topic", UNKNOWN_TOPIC, 0);
  await ask("no partitions", shared.name);
};

export const recordScripts: Scripts = {
  Produce: produceScript,
  Fetch: fetchScript,
  ListOffsets: listOffsets,
  OffsetForLeaderEpoch: offsetForLeaderEpoch,
  DeleteRecords: deleteRecords,
  DescribeProducers: describeProducers,
};
