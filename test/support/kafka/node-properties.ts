// The configuration of a small, fast broker that is also its own controller.

export interface NodeAddress {
  readonly host: string;
  readonly port: number;
  readonly controllerPort: number;
}

/** One for all test clusters: a formatted data folder can be copied. */
export const CLUSTER_ID: string = "4L6g3nShT-eMCtK--X86sw";

export function nodeProperties(nodeId: number, address: NodeAddress, dataFolder: string): Record<string, string> {
  const { host, controllerPort } = address;
  return {
    "process.roles": "broker,controller",
    "node.id": String(nodeId),
    // Static voters: what `format` writes then holds no ports.
    "controller.quorum.voters": `${nodeId}@${host}:${controllerPort}`,
    ...nodeListeners(address),
    "log.dirs": dataFolder,
    ...SINGLE_NODE,
    ...SMALL,
    ...QUICK_RESTART,
  };
}

/** One listener for clients and brokers, one for controllers. */
export function nodeListeners({ host, port, controllerPort }: NodeAddress): Record<string, string> {
  return {
    listeners: `PLAINTEXT://${host}:${port},CONTROLLER://${host}:${controllerPort}`,
    "advertised.listeners": `PLAINTEXT://${host}:${port}`,
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
  };
}

/** Internal topics on one node. */
export const SINGLE_NODE: Readonly<Record<string, string>> = {
  "offsets.topic.replication.factor": "1",
  "offsets.topic.num.partitions": "1",
  "transaction.state.log.replication.factor": "1",
  "transaction.state.log.min.isr": "1",
  "transaction.state.log.num.partitions": "1",
  "share.coordinator.state.topic.replication.factor": "1",
  "share.coordinator.state.topic.min.isr": "1",
  "share.coordinator.state.topic.num.partitions": "1",
};

/** Few threads and small buffers. The log cleaner alone would touch 128 MiB of heap at its start. */
export const SMALL: Readonly<Record<string, string>> = {
  "group.initial.rebalance.delay.ms": "0",
  "num.partitions": "1",
  "num.network.threads": "1",
  "num.io.threads": "2",
  "background.threads": "1",
  "num.replica.fetchers": "1",
  "log.cleaner.threads": "1",
  "log.cleaner.dedupe.buffer.size": "2097152",
  "log.cleaner.io.buffer.size": "131072",
  "log.index.size.max.bytes": "1048576",
  "log.segment.bytes": "16777216",
};

/** After kill -9 the controller waits for the old session to expire: 9 s by default, 1 s with these. */
const QUICK_RESTART: Readonly<Record<string, string>> = {
  "broker.session.timeout.ms": "1000",
  "broker.heartbeat.interval.ms": "200",
};

/** As a .properties file. */
export function propertiesText(properties: Readonly<Record<string, string>>): string {
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value.replaceAll("\\", "\\\\")}\n`)
    .join("");
}
