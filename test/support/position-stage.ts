// Positions being looked up: the finder with its assignment, and a cluster in memory on a clock that is held. Nobody fetches.

import { expect, type Mock, onTestFinished, vi } from "vitest";
import type { EmbeddedBrokerOptions } from "../../src/broker/index.ts";
import { type CallContext, type CallOptions, ClientCore } from "../../src/client/client-core.ts";
import { resolveConsumerConfig } from "../../src/client/config/consumer-config.ts";
import type { ConsumerOptions } from "../../src/client/config/consumer-options.ts";
import type { AssignedPartition } from "../../src/client/consumer/assignment/assigned-partition.ts";
import { Assignment } from "../../src/client/consumer/assignment/assignment.ts";
import type { OffsetQueryContext } from "../../src/client/consumer/positions/offset-queries.ts";
import { type CommittedPosition, type FindCommitted, PositionFinder } from "../../src/client/consumer/positions/position-finder.ts";
import { PartitionMap } from "../../src/client/consumer/topic-partition.ts";
import { type ApiName, type KafkaError, RecordBatch } from "../../src/protocol/index.ts";
import { BrokerClient } from "./broker-client.ts";
import { memoryRuntime } from "./client-runtime.ts";
import { type HeldCluster, HeldStage, heldCluster } from "./held-stage.ts";

export const TOPIC = "orders";
export const HOUR_MS = 3_600_000;
/** Known to all releases, and it names topics. */
const PRODUCE_VERSION = 3;

export interface PositionStageOptions {
  readonly cluster?: EmbeddedBrokerOptions;
  readonly consumer?: ConsumerOptions;
  readonly committed?: FindCommitted;
}

export class PositionStage extends HeldStage {
  readonly core: ClientCore;
  readonly assignment: Assignment = new Assignment();
  readonly finder: PositionFinder;
  /** What the reader would be told: the partition, and the error. */
  readonly problems: (readonly [place: string, error: KafkaError])[] = [];
  /** How often something was found. */
  found = 0;
  readonly #config: OffsetQueryContext["config"];
  readonly #random: () => number;

  private constructor(held: HeldCluster, { consumer, committed }: PositionStageOptions) {
    super(held);
    const { broker, clock } = held;
    const runtime = memoryRuntime(broker, { clock });
    const { bootstrapServers } = broker;
    const config = resolveConsumerConfig({
      bootstrapServers,
      clientId: "test",
      allowAutoCreateTopics: false,
      logger: this.logger(),
      ...consumer,
    });
    this.#config = config;
    this.#random = runtime.random;
    this.core = new ClientCore("consumer", config, runtime);
    this.finder = new PositionFinder({
      config,
      runtime,
      telemetry: this.core.telemetry,
      assignment: this.assignment,
      committed,
      onFound: () => this.found++,
      onProblem: (partition, error) => this.problems.push([nameOf(partition), error]),
    });
  }

  static async open(options: PositionStageOptions = {}): Promise<PositionStage> {
    const held = await heldCluster({
      topics: { [TOPIC]: 3 },
      ...options.cluster,
    });
    const stage = new PositionStage(held, options);
    await stage.call(async ({ cluster }) => {
      stage.finder.attach({ cluster });
      cluster.onChange(() => stage.finder.metadataChanged());
      await Promise.resolve();
    });
    return stage;
  }

  call<T>(work: (context: CallContext) => Promise<T>, options: CallOptions = {}): Promise<T> {
    return this.when(this.core.call("test", options, work));
  }

