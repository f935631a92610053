// A Fetcher and its cluster in memory, on a clock that is held, with a reader that reads when it is told to.

import { expect, onTestFinished } from "vitest";
import type { EmbeddedBrokerOptions } from "../../src/broker/index.ts";
import { Deadline } from "../../src/client/async/deadline.ts";
import { ClientCore, type ClientParts } from "../../src/client/client-core.ts";
import { nodeCodecs } from "../../src/client/compression/node-codecs.ts";
import { resolveConsumerConfig } from "../../src/client/config/consumer-config.ts";
import type { ConsumerOptions } from "../../src/client/config/consumer-options.ts";
import type { AssignedPartition } from "../../src/client/consumer/assignment/assigned-partition.ts";
import { Assignment } from "../../src/client/consumer/assignment/assignment.ts";
import { Fetcher } from "../../src/client/consumer/fetch/fetcher.ts";
import type { PartTaker } from "../../src/client/consumer/fetch/part-intake.ts";
import type { ConsumerRecord } from "../../src/client/consumer/records/consumer-record.ts";
import type { FetchedPart } from "../../src/client/consumer/records/fetched-part.ts";
import { RecordSettings } from "../../src/client/consumer/records/record-settings.ts";
import type { TopicPartition } from "../../src/client/consumer/topic-partition.ts";
import { Producer } from "../../src/client/index.ts";
import { type FetchRequest, Produce, RecordBatch, type RecordBatchInput } from "../../src/protocol/index.ts";
import { memoryRuntime } from "./client-runtime.ts";
import { type HeldCluster, HeldStage, heldCluster } from "./held-stage.ts";
import { whenSettled } from "./held-time.ts";

export const TOPIC = "orders";

/** One Fetch request, as the broker read it. */
export interface SeenFetch {
  readonly node: number;
  readonly connection: number;
  readonly version: number;
  /** `session/epoch`, sessions numbered as they came, 0 for none. */
  readonly session: string;
  /** As `0@5`: partition and offset. */
  readonly named: readonly string[];
  readonly forgotten: readonly number[];
  readonly maxWaitMs: number;
  readonly maxBytes: number;
  readonly atMs: number;
}

/** A buffer that hands everything out when it is asked to. */
class StageBuffer implements PartTaker {
  bytes = 0;
  mostBytes = 0;
  readonly parts: FetchedPart[] = [];
  isAutomatic = false;
  readonly #onPart: () => void;

  constructor(onPart: () => void) {
    this.#onPart = onPart;
  }

  add(part: FetchedPart): void {
    this.parts.push(part);
    part.partition.bufferedBytes += part.sizeInBytes;
    this.bytes += part.sizeInBytes;
    this.mostBytes = Math.max(this.mostBytes, this.bytes);
    if (this.isAutomatic) queueMicrotask(this.#onPart);
  }

  take(isWanted: (part: FetchedPart) => boolean): readonly FetchedPart[] {
    const wanted = this.parts.filter(isWanted);
    for (const part of wanted) {
      this.parts.splice(this.parts.indexOf(part), 1);
      part.partition.bufferedBytes -= part.sizeInBytes;
      this.bytes -= part.sizeInBytes;
    }
    return wanted;
  }
}

export class FetchStage extends HeldStage {
  readonly core: ClientCore;
  readonly fetcher: Fetcher;
  readonly assignment: Assignment = new Assignment();
  readonly buffer: StageBuffer;
  /** As `0@5 OFFSET_OUT_OF_RANGE`. */
  readonly resets: string[] = [];
  /** As `0@5 epoch 3`. */
  readonly validations: string[] = [];
  /** As `0 TOPIC_AUTHORIZATION_FAILED`. */
  readonly problems: string[] = [];
  /** What was handed out, as `0@5 value`. */
  readonly given: string[] = [];
  /** How many requests were on their way, each time when something was handed out. */
  readonly inFlightAtReads: number[] = [];
  /** Whether a validation finds that nothing is wrong, at once. */
  isLogValid = true;
  #mostInFlight = 0;

