import { type BatchRecord, LATEST_RELEASE } from "../protocol/index.ts";
import { systemClock } from "./clock.ts";
import { BrokerNode } from "./cluster/broker-node.ts";
import { Cluster } from "./cluster/cluster.ts";
import type { CoordinatorKind } from "./cluster/coordinator-kind.ts";
import { metadataView } from "./cluster/metadata-view.ts";
import type { Partition } from "./cluster/partition.ts";
import type { Topic } from "./cluster/topic.ts";
import { Faults } from "./faults/faults.ts";
import { Journal } from "./journal/journal.ts";
import { type Handlers, loadHandlers } from "./load-handlers.ts";
import { Gateway } from "./network/gateway.ts";
import { MemoryNetwork } from "./network/memory-transport.ts";
import { topicProblems } from "./option-problems.ts";
import { checkOptions, type EmbeddedBrokerOptions, type InitialTopic } from "./options.ts";
import { seededRandom, systemRandom } from "./random.ts";
import { selfSignedCertificate } from "./security/self-signed.ts";
import { Users } from "./security/users.ts";

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** A topic, and who leads its partitions; -1 for nobody. A topic that is deleted and made again has another id. */
export interface TopicState {
  readonly name: string;
  readonly id: string;
  readonly partitions: readonly { readonly leaderId: number; readonly leaderEpoch: number }[];
}

const HOST = "127.0.0.1";
const FIRST_NODE_ID = 1;
/** Of a topic whose creator does not say how many. */
const MOST_REPLICAS = 3;

/**
 * A Kafka cluster inside this process, for tests, demos and simulations. Everything is in memory and gone after `close`. Until then
 * its ports keep the process alive, as those of any server do; its timers do not, and in memory there are no ports.
 *
 * ```ts
 * const broker = await EmbeddedBroker.start({ topics: { orders: 3 } });
 * // … any Kafka client, at broker.bootstrapServers
 * await broker.close();
 * ```
 */
export class EmbeddedBroker {
  /** Scripts what goes wrong. */
  readonly faults: Faults;
  /** Every request and response seen. */
  readonly journal: Journal;
  /** With `tls: true`: what clients have to trust, in PEM. */
  readonly caCertificate: string | undefined;
  readonly #cluster: Cluster;
  readonly #gateway: Gateway;
  #isClosed = false;

