// What a contract gets to play with: one broker, names that nobody else uses, clients that are closed afterwards.

import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import {
  Admin,
  type AdminOptions,
  Consumer,
  type ConsumerOptions,
  Producer,
  type ProducerOptions,
  type SerializedBytes,
  ShareConsumer,
  type ShareConsumerOptions,
} from "../../../src/index.ts";
import {
  type ApiName,
  type apis,
  type Draft,
  errorCode,
  RecordBatch,
  type RecordInput,
  type RequestOf,
  type ResponseOf,
} from "../../../src/protocol/index.ts";
import { askOverTcp } from "../../support/ask-over-tcp.ts";
import { RawConnection } from "../../support/raw-connection.ts";
import type { BrokerUnderTest } from "./broker-under-test.ts";
import type { Contract } from "./contract.ts";

const RETRY_MS = 20;
/** Every broker since 0.11 takes it. */
const PRODUCE_VERSION = 3;
/** These every broker since 0.10.1. */
const METADATA_VERSION = 1;
const LIST_OFFSETS_VERSION = 1;
const LATEST = -1;

export class Stage {
  readonly broker: BrokerUnderTest;
  readonly bootstrapServers: string;
  /** Aborted when the contract has taken too long. */
  readonly signal: AbortSignal;
  readonly #label: string;
  readonly #clients: { close(options?: { readonly timeoutMs?: number }): Promise<void> }[] = [];
  readonly #connections = new Map<string, Promise<RawConnection>>();
  #lastProblem: unknown;
  #shared: Admin | undefined;

  constructor(broker: BrokerUnderTest, contract: Contract, signal: AbortSignal) {
    this.broker = broker;
    this.bootstrapServers = broker.bootstrapServers;
    this.signal = signal;
    this.#label = contract.chapter.toLowerCase().replaceAll(/[^a-z]+/g, "-");
  }

  /** The contract's own. */
  get admin(): Admin {
    this.#shared ??= this.newAdmin();
    return this.#shared;
  }

  /** Another client, closed when the contract ends if not before. */
  newAdmin(options: Partial<AdminOptions> = {}): Admin {
    const admin = new Admin({ bootstrapServers: this.bootstrapServers, clientId: "contract", ...options });
    this.#clients.push(admin);
    return admin;
  }

  /** Closed when the contract ends if not before, and then without waiting for anything. */
  newProducer<K = SerializedBytes, V = SerializedBytes>(options: Partial<ProducerOptions<K, V>> = {}): Producer<K, V> {
    const producer = new Producer<K, V>({ bootstrapServers: this.bootstrapServers, clientId: "contract", ...options });
    this.#clients.push(producer);
    return producer;
  }

  /** Reads from the beginning, unless told otherwise, and creates nothing by reading. Closed when the contract ends if not before. */
  newConsumer<K = Uint8Array | null, V = Uint8Array | null>(options: Partial<ConsumerOptions<K, V>> = {}): Consumer<K, V> {
    const base = { bootstrapServers: this.bootstrapServers, clientId: "contract", autoOffsetReset: "earliest" } as const;
    const consumer = new Consumer<K, V>({ ...base, allowAutoCreateTopics: false, fetchMaxWaitMs: 100, ...options });
    this.#clients.push({ close: () => consumer.close({ timeoutMs: 0, autocommit: false }) });
    return consumer;
  }

  /** Waits for records no longer than need be. Closed when the contract ends if not before. */
  newShareConsumer<K = Uint8Array | null, V = Uint8Array | null>(
    options: Partial<ShareConsumerOptions<K, V>>,
  ): ShareConsumer<K, V> {
    const base = { bootstrapServers: this.bootstrapServers, clientId: "contract" } as const;
    const consumer = new ShareConsumer<K, V>({ ...base, allowAutoCreateTopics: false, fetchMaxWaitMs: 100, ...options });
    this.#clients.push({ close: () => consumer.close({ timeoutMs: 0 }) });
    return consumer;
  }

  /** Anything else that is to be closed when the contract ends. */
  keep<T extends { close(): Promise<void> }>(it: T): T {
    this.#clients.push(it);
    return it;
  }

  uniqueName(suffix: string = "topic"): string {
    return `${this.#label}-${randomUUID().slice(0, 8)}-${suffix}`;
  }

  /** A topic of its own that can be written to. */
  async topic(
    settings: { readonly numPartitions?: number; readonly configs?: Readonly<Record<string, string>> } = {},
  ): Promise<string> {
    const name = this.uniqueName();
    await this.admin.createTopics([{ name, numPartitions: 1, replicationFactor: 1, ...settings }]);
    await this.untilLed(name, settings.numPartitions ?? 1);
    return name;
  }

