/** The way to one broker: a connection for what may wait there, and one for what may not. */
import { Fetch } from "../../../protocol/index.ts";
import { Deadline } from "../../async/deadline.ts";
import type { BrokerConnection } from "../../connection/broker-connection.ts";
import type { ConnectionPool } from "../../connection/connection-pool.ts";
import type { BrokerAddress, Lane } from "../../connection/lane.ts";
import { FIRST_VERSION_WITH_IDS } from "./fetch-request.ts";
import type { Fetcher } from "./fetcher.ts";

export type FetchLane = Extract<Lane, "fetch" | "express">;

/** An open connection, and how its broker is to be spoken to. */
export interface FetchPath {
  readonly connection: BrokerConnection;
  readonly version: number;
}

export class FetchLanes {
  readonly #nodeId: number;
  readonly #fetcher: Fetcher;
  readonly #onFailure: (error: unknown) => void;
  readonly #connecting = new Set<FetchLane>();

  constructor(nodeId: number, fetcher: Fetcher, onFailure: (error: unknown) => void) {
    this.#nodeId = nodeId;
    this.#fetcher = fetcher;
    this.#onFailure = onFailure;
  }

  get isConnecting(): boolean {
    return this.#connecting.size > 0;
  }

  /**
   * Undefined when there is none that may be used now; then the fetcher looks again when there is.
   *
   * @param hasIds whether all topics can be called by their ids
   */
  path(lane: FetchLane, hasIds: boolean, now: number): FetchPath | undefined {
    const { parts } = this.#fetcher;
    const broker = parts?.cluster.metadata.brokers.get(this.#nodeId);
    if (parts === undefined || broker === undefined) return undefined;
    const connection = parts.pool.open(broker, lane);
    if (connection === undefined) {
      void this.#connect(parts.pool, broker, lane);
      return undefined;
    }
    const throttledUntilMs = throttleOf(parts.pool, broker);
    if (throttledUntilMs > now) {
      this.#fetcher.dueBy(throttledUntilMs);
      return undefined;
    }
    const version = this.#versionOn(connection, hasIds);
    return version === undefined ? undefined : { connection, version };
  }

  #versionOn({ versions }: BrokerConnection, hasIds: boolean): number | undefined {
    try {
      return versions.choose(Fetch, hasIds ? undefined : { atMost: FIRST_VERSION_WITH_IDS - 1 });
    } catch (error) {
      this.#onFailure(error);
      return undefined;
    }
  }

  async #connect(pool: ConnectionPool, broker: BrokerAddress, lane: FetchLane): Promise<void> {
    if (this.#connecting.has(lane)) return;
    this.#connecting.add(lane);
    try {
      const { clock, config } = this.#fetcher;
      await pool.connection(broker, lane, new Deadline(clock, config.requestTimeoutMs));
      this.#connecting.delete(lane);
      this.#fetcher.drainSoon();
    } catch (error) {
      this.#connecting.delete(lane);
      this.#onFailure(error);
    }
  }
}

/** Q1: until when the broker wants to hear nothing. Quotas are the client's, not the connection's. */
export function throttleOf(pool: ConnectionPool, broker: BrokerAddress): number {
  const main = pool.open(broker, "fetch")?.throttledUntilMs ?? 0;
  const beside = pool.open(broker, "express")?.throttledUntilMs ?? 0;
  return Math.max(main, beside);
}
