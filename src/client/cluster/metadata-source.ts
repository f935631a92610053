/** Where the next answer to Metadata comes from: the brokers that are known, one after the other, or the bootstrap servers. */
import { Deadline } from "../async/deadline.ts";
import type { BrokerConnection } from "../connection/broker-connection.ts";
import type { ConnectionPool } from "../connection/connection-pool.ts";
import { AuthenticationError, type BootstrapError, ClosedError, ConnectionError, RequestTimeoutError } from "../errors.ts";
import type { Runtime } from "../runtime.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { Bootstrap } from "./bootstrap.ts";
import type { ClusterMetadata } from "./cluster-metadata.ts";
import type { ClusterSettings } from "./cluster-settings.ts";
import { rebootstrapDemand } from "./error-classes.ts";
import { leastLoaded } from "./least-loaded.ts";
import { type MetadataAnswer, queryMetadata } from "./metadata-query.ts";
import type { Pauses } from "./pauses.ts";

export interface MetadataSourceInit {
  readonly settings: ClusterSettings;
  readonly pool: ConnectionPool;
  readonly runtime: Runtime;
  readonly telemetry: Telemetry;
  readonly pauses: Pauses;
  /** Ends everything that is under way, when the client is closed. */
  readonly closing: AbortSignal;
}

export class MetadataSource {
  readonly #init: MetadataSourceInit;
  /** Brokers that have failed since the last success: the others' turn comes first (M15). */
  readonly #tried = new Set<number>();
  /** Those of them that could not be reached at all. */
  readonly #unreachable = new Set<number>();
  /** Since when there has been no answer though one was wanted. */
  #failingSinceMs: number | undefined;
  #bootstrap: Bootstrap<BrokerConnection, MetadataAnswer> | undefined;
  /** Whether topics may be made by asking for them, where the settings allow that. */
  mayMakeTopics = true;

  constructor(init: MetadataSourceInit) {
    this.#init = init;
  }

  /** The search for a bootstrap server that is under way, for whoever gives up before it ends. */
  get bootstrapFailure(): BootstrapError | AuthenticationError | undefined {
    return this.#bootstrap?.failure();
  }

  /** One attempt at the broker that seems best. */
  async askKnown(metadata: ClusterMetadata, topics: readonly string[]): Promise<MetadataAnswer> {
    const { pool, runtime } = this.#init;
    this.#failingSinceMs ??= runtime.clock.monotonic();
    const broker = this.#choose(metadata);
    if (broker === undefined) throw new ConnectionError("no broker is known", { broker: "none", phase: "tcp" });
    const deadline = this.#unlimited();
    try {
      const connection = await pool.connection(broker, "main", deadline);
      const answer = await this.#ask(connection, topics, deadline);
      this.#succeeded();
      return answer;
    } catch (error) {
      this.#tried.add(broker.nodeId);
      if (isUnreachable(error) && pool.open(broker, "main") === undefined) this.#unreachable.add(broker.nodeId);
      throw error;
    }
  }

  /** Tries the bootstrap servers until one answers, for `bootstrapTimeoutMs`. */
  async askBootstrap(topics: readonly string[]): Promise<MetadataAnswer> {
    const { settings, pool, runtime, telemetry, pauses, closing } = this.#init;
    const deadline = new Deadline(runtime.clock, settings.bootstrapTimeoutMs, closing);
    this.#bootstrap = new Bootstrap({
      settings,
      runtime,
      telemetry,
      pauses,
      connect: (broker, within) => pool.connection(broker, "main", within),
      phaseOf: (broker) => pool.phase(broker, "main"),
      ask: async (connection, within) => {
        const answer = await this.#ask(connection, topics, within);
        // From here on brokers are known by their ids, and have connections of their own.
        connection.close(new ClosedError(`the connection to bootstrap server ${connection.facts.broker}`));
        return answer;
      },
    });
    try {
      const answer = await this.#bootstrap.run(deadline);
      this.#succeeded();
      return answer;
    } finally {
      this.#bootstrap = undefined;
    }
  }

  /** M11. Why to begin again from the bootstrap servers, after an attempt that failed of `error`; undefined for not at all. */
  reasonToRebootstrap(metadata: ClusterMetadata, error: unknown): string | undefined {
    const { settings, pool, runtime } = this.#init;
    if (settings.metadataRecoveryStrategy === "none" || metadata.brokers.size === 0) return undefined;
    if (rebootstrapDemand(error) !== undefined)
      return "a broker demands it: it is not of the cluster, or not the node, that was meant";
    const failingMs = this.#failingSinceMs === undefined ? 0 : runtime.clock.monotonic() - this.#failingSinceMs;
    if (failingMs >= settings.rebootstrapTriggerMs) return `there has been no metadata for ${Math.round(failingMs)} ms`;
    for (const broker of metadata.brokers.values()) {
      if (!this.#unreachable.has(broker.nodeId) || pool.open(broker, "main") !== undefined) return undefined;
    }
    return `none of the ${metadata.brokers.size} known brokers can be reached`;
  }

  /** The brokers were forgotten, and how they failed with them. */
  forget(): void {
    this.#tried.clear();
    this.#unreachable.clear();
    this.#failingSinceMs = undefined;
  }

  #choose(metadata: ClusterMetadata): ReturnType<typeof leastLoaded> {
    const { pool, runtime } = this.#init;
    const choosing = { pool, clock: runtime.clock, random: runtime.random };
    const brokers = metadata.brokers.values();
    const untried = leastLoaded(brokers, choosing, ({ nodeId }) => this.#tried.has(nodeId));
    if (untried !== undefined) return untried;
    this.#tried.clear();
    return leastLoaded(metadata.brokers.values(), choosing);
  }

  #ask(connection: BrokerConnection, topics: readonly string[], deadline: Deadline): Promise<MetadataAnswer> {
    return queryMetadata(connection, topics, this.mayMakeTopics && this.#init.settings.allowAutoCreateTopics, deadline);
  }

  #succeeded(): void {
    this.forget();
  }

  /** Connecting and asking have time limits of their own; callers of a shared request have theirs. */
  #unlimited(): Deadline {
    return new Deadline(this.#init.runtime.clock, Number.POSITIVE_INFINITY, this.#init.closing);
  }
}

function isUnreachable(error: unknown): boolean {
  return error instanceof ConnectionError || error instanceof RequestTimeoutError || error instanceof AuthenticationError;
}