  /** Until all partitions are led, and everybody is told so, which is a moment after the broker says that they are there. */
  async untilLed(topic: string, numPartitions: number): Promise<void> {
    await this.eventually(async () => {
      const leaders = await this.#leaders(topic);
      if (leaders.size !== numPartitions)
        throw new Error(`${leaders.size} of ${numPartitions} partitions of ${topic} are told yet`);
      // What a broker tells and what it does may differ for a moment, either way.
      for (const leader of new Set(leaders.values())) {
        const led = [...leaders.keys()].filter((partition) => leaders.get(partition) === leader);
        const partitions = led.map((partitionIndex) => ({ partitionIndex, timestamp: LATEST }));
        const body = { replicaId: -1, topics: [{ name: topic, partitions }] };
        const answer = await this.ask("ListOffsets", LIST_OFFSETS_VERSION, body, leader);
        const errors = answer.topics.flatMap((it) => it.partitions).map((it) => errorCode(it.errorCode).name);
        if (errors.some((error) => error !== "NONE")) throw new Error(`${topic} is not led yet: ${errors.join(", ")}`);
      }
    });
  }

  /** Appends one batch, over a bare connection; resolves to its first offset. */
  async produce(topic: string, partition: number, records: readonly RecordInput[]): Promise<number> {
    const leader = (await this.#leaders(topic)).get(partition);
    const topicData = [{ name: topic, partitionData: [{ index: partition, records: RecordBatch.encode({ records }) }] }];
    const { responses } = await this.ask("Produce", PRODUCE_VERSION, { acks: -1, timeoutMs: 10_000, topicData }, leader);
    const written = responses[0]?.partitionResponses[0];
    if (written?.errorCode !== 0) throw new Error(`${topic} took no records: ${errorCode(written?.errorCode ?? -1).name}`);
    return Number(written.baseOffset);
  }

  /** A request over a bare connection, to the first bootstrap server unless told otherwise: where the client must not be in question. */
  async ask<Name extends ApiName>(
    api: Name,
    version: number,
    body: Draft<RequestOf<(typeof apis)[Name]>>,
    address: string = this.bootstrapServers.split(",")[0] ?? "",
  ): Promise<ResponseOf<(typeof apis)[Name]>> {
    const [host = "", port = ""] = address.split(":");
    const opened = this.#connections.get(address) ?? RawConnection.open(host, Number(port));
    this.#connections.set(address, opened);
    try {
      return await askOverTcp(await opened, api, version, body);
    } catch (error) {
      // It is of no use any more.
      this.#connections.delete(address);
      await closed(opened);
      throw error;
    }
  }

  /** Tries again until nothing is thrown: for what Kafka does a moment after it has said so. */
  async eventually<Result>(attempt: () => Promise<Result>): Promise<Result> {
    for (;;) {
      try {
        const result = await attempt();
        this.#lastProblem = undefined;
        return result;
      } catch (error) {
        this.#lastProblem = error;
        if (this.signal.aborted) throw error;
      }
      await pause(RETRY_MS);
    }
  }

  /** What `eventually` is waiting to pass; undefined if it is not. */
  get lastProblem(): unknown {
    return this.#lastProblem;
  }

  async close(): Promise<void> {
    const connections = [...this.#connections.values()];
    await Promise.all([...this.#clients.map((client) => client.close({ timeoutMs: 0 })), ...connections.map(closed)]);
  }

  /** `host:port` of who leads a partition. */
  async leaderOf(topic: string, partition: number): Promise<string> {
    const leader = (await this.#leaders(topic)).get(partition);
    if (leader === undefined) throw new Error(`nobody leads partition ${partition} of ${topic}`);
    return leader;
  }

  /** `host:port`, by partition. */
  async #leaders(topic: string): Promise<ReadonlyMap<number, string>> {
    const { topics, brokers } = await this.ask("Metadata", METADATA_VERSION, { topics: [{ name: topic }] });
    const partitions = topics.flatMap((it) => it.partitions);
    return new Map(
      partitions.flatMap(({ partitionIndex, leaderId, errorCode: code }) => {
        const leader = brokers.find(({ nodeId }) => nodeId === leaderId);
        return leader === undefined || code !== 0 ? [] : [[partitionIndex, `${leader.host}:${leader.port}`] as const];
      }),
    );
  }
}

/** One that could not be opened has told whoever asked for it. */
async function closed(opened: Promise<RawConnection>): Promise<void> {
  const connection = await opened.catch(() => undefined);
  await connection?.close();
}
