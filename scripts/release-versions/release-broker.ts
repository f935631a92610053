// A real broker of any release, alone on this machine, for as long as a question takes.

import { mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { runCommand } from "../../test/support/child-processes.ts";
import { javaTool } from "../../test/support/java-tools.ts";
import { JvmProcess } from "../../test/support/kafka/jvm-process.ts";
import { CLUSTER_ID, nodeProperties, propertiesText } from "../../test/support/kafka/node-properties.ts";
import { type ReservedPort, reservePort } from "../../test/support/kafka/ports.ts";
import { untilAnswering } from "../../test/support/kafka/readiness.ts";
import { RawConnection } from "../../test/support/raw-connection.ts";
import { scratchFolder } from "../../test/support/scratch-folder.ts";
import { brokerJars } from "./broker-jars.ts";
import { isKRaft, type KafkaDistribution } from "./kafka-releases.ts";

const HOST = "127.0.0.1";
const NODE_ID = 1;
const READY_MS = 120_000;
const MEMORY = ["-Xmx192m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];
const LOGGING = ["-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-Dzookeeper.jmx.log4j.disable=true"];

/** Starts a freshly formatted broker, asks it, and ends it. */
export function withBroker<Answer>(
  distribution: KafkaDistribution,
  ask: (connection: RawConnection) => Promise<Answer>,
): Promise<Answer> {
  return withBrokerAt(distribution, {}, async ({ host, port }) => {
    const connection = await RawConnection.open(host, port);
    const answer = await ask(connection);
    await connection.close();
    return answer;
  });
}

export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
}

/** The same for whoever brings a client of its own. The properties go over ours. */
export async function withBrokerAt<Answer>(
  distribution: KafkaDistribution,
  properties: Readonly<Record<string, string>>,
  use: (address: BrokerAddress) => Promise<Answer>,
): Promise<Answer> {
  const jars = await brokerJars(distribution);
  const scratch = scratchFolder();
  const ports = [await reservePort(), await reservePort()] as const;
  const site: Site = { folder: scratch.path, classPath: jars.join(delimiter), ports, properties, started: [] };
  try {
    const broker = await (isKRaft(distribution) ? startKRaft(site) : startWithZooKeeper(site));
    await untilAnswering(HOST, ports[0].port, broker, READY_MS);
    return await use({ host: HOST, port: ports[0].port });
  } finally {
    for (const jvm of site.started.toReversed()) await jvm.kill();
    scratch.remove();
    for (const port of ports) port.release();
  }
}

interface Site {
  readonly folder: string;
  readonly classPath: string;
  /** The broker's, and the controller's or ZooKeeper's. */
  readonly ports: readonly [ReservedPort, ReservedPort];
  readonly properties: Readonly<Record<string, string>>;
  readonly started: JvmProcess[];
}

async function startKRaft(site: Site): Promise<JvmProcess> {
  const address = { host: HOST, port: site.ports[0].port, controllerPort: site.ports[1].port };
  const properties = join(site.folder, "node.properties");
  writeFileSync(properties, propertiesText({ ...nodeProperties(NODE_ID, address, join(site.folder, "data")), ...site.properties }));
  const format = ["kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", properties];
  await runCommand(java(), [...MEMORY, ...LOGGING, "-cp", site.classPath, ...format]);
  return start(site, "kafka.Kafka", properties);
}

async function startWithZooKeeper(site: Site): Promise<JvmProcess> {
  const [client, zooKeeper] = [site.ports[0].port, site.ports[1].port];
  mkdirSync(join(site.folder, "zookeeper"));
  const zooKeeperProperties = {
    tickTime: "500",
    dataDir: join(site.folder, "zookeeper"),
    clientPort: String(zooKeeper),
    clientPortAddress: HOST,
    maxClientCnxns: "0",
    "admin.enableServer": "false",
  };
  const brokerProperties = {
    "broker.id": String(NODE_ID),
    "zookeeper.connect": `${HOST}:${zooKeeper}`,
    listeners: `PLAINTEXT://${HOST}:${client}`,
    "advertised.listeners": `PLAINTEXT://${HOST}:${client}`,
    "log.dirs": join(site.folder, "data"),
    "log.cleaner.dedupe.buffer.size": "2097152",
    ...site.properties,
  };
  const [zooKeeperFile, brokerFile] = [join(site.folder, "zoo.cfg"), join(site.folder, "server.properties")];
  writeFileSync(zooKeeperFile, propertiesText(zooKeeperProperties));
  writeFileSync(brokerFile, propertiesText(brokerProperties));
  await untilListening(start(site, "org.apache.zookeeper.server.quorum.QuorumPeerMain", zooKeeperFile), zooKeeper);
  return start(site, "kafka.Kafka", brokerFile);
}

function start(site: Site, main: string, properties: string): JvmProcess {
  const args = [...MEMORY, ...LOGGING, `-Djava.io.tmpdir=${site.folder}`, "-cp", site.classPath, main, properties];
  const logFile = join(site.folder, `${main}.log`);
  const jvm = new JvmProcess({ java: java(), args, folder: site.folder, logFile });
  site.started.push(jvm);
  return jvm;
}

/** A broker that finds no ZooKeeper gives up. */
async function untilListening(jvm: JvmProcess, port: number): Promise<void> {
  const deadline = Date.now() + READY_MS;
  let ended: string | undefined;
  void jvm.exited.then((how) => {
    ended = how;
  });
  for (;;) {
    try {
      const connection = await RawConnection.open(HOST, port);
      await connection.close();
      return;
    } catch (error) {
      if (ended !== undefined) throw new Error(`ZooKeeper ended (${ended})\n${jvm.output()}`, { cause: error });
      if (Date.now() > deadline) throw error;
    }
    await pause(20);
  }
}

function java(): string {
  return javaTool("java") ?? "java";
}
