// A cluster in memory at a held time, and members of consumer groups (KIP-848) that do what a test says.

import { EmbeddedBroker, type EmbeddedBrokerOptions, HeldClock } from "../../src/broker/index.ts";
import {
  type ConsumerGroupDescribeAssignment,
  type ConsumerGroupHeartbeatAssignment,
  type ConsumerGroupHeartbeatRequest,
  type ConsumerGroupHeartbeatResponse,
  type DescribedConsumerGroup,
  type Draft,
  type ErrorName,
  errorCode,
} from "../../src/protocol/index.ts";
import { BrokerClient } from "./broker-client.ts";

export const GROUP = "readers";
export const TOPIC = "orders";

export type HeartbeatChanges = Partial<Draft<ConsumerGroupHeartbeatRequest>>;

/** An answer as tests want to read it. */
export interface HeartbeatOutcome {
  readonly error: ErrorName;
  readonly message: string | null;
  readonly epoch: number;
  /** Such as "orders: 0 1, payments: 0"; null when the member was told nothing. */
  readonly assignment: string | null;
}

export class ConsumerGroupStage {
  readonly broker: EmbeddedBroker;
  readonly clock: HeldClock;
  readonly client: BrokerClient;

  private constructor(broker: EmbeddedBroker, clock: HeldClock, client: BrokerClient) {
    this.broker = broker;
    this.clock = clock;
    this.client = client;
  }

  /** A topic of four partitions; and every change is assigned at once, as long as a test does not want to see the waiting. */
  static async open({ configs = {}, ...options }: EmbeddedBrokerOptions = {}): Promise<ConsumerGroupStage> {
    const clock = new HeldClock();
    const broker = await EmbeddedBroker.start({
      transport: "memory",
      seed: 1,
      clock,
      topics: { [TOPIC]: 4 },
      ...options,
      configs: { "group.consumer.assignment.interval.ms": "0", ...configs },
    });
    return new ConsumerGroupStage(broker, clock, await BrokerClient.connect(broker));
  }

  member(memberId: string, init: HeartbeatChanges = {}): StagedConsumer {
    return new StagedConsumer(this, memberId, init);
  }

  /** Members that have joined one after the other, and have exchanged heartbeats until everybody has what he shall have. */
  async stableGroup(...members: readonly StagedConsumer[]): Promise<void> {
    for (const member of members) await member.join();
    await this.settle(...members);
  }

  /** Everybody says what he has, until that makes no difference any more. */
  async settle(...members: readonly StagedConsumer[]): Promise<void> {
    for (let round = 0; round < 4; round++) for (const member of members) await member.acknowledge();
  }

  async describe(group: string = GROUP): Promise<DescribedConsumerGroup> {
    const { groups } = await this.client.ask("ConsumerGroupDescribe", { groupIds: [group] }, 1);
    return groups[0]!;
  }

  async state(group: string = GROUP): Promise<string> {
    return (await this.describe(group)).groupState;
  }

  async createTopic(name: string, numPartitions: number): Promise<void> {
    await this.client.ask("CreateTopics", { topics: [{ name, numPartitions, replicationFactor: 1 }], timeoutMs: 1000 }, 7);
  }

  async addPartitions(name: string, count: number): Promise<void> {
    await this.client.ask("CreatePartitions", { topics: [{ name, count, assignments: null }], timeoutMs: 1000 }, 3);
  }

  async deleteTopic(name: string): Promise<void> {
    await this.client.ask("DeleteTopics", { topicNames: [name], timeoutMs: 1000 }, 5);
  }

  async topicNames(): Promise<ReadonlyMap<string, string>> {
    const { topics } = await this.client.ask("Metadata", { topics: null }, 12);
    return new Map(topics.map(({ topicId, name }) => [topicId, name ?? ""]));
  }

  /** Nothing may be left over: no failure that a client saw, and no timer. */
  async close(): Promise<{ readonly failures: readonly Error[]; readonly pendingTimers: number }> {
    await this.broker.close();
    return { failures: this.broker.failures, pendingTimers: this.clock.pendingTimers };
  }
}

