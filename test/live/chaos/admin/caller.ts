import type { Admin, CallOptions } from "../../../../src/index.ts";
import type { Dice } from "../../../simulation/world/dice.ts";
import type { OwnTopic } from "./own-topics.ts";
import type { WatchedCalls } from "./watched-calls.ts";

export interface CallerInit {
  readonly name: string;
  readonly admin: Admin;
  readonly dice: Dice;
  readonly calls: WatchedCalls;
  readonly nodeIds: readonly number[];
  /** Whether a node has something the matter with it, or had since that moment of `performance.now()`. */
  readonly isDisturbedSince: (startedMs: number) => boolean;
}

const MOST_TOPICS = 10;
const TIMEOUTS_MS = [1000, 3000, 6000, 10_000];
const IMPATIENT = 0.03;

interface Deed {
  readonly weight: number;
  readonly needsTopic?: boolean;
  readonly do: (caller: Caller) => Promise<void>;
}

/** The kinds of calls that change something, which the controller must have a hand in. */
export const CHANGES: ReadonlySet<string> = new Set([
  "createTopics",
  "deleteTopics",
  "createPartitions",
  "incrementalAlterConfigs",
]);

const DEEDS: readonly Deed[] = [
  { weight: 4, do: (caller) => caller.create() },
  { weight: 2, needsTopic: true, do: (caller) => caller.remove() },
  { weight: 2, needsTopic: true, do: (caller) => caller.addPartition() },
  { weight: 3, needsTopic: true, do: (caller) => caller.alter() },
  { weight: 3, needsTopic: true, do: (caller) => caller.look() },
  { weight: 3, needsTopic: true, do: (caller) => caller.askOffsets() },
  { weight: 3, needsTopic: true, do: (caller) => caller.askConfigs() },
  { weight: 1, do: (caller) => caller.askBrokerConfigs() },
  { weight: 2, do: (caller) => caller.list() },
  { weight: 2, do: (caller) => caller.askCluster() },
];

/** Calls one thing after the other, about topics that nobody else touches, so that it knows what must have become of them. */
export class Caller {
  readonly topics: OwnTopic[] = [];
  readonly #init: CallerInit;
  #made = 0;

  constructor(init: CallerInit) {
    this.#init = init;
  }

  async act(): Promise<void> {
    const there = this.#there();
    const possible = DEEDS.filter(({ needsTopic }) => needsTopic !== true || there.length > 0);
    if (there.length >= MOST_TOPICS) await this.remove();
    else await this.#init.dice.weighted(possible).do(this);
  }

  async create(): Promise<void> {
    const { dice, name: prefix, admin } = this.#init;
    const topics = Array.from({ length: dice.between(1, 2) }, () =>
      this.#newTopic(`${prefix}-${this.#made++}`, dice.between(1, 4)),
    );
    this.topics.push(...topics);
    const wanted = topics.map(({ name, partitions }) => ({
      name,
      numPartitions: partitions ?? 1,
      replicationFactor: dice.between(1, 2),
    }));
    const made = await this.#change("createTopics", topics, (options) => admin.createTopics(wanted, options));
    for (const [index, topic] of topics.entries()) {
      const outcome = made?.[index];
      if (outcome === undefined || outcome.error !== undefined) continue;
      topic.state = "there";
      topic.topicId = outcome.topicId;
    }
  }

  async remove(): Promise<void> {
    const topic = this.#any();
    topic.state = "doubtful";
    const deleted = await this.#change("deleteTopics", [topic], (options) => this.#init.admin.deleteTopics([topic.name], options));
    if (deleted !== undefined) topic.state = "gone";
  }

  async addPartition(): Promise<void> {
    const topic = this.#any();
    if (topic.partitions === undefined) return this.look(topic);
    const total = topic.partitions + 1;
    topic.partitions = undefined;
    const added = await this.#change("createPartitions", [topic], (options) =>
      this.#init.admin.createPartitions({ [topic.name]: total }, options),
    );
    if (added !== undefined) topic.partitions = total;
  }

  async alter(): Promise<void> {
    const topic = this.#any();
    const value = String(this.#init.dice.between(1, 1000) * 3_600_000);
    topic.retentionMs = undefined;
    const change = { type: "topic" as const, name: topic.name, set: { "retention.ms": value } };
    const changed = await this.#change("incrementalAlterConfigs", [topic], (options) =>
      this.#init.admin.incrementalAlterConfigs([change], options),
    );
    if (changed !== undefined) topic.retentionMs = value;
  }

  async look(topic: OwnTopic = this.#any()): Promise<void> {
    await this.#call("describeTopics", (options) => this.#init.admin.describeTopics([topic.name], options));
  }

  async askOffsets(): Promise<void> {
    const { name: topic, partitions = 1 } = this.#any();
    const queries = Array.from({ length: partitions }, (_, partition) => ({ topic, partition, at: "latest" as const }));
    await this.#call("listOffsets", (options) => this.#init.admin.listOffsets(queries, options));
  }

  async askConfigs(): Promise<void> {
    const { name } = this.#any();
    await this.#call("describeConfigs", (options) => this.#init.admin.describeConfigs([{ type: "topic", name }], options));
  }

  async askBrokerConfigs(): Promise<void> {
    const name = String(this.#init.dice.pick(this.#init.nodeIds));
    await this.#call("describeConfigs of a broker", (options) =>
      this.#init.admin.describeConfigs([{ type: "broker", name }], options),
    );
  }

  async list(): Promise<void> {
    await this.#call("listTopics", (options) => this.#init.admin.listTopics(options));
  }

  async askCluster(): Promise<void> {
    await this.#call("describeCluster", (options) => this.#init.admin.describeCluster(options));
  }

  async #change<T>(kind: string, topics: readonly OwnTopic[], work: (options: CallOptions) => Promise<T>): Promise<T | undefined> {
    const startedMs = performance.now();
    const value = await this.#call(kind, work);
    if (this.#init.isDisturbedSince(startedMs)) for (const topic of topics) topic.mayEcho = true;
    return value;
  }

  #call<T>(kind: string, work: (options: CallOptions) => Promise<T>): Promise<T | undefined> {
    const { dice, calls } = this.#init;
    const timeoutMs = dice.pick(TIMEOUTS_MS);
    const cancelAfterMs = dice.chance(IMPATIENT) ? dice.integer(timeoutMs / 10) : undefined;
    return calls.run(kind, { timeoutMs, cancelAfterMs }, work);
  }

  #newTopic(name: string, partitions: number): OwnTopic {
    return { name, state: "doubtful", partitions, topicId: undefined, retentionMs: undefined, mayEcho: false };
  }

  #there(): readonly OwnTopic[] {
    return this.topics.filter(({ state }) => state === "there");
  }

  #any(): OwnTopic {
    return this.#init.dice.pick(this.#there());
  }
}
