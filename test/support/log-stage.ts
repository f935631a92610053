// A cluster in memory at a held time, and requests to its logs as tests make them: one topic, one partition, unless said otherwise.

import { EmbeddedBroker, type EmbeddedBrokerOptions, HeldClock } from "../../src/broker/index.ts";
import {
  type ErrorName,
  errorCode,
  type FetchPartitionData,
  type FetchResponse,
  type ProducePartitionResponse,
  RecordBatch,
  type RecordBatchInput,
  readBatches,
} from "../../src/protocol/index.ts";
import { BrokerClient } from "./broker-client.ts";

export const TOPIC = "orders";
/** Versions that name topics, and that releases know from 2.4 (Fetch: 2.7) on. */
const PRODUCE_BY_NAME = 9;
const FETCH_BY_NAME = 12;

export function nameOf(code: number): ErrorName {
  return errorCode(code).name;
}

export interface ProduceAsk {
  readonly topic?: string;
  readonly partition?: number;
  readonly acks?: number;
  readonly version?: number;
  readonly transactionalId?: string | null;
}

export interface FetchAsk {
  readonly topic?: string;
  readonly partition?: number;
  readonly fetchOffset?: number;
  readonly currentLeaderEpoch?: number;
  readonly lastFetchedEpoch?: number;
  readonly partitionMaxBytes?: number;
  readonly maxWaitMs?: number;
  readonly minBytes?: number;
  readonly maxBytes?: number;
  readonly isolationLevel?: number;
  readonly version?: number;
}

export class LogStage {
  readonly broker: EmbeddedBroker;
  readonly clock: HeldClock;
  readonly client: BrokerClient;

  private constructor(broker: EmbeddedBroker, clock: HeldClock, client: BrokerClient) {
    this.broker = broker;
    this.clock = clock;
    this.client = client;
  }

  static async open(options: EmbeddedBrokerOptions = {}): Promise<LogStage> {
    const clock = new HeldClock();
    const broker = await EmbeddedBroker.start({ transport: "memory", seed: 1, clock, topics: { [TOPIC]: 2 }, ...options });
    return new LogStage(broker, clock, await BrokerClient.connect(broker));
  }

  /** A batch with these values, at the stage's time. */
  batch(values: readonly string[], fields: Partial<RecordBatchInput> = {}): Uint8Array {
    return RecordBatch.encode({ records: values.map((value) => ({ key: "k", value, timestamp: this.clock.now() })), ...fields });
  }

  async produce(
    records: Uint8Array | null,
    ask: ProduceAsk = {},
    client: BrokerClient = this.client,
  ): Promise<ProducePartitionResponse> {
    const { topic = TOPIC, partition = 0, acks = -1, version = PRODUCE_BY_NAME, transactionalId = null } = ask;
    const topicData = [{ name: topic, partitionData: [{ index: partition, records }] }];
    const body = { acks, timeoutMs: 1000, topicData, ...(version >= 3 && { transactionalId }) };
    const { responses } = await client.ask("Produce", body, version);
    return responses[0]!.partitionResponses[0]!;
  }

  fetch(ask: FetchAsk = {}, client: BrokerClient = this.client): Promise<FetchResponse> {
    const { topic = TOPIC, partition = 0, version = FETCH_BY_NAME, fetchOffset = 0, partitionMaxBytes = 1_048_576 } = ask;
    const {
      maxWaitMs = 0,
      minBytes = 1,
      maxBytes = 10_000_000,
      isolationLevel = 0,
      currentLeaderEpoch = -1,
      lastFetchedEpoch = -1,
    } = ask;
    const asked = {
      partition,
      fetchOffset,
      partitionMaxBytes,
      currentLeaderEpoch,
      ...(version >= 12 && { lastFetchedEpoch }),
    };
    return client.ask(
      "Fetch",
      { maxWaitMs, minBytes, maxBytes, isolationLevel, topics: [{ topic, partitions: [asked] }] },
      version,
    );
  }

  async fetchOne(ask: FetchAsk = {}, client: BrokerClient = this.client): Promise<FetchPartitionData> {
    return (await this.fetch(ask, client)).responses[0]!.partitions[0]!;
  }

  /** The partition gets a new leader epoch, and loses nothing. */
  bumpLeaderEpoch(partition = 0): void {
    this.broker.truncate({ topic: TOPIC, partition }, Number.MAX_SAFE_INTEGER);
  }

  /** Nothing may be left over: no failure that a client saw, and no timer. */
  async close(): Promise<{ readonly failures: readonly Error[]; readonly pendingTimers: number }> {
    await this.broker.close();
    return { failures: this.broker.failures, pendingTimers: this.clock.pendingTimers };
  }
}

/** Offset and value of each record. */
export function recordsIn({ records }: FetchPartitionData): string[] {
  const found: string[] = [];
  for (const batch of readBatches(records ?? new Uint8Array())) {
    for (const record of batch) found.push(`${record.offset}:${Buffer.from(record.value ?? []).toString()}`);
  }
  return found;
}
