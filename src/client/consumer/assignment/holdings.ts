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
}

/** What is read: in the words of the user, as topics, and as partitions. */
export class Holdings {
  readonly assignment: Assignment;
  readonly #init: HoldingsInit;
  readonly #followed: FollowedTopics;
  readonly #watch = new TopicWatch();
  #subscription: Subscription = { kind: "none" };

  constructor(init: HoldingsInit) {
    this.#init = init;
    this.assignment = new Assignment(init.onCourseLeft);
    const { config, runtime, onProblem } = init;
    this.#followed = new FollowedTopics({
      config,
      runtime,
      onTopics: (topics) => this.#watch.follow(topics),
      onPartitions: (partitions) => this.#follow(partitions),
      onProblem,
    });
  }

  get subscription(): Subscription {
    return this.#subscription;
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
    if (subscription.kind === "none") this.#replace([]);
    else if (subscription.kind === "topics") this.#followed.followTopics(subscription.topics);
    else if (subscription.kind === "pattern") this.#followed.followPattern(subscription.pattern);
  }

  assign(partitions: readonly TopicPartition[]): void {
    this.#subscription = { kind: "assigned" };
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

  #follow(partitions: readonly TopicPartition[]): void {
    const change = this.#replace(partitions);
    const subscription = this.#subscription;
    if (subscription.kind === "topics" || subscription.kind === "pattern") this.#init.tell(subscription.listener, change);
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
