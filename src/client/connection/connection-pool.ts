import type { Deadline } from "../async/deadline.ts";
import { ConnectionError, type ConnectionPhase } from "../errors.ts";
import type { Runtime } from "../runtime.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { BrokerConnection } from "./broker-connection.ts";
import type { BrokerVersions } from "./broker-versions.ts";
import type { ConnectionSettings } from "./connection-settings.ts";
import type { BrokerAddress, Lane } from "./lane.ts";
import { brokerName } from "./open-connection.ts";
import { PooledConnection } from "./pooled-connection.ts";

export interface PoolInit {
  readonly settings: ConnectionSettings;
  readonly runtime: Runtime;
  readonly telemetry: Telemetry;
}

/**
 * The connections of a client, by broker and lane: made when they are first needed, made again with growing pauses after failures,
 * closed when they were idle for long.
 */
export class ConnectionPool {
  /** The cluster that new connections must belong to (KIP-1242). */
  clusterId: string | undefined;
  readonly #init: PoolInit;
  readonly #connections = new Map<string, PooledConnection>();
  #made = 0;
  #closedBy: Error | undefined;

  constructor(init: PoolInit) {
    this.#init = init;
  }

  /**
   * The connection of that broker and lane, established. While one is being made all callers wait for the same; after a failure the
   * next attempt waits until the backoff is over. Rejects with what the one attempt that was waited for failed of (ConnectionError,
   * AuthenticationError, UnsupportedVersionError, BrokerError REBOOTSTRAP_REQUIRED), or RequestTimeoutError at the deadline: whoever
   * asked decides what to do next.
   */
  connection(broker: BrokerAddress, lane: Lane, deadline: Deadline): Promise<BrokerConnection> {
    if (this.#closedBy !== undefined) return Promise.reject(this.#closedBy);
    return this.#pooled(broker, lane).connection(deadline);
  }

  /** Without waiting; undefined if there is none that is open. */
  open(broker: BrokerAddress, lane: Lane): BrokerConnection | undefined {
    return this.#find(broker, lane)?.open;
  }

  /**
   * The level of a feature that the cluster has agreed upon (KIP-584): of what the connected brokers said, the newest. 0 if it is off,
   * and while nobody has said anything.
   */
  finalizedLevel(feature: string): number {
    let newest: BrokerVersions | undefined;
    for (const { open } of this.#connections.values()) {
      if (open === undefined || open.versions.finalizedFeaturesEpoch < 0) continue;
      if (newest === undefined || open.versions.finalizedFeaturesEpoch > newest.finalizedFeaturesEpoch) newest = open.versions;
    }
    return newest?.finalizedFeatures.get(feature)?.max ?? 0;
  }

  /** How long until an attempt to connect would be allowed; 0 for now. */
  backoffMs(broker: BrokerAddress, lane: Lane): number {
    return this.#find(broker, lane)?.backoffMs ?? 0;
  }

  /** How far an attempt to connect has come that is under way. */
  phase(broker: BrokerAddress, lane: Lane): ConnectionPhase | undefined {
    return this.#find(broker, lane)?.phase;
  }

  /** These brokers exist now. Connections to an id that has moved, and to ids that are gone, are closed (C24, M10). */
  keepOnly(brokers: readonly BrokerAddress[]): void {
    const known = new Map(brokers.map((broker) => [broker.nodeId, broker]));
    for (const [key, pooled] of this.#connections) {
      const { broker } = pooled;
      if (broker.nodeId < 0) {
        // The name of a bootstrap server may stand for other addresses each time.
        if (pooled.isForgettable) this.#connections.delete(key);
        continue;
      }
      const now = known.get(broker.nodeId);
      if (now !== undefined && isSamePlace(now, broker)) continue;
      this.#connections.delete(key);
      pooled.close(lost(broker, now));
    }
  }

  /** Before anything is known again: all connections are closed, and all backoff forgotten (rebootstrap). */
  dropAll(reason: Error): void {
    const all = [...this.#connections.values()];
    this.#connections.clear();
    for (const pooled of all) pooled.close(reason);
  }

  /** For good; attempts that are under way fail with `reason`. */
  close(reason: Error): void {
    this.#closedBy ??= reason;
    this.dropAll(reason);
  }

  #find(broker: BrokerAddress, lane: Lane): PooledConnection | undefined {
    const pooled = this.#connections.get(keyOf(broker, lane));
    return pooled !== undefined && isSamePlace(pooled.broker, broker) ? pooled : undefined;
  }

  #pooled(broker: BrokerAddress, lane: Lane): PooledConnection {
    const found = this.#find(broker, lane);
    if (found !== undefined) return found;
    const key = keyOf(broker, lane);
    const outdated = this.#connections.get(key);
    const clusterId = (): string | undefined => this.clusterId;
    const pooled = new PooledConnection({ ...this.#init, broker, lane, nextNumber: () => ++this.#made, clusterId });
    this.#connections.set(key, pooled);
    outdated?.close(lost(outdated.broker, broker));
    return pooled;
  }
}

/** Two ids may share a place (C24), and a bootstrap server is somebody whose id we do not know yet. */
function keyOf(broker: BrokerAddress, lane: Lane): string {
  return broker.nodeId < 0 ? `${lane} ${brokerName(broker)} ${broker.address ?? ""}` : `${lane} ${broker.nodeId}`;
}

function isSamePlace(one: BrokerAddress, other: BrokerAddress): boolean {
  return one.host === other.host && one.port === other.port;
}

function lost(broker: BrokerAddress, now: BrokerAddress | undefined): ConnectionError {
  const problem =
    now === undefined
      ? `node ${broker.nodeId} is no longer part of the cluster`
      : `node ${broker.nodeId} is at ${brokerName(now)} now`;
  return new ConnectionError(problem, { broker: brokerName(broker), phase: "established" });
}
