/** Subscribing without a group: every partition of the topics, those that come later included. */
import { type ErrorName, errorByName, KafkaError, Metadata } from "../../../protocol/index.ts";
import { CoarseTimer } from "../../async/coarse-timer.ts";
import { Deadline } from "../../async/deadline.ts";
import { backoffMs } from "../../cluster/backoff.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import type { ClusterMetadata } from "../../cluster/cluster-metadata.ts";
import { classOfError } from "../../cluster/error-classes.ts";
import type { ResolvedConsumerConfig } from "../../config/consumer-options.ts";
import { BrokerError } from "../../errors.ts";
import type { Runtime } from "../../runtime.ts";
import type { TopicPartition } from "../topic-partition.ts";
import { allTopics } from "./topic-queries.ts";

export interface FollowedTopicsInit {
  readonly config: ResolvedConsumerConfig;
  readonly runtime: Runtime;
  /** These are the topics: their metadata is wanted. */
  readonly onTopics: (topics: ReadonlySet<string>) => void;
  /** These are all of their partitions now. */
  readonly onPartitions: (partitions: readonly TopicPartition[]) => void;
  readonly onProblem: (error: KafkaError) => void;
}

/** What a topic's metadata may be answered with that waiting does not cure. */
const FINAL: ReadonlySet<number> = new Set(
  (["TOPIC_AUTHORIZATION_FAILED", "INVALID_TOPIC_EXCEPTION"] satisfies ErrorName[]).map((name) => errorByName(name).code),
);

export class FollowedTopics {
  readonly #init: FollowedTopicsInit;
  readonly #timer: CoarseTimer;
  #cluster: Cluster | undefined;
  #pattern: RegExp | undefined;
  #topics: ReadonlySet<string> | undefined;
  /** Told already. */
  readonly #refused = new Map<string, number>();
  #isListing = false;
  #failures = 0;
  #life = 0;

  constructor(init: FollowedTopicsInit) {
    this.#init = init;
    this.#timer = new CoarseTimer(init.runtime.clock, () => {
      void this.#list();
      return Number.POSITIVE_INFINITY;
    });
  }

  attach(cluster: Cluster): void {
    this.#cluster = cluster;
    if (this.#pattern !== undefined) void this.#list();
    this.learn(cluster.metadata);
  }

  followTopics(topics: ReadonlySet<string>): void {
    this.stop();
    this.#topics = topics;
    this.#init.onTopics(topics);
    if (this.#cluster !== undefined) this.learn(this.#cluster.metadata);
  }

  /** All topics whose names the pattern fits, now and later. */
  followPattern(pattern: RegExp): void {
    this.stop();
    this.#pattern = pattern;
    if (this.#cluster !== undefined) void this.#list();
  }

  stop(): void {
    this.#life++;
    this.#pattern = undefined;
    this.#topics = undefined;
    this.#refused.clear();
    this.#timer.cancel();
  }

  learn({ topics: known, problems }: ClusterMetadata): void {
    const topics = this.#topics;
    if (topics === undefined) return;
    const partitions: TopicPartition[] = [];
    for (const topic of topics) {
      for (const { partition } of known.get(topic)?.partitions ?? []) partitions.push({ topic, partition });
      this.#tellRefusal(topic, problems.get(topic));
    }
    this.#init.onPartitions(partitions);
  }

  #tellRefusal(topic: string, code: number | undefined): void {
    if (code === undefined || !FINAL.has(code)) this.#refused.delete(topic);
    else if (this.#refused.get(topic) !== code) {
      this.#refused.set(topic, code);
      this.#init.onProblem(new BrokerError(code, { api: Metadata.name, topic }));
    }
  }

  /** Which topics there are. Now, and again when metadata is old. */
  async #list(): Promise<void> {
    const cluster = this.#cluster;
    if (cluster === undefined || this.#isListing) return;
    const { config, runtime } = this.#init;
    const life = this.#life;
    this.#isListing = true;
    let pauseMs = config.metadataMaxAgeMs;
    try {
      const names = await this.#names(cluster, new Deadline(runtime.clock, config.defaultApiTimeoutMs));
      this.#failures = 0;
      if (life === this.#life) this.#matched(names);
    } catch (thrown) {
      pauseMs = backoffMs(++this.#failures, config, runtime.random);
      const isFinal = thrown instanceof KafkaError && classOfError(thrown, Metadata.name).remedy === "fatal";
      if (isFinal && life === this.#life) this.#init.onProblem(thrown);
    } finally {
      this.#isListing = false;
    }
    if (life !== this.#life) pauseMs = 0;
    if (this.#pattern !== undefined) this.#timer.by(runtime.clock.monotonic() + pauseMs);
  }

  async #names(cluster: Cluster, deadline: Deadline): Promise<readonly string[]> {
    const { excludeInternalTopics } = this.#init.config;
    const topics = await allTopics(cluster, deadline);
    return topics.flatMap(({ name, isInternal }) => (isInternal && excludeInternalTopics ? [] : [name]));
  }

  #matched(names: readonly string[]): void {
    const pattern = this.#pattern;
    if (pattern === undefined) return;
    const matching = new Set(names.filter((name) => fits(pattern, name)));
    const isSame = this.#topics?.size === matching.size && [...matching].every((name) => this.#topics?.has(name));
    if (isSame) return;
    this.#topics = matching;
    this.#init.onTopics(matching);
    if (this.#cluster !== undefined) this.learn(this.#cluster.metadata);
  }
}

/** Anywhere in the name, unless the pattern has `^` and `$`; also when it is one that remembers where it was (`g`, `y`). */
function fits(pattern: RegExp, name: string): boolean {
  pattern.lastIndex = 0;
  return pattern.test(name);
}
