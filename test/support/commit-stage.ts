// Commits of a consumer without the rest of it, on a cluster in memory and a clock that is held.

import { expect, onTestFinished } from "vitest";
import type { EmbeddedBrokerOptions } from "../../src/broker/index.ts";
import { Deadline } from "../../src/client/async/deadline.ts";
import { ClientCore } from "../../src/client/client-core.ts";
import { resolveConsumerConfig } from "../../src/client/config/consumer-config.ts";
import type { ConsumerOptions } from "../../src/client/config/consumer-options.ts";
import type { AssignedPartition } from "../../src/client/consumer/assignment/assigned-partition.ts";
import { Assignment } from "../../src/client/consumer/assignment/assignment.ts";
import { type GroupIdentity, outsiderOf } from "../../src/client/consumer/commit/group-identity.ts";
import { OffsetCommits } from "../../src/client/consumer/commit/offset-commits.ts";
import type { TopicPartition, TopicPartitionOffset } from "../../src/client/consumer/topic-partition.ts";
import { ClosedError } from "../../src/client/errors.ts";
import type { OffsetCommitRequest } from "../../src/protocol/index.ts";
import { memoryRuntime } from "./client-runtime.ts";
import { type HeldCluster, HeldStage, heldCluster } from "./held-stage.ts";

export const TOPIC = "orders";
export const GROUP = "readers";

export class CommitStage extends HeldStage {
  readonly core: ClientCore;
  readonly assignment: Assignment = new Assignment();
  readonly commits: OffsetCommits;
  /** What callbacks were told: `name: ok`, or the error's code. */
  readonly told: string[] = [];
  /** How long coordinators took to answer. */
  readonly latencies: number[] = [];
  /** What coordinators had against whoever asked, and by which generation he did: `STALE_MEMBER_EPOCH 3`. */
  readonly refused: string[] = [];
  /** In whose name; a test may become a member. */
  identity: GroupIdentity = outsiderOf(GROUP);

  private constructor(held: HeldCluster, options: ConsumerOptions) {
    super(held);
    const { broker, clock } = held;
    const runtime = memoryRuntime(broker, { clock });
    const config = resolveConsumerConfig({
      bootstrapServers: broker.bootstrapServers,
      clientId: "test",
      groupId: GROUP,
      enableAutoCommit: false,
      logger: this.logger(),
      ...options,
    });
    this.core = new ClientCore("consumer", config, runtime);
    this.commits = new OffsetCommits({
      config,
      runtime,
      telemetry: this.core.telemetry,
      assignment: this.assignment,
      call: (what, callOptions, work) => this.core.call(what, callOptions, work),
      identity: () => this.identity,
      onAnswered: (ms) => this.latencies.push(ms),
      onRefused: (error, { generationId }) => this.refused.push(`${error.code} ${generationId}`),
    });
  }

  static async open(cluster: EmbeddedBrokerOptions = {}, options: ConsumerOptions = {}): Promise<CommitStage> {
    const held = await heldCluster({
      topics: { [TOPIC]: 4 },
      ...cluster,
    });
    return new CommitStage(held, options);
  }

  deadline(timeoutMs: number): Deadline {
    return new Deadline(this.clock, timeoutMs);
  }

  /** Assigns partitions of the topic from 0 on, each with its position. */
  assign(...offsets: readonly number[]): readonly AssignedPartition[] {
    this.assignment.replace(offsets.map((_, partition) => ({ topic: TOPIC, partition })));
    const partitions = [...this.assignment.all()];
    for (const one of partitions) one.moveTo(offsets[one.partition] ?? 0);
    return partitions;
  }

  /** `commitAsync` whose callback says what it was told under this name. */
  async(name: string, offsets?: readonly TopicPartitionOffset[]): void {
    this.commits.commitAsync(offsets, (_offsets, error) => {
      this.told.push(`${name}: ${error === undefined ? "ok" : codeOf(error)}`);
    });
  }

  /** The client knows the topic, and with it its id. */
  async know(topic: string = TOPIC): Promise<void> {
    await this.when(this.core.call("know", {}, ({ cluster, deadline }) => cluster.topics([topic], deadline)));
  }

  /** What the group has committed for a partition of the topic, without asking. */
  async committed(partition = 0): Promise<number | undefined> {
    return (await this.when(this.commits.committed(at(partition))))?.offset;
  }

  /** What each OffsetCommit said, in the order in which brokers read them: `0@5 1@6`. */
  wire(): readonly string[] {
    return this.requests().map(({ topics }) =>
      topics
        .flatMap(({ partitions }) => partitions.map((one) => `${one.partitionIndex}@${one.committedOffset}`))
        .toSorted()
        .join(" "),
    );
  }

  requests(): readonly OffsetCommitRequest[] {
    return this.broker.journal.requests("OffsetCommit").map(({ body }) => body as OffsetCommitRequest);
  }

  /** Closes everything; what is wrong afterwards, which should be nothing. */
  async close(): Promise<readonly string[]> {
    this.commits.close(new ClosedError("the test"));
    await this.when(this.core.close());
    return this.leftOver();
  }
}

export function at(partition: number): TopicPartition {
  return { topic: TOPIC, partition };
}

export function offset(partition: number, next: number, more: Partial<TopicPartitionOffset> = {}): TopicPartitionOffset {
  return { topic: TOPIC, partition, offset: next, ...more };
}

export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

/** For the test that calls it: afterwards it is closed, and must leave nothing. */
export async function commitStage(cluster: EmbeddedBrokerOptions = {}, options: ConsumerOptions = {}): Promise<CommitStage> {
  const stage = await CommitStage.open(cluster, options);
  onTestFinished(async () => {
    expect(await stage.close()).toEqual([]);
  });
  return stage;
}
