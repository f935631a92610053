/** The topics that a producer sends to: found when they are first sent to, forgotten when nobody has sent to them for long. */
import type { KafkaError } from "../../protocol/index.ts";
import type { Timer } from "../async/clock.ts";
import type { CallContext, CallOptions } from "../client-core.ts";
import { backoffMs } from "../cluster/backoff.ts";
import type { ClusterMetadata } from "../cluster/cluster-metadata.ts";
import { classOfError } from "../cluster/error-classes.ts";
import type { ResolvedProducerConfig } from "../config/producer-config.ts";
import type { Runtime } from "../runtime.ts";
import { TopicQueue } from "./accumulator/topic-queue.ts";
import { topicPartitioner } from "./partitioner/topic-partitioner.ts";
import { asKafkaError } from "./verdict.ts";

export interface TopicsInit {
  readonly config: ResolvedProducerConfig;
  readonly runtime: Runtime;
  readonly call: <T>(what: string, options: CallOptions, work: (context: CallContext) => Promise<T>) => Promise<T>;
  /** As last seen; undefined before the first call. */
  readonly metadata: () => ClusterMetadata | undefined;
  /** A topic is known now, or known anew. */
  readonly onFound: (topic: TopicQueue) => void;
  /** It cannot be had, now or (`isFinal`) ever. */
  readonly onNotFound: (topic: TopicQueue, error: KafkaError, isFinal: boolean) => void;
}

export class Topics {
  readonly #init: TopicsInit;
  readonly #queues = new Map<string, TopicQueue>();
  /** Most records go where the one before went. */
  #last: TopicQueue | undefined;
  readonly #pauses = new Set<Timer>();
  #isClosed = false;

  constructor(init: TopicsInit) {
    this.#init = init;
  }

  queue(name: string): TopicQueue {
    if (this.#last?.topic !== name) this.#last = this.#queues.get(name) ?? this.#newQueue(name);
    return this.#last;
  }

  #newQueue(name: string): TopicQueue {
    const { config, runtime, metadata } = this.#init;
    const queue = new TopicQueue({
      topic: name,
      partitionerFor: (view) => topicPartitioner(config, view, runtime.random),
      rackOf: (nodeId) => metadata()?.brokers.get(nodeId)?.rack,
      now: () => runtime.clock.monotonic(),
    });
    queue.learn(metadata()?.topics.get(name));
    this.#queues.set(name, queue);
    return queue;
  }

  /** The cluster looks different: also to the topics that nobody needs any more. */
  learn({ topics }: ClusterMetadata): void {
    this.#last = undefined;
    for (const [name, queue] of this.#queues) {
      const metadata = topics.get(name);
      if (metadata !== undefined || !isIdle(queue)) queue.learn(metadata ?? queue.metadata);
      else if (isCounting(queue)) queue.learn(undefined);
      else this.#queues.delete(name);
    }
  }

  /** Asks for the topic, unless that is under way; anew, if it is known. */
  async lookUp(queue: TopicQueue): Promise<void> {
    if (queue.isLookedUp || this.#isClosed) return;
    queue.isLookedUp = true;
    const { config, call, onFound, onNotFound } = this.#init;
    const { topic } = queue;
    try {
      const found = await call("send", { timeoutMs: config.maxBlockMs }, async ({ cluster, deadline }) => {
        if (queue.metadata !== undefined) await cluster.refresh(deadline, [topic], true);
        else await cluster.topics([topic], deadline);
        return cluster.metadata.topics.get(topic);
      });
      queue.learn(found ?? queue.metadata);
      queue.isLookedUp = false;
      queue.lookUpFailures = 0;
      queue.lookUpError = undefined;
      onFound(queue);
    } catch (thrown) {
      const error = asKafkaError(thrown);
      queue.lookUpError = error;
      onNotFound(queue, error, classOfError(error, "Metadata").remedy === "fatal");
      this.#pause(queue);
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const pause of this.#pauses) pause.cancel();
    this.#pauses.clear();
  }

  /** Those that still wait have it asked for again, after a while. */
  #pause(queue: TopicQueue): void {
    if (this.#isClosed) return;
    const { config, runtime, onFound } = this.#init;
    queue.lookUpFailures++;
    const pause = runtime.clock.schedule(backoffMs(queue.lookUpFailures, config, runtime.random), () => {
      this.#pauses.delete(pause);
      queue.isLookedUp = false;
      onFound(queue);
    });
    this.#pauses.add(pause);
  }
}

function isIdle({ waiting, partitions }: TopicQueue): boolean {
  return waiting.length === 0 && [...partitions].every(({ unsettled }) => unsettled.length === 0);
}

/** M5: who would count from 0 again with the same id would have his records taken for those that the broker has already. */
function isCounting({ partitions }: TopicQueue): boolean {
  return [...partitions].some(({ sequences }) => sequences.identity !== undefined);
}
