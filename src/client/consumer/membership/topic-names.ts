import { KafkaError } from "../../../protocol/index.ts";
import { CoarseTimer } from "../../async/coarse-timer.ts";
import { Deadline } from "../../async/deadline.ts";
import { backoffMs } from "../../cluster/backoff.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import type { ResolvedConsumerConfig } from "../../config/consumer-options.ts";
import type { Runtime } from "../../runtime.ts";
import { namesOf } from "../assignment/topic-queries.ts";

export interface TopicNamesInit {
  readonly cluster: () => Cluster;
  readonly config: ResolvedConsumerConfig;
  readonly runtime: Runtime;
  readonly onFound: (names: ReadonlyMap<string, string>) => void;
}

/** Names of topics that a coordinator has matched by a pattern: it tells their ids, and nobody here has named them. */
export class TopicNames {
  readonly #init: TopicNamesInit;
  readonly #timer: CoarseTimer;
  readonly #closing = new AbortController();
  #wanted: ReadonlySet<string> = new Set();
  #isAsking = false;
  #failures = 0;

  constructor(init: TopicNamesInit) {
    this.#init = init;
    this.#timer = new CoarseTimer(init.runtime.clock, () => {
      void this.#ask();
      return Number.POSITIVE_INFINITY;
    });
  }

  /** Of these, and no longer of those before; again and again, for a broker may not know of a new topic yet. */
  find(topicIds: Iterable<string>): void {
    this.#wanted = new Set(topicIds);
    this.#timer.cancel();
    void this.#ask();
  }

  close(): void {
    this.#closing.abort(new Error("the consumer is closed"));
    this.#timer.cancel();
  }

  async #ask(): Promise<void> {
    if (this.#isAsking || this.#wanted.size === 0 || this.#closing.signal.aborted) return;
    const { config, runtime, onFound } = this.#init;
    this.#isAsking = true;
    const found = await this.#found([...this.#wanted]);
    this.#isAsking = false;
    if (this.#closing.signal.aborted) return;
    this.#wanted = new Set([...this.#wanted].filter((topicId) => !found.has(topicId)));
    this.#failures = found.size > 0 ? 0 : this.#failures + 1;
    if (this.#wanted.size > 0) {
      this.#timer.by(runtime.clock.monotonic() + backoffMs(Math.max(this.#failures, 1), config, runtime.random));
    }
    if (found.size > 0) onFound(found);
  }

  /** None where it fails of what heartbeats hear as well. */
  async #found(topicIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const { cluster, config, runtime } = this.#init;
    try {
      return await namesOf(topicIds, cluster(), new Deadline(runtime.clock, config.requestTimeoutMs, this.#closing.signal));
    } catch (error) {
      if (!(error instanceof KafkaError || this.#closing.signal.aborted)) throw error;
      return new Map();
    }
  }
}
