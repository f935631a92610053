import type { Deadline } from "../async/deadline.ts";
import { BrokerError, ClosedError, RequestTimeoutError } from "../errors.ts";
import type { Runtime } from "../runtime.ts";
import { backoffMs } from "./backoff.ts";
import type { ClusterSettings } from "./cluster-settings.ts";
import { classOfCode } from "./error-classes.ts";
import type { MetadataRefresher } from "./metadata-refresher.ts";
import type { TopicMetadata } from "./metadata-snapshot.ts";
import type { Pauses } from "./pauses.ts";
import type { WatchedTopics } from "./watched-topics.ts";

export interface TopicLookupInit {
  readonly settings: ClusterSettings;
  readonly runtime: Runtime;
  readonly refresher: MetadataRefresher;
  readonly watched: WatchedTopics;
  readonly pauses: Pauses;
}

/** Topics by name, asked for as long as their absence may be a matter of time. */
export class TopicLookup {
  readonly #init: TopicLookupInit;

  constructor(init: TopicLookupInit) {
    this.#init = init;
  }

  /** @throws BrokerError at once for a topic that will never be had, at the deadline for one that has not turned up */
  async find(names: readonly string[], deadline: Deadline): Promise<ReadonlyMap<string, TopicMetadata>> {
    const { settings, runtime, refresher, watched, pauses } = this.#init;
    deadline.throwIfAborted();
    // Young enough for this call, however long it takes: what it asked for itself must not be too old for it.
    const sinceMs = runtime.clock.monotonic() - settings.metadataMaxAgeMs;
    for (let rounds = 1; ; rounds++) {
      const now = runtime.clock.monotonic();
      for (const name of names) watched.use(name, now);
      const missing = names.filter((name) => !this.#isGood(name, sinceMs));
      if (missing.length === 0) break;
      try {
        await refresher.refresh(deadline, missing);
      } catch (error) {
        deadline.throwIfAborted();
        if (error instanceof ClosedError) throw error;
        throw this.#problemIn(missing, error) ?? error;
      }
      const fatal = this.#problemIn(missing, undefined, (code) => classOfCode(code, "Metadata").remedy === "fatal");
      if (fatal !== undefined) throw fatal;
      const left = this.#problemIn(missing);
      if (left === undefined && missing.every((name) => this.#isGood(name, sinceMs))) break;
      await pauses.wait(backoffMs(rounds, settings, runtime.random), deadline);
      if (deadline.isOver) throw left ?? new RequestTimeoutError(`metadata of topic '${missing.join("', '")}'`, deadline.timeoutMs);
    }
    return this.#found(names);
  }

  #isGood(name: string, sinceMs: number): boolean {
    const { metadata } = this.#init.refresher;
    return metadata.topics.has(name) && !metadata.problems.has(name) && this.#init.watched.isFresh(name, sinceMs);
  }

  #problemIn(names: readonly string[], cause?: unknown, isMeant: (code: number) => boolean = () => true): BrokerError | undefined {
    const { problems } = this.#init.refresher.metadata;
    for (const topic of names) {
      const code = problems.get(topic);
      if (code !== undefined && isMeant(code)) return new BrokerError(code, { api: "Metadata", topic }, undefined, { cause });
    }
    return undefined;
  }

  #found(names: readonly string[]): ReadonlyMap<string, TopicMetadata> {
    const { topics } = this.#init.refresher.metadata;
    const found = new Map<string, TopicMetadata>();
    for (const name of names) {
      const topic = topics.get(name);
      if (topic !== undefined) found.set(name, topic);
    }
    return found;
  }
}
