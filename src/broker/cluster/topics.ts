import { InvalidValueError } from "../../protocol/index.ts";
import { checkedTopicConfigs } from "../configs/resources/topic-resource.ts";
import type { Cluster } from "./cluster.ts";
import { placeReplicas } from "./placement.ts";
import { isRefusal } from "./refusal.ts";
import { Topic } from "./topic.ts";

export const CONSUMER_OFFSETS = "__consumer_offsets";
export const TRANSACTION_STATE = "__transaction_state";
const INTERNAL_TOPICS: ReadonlySet<string> = new Set([CONSUMER_OFFSETS, TRANSACTION_STATE, "__share_group_state"]);

/** Whether Kafka itself keeps its books in a topic of this name. */
export function isInternalTopic(name: string): boolean {
  return INTERNAL_TOPICS.has(name);
}

export const MAX_TOPIC_NAME_LENGTH = 249;

export interface NewTopic {
  readonly name: string;
  readonly partitions?: number;
  readonly replicationFactor?: number;
  /** The replicas of each partition, instead of numbers. */
  readonly assignment?: readonly (readonly number[])[];
  readonly configs?: ReadonlyMap<string, string>;
}

/** The topics of the cluster. Checking what a client asks for is up to the handlers; here it is done. */
export class Topics {
  readonly #cluster: Cluster;
  readonly #byName = new Map<string, Topic>();
  readonly #byId = new Map<string, Topic>();
  /** Names by how they would look with underscores instead of dots. */
  readonly #byCollision = new Map<string, Set<string>>();
  readonly #listeners = new Set<() => void>();
  #created = 0;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  get(name: string): Topic | undefined {
    return this.#byName.get(name);
  }

  byId(id: string): Topic | undefined {
    return this.#byId.get(id);
  }

  get size(): number {
    return this.#byName.size;
  }

  /** In the order of creation. */
  [Symbol.iterator](): IterableIterator<Topic> {
    return this.#byName.values();
  }

  /** Told after topics or partitions came or went. Returns how to stop listening. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  create(wanted: NewTopic): Topic {
    const { name } = wanted;
    const configs = checkedTopicConfigs(wanted.configs ?? new Map());
    if (isRefusal(configs)) throw new InvalidValueError(`topic ${name}: ${configs.message}`);
    const topic = new Topic(this.#cluster, {
      name,
      id: this.#cluster.random.uuid(),
      isInternal: isInternalTopic(name),
      configs,
    });
    for (const replicas of wanted.assignment ?? this.#place(wanted)) topic.addPartition(replicas);
    this.#byName.set(name, topic);
    this.#byId.set(topic.id, topic);
    const collisions = this.#byCollision.get(withoutDots(name));
    if (collisions === undefined) this.#byCollision.set(withoutDots(name), new Set([name]));
    else collisions.add(name);
    this.#changed();
    return topic;
  }

  /** Adds partitions until there are `total`, on the given replicas or placed as a new topic's. */
  addPartitions(topic: Topic, total: number, assignment?: readonly (readonly number[])[]): void {
    const from = topic.partitions.length;
    const replicas =
      assignment ?? this.#place({ name: topic.name, partitions: total, replicationFactor: topic.replicationFactor }).slice(from);
    for (const nodes of replicas) topic.addPartition(nodes);
    this.#changed();
  }

  delete(topic: Topic): void {
    this.#byName.delete(topic.name);
    this.#byId.delete(topic.id);
    const collisions = this.#byCollision.get(withoutDots(topic.name));
    collisions?.delete(topic.name);
    if (collisions?.size === 0) this.#byCollision.delete(withoutDots(topic.name));
    for (const partition of topic.partitions) partition.log.close();
    this.#changed();
  }

  /** A topic whose name differs in nothing but dots and underscores: their metrics would be mixed up. */
  collisionOf(name: string): string | undefined {
    const [collision] = this.#byCollision.get(withoutDots(name)) ?? [];
    return collision;
  }

  /** What Kafka makes by itself for groups and transactions, when the first client needs it. */
  internal(name: typeof CONSUMER_OFFSETS | typeof TRANSACTION_STATE): Topic {
    const prefix = name === CONSUMER_OFFSETS ? "offsets.topic" : "transaction.state.log";
    const { configs, nodes } = this.#cluster;
    return (
      this.get(name) ??
      this.create({
        name,
        partitions: configs.int(`${prefix}.num.partitions`),
        replicationFactor: Math.min(configs.int(`${prefix}.replication.factor`), nodes.length),
        configs: new Map([["cleanup.policy", "compact"]]),
      })
    );
  }

  #place({ partitions, replicationFactor }: NewTopic): readonly (readonly number[])[] {
    const { configs, nodes } = this.#cluster;
    const count = partitions ?? configs.int("num.partitions");
    const factor = replicationFactor ?? configs.int("default.replication.factor");
    return placeReplicas(nodes, count, factor, this.#created++);
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

function withoutDots(name: string): string {
  return name.replaceAll(".", "_");
}

/** Why the name cannot be a topic's, in Kafka's words; undefined when it can. */
export function invalidTopicName(name: string): string | undefined {
  if (name === "") return "the empty string is not allowed";
  if (name === "." || name === "..") return `'${name}' is not allowed`;
  if (name.length > MAX_TOPIC_NAME_LENGTH)
    return `the length of '${name}' is longer than the max allowed length ${MAX_TOPIC_NAME_LENGTH}`;
  if (/^[a-zA-Z0-9._-]+$/.test(name)) return undefined;
  return `'${name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'`;
}
