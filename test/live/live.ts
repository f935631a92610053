// What a script of requests works with: a connection of its own, and what was created on the node before.

import { setTimeout as pause } from "node:timers/promises";
import { expect } from "vitest";
import type { ApiName, Draft, RecordBatch } from "../../src/protocol/index.ts";
import { RecordBatch as Batch, encodeSubscription } from "../../src/protocol/index.ts";
import { RawConnection } from "../support/raw-connection.ts";
import { type Answer, Correlation, exchange, type RequestBody, type ResponseBody, requestFrame } from "./exchange.ts";
import type { Ledger } from "./ledger.ts";
import { PLAIN_TOKEN } from "./node-settings.ts";
import { NONE, type Refusal } from "./refusal.ts";

/** How long the node may take for what it does behind an answer: creating a topic, loading a coordinator. */
const DEADLINE_MS = 10_000;
const RETRY_MS = 10;

export type BatchInput = Parameters<typeof RecordBatch.encode>[0];

/** Where a broker listens. */
export interface LiveBroker {
  readonly host: string;
  readonly port: number;
}

export interface Topic {
  readonly name: string;
  readonly id: string;
}

export interface Member {
  readonly groupId: string;
  readonly memberId: string;
  readonly generationId: number;
}

export interface Producer {
  readonly transactionalId: string;
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

let uniqueNumber = 0;

/** Every script makes its own groups, topics and transactions, so that none depends on another's. */
export function unique(what: string): string {
  uniqueNumber++;
  return `${what}-${uniqueNumber}`;
}

/** Fields that exist from some version on, to be spread into a body. */
export function when<T extends object>(isPresent: boolean, fields: T): Partial<T> {
  return isPresent ? fields : {};
}

export class Live {
  readonly #kafka: LiveBroker;
  readonly #ledger: Ledger;
  readonly #connection: RawConnection;
  readonly #correlation = new Correlation();

  private constructor(kafka: LiveBroker, ledger: Ledger, connection: RawConnection) {
    this.#kafka = kafka;
    this.#ledger = ledger;
    this.#connection = connection;
  }

  static async connect(kafka: LiveBroker, ledger: Ledger): Promise<Live> {
    const live = await Live.connectAnonymously(kafka, ledger);
    await live.send("SaslHandshake", 1, { mechanism: "PLAIN" });
    await live.send("SaslAuthenticate", 2, { authBytes: PLAIN_TOKEN });
    return live;
  }

  static async connectAnonymously(kafka: LiveBroker, ledger: Ledger): Promise<Live> {
    return new Live(kafka, ledger, await RawConnection.open(kafka.host, kafka.port));
  }

