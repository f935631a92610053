import type { Cluster } from "../../cluster/cluster.ts";
import type { ResolvedRegexes } from "./subscriptions.ts";
import { compileTopicRegex } from "./topic-regex/topic-regex.ts";

/** However many members come with expressions, or topics appear: the topics are gone through no more often than this. */
const SHORTEST_REFRESH_INTERVAL_MS = 10_000;
/** Also without a reason (`group.consumer.regex.refresh.interval.ms`, which Kafka keeps to itself). */
const LONGEST_REFRESH_INTERVAL_MS = 600_000;

/** The expressions that members of a group subscribe with, and the topics that they were found to describe. */
export class TopicRegexes {
  readonly #cluster: Cluster;
  #resolved: Map<string, ReadonlySet<string>> = new Map();
  #resolvedAtMs = Number.NEGATIVE_INFINITY;
  #resolvedTopicIds: ReadonlySet<string> = new Set();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  get resolved(): ResolvedRegexes {
    return this.#resolved;
  }

  /** `isNew`: nobody subscribed with it so far. */
  needsRefresh(subscribed: ReadonlySet<string>, isAnyNew: boolean): boolean {
    if (subscribed.size === 0) return false;
    const sinceMs = this.#cluster.clock.now() - this.#lastRefreshMs;
    if (sinceMs <= SHORTEST_REFRESH_INTERVAL_MS) return false;
    return isAnyNew || subscribed.size !== this.#resolved.size || this.#isAnyTopicNew() || sinceMs > LONGEST_REFRESH_INTERVAL_MS;
  }

  /** Goes through all topics. @returns whether other topics are described than before */
  refresh(subscribed: Iterable<string>): boolean {
    const { topics, clock } = this.#cluster;
    let hasChanged = false;
    for (const regex of subscribed) {
      const compiled = compileTopicRegex(regex);
      if ("syntaxError" in compiled) continue; // was refused when it came
      const names = new Set(Array.from(topics, ({ name }) => name).filter((name) => compiled.matches(name)));
      if (!isSame(names, this.#resolved.get(regex) ?? new Set())) hasChanged = true;
      this.#resolved.set(regex, names);
    }
    this.#resolvedAtMs = clock.now();
    this.#resolvedTopicIds = new Set(Array.from(topics, ({ id }) => id));
    return hasChanged;
  }

  /** Forgets those that nobody subscribes with any more. */
  retain(subscribed: ReadonlyMap<string, number>): void {
    for (const regex of this.#resolved.keys()) if (!subscribed.has(regex)) this.#resolved.delete(regex);
  }

  get #lastRefreshMs(): number {
    return this.#resolved.size === 0 ? Number.NEGATIVE_INFINITY : this.#resolvedAtMs;
  }

  #isAnyTopicNew(): boolean {
    for (const { id } of this.#cluster.topics) if (!this.#resolvedTopicIds.has(id)) return true;
    return false;
  }
}

function isSame(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every((item) => other.has(item));
}
