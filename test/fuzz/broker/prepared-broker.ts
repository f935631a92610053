// A cluster in memory with something of everything in it, for requests that mean it ill.

import { EmbeddedBroker, type EmbeddedBrokerOptions, HeldClock } from "../../../src/broker/index.ts";
import { RecordBatch } from "../../../src/protocol/index.ts";
import { BrokerClient } from "../../support/broker-client.ts";
import { batchOf } from "../../support/produce.ts";

/** Names and ids that are there, for requests to name. */
export interface Known {
  readonly topic: string;
  readonly topicId: string;
  readonly groupId: string;
  readonly memberId: string;
  readonly consumerGroupId: string;
  readonly consumerMemberId: string;
  readonly transactionalId: string;
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

export interface PreparedBroker {
  readonly broker: EmbeddedBroker;
  readonly clock: HeldClock;
  readonly known: Known;
  /** Its open connections: a member of a group, a producer in a transaction. */
  readonly client: BrokerClient;
}

const TOPIC = "orders";
const TRANSACTIONAL_ID = "payments";
const CLASSIC = "classic-group";
const CONSUMER = "consumer-group";
/** A member's id, chosen by itself as KIP-848 wants it. */
const CONSUMER_MEMBER = "AAAAAAAAAAAAAAAAAAAAAQ";

const CLASSIC_MEMBER = {
  protocolType: "consumer",
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 10_000,
  protocols: [{ name: "range", metadata: new Uint8Array(8) }],
};

/** A topic with records, a group of either kind with a member and offsets, an open transaction with records. */
export async function prepareBroker(options: EmbeddedBrokerOptions = {}): Promise<PreparedBroker> {
  const clock = new HeldClock();
  const broker = await EmbeddedBroker.start({
    transport: "memory",
    clock,
    seed: 1,
    topics: { [TOPIC]: 3, "other.topic": 1 },
    configs: { "group.consumer.heartbeat.interval.ms": "5000" },
    ...options,
  });
  const client = await BrokerClient.connect(broker);
  for (const group of [CLASSIC, CONSUMER]) broker.moveCoordinator("group", group, 1);
  broker.moveCoordinator("transaction", TRANSACTIONAL_ID, 1);
  for (let partition = 0; partition < 3; partition++) broker.moveLeader({ topic: TOPIC, partition }, 1);
  const known = await within(clock, prepare(client));
  return { broker, clock, client, known };
}

async function prepare(client: BrokerClient): Promise<Known> {
  const { topics } = await client.ask("Metadata", { topics: [{ name: TOPIC }] });
  const topicId = topics[0]!.topicId;
  for (let index = 0; index < 3; index++) await produce(client, topicId, index, batchOf("one", "two", "three"));
  const memberId = await joinClassic(client);
  const consumerMemberId = await joinConsumer(client);
  const producer = await beginTransaction(client, topicId);
  return { topic: TOPIC, topicId, groupId: CLASSIC, memberId, consumerGroupId: CONSUMER, consumerMemberId, ...producer };
}

/** Lets time go on until the promise is settled. */
export async function within<T>(clock: HeldClock, promise: Promise<T>, ms: number = 60_000): Promise<T> {
  let isDone = false;
  const settled = promise.finally(() => {
    isDone = true;
  });
  settled.catch(() => undefined);
  if (!(await clock.runUntil(() => isDone, ms))) throw new Error(`nothing came within ${ms} ms of the held clock`);
  return settled;
}

async function produce(
  client: BrokerClient,
  topicId: string,
  index: number,
  records: Uint8Array,
  transactionalId: string | null = null,
): Promise<number> {
  const topicData = [{ topicId, partitionData: [{ index, records }] }];
  const { responses } = await client.ask("Produce", { acks: -1, timeoutMs: 1000, transactionalId, topicData });
  return responses[0]!.partitionResponses[0]!.errorCode;
}

async function joinClassic(client: BrokerClient): Promise<string> {
  const body = { ...CLASSIC_MEMBER, groupId: CLASSIC };
  const { memberId } = await client.ask("JoinGroup", body);
  const { generationId } = await client.ask("JoinGroup", { ...body, memberId });
  await client.ask("SyncGroup", {
    groupId: CLASSIC,
    memberId,
    generationId,
    assignments: [{ memberId, assignment: Buffer.of(1) }],
  });
  const topics = [{ name: TOPIC, partitions: [{ partitionIndex: 0, committedOffset: 1 }] }];
  await client.ask("OffsetCommit", { groupId: CLASSIC, memberId, generationIdOrMemberEpoch: generationId, topics }, 9);
  return memberId;
}

async function joinConsumer(client: BrokerClient): Promise<string> {
  await client.ask("ConsumerGroupHeartbeat", {
    groupId: CONSUMER,
    memberId: CONSUMER_MEMBER,
    memberEpoch: 0,
    rebalanceTimeoutMs: 10_000,
    subscribedTopicNames: [TOPIC],
    subscribedTopicRegex: "ord.*",
    topicPartitions: [],
  });
  return CONSUMER_MEMBER;
}

async function beginTransaction(
  client: BrokerClient,
  topicId: string,
): Promise<Pick<Known, "transactionalId" | "producerId" | "producerEpoch">> {
  const transactionalId = TRANSACTIONAL_ID;
  const { producerId, producerEpoch } = await client.ask("InitProducerId", { transactionalId, transactionTimeoutMs: 60_000 }, 5);
  const records = transactionalBatch({ producerId, producerEpoch });
  await produce(client, topicId, 0, records, transactionalId);
  return { transactionalId, producerId, producerEpoch };
}

export function transactionalBatch({ producerId, producerEpoch }: Pick<Known, "producerId" | "producerEpoch">): Uint8Array {
  return RecordBatch.encode({
    producerId,
    producerEpoch,
    baseSequence: 0,
    isTransactional: true,
    records: [{ value: "in a transaction", timestamp: 1_700_000_000_000 }],
  });
}

/** What is wrong with the service that an ordinary client gets: produce, fetch, join. Empty when nothing is. */
export async function problemsOfService({ broker, clock }: PreparedBroker): Promise<readonly string[]> {
  const name = "afterwards";
  broker.createTopic(name, 1);
  broker.moveCoordinator("group", name, broker.leaderOf({ topic: name, partition: 0 }));
  const client = await BrokerClient.connect(broker, { clientId: "ordinary", node: broker.leaderOf({ topic: name, partition: 0 }) });
  try {
    return await within(clock, problemsFor(client, name));
  } catch (error) {
    return [`an ordinary client: ${error instanceof Error ? error.message : String(error)}`];
  } finally {
    client.close();
  }
}

async function problemsFor(client: BrokerClient, name: string): Promise<readonly string[]> {
  const problems: string[] = [];
  const { topics } = await client.ask("Metadata", { topics: [{ name }] });
  const topicId = topics[0]?.topicId ?? "";
  const error = await produce(client, topicId, 0, batchOf(name));
  if (error !== 0) problems.push(`Produce answers ${error}`);
  const { responses } = await client.ask("Fetch", {
    maxWaitMs: 100,
    minBytes: 1,
    maxBytes: 1 << 20,
    topics: [{ topicId, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1 << 20 }] }],
  });
  if ((responses[0]?.partitions[0]?.records?.length ?? 0) === 0) problems.push("Fetch answers no records");
  const joined = await client.ask("JoinGroup", { ...CLASSIC_MEMBER, groupId: name }, 3);
  if (joined.errorCode !== 0) problems.push(`JoinGroup answers ${joined.errorCode}`);
  return problems;
}
