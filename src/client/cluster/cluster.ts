import type { Api } from "../../protocol/index.ts";
import { abortReason } from "../async/abort-listeners.ts";
import { Deadline } from "../async/deadline.ts";
import type { BrokerConnection, RequestBody } from "../connection/broker-connection.ts";
import type { ConnectionPool } from "../connection/connection-pool.ts";
import type { Lane } from "../connection/lane.ts";
import type { Runtime } from "../runtime.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { ClusterMetadata } from "./cluster-metadata.ts";
import type { ClusterSettings } from "./cluster-settings.ts";
import { Coordinators } from "./coordinators.ts";
import type { LeaderHints } from "./leader-hints.ts";
import { type MetadataChange, MetadataRefresher } from "./metadata-refresher.ts";
import type { TopicMetadata } from "./metadata-snapshot.ts";
import { Pauses } from "./pauses.ts";
import { RequestLoop } from "./request-loop.ts";
import { Routes } from "./routes.ts";
import type { AskOptions, ClusterAnswer, Target } from "./target.ts";
import { TopicLookup } from "./topic-lookup.ts";
import { WatchedTopics } from "./watched-topics.ts";

export type { AskOptions, ClusterAnswer, Target };

export interface ClusterInit {
  readonly settings: ClusterSettings;
  readonly pool: ConnectionPool;
  readonly runtime: Runtime;
  readonly telemetry: Telemetry;
}

/** A client's view of its Kafka cluster, and the way to every part of it. */
export class Cluster {
  readonly #pool: ConnectionPool;
  readonly #runtime: Runtime;
  readonly #closing = new AbortController();
  readonly #pauses: Pauses;
  readonly #watched = new WatchedTopics();
  readonly #refresher: MetadataRefresher;
  readonly #coordinators: Coordinators;
  readonly #routes: Routes;
  readonly #requests: RequestLoop;
  readonly #topics: TopicLookup;

  constructor({ settings, pool, runtime, telemetry }: ClusterInit) {
    this.#pool = pool;
    this.#runtime = runtime;
    this.#pauses = new Pauses(runtime.clock);
    const closing = this.#closing.signal;
    const shared = { settings, pool, runtime, pauses: this.#pauses, watched: this.#watched };
    const onRebootstrap = (): void => this.#coordinators.forgetAll();
    this.#refresher = new MetadataRefresher({ ...shared, telemetry, closing, onRebootstrap });
    this.#coordinators = new Coordinators({
      anyConnection: (deadline) => this.#anyConnection(deadline),
      unlimited: new Deadline(runtime.clock, Number.POSITIVE_INFINITY, closing),
    });
    const parts = { ...shared, refresher: this.#refresher };
    this.#routes = new Routes({ ...parts, coordinators: this.#coordinators });
    this.#requests = new RequestLoop({ ...parts, coordinators: this.#coordinators, routes: this.#routes });
    this.#topics = new TopicLookup(parts);
  }

  /** As last seen; empty before the first call. */
  get metadata(): ClusterMetadata {
    return this.#refresher.metadata;
  }

  /** Whether a bootstrap server has answered. */
  get isBootstrapped(): boolean {
    return this.#refresher.isBootstrapped;
  }

  /** Connects if nobody has yet. */
  async bootstrap(deadline: Deadline): Promise<void> {
    deadline.throwIfAborted();
    if (!this.isBootstrapped) await this.#refresher.refresh(deadline);
  }

  /** Sends a request to the right broker, again if need be, until the deadline. */
  ask<Request, Response>(
    api: Api<Request, Response>,
    body: RequestBody<Request>,
    target: Target,
    options: AskOptions<Response>,
  ): Promise<ClusterAnswer<Response>> {
    const { signal } = this.#closing;
    return signal.aborted ? Promise.reject(abortReason(signal)) : this.#requests.ask({ api, body, target, options });
  }

  /** An established connection to a node that is known, for what is asked of the connection itself. One attempt. */
  async connection(nodeId: number, lane: Lane, deadline: Deadline): Promise<BrokerConnection> {
    const broker = await this.#routes.find({ kind: "node", nodeId }, deadline, new Set());
    return this.#pool.connection(broker, lane, deadline);
  }

  /**
   * Asks for metadata now (one request at a time; callers share it). Without topics: of those that are being watched. With
   * `isAskedAnew` no answer is shared that was asked for before.
   */
  refresh(deadline: Deadline, topics?: readonly string[], isAskedAnew: boolean = false): Promise<ClusterMetadata> {
    for (const topic of topics ?? []) this.#watched.use(topic, this.#runtime.clock.monotonic());
    return this.#refresher.refresh(deadline, topics, isAskedAnew);
  }

  /** Metadata of topics: from the cache if young enough, else asked for. @throws BrokerError of a topic that cannot be had */
  topics(names: readonly string[], deadline: Deadline): Promise<ReadonlyMap<string, TopicMetadata>> {
    return this.#topics.find(names, deadline);
  }

  /**
   * Whether topics that are not there may be made by asking for them, where `allowAutoCreateTopics` lets them (the default). Not so where
   * nobody has named them.
   */
  letTopicsBeMade(mayBeMade: boolean): void {
    this.#refresher.letTopicsBeMade(mayBeMade);
  }

  /** The topic is kept and refreshed until the function that is returned is called. */
  watch(topic: string): () => void {
    return this.#watched.hold(topic, this.#runtime.clock.monotonic());
  }

  /** Somebody has a use for it: it is kept and refreshed for some minutes. */
  use(topic: string): void {
    this.#watched.use(topic, this.#runtime.clock.monotonic());
  }

  /** Something says that the view is old; nobody waits for a new one. Without topics: of those that are being watched. */
  needMetadata(topics?: readonly string[]): void {
    for (const topic of topics ?? []) this.use(topic);
    this.#refresher.need(topics);
  }

  /** What a failure says of the cluster, for requests that were not sent through `ask`. */
  learnFailure(error: Error, api: string): void {
    this.#requests.learnFailure(error, api);
  }

  /** Told of every new view. A listener must not throw. Returns how to stop. */
  onChange(listener: (change: MetadataChange) => void): () => void {
    return this.#refresher.onChange(listener);
  }

  /** The leaders that an answer named, for requests that were not sent through `ask` (KIP-951). */
  learnLeaders(hints: LeaderHints): void {
    this.#requests.learnLeaders(hints);
  }

  /** Everything that waits, and what is asked for later, fails with `reason`. The pool is closed by whoever made it, with the same. */
  close(reason: Error): void {
    this.#refresher.close(reason);
    this.#pauses.close(reason);
    this.#coordinators.forgetAll();
    this.#closing.abort(reason);
  }

  async #anyConnection(deadline: Deadline): Promise<BrokerConnection> {
    const broker = await this.#routes.find({ kind: "any" }, deadline, new Set());
    return this.#pool.open(broker, "main") ?? this.#pool.connection(broker, "main", deadline);
  }
}
