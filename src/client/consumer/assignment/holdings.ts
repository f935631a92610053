import type { KafkaError } from "../../../protocol/index.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import type { ClusterMetadata } from "../../cluster/cluster-metadata.ts";
import type { ResolvedConsumerConfig } from "../../config/consumer-options.ts";
import { IllegalStateError } from "../../errors.ts";
import type { Runtime } from "../../runtime.ts";
import type { TopicPartition } from "../topic-partition.ts";
import type { AssignedPartition } from "./assigned-partition.ts";
import { Assignment, type AssignmentChange } from "./assignment.ts";
import { FollowedTopics } from "./followed-topics.ts";
import type { RebalanceListener, Subscription } from "./subscription.ts";
import { TopicWatch } from "./topic-watch.ts";

export interface HoldingsInit {
  readonly config: ResolvedConsumerConfig;
  readonly runtime: Runtime;
  /** What is buffered of it has become useless. */
  readonly onCourseLeft: (partition: AssignedPartition) => void;
  /** Something may be taken away, by nobody but the user: no rebalance will commit it. */
  readonly onReplace: () => void;
  readonly onReplaced: (change: AssignmentChange) => void;
  /** The listener is to be told. */
  readonly tell: (listener: RebalanceListener | undefined, change: AssignmentChange) => void;
  readonly onProblem: (error: KafkaError) => void;
  /** Whoever is in a group has its share of the partitions; undefined: all of them. */
  readonly share: () => TopicsShare | undefined;
}

/** What shares the partitions of the topics with others. */
export interface TopicsShare {
  /** Topics are subscribed to, or match what is. */
  wants(): void;
  /** There is another view of the cluster. */
  learned(): void;
}

const NONE: ReadonlySet<string> = new Set();

/** What is read: in the words of the user, as topics, and as partitions. */
export class Holdings {
  readonly assignment: Assignment;
  readonly #init: HoldingsInit;
  readonly #followed: FollowedTopics;
  readonly #watch = new TopicWatch();
  #subscription: Subscription = { kind: "none" };
  #topics: ReadonlySet<string> | undefined;

  constructor(init: HoldingsInit) {
    this.#init = init;
    this.assignment = new Assignment(init.onCourseLeft);
    const { config, runtime, onProblem } = init;
    this.#followed = new FollowedTopics({
      config,
      runtime,
      onTopics: (topics) => this.#followTopics(topics),
      onPartitions: (partitions) => this.#followPartitions(partitions),
      onProblem,
    });
  }

  get subscription(): Subscription {
    return this.#subscription;
  }

  /** Those that are subscribed to, or match what is, none where others see to that; undefined while that is not known. */
  get topics(): ReadonlySet<string> | undefined {
    return this.#topics;
  }

  get listener(): RebalanceListener | undefined {
    const subscription = this.#subscription;
    return subscription.kind === "none" || subscription.kind === "assigned" ? undefined : subscription.listener;
  }

  /** The partition, which has to be assigned. */
  assigned(what: string, { topic, partition }: TopicPartition): AssignedPartition {
    const found = this.assignment.get(topic, partition);
    if (found !== undefined) return found;
    throw new IllegalStateError(`${what}: partition ${partition} of topic '${topic}' is not assigned to this consumer`);
  }

  /** Instead of what was read so far. */
  subscribe(subscription: Subscription): void {
    this.#followed.stop();
    this.#subscription = subscription;
    this.#watch.named(subscription.kind !== "pattern" && subscription.kind !== "matched there");
    // Of another pattern it is not known yet what matches: until then it is what has matched before.
    if (subscription.kind === "none") this.#topics = undefined;
    if (subscription.kind === "none") this.#replace([]);
    else if (subscription.kind === "topics") this.#followed.followTopics(subscription.topics);
    else if (subscription.kind === "pattern") this.#followed.followPattern(subscription.pattern);
    else if (subscription.kind === "matched there") this.#leaveToOthers();
  }

  /** These instead, as the group has it: it sees itself to what has to be committed and told. */
  hold(partitions: readonly TopicPartition[]): AssignmentChange {
    const change = this.assignment.replace(partitions);
    if (this.#subscription.kind === "matched there") this.#watch.follow(new Set(this.assignment.topics()));
    this.#init.onReplaced(change);
    return change;
  }

  /** Metadata of these is wanted too. */
  watchAlso(topics: ReadonlySet<string>): void {
    this.#watch.follow(new Set([...(this.#topics ?? []), ...topics]));
  }

  assign(partitions: readonly TopicPartition[]): void {
    this.#subscription = { kind: "assigned" };
    this.#watch.named(true);
    this.#replace(partitions);
  }

  attach(cluster: Cluster): void {
    this.#watch.attach(cluster);
    this.#followed.attach(cluster);
  }

  learn(metadata: ClusterMetadata): void {
    this.#followed.learn(metadata);
  }

  /** What is read stays as it is. */
  stopFollowing(): void {
    this.#followed.stop();
  }

  stop(): void {
    this.#watch.stop();
  }

  /** Of the topics those are followed that are held. */
  #leaveToOthers(): void {
    this.#topics = NONE;
    this.#init.share()?.wants();
  }

  #followTopics(topics: ReadonlySet<string>): void {
    const isSame = this.#topics?.size === topics.size && [...topics].every((topic) => this.#topics?.has(topic));
    this.#topics = topics;
    this.#watch.follow(topics);
    if (!isSame) this.#init.share()?.wants();
  }

  #followPartitions(partitions: readonly TopicPartition[]): void {
    const share = this.#init.share();
    if (share !== undefined) share.learned();
    else this.#init.tell(this.listener, this.#replace(partitions));
  }

  #replace(partitions: readonly TopicPartition[]): AssignmentChange {
    this.#init.onReplace();
    const change = this.assignment.replace(partitions);
    if (this.#subscription.kind !== "topics" && this.#subscription.kind !== "pattern") {
      this.#watch.follow(new Set(this.assignment.topics()));
    }
    this.#init.onReplaced(change);
    return change;
  }
}