  private constructor(held: HeldCluster, options: ConsumerOptions) {
    super(held);
    const { broker, clock } = held;
    const { bootstrapServers } = broker;
    const config = resolveConsumerConfig({
      bootstrapServers,
      clientId: "test",
      logger: this.logger(),
      ...options,
    });
    const runtime = memoryRuntime(broker, { clock });
    this.core = new ClientCore("consumer", config, runtime);
    this.buffer = new StageBuffer(() => this.read());
    this.fetcher = new Fetcher({
      config,
      runtime,
      telemetry: this.core.telemetry,
      assignment: this.assignment,
      buffer: this.buffer,
      settings: new RecordSettings({ checkCrcs: true, codecs: nodeCodecs }),
      positions: {
        reset: (partition, because) => {
          this.resets.push(`${partition.partition}@${partition.fetchOffset} ${because.code}`);
          partition.moveTo(0);
          this.fetcher.wake();
        },
        validate: (partition, leaderEpoch) => {
          this.validations.push(`${partition.partition}@${partition.fetchOffset} epoch ${leaderEpoch}`);
          if (this.isLogValid) partition.validated(leaderEpoch);
          else partition.validate(leaderEpoch);
        },
      },
      onProblem: (partition, error) => {
        this.problems.push(`${partition.partition} ${error.code}`);
        partition.problem = error;
      },
    });
  }

  static async open(cluster: EmbeddedBrokerOptions = {}, options: ConsumerOptions = {}): Promise<FetchStage> {
    const held = await heldCluster({
      topics: { [TOPIC]: 3 },
      ...cluster,
    });
    const stage = new FetchStage(held, options);
    stage.broker.journal.onEntry(({ kind }) => {
      if (kind === "response") stage.#noteInFlight();
    });
    return stage;
  }

  /** Connects, and begins to fetch these partitions, each at its offset. */
  async begin(...places: readonly (readonly [partition: number, offset: number, topic?: string])[]): Promise<void> {
    const parts = await this.parts();
    const topics = [...new Set(places.map(([, , topic = TOPIC]) => topic))];
    const finding = parts.cluster.topics(topics, new Deadline(this.clock, 1000));
    for (const topic of topics) parts.cluster.watch(topic);
    await this.clock.advance(100);
    await finding;
    parts.cluster.onChange(() => this.fetcher.metadataChanged());
    this.fetcher.attach(parts);
    this.assign(...places);
    await this.clock.advance(0);
  }

  parts(): Promise<ClientParts> {
    return this.core.call("begin", {}, (context) => Promise.resolve(context));
  }

  /** What is new begins at its offset; what is assigned already goes on. */
  assign(...places: readonly (readonly [partition: number, offset: number, topic?: string])[]): void {
    const offsets = new Map(places.map(([partition, offset, topic = TOPIC]) => [`${topic}/${partition}`, offset]));
    const wanted: TopicPartition[] = places.map(([partition, , topic = TOPIC]) => ({ topic, partition }));
    for (const one of this.assignment.replace(wanted).added) one.moveTo(offsets.get(`${one.topic}/${one.partition}`) ?? 0);
    this.fetcher.wake();
  }

  partition(partition: number, topic: string = TOPIC): AssignedPartition {
    const found = this.assignment.get(topic, partition);
    if (found === undefined) throw new Error(`${topic} ${partition} is not assigned`);
    return found;
  }

  /** Whoever reads goes on there. */
  seek(partition: number, offset: number): void {
    this.partition(partition).moveTo(offset);
    this.buffer.take((part) => part.partition === this.partition(partition));
    this.fetcher.wake();
  }

  /** Writes a batch with these values to the leader's log. */
  async produce(partition: number, ...values: readonly string[]): Promise<void> {
    await this.produceBatch(partition, { records: values.map((value) => ({ value, timestamp: this.clock.now() })) });
  }

  async produceBatch(partition: number, batch: RecordBatchInput, topic: string = TOPIC): Promise<void> {
    const { cluster } = await this.parts();
    const { id } = this.broker.topics.find(({ name }) => name === topic)!;
    const partitionData = [{ index: partition, records: RecordBatch.encode(batch) }];
    const asking = cluster.ask(
      Produce,
      (version) => ({
        acks: -1,
        timeoutMs: 1000,
        topicData: [version < 13 ? { name: topic, partitionData } : { topicId: id, partitionData }],
      }),
      { kind: "leader", topic, partition },
      { deadline: new Deadline(this.clock, 10_000) },
    );
    let isDone = false;
    void asking.finally(() => {
      isDone = true;
    });
    await this.clock.runUntil(() => isDone, 10_000);
    await asking;
  }

