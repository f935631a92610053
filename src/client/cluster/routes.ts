/** Who is behind a target, right now. */
import { errorByName } from "../../protocol/index.ts";
import type { Deadline } from "../async/deadline.ts";
import type { ConnectionPool } from "../connection/connection-pool.ts";
import { BrokerError, ConnectionError } from "../errors.ts";
import type { Runtime } from "../runtime.ts";
import type { ClusterMetadata } from "./cluster-metadata.ts";
import type { Coordinators } from "./coordinators.ts";
import { leastLoaded } from "./least-loaded.ts";
import type { MetadataRefresher } from "./metadata-refresher.ts";
import type { ClusterBroker } from "./metadata-snapshot.ts";
import type { Target } from "./target.ts";
import type { WatchedTopics } from "./watched-topics.ts";

export interface RoutesInit {
  readonly pool: ConnectionPool;
  readonly runtime: Runtime;
  readonly refresher: MetadataRefresher;
  readonly coordinators: Coordinators;
  readonly watched: WatchedTopics;
}

const UNKNOWN_TOPIC_OR_PARTITION = errorByName("UNKNOWN_TOPIC_OR_PARTITION").code;
const LEADER_NOT_AVAILABLE = errorByName("LEADER_NOT_AVAILABLE").code;
const BROKER_NOT_AVAILABLE = errorByName("BROKER_NOT_AVAILABLE").code;

export class Routes {
  readonly #init: RoutesInit;

  constructor(init: RoutesInit) {
    this.#init = init;
  }

  /**
   * The broker for a target. Asks for what it has to know, once; rejects when that did not help.
   * @param avoided brokers that have just failed, for targets that leave a choice
   */
  async find(target: Target, deadline: Deadline, avoided: ReadonlySet<number>): Promise<ClusterBroker> {
    const { refresher, coordinators, watched, runtime } = this.#init;
    if (target.kind === "leader") watched.use(target.topic, runtime.clock.monotonic());
    if (target.kind === "coordinator") {
      const { type, key } = target;
      return coordinators.known(type, key) ?? deadline.race(coordinators.find(type, key), () => lateCoordinator(type, key));
    }
    const known = this.#lookUp(target, refresher.metadata, avoided);
    if (known !== undefined) return known;
    const metadata = await refresher.refresh(deadline, target.kind === "leader" ? [target.topic] : undefined);
    const found = this.#lookUp(target, metadata, avoided);
    if (found === undefined) throw absence(target, metadata);
    return found;
  }

  #lookUp(
    target: Exclude<Target, { kind: "coordinator" }>,
    metadata: ClusterMetadata,
    avoided: ReadonlySet<number>,
  ): ClusterBroker | undefined {
    switch (target.kind) {
      case "any": {
        const { pool, runtime } = this.#init;
        const choosing = { pool, clock: runtime.clock, random: runtime.random };
        const brokers = metadata.brokers;
        const untried = leastLoaded(brokers.values(), choosing, ({ nodeId }) => avoided.has(nodeId));
        return untried ?? leastLoaded(brokers.values(), choosing);
      }
      case "controller":
        return metadata.controller;
      case "node":
        return metadata.brokers.get(target.nodeId);
      case "leader":
        return metadata.leaderOf(target.topic, target.partition)?.broker;
    }
  }
}

function lateCoordinator(type: string, key: string): Error {
  return new ConnectionError(`who coordinates ${type} '${key}' was not answered in time`, { broker: "any", phase: "established" });
}

/** Why there is nobody, in the words of Kafka's error codes. */
function absence(target: Exclude<Target, { kind: "coordinator" }>, metadata: ClusterMetadata): Error {
  switch (target.kind) {
    case "any":
      return new ConnectionError("no broker is known", { broker: "none", phase: "tcp" });
    case "controller":
      return new BrokerError(
        BROKER_NOT_AVAILABLE,
        { api: "Metadata", resource: "controller" },
        "the cluster has no controller at the moment",
      );
    case "node": {
      const ids = [...metadata.brokers.keys()].join(", ");
      return new BrokerError(
        BROKER_NOT_AVAILABLE,
        { api: "Metadata" },
        `node ${target.nodeId} is not among the nodes that are alive: ${ids}`,
      );
    }
    case "leader": {
      const { topic, partition } = target;
      const problem = metadata.problems.get(topic);
      if (problem !== undefined) return new BrokerError(problem, { api: "Metadata", topic });
      const isThere = metadata.topics.get(topic)?.partitions[partition] !== undefined;
      return new BrokerError(isThere ? LEADER_NOT_AVAILABLE : UNKNOWN_TOPIC_OR_PARTITION, { api: "Metadata", topic, partition });
    }
  }
}