  /** A public call with a deadline, for queries about offsets; nobody waits for it yet. */
  query<T>(work: (context: OffsetQueryContext) => Promise<T>, options: CallOptions = {}): Promise<T> {
    return this.core.call("test", options, ({ cluster, deadline }) =>
      work({ cluster, deadline, config: this.#config, random: this.#random }),
    );
  }

  /** These partitions of the topic, and no others, are read. */
  assign(...partitions: readonly number[]): readonly AssignedPartition[] {
    this.assignment.replace(partitions.map((partition) => ({ topic: TOPIC, partition })));
    this.finder.wake();
    return partitions.map((partition) => this.at(partition));
  }

  at(partition: number, topic: string = TOPIC): AssignedPartition {
    const found = this.assignment.get(topic, partition);
    if (found === undefined) throw new Error(`${topic} ${partition} is not assigned`);
    return found;
  }

  /** As `position()` does. */
  position(partition: number, options: CallOptions = {}): Promise<number> {
    return this.core.call("position", options, ({ deadline }) => this.finder.find(this.at(partition), deadline));
  }

  /** A position that is known, and valid in the leader's epoch of this moment. */
  readUpTo(partition: number, offset: number, epoch: number): AssignedPartition {
    const assigned = this.at(partition);
    assigned.moveTo(offset, epoch);
    assigned.validated(this.broker.topics.find(({ name }) => name === TOPIC)?.partitions[partition]?.leaderEpoch ?? -1);
    return assigned;
  }

  /** The client learns what is true of the topic now. */
  refresh(): Promise<unknown> {
    return this.call(({ cluster, deadline }) => cluster.refresh(deadline, [TOPIC], true));
  }

  /** A batch with these values in a partition's log, at a time. */
  async write(partition: number, values: readonly string[], timestamp: number = this.clock.now()): Promise<void> {
    const client = await BrokerClient.connect(this.broker, { node: this.broker.leaderOf({ topic: TOPIC, partition }) });
    const records = RecordBatch.encode({ records: values.map((value) => ({ value, timestamp })) });
    const topicData = [{ name: TOPIC, partitionData: [{ index: partition, records }] }];
    const { responses } = await client.ask("Produce", { acks: -1, timeoutMs: 1000, topicData }, PRODUCE_VERSION);
    expect(responses[0]?.partitionResponses[0]?.errorCode).toBe(0);
    client.close();
  }

  /** Requests of one API that brokers have read: how many. */
  count(api: ApiName): number {
    return this.broker.journal.requests(api).length;
  }

  bodies(api: ApiName): readonly unknown[] {
    return this.broker.journal.requests(api).map(({ body }) => body);
  }

  /** Lets everything happen that is due now. */
  settle(): Promise<void> {
    return this.clock.advance(0);
  }

  /** Closes everything; what is wrong afterwards, which should be nothing. */
  async close(): Promise<readonly string[]> {
    this.finder.close();
    await this.when(this.core.close());
    return this.leftOver();
  }
}

function nameOf({ topic, partition }: { readonly topic: string; readonly partition: number }): string {
  return `${topic} ${partition}`;
}

/** For the test that calls it: afterwards it is closed, and must leave nothing. */
export async function positionStage(options: PositionStageOptions = {}): Promise<PositionStage> {
  const stage = await PositionStage.open(options);
  onTestFinished(async () => {
    expect(await stage.close()).toEqual([]);
  });
  return stage;
}

/** Three records in partition 0, the last one an hour younger than the others, which are two hours old; two in partition 1. */
export async function withRecords(stage: PositionStage): Promise<PositionStage> {
  const nowMs = stage.clock.now();
  await stage.write(0, ["a", "b"], nowMs - 2 * HOUR_MS);
  await stage.write(0, ["c"], nowMs - HOUR_MS);
  await stage.write(1, ["d", "e"], nowMs - HOUR_MS);
  stage.broker.journal.clear();
  return stage;
}

/** What a group has committed, as partition → offset; how often it was asked, and for what. */
export function committedAs(offsets: Readonly<Record<number, number>>): {
  readonly asked: readonly (readonly number[])[];
  readonly committed: Mock<FindCommitted>;
} {
  const asked: (readonly number[])[] = [];
  const committed = vi.fn<FindCommitted>((partitions) => {
    asked.push(partitions.map(({ partition }) => partition));
    const found = new PartitionMap<CommittedPosition>();
    for (const { topic, partition } of partitions) {
      const offset = offsets[partition];
      if (offset !== undefined) found.set(topic, partition, { offset, leaderEpoch: -1 });
    }
    return Promise.resolve(found);
  });
  return { asked, committed };
}