  /** A further connection; it has not said who it is. */
  anotherConnection(): Promise<Live> {
    return Live.connectAnonymously(this.#kafka, this.#ledger);
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  /** Asks, and insists on an answer with exactly the errors of the refusal: without one, with none. */
  async send<N extends ApiName>(api: N, version: number, body: RequestBody<N>, refusal: Refusal = NONE): Promise<ResponseBody<N>> {
    const answer = await this.ask(api, version, body);
    expect(answer.errors.toSorted(), `the errors in the answer ${printable(answer.body)}`).toEqual(refusal.errors.toSorted());
    this.#ledger.note(api, version, refusal);
    return answer.body;
  }

  /** Asks, and checks the bytes only. */
  async ask<N extends ApiName>(api: N, version: number, body: RequestBody<N>): Promise<Answer<N>> {
    const answer = await exchange(this.#connection, this.#correlation, api, version, body);
    this.#ledger.count();
    return answer;
  }

  /** Asks again until the answer is as wanted: what was started may not be done yet. */
  async until<N extends ApiName>(
    api: N,
    version: number,
    body: RequestBody<N>,
    isWanted: (answer: Answer<N>) => boolean,
  ): Promise<ResponseBody<N>> {
    const deadline = Date.now() + DEADLINE_MS;
    for (;;) {
      const answer = await this.ask(api, version, body);
      if (isWanted(answer)) {
        this.#ledger.note(api, version, NONE);
        return answer.body;
      }
      if (Date.now() > deadline) throw new Error(`${api} v${version} did not come to be as wanted: ${printable(answer.body)}`);
      await pause(RETRY_MS);
    }
  }

  /** Sends what gets no answer. */
  sendOnly<N extends ApiName>(api: N, version: number, body: RequestBody<N>): void {
    this.#connection.send(requestFrame(api, version, this.#correlation.next(), body));
  }

  /** Bytes in a frame, in the middle of an exchange that is not one of Kafka's requests. */
  sendBare(bytes: Uint8Array): Promise<Uint8Array> {
    return this.#connection.request(bytes);
  }

  /** Creates a topic, and waits for its partitions. */
  async newTopic(numPartitions = 1, configs: Readonly<Record<string, string>> = {}): Promise<Topic> {
    const name = unique("topic");
    const settings = Object.entries(configs).map(([key, value]) => ({ name: key, value }));
    const { topics } = await this.send("CreateTopics", 7, {
      topics: [{ name, numPartitions, replicationFactor: 1, configs: settings }],
    });
    await this.untilLed(name, numPartitions);
    return { name, id: topics[0]?.topicId ?? "" };
  }

  /** The broker leads a partition a moment after its metadata say so. */
  async untilLed(topic: string, numPartitions: number): Promise<void> {
    const partitions = Array.from({ length: numPartitions }, (_, partitionIndex) => ({ partitionIndex, timestamp: -1 }));
    const isLed = ({ errors }: { readonly errors: readonly string[] }): boolean => errors.length === 0;
    await this.until("ListOffsets", 7, { replicaId: -1, topics: [{ name: topic, partitions }] }, isLed);
  }

  async produce(topic: string, batch: BatchInput, transactionalId: string | null = null): Promise<number> {
    const body = produceBody(topic, Batch.encode(batch), transactionalId);
    const { responses } = await this.send("Produce", 12, body);
    return responses[0]?.partitionResponses[0]?.baseOffset ?? -1;
  }

  /** A member of a classic group, alone in it and with its assignment. */
  async newMember(topic: string, groupId: string = unique("classic-group")): Promise<Member> {
    const join = joinBody(groupId, topic);
    const { body } = await this.ask("JoinGroup", 9, join);
    const { memberId, generationId } = await this.send("JoinGroup", 9, { ...join, memberId: body.memberId });
    const protocol = { protocolType: "consumer", protocolName: "range" };
    const assignments = [{ memberId, assignment: Buffer.from("0000000000000000ffffffff", "hex") }];
    await this.send("SyncGroup", 5, { groupId, generationId, memberId, ...protocol, assignments });
    return { groupId, memberId, generationId };
  }

  /** A group without members that has a committed offset. */
  async newOffsets(topic: string, committedOffset = 1): Promise<string> {
    const groupId = unique("offsets");
    const partitions = [{ partitionIndex: 0, committedOffset, committedLeaderEpoch: 0, committedMetadata: "from the live test" }];
    await this.send("OffsetCommit", 9, { groupId, topics: [{ name: topic, partitions }] });
    return groupId;
  }

  async newProducer(): Promise<Producer> {
    const transactionalId = unique("transaction");
    const { producerId, producerEpoch } = await this.send("InitProducerId", 5, { transactionalId, transactionTimeoutMs: 60_000 });
    return { transactionalId, producerId, producerEpoch };
  }

  /** A producer with an open transaction that one record belongs to, in partition 0. */
  async newTransaction(topic: string): Promise<Producer> {
    const producer = await this.newProducer();
    const { transactionalId, producerId, producerEpoch } = producer;
    const records = [{ key: "in", value: "a transaction", timestamp: 0 }];
    await this.send("AddPartitionsToTxn", 3, addPartitionsBody(producer, topic));
    await this.produce(topic, { records, isTransactional: true, producerId, producerEpoch, baseSequence: 0 }, transactionalId);
    return producer;
  }
}

export function produceBody(topic: string, records: Uint8Array, transactionalId: string | null = null): RequestBody<"Produce"> {
  const topicData = [{ name: topic, partitionData: [{ index: 0, records }] }];
  return { transactionalId, acks: -1, timeoutMs: 5000, topicData };
}

export function joinBody(groupId: string, topic: string): Draft<RequestBody<"JoinGroup">> {
  const protocols = [{ name: "range", metadata: encodeSubscription({ topics: [topic] }) }];
  return { groupId, sessionTimeoutMs: 30_000, rebalanceTimeoutMs: 30_000, protocolType: "consumer", protocols };
}

export function addPartitionsBody(producer: Producer, topic: string): RequestBody<"AddPartitionsToTxn"> {
  return {
    v3AndBelowTransactionalId: producer.transactionalId,
    v3AndBelowProducerId: producer.producerId,
    v3AndBelowProducerEpoch: producer.producerEpoch,
    v3AndBelowTopics: [{ name: topic, partitions: [0] }],
  };
}

export function printable(value: unknown): string {
  const text = JSON.stringify(value, (_, inner: unknown) => {
    if (typeof inner === "bigint") return `${inner}n`;
    return inner instanceof Uint8Array ? `${inner.length} bytes` : inner;
  });
  return text.length > 600 ? `${text.slice(0, 600)}…` : text;
}