export class StagedConsumer {
  readonly memberId: string;
  epoch = 0;
  /** What it was told last. */
  owned: ConsumerGroupHeartbeatRequest["topicPartitions"] = [];
  readonly #stage: ConsumerGroupStage;
  readonly #init: HeartbeatChanges;

  constructor(stage: ConsumerGroupStage, memberId: string, init: HeartbeatChanges) {
    this.#stage = stage;
    this.memberId = memberId;
    this.#init = init;
  }

  /** With everything that the member has to say of itself. */
  join(changes: HeartbeatChanges = {}, version?: number): Promise<HeartbeatOutcome> {
    const everything = { memberEpoch: 0, rebalanceTimeoutMs: 60_000, subscribedTopicNames: [TOPIC], topicPartitions: [] };
    return this.heartbeat({ ...everything, ...this.#init, ...changes }, version);
  }

  /** Says that it has what it was told to have, no more and no less. */
  acknowledge(changes: HeartbeatChanges = {}): Promise<HeartbeatOutcome> {
    return this.heartbeat({ topicPartitions: this.owned ?? [], ...changes });
  }

  /** Says nothing but that it is alive, and what the test wants it to say. */
  async heartbeat(changes: HeartbeatChanges = {}, version = 1): Promise<HeartbeatOutcome> {
    const { memberId, epoch } = this;
    const { instanceId = null } = this.#init;
    const request = { groupId: GROUP, memberId, memberEpoch: epoch, instanceId, topicPartitions: null, ...changes };
    const answer = await this.#stage.client.ask("ConsumerGroupHeartbeat", request, version);
    if (answer.errorCode === 0 && answer.memberEpoch >= 0) this.#learn(answer);
    return {
      error: errorCode(answer.errorCode).name,
      message: answer.errorMessage,
      epoch: answer.memberEpoch,
      assignment: answer.assignment === null ? null : await this.#text(answer.assignment),
    };
  }

  leave(memberEpoch = -1): Promise<HeartbeatOutcome> {
    return this.heartbeat({ memberEpoch });
  }

  async commit(
    changes: { readonly epoch?: number; readonly partition?: number; readonly version?: number } = {},
  ): Promise<ErrorName> {
    const { epoch = this.epoch, partition = 0, version = 9 } = changes;
    const partitions = [{ partitionIndex: partition, committedOffset: 1 }];
    const request = {
      groupId: GROUP,
      memberId: this.memberId,
      generationIdOrMemberEpoch: epoch,
      topics: [{ name: TOPIC, partitions }],
    };
    const { topics } = await this.#stage.client.ask("OffsetCommit", request, version);
    return errorCode(topics[0]!.partitions[0]!.errorCode).name;
  }

  async fetchOffsets(memberEpoch: number = this.epoch): Promise<ErrorName> {
    const groups = [{ groupId: GROUP, memberId: this.memberId, memberEpoch, topics: null }];
    const answer = await this.#stage.client.ask("OffsetFetch", { groups }, 9);
    return errorCode(answer.groups[0]!.errorCode).name;
  }

  #learn({ memberEpoch, assignment }: ConsumerGroupHeartbeatResponse): void {
    this.epoch = memberEpoch;
    if (assignment !== null) this.owned = assignment.topicPartitions;
  }

  async #text({ topicPartitions }: ConsumerGroupHeartbeatAssignment): Promise<string> {
    const names = await this.#stage.topicNames();
    return assignmentText(
      topicPartitions.map(({ topicId, partitions }) => ({ topicName: names.get(topicId) ?? topicId, partitions })),
    );
  }
}

/** Such as "orders: 0 1, payments: 0". */
export function assignmentText(
  topics: readonly Pick<ConsumerGroupDescribeAssignment["topicPartitions"][number], "topicName" | "partitions">[],
): string {
  return topics
    .map(({ topicName, partitions }) => `${topicName}: ${[...partitions].sort((one, other) => one - other).join(" ")}`)
    .sort()
    .join(", ");
}
