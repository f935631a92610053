// The transactions of a producer, an embedded broker in memory on a clock that is held, and between them a producer that sends one
// record a batch and never sends it twice.

import { expect, onTestFinished } from "vitest";
import type { EmbeddedBrokerOptions } from "../../src/broker/index.ts";
import type { Deadline } from "../../src/client/async/deadline.ts";
import { ClientCore } from "../../src/client/client-core.ts";
import { nodeCodecs } from "../../src/client/compression/node-codecs.ts";
import { type ProducerOptions, resolveProducerConfig } from "../../src/client/config/producer-config.ts";
import { BrokerError, RequestTimeoutError } from "../../src/client/errors.ts";
import type { ProducerIdentity } from "../../src/client/producer/producer-identity.ts";
import type { TransactionHost } from "../../src/client/producer/transaction/transaction-host.ts";
import { Transactions } from "../../src/client/producer/transaction/transactions.ts";
import { Fetch, type KafkaError, OffsetFetch, Produce, RecordBatch, readBatches } from "../../src/protocol/index.ts";
import { memoryRuntime } from "./client-runtime.ts";
import { type HeldCluster, HeldStage, heldCluster } from "./held-stage.ts";

const LAST_VERSION_WITH_NAMES = 12;
const READ_COMMITTED = 1;
/** What opens connections and looks around. */
export const QUIET: ReadonlySet<string> = new Set(["ApiVersions", "Metadata", "FindCoordinator"]);

export const TRANSACTIONAL_ID = "payments";

/** Clusters of both versions of transactions (KIP-890). */
export const V1: EmbeddedBrokerOptions = { asVersion: "3.9" };
export const V2: EmbeddedBrokerOptions = {};
export const BOTH: readonly { readonly version: number; readonly cluster: EmbeddedBrokerOptions }[] = [
  { version: 1, cluster: V1 },
  { version: 2, cluster: V2 },
];

interface Unsent {
  readonly topic: string;
  readonly partition: number;
  readonly value: string;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class TransactionsStage extends HeldStage {
  readonly core: ClientCore;
  readonly transactions: Transactions;
  /** The errors that `abortUnsent` was called with. */
  readonly aborted: KafkaError[] = [];
  #unsent: Unsent[] = [];
  #onSettled: (() => void)[] = [];
  #inFlight = 0;
  readonly #sequences = new Map<string, { identity: ProducerIdentity; next: number }>();

  constructor(held: HeldCluster, options: Partial<ProducerOptions>) {
    super(held);
    const { broker, clock } = held;
    const given = { bootstrapServers: broker.bootstrapServers, clientId: "test", transactionalId: TRANSACTIONAL_ID, ...options };
    const config = resolveProducerConfig(given);
    const runtime = memoryRuntime(broker, { clock });
    this.core = new ClientCore("producer", config, runtime);
    const host: TransactionHost = {
      call: (what, callOptions, work) => this.core.call(what, callOptions, work),
      flush: (deadline) => this.#flush(deadline),
      // It settles nothing before its answer.
      nothingOnItsWay: () => Promise.resolve(),
      abortUnsent: (error) => this.#abortUnsent(error),
      wake: () => this.#drain(),
    };
    this.transactions = new Transactions({ config, runtime, telemetry: this.core.telemetry, host });
  }

  static async open(cluster: EmbeddedBrokerOptions = {}, options: Partial<ProducerOptions> = {}): Promise<TransactionsStage> {
    const held = await heldCluster({ topics: { orders: 2 }, autoCreateTopics: true, ...cluster });
    return new TransactionsStage(held, options);
  }

  /** Another producer of the same cluster. */
  another(options: Partial<ProducerOptions> = {}): TransactionsStage {
    const other = new TransactionsStage(this, options);
    onTestFinished(() => other.when(other.core.close()));
    return other;
  }

  async begun(): Promise<Transactions> {
    await this.when(this.transactions.init());
    this.transactions.begin();
    return this.transactions;
  }

  send(value: string, partition = 0, topic = "orders"): Promise<void> {
    return new Promise((resolve, reject) => {
      this.transactions.checkSend();
      this.#unsent.push({ topic, partition, value, resolve, reject });
      this.transactions.use(topic, partition);
      this.#drain();
    });
  }

  /** Those of the requests that matter to transactions, with what decides about them. */
  requests(): readonly string[] {
    return this.broker.journal.requests().flatMap(({ api = "", version, body }) => {
      if (QUIET.has(api)) return [];
      const committed =
        typeof body === "object" && body !== null && "committed" in body ? ` ${body.committed ? "commit" : "abort"}` : "";
      return [`${api} v${version}${committed}`];
    });
  }

  /** Which of these were sent, in their order. */
  sent(...apis: readonly string[]): readonly string[] {
    return this.requests().filter((request) => apis.includes(request.split(" ")[0]!));
  }

  /** The next transaction, with one record. */
  async goesOn(value: string): Promise<void> {
    this.transactions.begin();
    await this.when(this.send(value));
    await this.when(this.transactions.commit());
  }

  /** What a reader of committed transactions sees. */
  committed(partition = 0, topic = "orders"): Promise<readonly string[]> {
    return this.when(
      this.core.call("fetch", {}, async ({ cluster, deadline }) => {
        const partitions = [{ partition, fetchOffset: 0, partitionMaxBytes: 1_000_000 }];
        const body = {
          maxWaitMs: 0,
          minBytes: 0,
          maxBytes: 1_000_000,
          isolationLevel: READ_COMMITTED,
          topics: [{ topic, partitions }],
        };
        const target = { kind: "leader", topic, partition } as const;
        const answer = await cluster.ask(Fetch, body, target, { deadline, limits: { atMost: LAST_VERSION_WITH_NAMES } });
        const found = answer.body.responses[0]?.partitions[0];
        let aborted = [...(found?.abortedTransactions ?? [])];
        return [...readBatches(found?.records ?? new Uint8Array(), { codecs: nodeCodecs })].flatMap((batch) => {
          const ended = aborted.find((one) => one.producerId === batch.producerId && one.firstOffset <= batch.baseOffset);
          // The mark of its end.
          if (batch.isControl) aborted = aborted.filter((one) => one !== ended);
          if (batch.isControl || ended !== undefined) return [];
          return batch.records().map(({ value }) => new TextDecoder().decode(value ?? new Uint8Array()));
        });
      }),
    );
  }

  /** Where a group goes on, -1 for nowhere. */
  committedOffset(groupId: string, partition = 0, topic = "orders"): Promise<number> {
    return this.when(
      this.core.call("offsets", {}, async ({ cluster, deadline }) => {
        const body = { groupId, topics: [{ name: topic, partitionIndexes: [partition] }] };
        const target = { kind: "coordinator", type: "group", key: groupId } as const;
        const answer = await cluster.ask(OffsetFetch, body, target, { deadline, limits: { atMost: 7 } });
        return Number(answer.body.topics[0]?.partitions[0]?.committedOffset);
      }),
    );
  }

  /** Closes everything; what is wrong afterwards, which should be nothing. */
  async close(): Promise<readonly string[]> {
    this.transactions.close();
    await this.when(this.core.close());
    return this.leftOver();
  }

  #drain(): void {
    const { transactions } = this;
    const ready = this.#unsent.filter(({ topic, partition }) => transactions.canSend(topic, partition));
    this.#unsent = this.#unsent.filter((one) => !ready.includes(one));
    for (const one of ready) void this.#produce(one);
  }

