// A Producer and its cluster in memory, on a clock that is held: what was on the wire, what is in the logs, who was told what.

import { expect, onTestFinished } from "vitest";
import type { EmbeddedBrokerOptions } from "../../src/broker/index.ts";
import { nodeCodecs } from "../../src/client/compression/node-codecs.ts";
import type { Transport } from "../../src/client/connection/transport.ts";
import { Producer, type ProducerOptions, type ProducerRecord, type RecordMetadata } from "../../src/client/index.ts";
import type { Runtime } from "../../src/client/runtime.ts";
import { errorCodes, KafkaError, type ProduceRequest, readBatches } from "../../src/protocol/index.ts";
import { memoryRuntime } from "./client-runtime.ts";
import { type HeldCluster, HeldStage, heldCluster } from "./held-stage.ts";

export const TOPIC = "orders";

/** One batch in one Produce request. */
export interface WireBatch {
  readonly node: number;
  readonly topic: string;
  readonly partition: number;
  readonly producerId: bigint;
  readonly epoch: number;
  readonly sequence: number;
  readonly values: readonly string[];
  readonly atMs: number;
}

/** What somebody was told of a record: its value with its offset, or with the error's code and verdict. */
export type Told = string;

export interface StageOptions {
  /** Wraps the network. */
  readonly transport?: (transport: Transport) => Transport;
  /** Names are looked up there. */
  readonly names?: Pick<Runtime, "resolve" | "canonicalName">;
}

export class ProducerStage extends HeldStage {
  readonly producer: Producer;
  /** In the order in which it was told. */
  readonly told: Told[] = [];
  readonly #sockets = new Set<symbol>();
  readonly #topicNames = new Map<string, string>();

  private constructor(held: HeldCluster, options: ProducerOptions, { transport, names }: StageOptions) {
    super(held);
    const { broker, clock } = held;
    const memory = memoryRuntime(broker, { clock });
    const counted = this.#counted(memory.transport);
    const runtime: Runtime = { ...memory, ...names, transport: transport?.(counted) ?? counted };
    const { bootstrapServers } = broker;
    this.producer = new Producer({ bootstrapServers, clientId: "test", logger: this.logger(), ...options }, runtime);
  }

  static async open(
    cluster: EmbeddedBrokerOptions = {},
    options: ProducerOptions = {},
    stageOptions: StageOptions = {},
  ): Promise<ProducerStage> {
    const held = await heldCluster({
      topics: { [TOPIC]: 2 },
      ...cluster,
    });
    return new ProducerStage(held, options, stageOptions);
  }

  /** Sends a record to partition 0; `told` hears what becomes of it. */
  send(value: string, record: ProducerRecord = {}, topic: string = TOPIC): Promise<RecordMetadata> {
    const sent = this.producer.send(topic, { partition: 0, ...record, value });
    sent.then(
      ({ offset }) => this.told.push(`${value} at ${offset}`),
      (error: unknown) => this.told.push(`${value}: ${described(error)}`),
    );
    return sent;
  }

  sendAll(...values: readonly string[]): Promise<readonly PromiseSettledResult<RecordMetadata>[]> {
    return this.when(Promise.allSettled(values.map((value) => this.send(value))));
  }

  /** One record that is written: from then on the broker knows the producer, and more than one request may be in flight. */
  async begun(): Promise<void> {
    await this.when(this.send("begun"));
    this.told.splice(0);
  }

  /** The values in a partition's log. */
  log(partition = 0, topic: string = TOPIC): readonly string[] {
    return this.broker.records(topic, partition).map(({ value }) => textOf(value));
  }

  /** All batches that were asked to be written, in the order in which the brokers read them. */
  wire(): readonly WireBatch[] {
    return this.requests().flat();
  }

  /** As `epoch/sequence values`. */
  stamps(): readonly string[] {
    return this.wire().map(({ epoch, sequence, values }) => `${epoch}/${sequence} ${values.join(" ")}`);
  }

