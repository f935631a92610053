// A cluster without connections at a held time, and transactional producers that do what a test says.

import { BrokerNode } from "../../src/broker/cluster/broker-node.ts";
import { Cluster } from "../../src/broker/cluster/cluster.ts";
import type { Partition } from "../../src/broker/cluster/partition.ts";
import { HeldClock } from "../../src/broker/held-clock.ts";
import { seededRandom } from "../../src/broker/random.ts";
import { Users } from "../../src/broker/security/users.ts";
import type { ExpectedProducer } from "../../src/broker/transactions/init-rules.ts";
import type { TransactionMetadata } from "../../src/broker/transactions/transaction-metadata.ts";
import { type ErrorName, type KafkaRelease, LATEST_RELEASE, parseControlRecord, RecordBatch } from "../../src/protocol/index.ts";

export const TRANSACTIONAL_ID = "payments";
export const TOPIC = "orders";
export const TIMEOUT_MS = 60_000;

/** Which of the two ways of ending transactions a producer knows: `transaction.version` 1, or 2. */
export type Version = 1 | 2;

const NO_CONNECTIONS = { host: "127.0.0.1", port: 1, open: () => Promise.resolve(), close: () => Promise.resolve() };

export interface StageOptions {
  readonly nodes?: number;
  readonly configs?: Readonly<Record<string, string>>;
  /** The level of `transaction.version` in the cluster. */
  readonly transactionVersion?: number;
  readonly release?: KafkaRelease;
}

export class TransactionStage {
  readonly clock: HeldClock;
  readonly cluster: Cluster;

  private constructor(clock: HeldClock, cluster: Cluster) {
    this.clock = clock;
    this.cluster = cluster;
  }

  /** Every topic has two partitions, each on one node only. */
  static async open(options: StageOptions = {}): Promise<TransactionStage> {
    const { nodes = 1, configs = {}, transactionVersion = 2, release = LATEST_RELEASE } = options;
    const clock = new HeldClock();
    const random = seededRandom(1);
    const startConfigs = new Map(Object.entries({ "transaction.state.log.replication.factor": "1", ...configs }));
    const cluster = new Cluster({ clock, random, release, users: new Users({}), configs: startConfigs });
    for (let id = 1; id <= nodes; id++) cluster.addNode(new BrokerNode(cluster, { id, rack: null, listener: NO_CONNECTIONS }));
    for (const node of cluster.nodes) await node.start();
    cluster.topics.create({ name: TOPIC, partitions: 2 });
    cluster.features.set("transaction.version", transactionVersion);
    return new TransactionStage(clock, cluster);
  }

  producer(version: Version = 2, transactionalId: string = TRANSACTIONAL_ID): StagedProducer {
    return new StagedProducer(this.cluster, version, transactionalId);
  }

  /** What the coordinator knows. */
  get transaction(): TransactionMetadata {
    return this.cluster.transactions.get(TRANSACTIONAL_ID)!;
  }

  partition(index: number): Partition {
    return this.cluster.topics.get(TOPIC)!.partition(index)!;
  }

  /** The kinds of the markers in a partition, and the epochs they carry. */
  markers(index: number): readonly string[] {
    const control = this.partition(index)
      .log.records()
      .filter((batch) => batch.isControl);
    return control.map((batch) => {
      const { key, value } = batch.records()[0]!;
      return `${parseControlRecord(key, value).type} ${batch.producerEpoch}`;
    });
  }

  async stopNode(id: number): Promise<void> {
    await this.cluster.node(id)!.stop();
    this.cluster.electLeaders();
  }

  async startNode(id: number): Promise<void> {
    await this.cluster.node(id)!.start();
    this.cluster.electLeaders();
  }

  /** Lets everything finish that needs no time. */
  async settle(): Promise<void> {
    await this.clock.advance(0);
  }

  /** @returns how many timers are left: none should be */
  close(): number {
    this.cluster.close();
    return this.clock.pendingTimers;
  }
}

export class StagedProducer {
  readonly transactionalId: string;
  readonly version: Version;
  producerId = -1n;
  producerEpoch = -1;
  /** How many records each partition has got with this epoch. */
  readonly #sequences = new Map<number, number>();
  readonly #cluster: Cluster;

  constructor(cluster: Cluster, version: Version, transactionalId: string) {
    this.#cluster = cluster;
    this.version = version;
    this.transactionalId = transactionalId;
  }

  /** As the producer says it of itself. */
  get identity(): { readonly transactionalId: string; readonly producerId: bigint; readonly producerEpoch: number } {
    return { transactionalId: this.transactionalId, producerId: this.producerId, producerEpoch: this.producerEpoch };
  }

  init(expected?: ExpectedProducer, timeoutMs: number = TIMEOUT_MS): ErrorName | "NONE" {
    return this.#adopt(this.#cluster.transactions.initProducerId(this.transactionalId, timeoutMs, expected));
  }

  /** Goes on after an error (KIP-360). */
  reinit(): ErrorName | "NONE" {
    return this.init({ producerId: this.producerId, producerEpoch: this.producerEpoch });
  }

  add(...partitions: readonly number[]): ErrorName | "NONE" {
    const wanted = partitions.map((partition) => ({ topic: TOPIC, partition }));
    return this.#cluster.transactions.addPartitions(this.identity, wanted) ?? "NONE";
  }

  /** One record, as a leader takes it: of `produceVersion`, else the newest that a producer of this version sends. */
  produce(partition: number, produceVersion: number = this.version === 2 ? 12 : 11): ErrorName | "NONE" {
    const { log } = this.#cluster.topics.get(TOPIC)!.partition(partition)!;
    const { producerId, producerEpoch } = this;
    if (!log.hasOpenTransaction(producerId, producerEpoch)) {
      const batch = { ...this.identity, topic: TOPIC, partition, version: produceVersion };
      const error = this.#cluster.transactions.admitProduce(batch);
      if (error !== undefined) return error;
    }
    const records = [{ value: new Uint8Array([1]), timestamp: this.#cluster.clock.now() }];
    const baseSequence = this.#sequences.get(partition) ?? 0;
    log.append(RecordBatch.encode({ records, producerId, producerEpoch, baseSequence, isTransactional: true }), { produceVersion });
    this.#sequences.set(partition, baseSequence + 1);
    return "NONE";
  }

  commit(): ErrorName | "NONE" {
    return this.#end(true);
  }

  abort(): ErrorName | "NONE" {
    return this.#end(false);
  }

  /** Whoever has the same id and epoch, and sends what this one would send. */
  twin(): StagedProducer {
    const twin = new StagedProducer(this.#cluster, this.version, this.transactionalId);
    twin.producerId = this.producerId;
    twin.producerEpoch = this.producerEpoch;
    return twin;
  }

  #end(committed: boolean): ErrorName | "NONE" {
    return this.#adopt(this.#cluster.transactions.end({ ...this.identity, committed, bumpsEpoch: this.version === 2 }));
  }

  #adopt(outcome: { readonly producerId: bigint; readonly producerEpoch: number } | ErrorName): ErrorName | "NONE" {
    if (typeof outcome === "string") return outcome;
    if (outcome.producerEpoch !== this.producerEpoch || outcome.producerId !== this.producerId) this.#sequences.clear();
    this.producerId = outcome.producerId;
    this.producerEpoch = outcome.producerEpoch;
    return "NONE";
  }
}