  /** A transaction with one record of these values each, that comes to nothing. */
  async abortTransaction(partition: number, ...values: readonly string[]): Promise<void> {
    const { broker, clock } = this;
    const { bootstrapServers } = broker;
    const producer = new Producer({ bootstrapServers, transactionalId: "stage" }, memoryRuntime(broker, { clock }));
    await whenSettled(clock, producer.initTransactions());
    producer.beginTransaction();
    for (const value of values) await whenSettled(clock, producer.send(TOPIC, { value, partition }));
    await whenSettled(clock, producer.abortTransaction());
    await whenSettled(clock, producer.close());
  }

  /** Hands out what is buffered, of one partition or of all; what of it is new, as `0@5 value`. */
  read(partition?: number): readonly string[] {
    const before = this.given.length;
    this.inFlightAtReads.push(this.fetcher.requestsInFlight);
    for (const part of this.buffer.take((one) => partition === undefined || one.partition.partition === partition)) {
      if (part.course === part.partition.course) this.#give(part);
      this.fetcher.wake(part.partition);
    }
    return this.given.slice(before);
  }

  /** From now on everything is handed out as it comes. */
  readOn(): void {
    this.buffer.isAutomatic = true;
    this.read();
  }

  /** All Fetch requests so far, or since `clear`. */
  fetches(): readonly SeenFetch[] {
    const sessions = new Map([[0, 0]]);
    for (const { body } of this.broker.journal.responses("Fetch")) {
      const { sessionId } = body as { sessionId?: number };
      if (sessionId !== undefined && !sessions.has(sessionId)) sessions.set(sessionId, sessions.size);
    }
    return this.broker.journal.requests("Fetch").map(({ body, node = 0, connection = 0, version = 0, atMs }) => {
      const { sessionId, sessionEpoch, topics, forgottenTopicsData, maxWaitMs, maxBytes } = body as FetchRequest;
      return {
        node,
        connection,
        version,
        session: `${sessions.get(sessionId) ?? "?"}/${sessionEpoch}`,
        named: topics.flatMap(({ partitions }) => partitions.map(({ partition, fetchOffset }) => `${partition}@${fetchOffset}`)),
        forgotten: forgottenTopicsData.flatMap(({ partitions }) => partitions),
        maxWaitMs,
        maxBytes,
        atMs: atMs - this.startMs,
      };
    });
  }

  /** As `1/2 0@5 -1`. */
  asked(): readonly string[] {
    return this.fetches().map(({ session, named, forgotten }) =>
      [session, ...named, ...forgotten.map((partition) => `-${partition}`)].join(" "),
    );
  }

  /** Closes everything; what is wrong afterwards, which should be nothing. */
  async close(): Promise<readonly string[]> {
    const closing = this.fetcher.close(new Deadline(this.clock, 1000)).then(() => this.core.close());
    let isClosed = false;
    void closing.then(() => {
      isClosed = true;
    });
    await this.clock.runUntil(() => isClosed, 10_000);
    await closing;
    const most = this.#mostInFlight;
    return [...(await this.leftOver()), ...(most <= 2 * this.broker.nodes.length ? [] : [`${most} requests were in flight`])];
  }

  #noteInFlight(): void {
    this.#mostInFlight = Math.max(this.#mostInFlight, this.fetcher.requestsInFlight);
  }

  #give(part: FetchedPart): void {
    const { partition } = part;
    for (;;) {
      const batch = part.next();
      if (batch instanceof Promise) throw new Error("this stage reads batches that are small");
      if (batch === undefined) break;
      const records: ConsumerRecord[] = [];
      void batch.take(records, Number.POSITIVE_INFINITY);
      for (const { offset, value } of records) this.given.push(`${partition.partition}@${offset} ${String(value)}`);
    }
    partition.advance(part.nextOffset, part.nextEpoch);
  }
}

/** For the test that calls it: afterwards it is closed, and must leave nothing. */
export async function fetchStage(cluster: EmbeddedBrokerOptions = {}, options: ConsumerOptions = {}): Promise<FetchStage> {
  const stage = await FetchStage.open(cluster, options);
  onTestFinished(async () => {
    expect(await stage.close()).toEqual([]);
  });
  return stage;
}