  /** The same, by requests. */
  requests(): readonly (readonly WireBatch[])[] {
    // A topic that was deleted is remembered.
    for (const { id, name } of this.broker.topics) this.#topicNames.set(id, name);
    return this.broker.journal.requests("Produce").map(({ body, node = 0, atMs }) =>
      (body as ProduceRequest).topicData.flatMap(({ name, topicId, partitionData }) =>
        partitionData.flatMap(({ index, records }) =>
          [...readBatches(records ?? new Uint8Array(), { checkCrc: true, codecs: nodeCodecs })].map((batch) => ({
            node,
            topic: name === "" ? (this.#topicNames.get(topicId) ?? topicId) : name,
            partition: index,
            producerId: batch.producerId,
            epoch: batch.producerEpoch,
            sequence: batch.baseSequence,
            values: batch.records().map(({ value }) => textOf(value)),
            atMs: atMs - this.startMs,
          })),
        ),
      ),
    );
  }

  /** Connections that are open, or being made. */
  get sockets(): number {
    return this.#sockets.size;
  }

  /** Requests of one API that brokers have read. */
  count(api: string): number {
    return this.broker.journal.requests(api).length;
  }

  /** What the producer keeps: all zeros when everything is settled and no request is out. */
  get held(): { readonly bytes: number; readonly records: number; readonly requests: number; readonly waiting: number } {
    const metrics = this.metrics;
    const bytes = (metrics["buffer-total-bytes"] ?? 0) - (metrics["buffer-available-bytes"] ?? 0);
    return {
      bytes,
      records: metrics["queued-records"] ?? -1,
      requests: metrics["requests-in-flight"] ?? -1,
      waiting: metrics["waiting-threads"] ?? -1,
    };
  }

  get metrics(): Readonly<Record<string, number>> {
    return this.producer.metrics()["producer-metrics"] ?? {};
  }

  /** Closes everything; what is wrong afterwards, which should be nothing. */
  async close(): Promise<readonly string[]> {
    await this.when(this.producer.close({ timeoutMs: 0 }));
    const sockets = this.#sockets.size;
    const left = await this.leftOver();
    const { bytes, records, requests, waiting } = this.held;
    const held = bytes + records + requests + waiting;
    return [
      ...left,
      ...(sockets === 0 ? [] : [`${sockets} sockets are left`]),
      ...(held === 0 ? [] : [`the producer still holds ${JSON.stringify(this.held)}`]),
    ];
  }

  /** The brokers may not have seen the end of one, so the client's are counted. */
  #counted(transport: Transport): Transport {
    const sockets = this.#sockets;
    return {
      async connect(target, reader) {
        const id = Symbol(target.host);
        sockets.add(id);
        const onClose = (error?: Error): void => {
          sockets.delete(id);
          reader.onClose(error);
        };
        const counted = {
          buffer: () => reader.buffer(),
          onBytes: (count: number) => reader.onBytes(count),
          onDrain: () => reader.onDrain(),
          onClose,
        };
        const connecting = transport.connect(target, counted);
        connecting.catch(() => sockets.delete(id));
        const socket = await connecting;
        return {
          remote: socket.remote,
          local: socket.local,
          write: (pieces, onSent) => socket.write(pieces, onSent),
          pause: () => socket.pause(),
          resume: () => socket.resume(),
          destroy: (options) => {
            sockets.delete(id);
            socket.destroy(options);
          },
        };
      },
    };
  }
}

/** An error as a test wants to see it: what happened, and whether the record may be in the log. */
export function described(error: unknown): string {
  return error instanceof KafkaError ? `${error.code}, ${error.verdict ?? "no verdict"}` : String(error);
}

export function codeNamed(name: string): number {
  const found = errorCodes.find((row) => row.name === name);
  if (found === undefined) throw new Error(`there is no error ${name}`);
  return found.code;
}

function textOf(bytes: Uint8Array | null): string {
  return bytes === null ? "null" : Buffer.from(bytes).toString();
}

/** For the test that calls it: afterwards it is closed, and must leave nothing. */
export async function producerStage(
  cluster: EmbeddedBrokerOptions = {},
  options: ProducerOptions = {},
  stageOptions: StageOptions = {},
): Promise<ProducerStage> {
  const stage = await ProducerStage.open(cluster, options, stageOptions);
  onTestFinished(async () => {
    expect(await stage.close()).toEqual([]);
  });
  return stage;
}
