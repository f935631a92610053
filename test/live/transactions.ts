// Producer ids and transactions. The node runs transaction version 2 (KIP-890): EndTxn from version 5 on raises the epoch.

import { expect } from "vitest";
import { addPartitionsBody, type Producer, unique, when } from "./live.ts";
import * as refusals from "./refusals.ts";
import type { Script, Scripts } from "./script.ts";

const TRANSACTION_VERSION = 2;

const initProducerId: Script = async (live, version) => {
  const idempotent = await live.send("InitProducerId", version, { transactionalId: null, transactionTimeoutMs: 60_000 });
  expect(idempotent.producerId).toBeGreaterThanOrEqual(0n);
  const transactionalId = unique("transaction");
  const { producerId, producerEpoch } = await live.send("InitProducerId", version, {
    transactionalId,
    transactionTimeoutMs: 60_000,
  });
  const again = when(version >= 3, { producerId, producerEpoch });
  const bumped = await live.send("InitProducerId", version, { transactionalId, transactionTimeoutMs: 60_000, ...again });
  expect({ id: bumped.producerId, epoch: bumped.producerEpoch }).toEqual({ id: producerId, epoch: producerEpoch + 1 });
  const forever = { transactionalId, transactionTimeoutMs: 0x7fff_ffff };
  await live.send("InitProducerId", version, forever, refusals.transactionTooLong);
};

const addPartitionsToTxn: Script = async (live, version, { topic }) => {
  const producer = await live.newProducer();
  const fenced = { ...producer, producerEpoch: producer.producerEpoch + 7 };
  const body = (by: Producer): ReturnType<typeof addPartitionsBody> =>
    version >= 4
      ? { transactions: [{ ...by, verifyOnly: false, topics: [{ name: topic.name, partitions: [0, 1] }] }] }
      : addPartitionsBody(by, topic.name);
  await live.send("AddPartitionsToTxn", version, body(fenced), version >= 2 ? refusals.fencedProducer : refusals.oldFencedProducer);
  await live.send("AddPartitionsToTxn", version, body(producer));
  await live.send("EndTxn", 4, { ...producer, committed: false });
};

const addOffsetsToTxn: Script = async (live, version) => {
  const producer = await live.newProducer();
  await live.send("AddOffsetsToTxn", version, { ...producer, groupId: unique("offsets") });
  const other = { ...producer, producerId: producer.producerId + 1000n, groupId: unique("offsets") };
  await live.send("AddOffsetsToTxn", version, other, refusals.otherProducer);
  await live.send("EndTxn", 4, { ...producer, committed: true });
};

const txnOffsetCommit: Script = async (live, version, { topic }) => {
  const producer = await live.newProducer();
  const groupId = unique("offsets");
  await live.send("AddOffsetsToTxn", 4, { ...producer, groupId });
  const partitions = [{ partitionIndex: 0, committedOffset: 1, committedLeaderEpoch: 0, committedMetadata: null }];
  const body = { ...producer, groupId, topics: [{ name: topic.name, partitions }] };
  await live.send("TxnOffsetCommit", version, body);
  if (version >= 3) {
    const { generationId, ...member } = await live.newMember(topic.name);
    await live.send("AddOffsetsToTxn", 4, { ...producer, groupId: member.groupId });
    await live.send("TxnOffsetCommit", version, { ...body, ...member, generationIdOrMemberEpoch: generationId });
    await live.send("TxnOffsetCommit", version, { ...body, ...member, generationIdOrMemberEpoch: 99 }, refusals.otherGeneration);
  }
  await live.send("EndTxn", 4, { ...producer, committed: true });
};

const endTxn: Script = async (live, version) => {
  const { name } = await live.newTopic();
  const producer = await live.newTransaction(name);
  const fenced = { ...producer, producerEpoch: producer.producerEpoch + 7, committed: true };
  await live.send("EndTxn", version, fenced, version >= 2 ? refusals.fencedProducer : refusals.oldFencedProducer);
  const { producerId, producerEpoch } = await live.send("EndTxn", version, { ...producer, committed: true });
  if (version < 5) return;
  expect({ producerId, producerEpoch }).toEqual({ producerId: producer.producerId, producerEpoch: producer.producerEpoch + 1 });
};

const writeTxnMarkers: Script = async (live, version) => {
  const { name } = await live.newTopic();
  const { producerId, producerEpoch } = await live.newTransaction(name);
  const marker = {
    producerId,
    producerEpoch,
    transactionResult: false,
    topics: [{ name, partitionIndexes: [0] }],
    coordinatorEpoch: 0,
  };
  await live.send("WriteTxnMarkers", version, { markers: [marker] });
  const nowhere = { ...marker, topics: [{ name: "no-such-topic", partitionIndexes: [0] }] };
  await live.send(
    "WriteTxnMarkers",
    version,
    { markers: [{ ...nowhere, transactionVersion: TRANSACTION_VERSION }] },
    refusals.unknownTopic,
  );
};

const describeTransactions: Script = async (live, version, { topic }) => {
  const producer = await live.newTransaction((await live.newTopic()).name);
  const { transactionStates } = await live.send("DescribeTransactions", version, { transactionalIds: [producer.transactionalId] });
  expect(transactionStates[0]).toMatchObject({ ...producer, transactionState: "Ongoing", transactionTimeoutMs: 60_000 });
  await live.send("DescribeTransactions", version, { transactionalIds: [`not-${topic.name}`] }, refusals.unknownTransaction);
};

const listTransactions: Script = async (live, version) => {
  const { transactionalId, producerId } = await live.newTransaction((await live.newTopic()).name);
  const pattern = when(version >= 2, { transactionalIdPattern: `.*${transactionalId}` });
  const filters = {
    stateFilters: ["Ongoing", "Dreaming"],
    producerIdFilters: [producerId],
    ...when(version >= 1, { durationFilter: 0 }),
  };
  const { transactionStates, unknownStateFilters } = await live.send("ListTransactions", version, { ...filters, ...pattern });
  expect({ transactionStates, unknownStateFilters }).toEqual({
    transactionStates: [{ transactionalId, producerId, transactionState: "Ongoing" }],
    unknownStateFilters: ["Dreaming"],
  });
};

export const transactionScripts: Scripts = {
  InitProducerId: initProducerId,
  AddPartitionsToTxn: addPartitionsToTxn,
  AddOffsetsToTxn: addOffsetsToTxn,
  TxnOffsetCommit: txnOffsetCommit,
  EndTxn: endTxn,
  WriteTxnMarkers: writeTxnMarkers,
  DescribeTransactions: describeTransactions,
  ListTransactions: listTransactions,
};
