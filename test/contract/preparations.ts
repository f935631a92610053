// What scripts need before they compare: topics, records, members, producers.

import { encodeAssignment, encodeSubscription, RecordBatch } from "../../src/protocol/index.ts";
import type { RequestBody } from "../live/exchange.ts";
import type { Conversation } from "./conversation.ts";

export interface Topic {
  readonly name: string;
  readonly id: string;
}

export interface Producer {
  readonly transactionalId: string;
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

export type BatchInput = Parameters<typeof RecordBatch.encode>[0];

/** As topic ids are, but of no topic. */
export const UNKNOWN_TOPIC_ID = "AAAAAAAAAAAAAAAAAAABBA";
export const UNKNOWN_TOPIC = "no-such-topic";
const CREATED_WITHIN_MS = 5000;

export const RECORDS: readonly { key: string; value: string; timestamp: number; headers: readonly [string, string][] }[] = [
  { key: "first", value: "one", timestamp: 1000, headers: [["from", "the contract"]] },
  { key: "second", value: "two", timestamp: 3000, headers: [] },
  { key: "third", value: "three", timestamp: 2000, headers: [] },
];

export async function newTopic(
  to: Conversation,
  numPartitions = 1,
  configs: Readonly<Record<string, string>> = {},
  name: string = to.name("topic"),
): Promise<Topic> {
  const settings = Object.entries(configs).map(([key, value]) => ({ name: key, value }));
  const wanted = { name, numPartitions, replicationFactor: 1, configs: settings };
  const { topics } = await to.prepare("CreateTopics", 7, { topics: [wanted], timeoutMs: CREATED_WITHIN_MS });
  await untilLed(to, name, numPartitions);
  return { name, id: topics[0]?.topicId ?? "" };
}

/** A real broker leads a partition a moment after its metadata say so. */
export async function untilLed(to: Conversation, topic: string, numPartitions: number): Promise<void> {
  const partitions = Array.from({ length: numPartitions }, (_, partitionIndex) => ({ partitionIndex, timestamp: -1 }));
  await to.prepareUntil("ListOffsets", 7, { replicaId: -1, topics: [{ name: topic, partitions }] });
}

/** By name and by id: a version sends the one that it knows. */
export function produceBody(topic: Topic, records: Uint8Array, transactionalId: string | null = null): RequestBody<"Produce"> {
  const topicData = [{ name: topic.name, topicId: topic.id, partitionData: [{ index: 0, records }] }];
  return { transactionalId, acks: -1, timeoutMs: 5000, topicData };
}

export async function produce(to: Conversation, topic: Topic, batch: BatchInput = { records: RECORDS }): Promise<void> {
  await to.prepare("Produce", 12, produceBody(topic, RecordBatch.encode(batch)));
}

export function joinBody(groupId: string, topic: string, more: RequestBody<"JoinGroup"> = {}): RequestBody<"JoinGroup"> {
  const protocols = [{ name: "range", metadata: encodeSubscription({ topics: [topic] }) }];
  return { groupId, sessionTimeoutMs: 30_000, rebalanceTimeoutMs: 30_000, protocolType: "consumer", protocols, ...more };
}

export interface Member {
  readonly groupId: string;
  readonly memberId: string;
  readonly generationId: number;
}

/** A member of a classic group that has joined but has no assignment yet. */
export async function joined(to: Conversation, topic: string, more: RequestBody<"JoinGroup"> = {}): Promise<Member> {
  const join = joinBody(to.name("group"), topic, more);
  const groupId = join.groupId ?? "";
  // The first answer only tells the member its id (KIP-394).
  const { memberId } = await to.prepareUntil("JoinGroup", 9, join, () => true);
  const { generationId } = await to.prepare("JoinGroup", 9, { ...join, memberId });
  return { groupId, memberId, generationId };
}

export const CONSUMER_RANGE = { protocolType: "consumer", protocolName: "range" } as const;
/** Nothing, in the words of Java's consumers. */
export const ASSIGNMENT: Uint8Array = encodeAssignment({ assignedPartitions: [] });

/** A member of a classic group, alone in it and with its assignment. */
export async function newMember(to: Conversation, topic: string, more: RequestBody<"JoinGroup"> = {}): Promise<Member> {
  const member = await joined(to, topic, more);
  const assignments = [{ memberId: member.memberId, assignment: ASSIGNMENT }];
  await to.prepare("SyncGroup", 5, { ...member, ...CONSUMER_RANGE, assignments });
  return member;
}

/** A group without members that has a committed offset. */
export async function newOffsets(to: Conversation, topic: Topic, committedOffset = 1, partitionIndex = 0): Promise<string> {
  const groupId = to.name("offsets");
  const partitions = [{ partitionIndex, committedOffset, committedLeaderEpoch: 0, committedMetadata: "some metadata" }];
  await to.prepare("OffsetCommit", 9, { groupId, generationIdOrMemberEpoch: -1, topics: [{ name: topic.name, partitions }] });
  return groupId;
}

export interface ConsumerMember {
  readonly groupId: string;
  readonly memberId: string;
  readonly memberEpoch: number;
}

/** A member of a KIP-848 group. */
export async function newConsumer(
  to: Conversation,
  topic: string,
  more: RequestBody<"ConsumerGroupHeartbeat"> = {},
): Promise<ConsumerMember> {
  const join = {
    groupId: to.name("consumers"),
    memberId: to.name("member"),
    memberEpoch: 0,
    rebalanceTimeoutMs: 30_000,
    subscribedTopicNames: [topic],
    topicPartitions: [],
    ...more,
  };
  const { memberEpoch } = await to.prepare("ConsumerGroupHeartbeat", 1, join);
  return { groupId: join.groupId, memberId: join.memberId, memberEpoch };
}

/** A real broker's groups hear of a new topic a moment later than its clients. */
export async function untilGroupsKnow(to: Conversation, topic: string): Promise<void> {
  const member = { groupId: to.name("scouts"), memberId: "scout", memberEpoch: 0, rebalanceTimeoutMs: 30_000 };
  const join = { ...member, subscribedTopicNames: [topic], topicPartitions: [] };
  await to.prepareUntil("ConsumerGroupHeartbeat", 1, join, ({ body }) => (body.assignment?.topicPartitions.length ?? 0) > 0);
}

export async function newProducer(to: Conversation, transactionalId: string = to.name("transaction")): Promise<Producer> {
  const body = { transactionalId, transactionTimeoutMs: 60_000 };
  const { producerId, producerEpoch } = await to.prepareUntil("InitProducerId", 5, body);
  return { transactionalId, producerId, producerEpoch };
}

/** A producer with an open transaction that one record belongs to, in partition 0. */
export async function newTransaction(to: Conversation, topic: Topic): Promise<Producer> {
  const producer = await newProducer(to);
  await to.prepare("AddPartitionsToTxn", 3, addPartitionsBody(producer, topic.name));
  await to.prepare("Produce", 12, produceBody(topic, transactionalBatch(producer, 0), producer.transactionalId));
  return producer;
}

export function transactionalBatch(
  { producerId, producerEpoch }: Omit<Producer, "transactionalId">,
  baseSequence: number,
): Uint8Array {
  const records = [{ key: "in", value: "a transaction", timestamp: 0 }];
  return RecordBatch.encode({ records, isTransactional: true, producerId, producerEpoch, baseSequence });
}

/** For every version: the fields of one transaction, and those of several. */
export function addPartitionsBody(
  { transactionalId, producerId, producerEpoch }: Producer,
  topic: string,
  partitions: readonly number[] = [0],
  verifyOnly = false,
): RequestBody<"AddPartitionsToTxn"> {
  const topics = [{ name: topic, partitions }];
  return {
    v3AndBelowTransactionalId: transactionalId,
    v3AndBelowProducerId: producerId,
    v3AndBelowProducerEpoch: producerEpoch,
    v3AndBelowTopics: topics,
    transactions: [{ transactionalId, producerId, producerEpoch, verifyOnly, topics }],
  };
}

/** The topics in which groups and transactions are kept are made when they are first asked for. */
export async function loadCoordinators(to: Conversation, topic: Topic): Promise<void> {
  await to.prepareUntil("FindCoordinator", 6, { keyType: 0, coordinatorKeys: ["first-group"] });
  await to.prepareUntil("FindCoordinator", 6, { keyType: 1, coordinatorKeys: ["first-transaction"] });
  const partitions = [{ partitionIndex: 0, committedOffset: 0, committedMetadata: null }];
  const offsets = { groupId: "first-group", generationIdOrMemberEpoch: -1, topics: [{ name: topic.name, partitions }] };
  await to.prepareUntil("OffsetCommit", 9, offsets);
  await to.prepareUntil("InitProducerId", 5, { transactionalId: "first-transaction", transactionTimeoutMs: 60_000 });
}