  async #produce({ topic, partition, value, resolve, reject }: Unsent): Promise<void> {
    this.#inFlight++;
    try {
      await this.core.call("produce", { timeoutMs: 30_000 }, async ({ cluster, deadline }) => {
        const limits = {
          atMost: Math.min(this.transactions.produceMaxVersion ?? LAST_VERSION_WITH_NAMES, LAST_VERSION_WITH_NAMES),
        };
        const body = {
          transactionalId: TRANSACTIONAL_ID,
          acks: -1,
          timeoutMs: 1000,
          topicData: [this.#topicData(topic, partition, value)],
        };
        const target = { kind: "leader", topic, partition } as const;
        const errorsIn = (answer: { responses: readonly { partitionResponses: readonly { errorCode: number }[] }[] }) =>
          answer.responses.flatMap(({ partitionResponses }) => partitionResponses.map(({ errorCode }) => errorCode));
        const answer = await cluster.ask(Produce, body, target, { deadline, limits, errorsIn });
        const code = errorsIn(answer.body)[0] ?? 0;
        if (code !== 0) throw new BrokerError(code, { api: "Produce", topic, partition });
      });
      resolve();
    } catch (error) {
      const verdict = error instanceof RequestTimeoutError ? "possibly persisted" : "not persisted";
      reject(this.transactions.failed(error as KafkaError, { verdict }));
    }
    this.#inFlight--;
    this.#settled();
  }

  #topicData(name: string, index: number, value: string) {
    const identity = this.transactions.identity!;
    const place = `${name} ${index}`;
    const known = this.#sequences.get(place);
    const isSame = known?.identity.producerId === identity.producerId && known.identity.producerEpoch === identity.producerEpoch;
    const baseSequence = isSame ? known!.next : 0;
    this.#sequences.set(place, { identity, next: baseSequence + 1 });
    const records = [{ value: new TextEncoder().encode(value), timestamp: this.clock.now() }];
    return {
      name,
      partitionData: [{ index, records: RecordBatch.encode({ records, ...identity, baseSequence, isTransactional: true }) }],
    };
  }

  #abortUnsent(error: KafkaError): void {
    this.aborted.push(error);
    const unsent = this.#unsent;
    this.#unsent = [];
    for (const one of unsent) one.reject(error);
    this.#settled();
  }

  #settled(): void {
    if (this.#inFlight > 0 || this.#unsent.length > 0) return;
    const waiting = this.#onSettled;
    this.#onSettled = [];
    for (const resolve of waiting) resolve();
  }

  #flush(deadline: Deadline): Promise<void> {
    const settled = new Promise<void>((resolve) => this.#onSettled.push(resolve));
    this.#settled();
    return deadline.race(settled, () => new RequestTimeoutError("flush", deadline.timeoutMs));
  }
}

/** For the test that calls it: afterwards it is closed, and must leave nothing. */
export async function transactionsStage(
  cluster: EmbeddedBrokerOptions = {},
  options: Partial<ProducerOptions> = {},
): Promise<TransactionsStage> {
  const stage = await TransactionsStage.open(cluster, options);
  onTestFinished(async () => {
    expect(await stage.close()).toEqual([]);
  });
  return stage;
}
