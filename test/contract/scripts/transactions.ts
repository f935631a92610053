// Producer ids and transactions.

import type { RequestBody } from "../../live/exchange.ts";
import {
  addPartitionsBody,
  newConsumer,
  newMember,
  newProducer,
  newTopic,
  newTransaction,
  type Producer,
  produceBody,
  transactionalBatch,
  UNKNOWN_TOPIC,
} from "../preparations.ts";
import type { Script, Scripts } from "../script.ts";

function later(producer: Producer, epochs = 7): Producer {
  return { ...producer, producerEpoch: producer.producerEpoch + epochs };
}

const stranger = (producer: Producer): Producer => ({ ...producer, producerId: producer.producerId + 1000n });

const initProducerId: Script = async (to, version) => {
  const ask = (label: string, transactionalId: string | null, more: RequestBody<"InitProducerId"> = {}) =>
    to.compare(label, "InitProducerId", version, { transactionalId, transactionTimeoutMs: 60_000, ...more });
  await ask("no transactions", null);
  await ask("no transactions, no timeout", null, { transactionTimeoutMs: 0 });
  const name = to.name("transaction");
  const { producerId, producerEpoch } = await ask("a new name", name);
  await ask("the same name", name);
  await ask("with the first epoch", name, { producerId, producerEpoch });
  await ask("with the current epoch", name, { producerId, producerEpoch: producerEpoch + (version >= 3 ? 1 : 2) });
  await ask("with an epoch of the future", name, { producerId, producerEpoch: 99 });
  await ask("with another producer id", name, { producerId: producerId + 1000n, producerEpoch });
  await ask("with an id but no epoch", name, { producerId, producerEpoch: -1 });
  await ask("a new name with an id", to.name("transaction"), { producerId: producerId + 2000n, producerEpoch: 3 });
  await ask("too long", name, { transactionTimeoutMs: 0x7fff_ffff });
  await ask("no time", name, { transactionTimeoutMs: 0 });
  await ask("an empty name", "");
  const topic = await newTopic(to);
  const open = await newTransaction(to, topic);
  await ask("while a transaction is open", open.transactionalId);
  await to.compareOnce(
    "after the open transaction was aborted",
    "InitProducerId",
    version,
    { transactionalId: open.transactionalId, transactionTimeoutMs: 60_000 },
    ({ errors }) => errors.length === 0,
  );
};

const addPartitionsToTxn: Script = async (to, version, { topic }) => {
  const producer = await newProducer(to);
  const ask = (label: string, by: Producer, name = topic.name, partitions = [0, 1], verifyOnly = false) =>
    to.compare(label, "AddPartitionsToTxn", version, addPartitionsBody(by, name, partitions, verifyOnly));
  await ask("an epoch of the future", later(producer));
  await ask("another producer", stranger(producer));
  await ask("an unknown name", { ...producer, transactionalId: "nobody" });
  await ask("an empty name", { ...producer, transactionalId: "" });
  await ask("two partitions", producer);
  await ask("the same partitions", producer);
  await ask("an unknown partition", producer, topic.name, [0, 77]);
  await ask("an unknown topic", producer, UNKNOWN_TOPIC);
  await ask("no partitions", producer, topic.name, []);
  if (version >= 4) {
    await ask("verification", producer, topic.name, [0], true);
    const own = await newTopic(to);
    await ask("verification of what was not added", producer, own.name, [0], true);
    await ask("verification with another epoch", later(producer), topic.name, [0], true);
    const other = await newProducer(to);
    const [one, two] = [addPartitionsBody(producer, topic.name), addPartitionsBody(later(other), topic.name)];
    const transactions = [...(one.transactions ?? []), ...(two.transactions ?? [])];
    await to.compare("two transactions, one of them fenced", "AddPartitionsToTxn", version, { transactions });
  }
  await to.prepare("EndTxn", 4, { ...producer, committed: false });
};

