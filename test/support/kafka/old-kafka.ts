// A real broker of any release of Apache Kafka, 0.10.2 to today's, on today's Java: one node, with a ZooKeeper of its own before 3.3.
// The Kafka that tests use day by day is in kafka-node.ts: that one starts faster, and can be killed and continued.

import { writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { askOverTcp } from "../ask-over-tcp.ts";
import { runCommand } from "../child-processes.ts";
import { javaTool, missingJdk, missingMaven, usableOrSkipped } from "../java-tools.ts";
import { RawConnection } from "../raw-connection.ts";
import { type ScratchFolder, scratchFolder } from "../scratch-folder.ts";
import { launcherJar } from "./broker-runtime.ts";
import { JvmProcess } from "./jvm-process.ts";
import { CLUSTER_ID, nodeProperties, propertiesText } from "./node-properties.ts";
import { hasOldKafkaJars, oldKafkaJars } from "./old-kafka-jars.ts";
import { isKRaft } from "./old-kafka-mode.ts";
import { type ReservedPort, reservePort } from "./ports.ts";
import { untilAnswering } from "./readiness.ts";
import { untilListening, WITHOUT_LOG4J, ZOOKEEPER_MAIN, zooKeeperConfig } from "./zookeeper-process.ts";

const HOST = "127.0.0.1";
const NODE_ID = 1;
const READY_MS = 120_000;
const RETRY_MS = 20;
const MEMORY = ["-Xmx192m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"];
const LOGGING = ["-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", WITHOUT_LOG4J];

export interface OldKafkaOptions {
  /** Broker properties, over ours. */
  readonly properties?: Readonly<Record<string, string>>;
}

export interface OldKafka {
  /** As on Maven Central: `2.8.2`. */
  readonly version: string;
  /** `host:port`. */
  readonly bootstrapServers: string;
  readonly host: string;
  readonly port: number;
  /** Of ZooKeeper, where there is one, and of the broker. */
  readonly pids: readonly number[];
  /** Resolves when its processes are gone and its files are removed. May be called again. */
  stop(): Promise<void>;
}

/** Whether brokers of these versions can be had here. If not: a line that says why, or an error where `CI=true`. */
export async function areOldKafkasAvailable(versions: readonly string[]): Promise<boolean> {
  const cached = await Promise.all(versions.map(hasOldKafkaJars));
  const missing = missingJdk() ?? (cached.every(Boolean) ? undefined : missingMaven());
  return usableOrSkipped(`Apache Kafka ${versions.join(", ")}`, missing);
}

/** Starts a freshly formatted broker. Resolves when it answers and knows itself as a member of its cluster. */
export async function startOldKafka(version: string, options: OldKafkaOptions = {}): Promise<OldKafka> {
  const classPath = [...(await oldKafkaJars(version)), await launcherJar()].join(delimiter);
  const ports = [await reservePort(), await reservePort()] as const;
  const site = new Site(classPath, ports, options.properties ?? {});
  const port = ports[0].port;
  try {
    const broker = await (isKRaft(version) ? startKRaft(site) : startWithZooKeeper(site));
    await untilAnswering(HOST, port, broker, READY_MS);
    if (!isKRaft(version)) await untilRegistered(broker, port);
  } catch (error) {
    await site.stop();
    throw error;
  }
  const { pids } = site;
  return { version, bootstrapServers: `${HOST}:${port}`, host: HOST, port, pids, stop: () => site.stop() };
}

/** One broker's folder, ports and processes. */
class Site {
  readonly folder: string;
  readonly port: number;
  /** The controller's, or ZooKeeper's. */
  readonly otherPort: number;
  readonly properties: Readonly<Record<string, string>>;
  readonly #classPath: string;
  readonly #scratch: ScratchFolder;
  readonly #ports: readonly ReservedPort[];
  readonly #started: JvmProcess[] = [];

  constructor(classPath: string, ports: readonly [ReservedPort, ReservedPort], properties: Readonly<Record<string, string>>) {
    this.#classPath = classPath;
    this.#ports = ports;
    this.#scratch = scratchFolder();
    this.folder = this.#scratch.path;
    this.port = ports[0].port;
    this.otherPort = ports[1].port;
    this.properties = properties;
  }

  start(main: string, propertiesFile: string): JvmProcess {
    const jvm = new JvmProcess({
      java: java(),
      args: [...this.#options, "EndsWithParent", main, propertiesFile],
      folder: this.folder,
      logFile: join(this.folder, `${main}.log`),
    });
    this.#started.push(jvm);
    return jvm;
  }

  async format(propertiesFile: string): Promise<void> {
    await runCommand(java(), [...this.#options, "kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", propertiesFile]);
  }

  get pids(): readonly number[] {
    return this.#started.map(({ pid }) => pid);
  }

  async stop(): Promise<void> {
    for (const jvm of this.#started.toReversed()) await jvm.kill();
    this.#scratch.remove();
    for (const port of this.#ports) port.release();
  }

  get #options(): readonly string[] {
    return [...MEMORY, ...LOGGING, `-Djava.io.tmpdir=${this.folder}`, "-cp", this.#classPath];
  }
}

async function startKRaft(site: Site): Promise<JvmProcess> {
  const address = { host: HOST, port: site.port, controllerPort: site.otherPort };
  const ours = { ...nodeProperties(NODE_ID, address, join(site.folder, "data")), ...KRAFT_SESSION };
  const file = join(site.folder, "node.properties");
  writeFileSync(file, propertiesText({ ...ours, ...site.properties }));
  await site.format(file);
  return site.start("kafka.Kafka", file);
}

async function startWithZooKeeper(site: Site): Promise<JvmProcess> {
  const zooKeeper = site.start(ZOOKEEPER_MAIN, zooKeeperConfig(site.folder, HOST, site.otherPort));
  const ours = {
    "broker.id": String(NODE_ID),
    "zookeeper.connect": `${HOST}:${site.otherPort}`,
    listeners: `PLAINTEXT://${HOST}:${site.port}`,
    "advertised.listeners": `PLAINTEXT://${HOST}:${site.port}`,
    "log.dirs": join(site.folder, "data"),
    ...SMALL_NODE,
  };
  const file = join(site.folder, "server.properties");
  writeFileSync(file, propertiesText({ ...ours, ...site.properties }));
  await untilListening(zooKeeper, HOST, site.otherPort, READY_MS);
  return site.start("kafka.Kafka", file);
}

/** Kafka's own is 9 s, the harness's 1 s: a busy machine must not cost the node its leaderships. */
const KRAFT_SESSION: Readonly<Record<string, string>> = {
  "broker.session.timeout.ms": "30000",
  "broker.heartbeat.interval.ms": "2000",
};

const SMALL_NODE: Readonly<Record<string, string>> = {
  "offsets.topic.replication.factor": "1",
  "offsets.topic.num.partitions": "1",
  "transaction.state.log.replication.factor": "1",
  "transaction.state.log.min.isr": "1",
  "transaction.state.log.num.partitions": "1",
  "group.initial.rebalance.delay.ms": "0",
  "num.network.threads": "1",
  "num.io.threads": "2",
  "log.cleaner.dedupe.buffer.size": "2097152",
  "zookeeper.session.timeout.ms": "30000",
  // Off before 1.0.
  "delete.topic.enable": "true",
};

/** A broker with ZooKeeper answers before it has registered: it names no brokers then, itself included. */
async function untilRegistered(broker: JvmProcess, port: number): Promise<void> {
  const deadline = Date.now() + READY_MS;
  const connection = await RawConnection.open(HOST, port);
  try {
    for (;;) {
      const { brokers } = await askOverTcp(connection, "Metadata", 1, { topics: [] });
      if (brokers.length > 0) return;
      if (Date.now() > deadline) throw new Error(`the broker did not register in ${READY_MS} ms\n${broker.output()}`);
      await pause(RETRY_MS);
    }
  } finally {
    await connection.close();
  }
}

function java(): string {
  return javaTool("java") ?? "java";
}
