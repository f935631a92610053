// The configuration of one of several combined nodes: each is broker and controller.

import { type NodeAddress, nodeListeners, SMALL } from "./node-properties.ts";

/**
 * How soon a cluster believes that a node is dead. Seconds from the blow until acks=all writes succeed again: `tuned` 3 to 4,
 * `quick` 1 to 2, Kafka's defaults 8 to 12. A busy machine fences healthy nodes with `quick`.
 */
export type ClusterTimeouts = "tuned" | "quick";

export interface ClusterAddress extends NodeAddress {
  /** Clients are told this port and not the one the node listens on; brokers then use a listener of their own. */
  readonly proxied?: { readonly port: number; readonly brokersPort: number };
}

export function clusterProperties(
  nodeId: number,
  addresses: ReadonlyMap<number, ClusterAddress>,
  dataFolder: string,
  timeouts: ClusterTimeouts,
): Record<string, string> {
  const address = addresses.get(nodeId);
  if (address === undefined) throw new Error(`node ${nodeId} has no address among ${[...addresses.keys()].join(", ")}`);
  return {
    "process.roles": "broker,controller",
    "node.id": String(nodeId),
    "controller.quorum.voters": [...addresses].map(([id, { host, controllerPort }]) => `${id}@${host}:${controllerPort}`).join(","),
    ...listeners(address),
    "log.dirs": dataFolder,
    ...SMALL,
    ...(addresses.size > 1 ? SEVERAL : {}),
    ...replicated(addresses.size),
    ...TIMEOUTS[timeouts],
  };
}

function listeners({ host, port, controllerPort, proxied }: ClusterAddress): Record<string, string> {
  if (proxied === undefined) return nodeListeners({ host, port, controllerPort });
  return {
    listeners: `PLAINTEXT://${host}:${port},BROKERS://${host}:${proxied.brokersPort},CONTROLLER://${host}:${controllerPort}`,
    "advertised.listeners": `PLAINTEXT://${host}:${proxied.port},BROKERS://${host}:${proxied.brokersPort}`,
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "BROKERS",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,BROKERS:PLAINTEXT,CONTROLLER:PLAINTEXT",
  };
}

/** Everything on every node; with three of them, writes need two. */
function replicated(nodes: number): Record<string, string> {
  const factor = String(nodes);
  const minimum = nodes >= 3 ? "2" : "1";
  return {
    "default.replication.factor": factor,
    "min.insync.replicas": minimum,
    "unclean.leader.election.enable": "false",
    "offsets.topic.replication.factor": factor,
    "offsets.topic.num.partitions": factor,
    "transaction.state.log.replication.factor": factor,
    "transaction.state.log.min.isr": minimum,
    "transaction.state.log.num.partitions": factor,
    "share.coordinator.state.topic.replication.factor": factor,
    "share.coordinator.state.topic.min.isr": minimum,
    "share.coordinator.state.topic.num.partitions": factor,
  };
}

/** Nodes that follow each other need more threads than one alone. */
const SEVERAL: Readonly<Record<string, string>> = {
  "num.network.threads": "2",
  "num.io.threads": "4",
  "background.threads": "2",
};

const TIMEOUTS: Readonly<Record<ClusterTimeouts, Readonly<Record<string, string>>>> = {
  tuned: {
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
    "controller.quorum.election.timeout.ms": "500",
    "controller.quorum.election.backoff.max.ms": "500",
    "controller.quorum.fetch.timeout.ms": "1000",
    "controller.quorum.request.timeout.ms": "1000",
    "replica.lag.time.max.ms": "3000",
    "replica.fetch.wait.max.ms": "200",
    "replica.socket.timeout.ms": "2000",
    "replica.fetch.backoff.ms": "100",
    "controller.socket.timeout.ms": "2000",
  },
  quick: {
    "broker.session.timeout.ms": "1000",
    "broker.heartbeat.interval.ms": "200",
    "controller.quorum.election.timeout.ms": "300",
    "controller.quorum.election.backoff.max.ms": "200",
    "controller.quorum.fetch.timeout.ms": "600",
    "controller.quorum.request.timeout.ms": "600",
    "replica.lag.time.max.ms": "1000",
    "replica.fetch.wait.max.ms": "100",
    "replica.socket.timeout.ms": "1000",
    "replica.fetch.backoff.ms": "100",
    "controller.socket.timeout.ms": "1000",
  },
};