const addOffsetsToTxn: Script = async (to, version) => {
  const producer = await newProducer(to);
  const ask = (label: string, by: Producer, groupId = to.name("offsets")) =>
    to.compare(label, "AddOffsetsToTxn", version, { ...by, groupId });
  await ask("a group", producer);
  await ask("another group", producer);
  await ask("an epoch of the future", later(producer));
  await ask("another producer", stranger(producer));
  await ask("an unknown name", { ...producer, transactionalId: "nobody" });
  await ask("an empty group", producer, "");
  await to.prepare("EndTxn", 4, { ...producer, committed: true });
};

const txnOffsetCommit: Script = async (to, version, { topic }) => {
  const producer = await newProducer(to);
  const groupId = to.name("offsets");
  const at = (name: string, partitionIndex = 0, committedMetadata: string | null = null) => [
    { name, partitions: [{ partitionIndex, committedOffset: 2, committedLeaderEpoch: 0, committedMetadata }] },
  ];
  const body = { ...producer, groupId, topics: at(topic.name) };
  const send = (label: string, more: RequestBody<"TxnOffsetCommit"> = {}) =>
    to.compare(label, "TxnOffsetCommit", version, { ...body, ...more });
  if (version < 5) {
    await send("a group that was not added");
    await to.prepare("AddOffsetsToTxn", 4, { ...producer, groupId });
  }
  await send("one partition");
  await send("an unknown partition", { topics: at(topic.name, 77) });
  await send("an unknown topic", { topics: at(UNKNOWN_TOPIC) });
  await send("too much metadata", { topics: at(topic.name, 0, "x".repeat(5000)) });
  await send("an epoch of the future", later(producer));
  await send("another producer", stranger(producer));
  await send("another name", { transactionalId: "nobody" });
  await send("no group", { groupId: "" });
  await send("no topics", { topics: [] });
  if (version >= 3) {
    await send("a generation of an empty group", { generationIdOrMemberEpoch: 4, memberId: "nobody" });
    const { generationId, ...member } = await newMember(to, topic.name);
    await to.prepare("AddOffsetsToTxn", 4, { ...producer, groupId: member.groupId });
    await send("a member", { ...member, generationIdOrMemberEpoch: generationId });
    await send("another generation", { ...member, generationIdOrMemberEpoch: 99 });
    await send("another member", { ...member, memberId: "nobody", generationIdOrMemberEpoch: generationId });
    await send("without a member", { groupId: member.groupId });
    const { memberEpoch, ...consumer } = await newConsumer(to, topic.name);
    await to.prepare("AddOffsetsToTxn", 4, { ...producer, groupId: consumer.groupId });
    await send("a consumer", { ...consumer, generationIdOrMemberEpoch: memberEpoch });
    await send("a consumer of another epoch", { ...consumer, generationIdOrMemberEpoch: 99 });
    await send("an unknown consumer", { ...consumer, memberId: "nobody", generationIdOrMemberEpoch: memberEpoch });
  }
  const fetchOffsets = { groups: [{ groupId, topics: [{ name: topic.name, partitionIndexes: [0] }] }] };
  await to.compare("not committed yet", "OffsetFetch", 9, fetchOffsets);
  await to.compare("not committed yet, stable ones", "OffsetFetch", 9, { ...fetchOffsets, requireStable: true });
  await to.prepare("EndTxn", 4, { ...producer, committed: true });
  const isStable = ({ errors }: { errors: readonly string[] }) => errors.length === 0;
  await to.compareOnce("committed", "OffsetFetch", 9, { ...fetchOffsets, requireStable: true }, isStable);
};

const endTxn: Script = async (to, version) => {
  const topic = await newTopic(to);
  const producer = await newTransaction(to, topic);
  const end = (label: string, by: Producer, committed = true) => to.compare(label, "EndTxn", version, { ...by, committed });
  await end("an epoch of the future", later(producer));
  await end("another producer", stranger(producer));
  await end("an unknown name", { ...producer, transactionalId: "nobody" });
  await end("an empty name", { ...producer, transactionalId: "" });
  await end("a commit", producer);
  const isDone = ({ errors }: { errors: readonly string[] }) => !errors.includes("CONCURRENT_TRANSACTIONS");
  const again = (label: string, committed: boolean, by = producer) =>
    to.compareOnce(label, "EndTxn", version, { ...by, committed }, isDone);
  await again("the commit again", true);
  await again("an abort after the commit", false);
  const idle = await newProducer(to);
  await end("a commit of nothing", idle);
  await end("an abort of nothing", await newProducer(to), false);
  const other = await newTransaction(to, topic);
  await end("an abort", other, false);
  await again("the abort again", false, other);
  await again("a commit after the abort", true, other);
};