  private constructor(options: EmbeddedBrokerOptions, handlers: Handlers) {
    const { clock = systemClock, seed, asVersion = LATEST_RELEASE, sasl, configs = {}, autoCreateTopics, nodes = 1 } = options;
    const random = seed === undefined ? systemRandom : seededRandom(seed);
    // Kafka's default is 1, with which nothing could move to another node.
    const replicas = Math.min(nodes, MOST_REPLICAS);
    const startConfigs = new Map(Object.entries(configs));
    if (replicas > 1 && configs["default.replication.factor"] === undefined)
      startConfigs.set("default.replication.factor", String(replicas));
    if (autoCreateTopics !== undefined) startConfigs.set("auto.create.topics.enable", String(autoCreateTopics));
    const users = new Users(sasl?.users ?? {});
    this.#cluster = new Cluster({ clock, random, release: asVersion, users, configs: startConfigs, handlers });
    this.journal = new Journal(options.journal);
    this.faults = new Faults(new Map([...handlers.values()].map(({ api, faultScope }) => [api.name, faultScope])));
    const network = options.transport === "memory" ? new MemoryNetwork(clock, random) : undefined;
    const tls = options.tls === true ? selfSignedCertificate(clock, random) : options.tls;
    this.caCertificate = options.tls === true ? tls?.cert : undefined;
    this.#gateway = new Gateway({
      cluster: this.#cluster,
      journal: this.journal,
      faults: this.faults,
      network,
      tls,
      sasl,
      firstPort: options.port ?? 0,
    });
    for (let index = 0; index < nodes; index++) this.#addNode(FIRST_NODE_ID + index, options);
  }

  /** Resolves when all nodes take connections and the topics are there. */
  static async start(options: EmbeddedBrokerOptions = {}): Promise<EmbeddedBroker> {
    checkOptions(options);
    const broker = new EmbeddedBroker(options, await loadHandlers());
    try {
      await broker.#cluster.users.prepare(broker.#cluster.random);
      for (const node of broker.#cluster.nodes) await node.start();
      for (const [name, topic] of Object.entries(options.topics ?? {})) broker.#createInitial(name, topic);
    } catch (error) {
      await broker.close();
      throw error;
    }
    return broker;
  }

  /** `host:port` of all nodes, as clients want it. */
  get bootstrapServers(): string {
    return this.#cluster.nodes.map((node) => `${node.host}:${node.port}`).join(",");
  }

  get clusterId(): string {
    return this.#cluster.id;
  }

  /** The nodes by ascending id. */
  get nodes(): readonly { readonly id: number; readonly host: string; readonly port: number; readonly isRunning: boolean }[] {
    return this.#cluster.nodes.map(({ id, host, port, isRunning }) => ({ id, host, port, isRunning }));
  }

  /** The topics as they are at this moment, in the order of creation. */
  get topics(): readonly TopicState[] {
    return [...this.#cluster.topics].map(({ name, id, partitions }) => ({
      name,
      id,
      partitions: partitions.map(({ leaderId, leaderEpoch }) => ({ leaderId, leaderEpoch })),
    }));
  }

  /** With `transport: "memory"`: where to connect, and the network's weather. */
  get network(): MemoryNetwork {
    const { network } = this.#gateway;
    if (network === undefined) throw new TypeError('the broker was not started with transport: "memory"');
    return network;
  }

  /** Errors inside the broker, each of which a client saw as UNKNOWN_SERVER_ERROR. There should be none. */
  get failures(): readonly Error[] {
    return this.#gateway.failures;
  }

  createTopic(name: string, topic: InitialTopic = 1): void {
    const problems = [...topicProblems(name, topic, this.#cluster.nodes.length)];
    if (this.#cluster.topics.get(name) !== undefined) problems.push(`there is a topic ${name} already`);
    if (problems.length > 0) throw new TypeError(problems.join("; "));
    this.#createInitial(name, topic);
    this.#note(`topic ${name} was created`);
  }

  deleteTopic(name: string): void {
    this.#cluster.topics.delete(this.#topic(name));
    this.#note(`topic ${name} was deleted`);
  }

  /** The records of a partition that clients can still read, marks of transactions left out, aborted ones included. */
  records(topic: string, partition: number): BatchRecord[] {
    const { log } = this.#partition({ topic, partition });
    return log
      .records()
      .filter((batch) => !batch.isControl)
      .flatMap((batch) => batch.records());
  }

  /** How far a group has read, by what is committed of it. */
  committedOffsets(group: string): readonly (TopicPartition & { readonly offset: number })[] {
    const topics = [...(this.#cluster.groups.get(group)?.offsets.all() ?? [])];
    return topics.flatMap(([topic, partitions]) =>
      Array.from(partitions, ([partition, { offset }]) => ({ topic, partition, offset })),
    );
  }

  /** Who leads a partition; -1 for nobody. */
  leaderOf(place: TopicPartition): number {
    return this.#partition(place).leaderId;
  }

  /** Another node leads from now on. It must hold a replica. */
  moveLeader(place: TopicPartition, node: number): void {
    if (!this.#partition(place).moveLeader(node)) {
      throw new TypeError(`node ${node} has no replica of ${place.topic}-${place.partition} that could lead`);
    }
    this.#note(`node ${node} leads ${place.topic}-${place.partition}`);
  }

  /**
   * An unclean election: everything from `offset` on is lost, and a new epoch begins.
   */
  truncate(place: TopicPartition, offset: number): void {
    const partition = this.#partition(place);
    if (!Number.isSafeInteger(offset) || offset < 0) throw new TypeError(`a log cannot be truncated to ${offset}`);
    partition.log.truncateTo(offset);
    partition.bumpLeaderEpoch();
    this.#note(`${place.topic}-${place.partition} was truncated to ${offset}`);
  }

  /** The coordinator of a group or a transactional id; -1 for nobody. */
  coordinatorOf(kind: CoordinatorKind, key: string): number {
    return this.#cluster.coordinators.find(kind, key)?.id ?? -1;
  }

  /** Another node coordinates from now on, which for `loadingMs` answers that it is still loading. */
  moveCoordinator(kind: CoordinatorKind, key: string, node: number, options: { readonly loadingMs?: number } = {}): void {
    if (!this.#cluster.coordinators.move(kind, key, node, options.loadingMs)) {
      throw new TypeError(`node ${node} has no replica of the internal topic that ${kind} ${key} is kept in`);
    }
    this.#note(`node ${node} coordinates ${kind} ${key}`);
  }

  /** For so long the coordinator answers COORDINATOR_LOAD_IN_PROGRESS. */
  loadCoordinator(kind: CoordinatorKind, key: string, loadingMs: number): void {
    this.#cluster.coordinators.load(kind, key, loadingMs);
    this.#note(`the coordinator of ${kind} ${key} is loading for ${loadingMs} ms`);
  }

  /** How long a transaction stays between being decided and being complete, so that clients meet CONCURRENT_TRANSACTIONS. */
  set transactionMarkerDelayMs(ms: number) {
    this.#cluster.transactions.markerDelayMs = ms;
  }

  /** The node tells clients the leaders of this moment, until it is told to tell the truth again. */
  freezeMetadata(node: number): void {
    this.#node(node).staleView = metadataView(this.#cluster);
    this.#note(`the metadata of node ${node} stands still`);
  }

  thawMetadata(node: number): void {
    this.#node(node).staleView = undefined;
    this.#note(`the metadata of node ${node} is up to date again`);
  }

  /** The node cuts its connections and takes no more; others lead what it led. */
  async stopNode(id: number): Promise<void> {
    const stopping = this.#node(id).stop();
    this.#cluster.electLeaders();
    this.#note(`node ${id} stops`);
    await stopping;
  }

  /** The node is back, where it was. */
  async startNode(id: number): Promise<void> {
    const node = this.#node(id);
    // Nobody would close its port again.
    if (this.#isClosed) throw new TypeError(`node ${id} cannot start: the broker is closed`);
    await node.start();
    this.#cluster.electLeaders();
    this.#note(`node ${id} starts`);
  }

  /** Cuts all connections, or those of one node. The clients may come again. */
  disconnectAll(node?: number): void {
    for (const one of this.#cluster.nodes) if (node === undefined || one.id === node) one.disconnectAll();
  }

  /** Ends everything: afterwards there are no sockets and no timers. May be called again. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await Promise.all(this.#cluster.nodes.map((node) => node.stop()));
    this.#cluster.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #addNode(id: number, { rack }: EmbeddedBrokerOptions): void {
    const racks = typeof rack === "string" ? undefined : rack;
    const listener = this.#gateway.listener(HOST, id, id - FIRST_NODE_ID);
    const nodeRack = typeof rack === "string" ? rack : (racks?.[id - FIRST_NODE_ID] ?? null);
    this.#cluster.addNode(new BrokerNode(this.#cluster, { id, rack: nodeRack, listener }));
  }

  #createInitial(name: string, topic: InitialTopic): void {
    const { configs = {}, ...numbers } = typeof topic === "number" ? { partitions: topic } : topic;
    this.#cluster.topics.create({ name, ...numbers, configs: new Map(Object.entries(configs)) });
  }

  #topic(name: string): Topic {
    const topic = this.#cluster.topics.get(name);
    if (topic === undefined) throw new TypeError(`there is no topic ${name}`);
    return topic;
  }

  #partition({ topic, partition }: TopicPartition): Partition {
    const found = this.#topic(topic).partition(partition);
    if (found === undefined) throw new TypeError(`topic ${topic} has no partition ${partition}`);
    return found;
  }

  #node(id: number): BrokerNode {
    const node = this.#cluster.node(id);
    if (node === undefined) throw new TypeError(`there is no node ${id}`);
    return node;
  }

  #note(text: string): void {
    this.journal.write({ kind: "cluster", atMs: this.#cluster.clock.now(), text, sizeInBytes: 0 });
  }
}