const writeTxnMarkers: Script = async (to, version) => {
  const topic = await newTopic(to);
  await newTransaction(to, topic);
  // The second producer of the same name has fenced the first.
  const { transactionalId, producerId } = await newProducer(to);
  const { producerEpoch } = await newProducer(to, transactionalId);
  await to.prepare("AddPartitionsToTxn", 3, addPartitionsBody({ transactionalId, producerId, producerEpoch }, topic.name));
  const batch = transactionalBatch({ producerId, producerEpoch }, 0);
  await to.prepare("Produce", 12, produceBody(topic, batch, transactionalId));
  const marker = {
    producerId,
    producerEpoch,
    transactionResult: false,
    topics: [{ name: topic.name, partitionIndexes: [0] }],
    coordinatorEpoch: 0,
    transactionVersion: 2,
  };
  const send = (label: string, ...markers: NonNullable<RequestBody<"WriteTxnMarkers">["markers"]>) =>
    to.compare(label, "WriteTxnMarkers", version, { markers });
  await send("an unknown topic", { ...marker, topics: [{ name: UNKNOWN_TOPIC, partitionIndexes: [0] }] });
  await send("an unknown partition", { ...marker, topics: [{ name: topic.name, partitionIndexes: [77] }] });
  await send("an old epoch", { ...marker, producerEpoch: producerEpoch - 1 });
  await send("an abort", { ...marker, producerEpoch: producerEpoch + 1 });
  await send("no markers");
  await send("no topics", { ...marker, topics: [] });
};

const describeTransactions: Script = async (to, version) => {
  const topic = await newTopic(to);
  const producer = await newTransaction(to, topic);
  const ask = (label: string, ...transactionalIds: readonly string[]) =>
    to.compare(label, "DescribeTransactions", version, { transactionalIds });
  await ask("an open transaction", producer.transactionalId);
  await ask("none", "nobody");
  await ask("both", producer.transactionalId, "nobody");
  await ask("an empty name", "");
  await ask("nothing");
  const { transactionalId } = await newProducer(to);
  await ask("nothing yet", transactionalId);
  await to.prepare("EndTxn", 4, { ...producer, committed: true });
  const isComplete = ({ body }: { body: { transactionStates: readonly { transactionState: string }[] } }) =>
    body.transactionStates[0]?.transactionState === "CompleteCommit";
  const ids = { transactionalIds: [producer.transactionalId] };
  await to.compareOnce("a committed transaction", "DescribeTransactions", version, ids, isComplete);
};

const listTransactions: Script = async (to, version) => {
  const topic = await newTopic(to);
  const { transactionalId, producerId } = await newTransaction(to, topic);
  await newProducer(to);
  const ask = (label: string, more: RequestBody<"ListTransactions">) => to.compare(label, "ListTransactions", version, more);
  const mine = { producerIdFilters: [producerId] };
  await ask("of a producer", mine);
  await ask("of a state", { ...mine, stateFilters: ["Ongoing", "Dreaming"] });
  await ask("of another state", { ...mine, stateFilters: ["CompleteCommit"] });
  await ask("of no known state", { ...mine, stateFilters: ["Dreaming"] });
  await ask("young ones", { ...mine, durationFilter: 100_000_000 });
  await ask("of any age", { ...mine, durationFilter: 0 });
  await ask("by another pattern", { ...mine, transactionalIdPattern: "nothing.*" });
  await ask("by an empty pattern", { ...mine, transactionalIdPattern: "" });
  if (version < 2) return;
  await ask("by pattern", { transactionalIdPattern: `${transactionalId}.*` });
  await ask("by a pattern that is none", { transactionalIdPattern: "(" });
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
