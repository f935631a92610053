// A real Apache Kafka for tests: one process that is broker and controller, ready in about a second.

import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { missingJdk, missingMaven, usableOrSkipped } from "../java-tools.ts";
import { pidFileIn, type ScratchFolder, scratchFolder } from "../scratch-folder.ts";
import { type BrokerRuntime, brokerRuntime, hasBrokerJars } from "./broker-runtime.ts";
import { JvmProcess } from "./jvm-process.ts";
import { type NodeAddress, nodeProperties, propertiesText } from "./node-properties.ts";
import { type ReservedPort, reservePort } from "./ports.ts";
import { untilAnswering } from "./readiness.ts";

/** The Kafka that tests run against unless they say otherwise. */
export const KAFKA_VERSION: string = "4.3.1";

const NODE_ID = 1;
const HOST = "127.0.0.1";
const READY_MS = 60_000;

export interface RealKafkaOptions {
  readonly version?: string;
  /** Broker properties, over ours. */
  readonly properties?: Readonly<Record<string, string>>;
}

export interface RealKafka {
  /** `host:port`. */
  readonly bootstrapServers: string;
  readonly host: string;
  readonly port: number;
  /** Undefined for a cluster that runs already (`KAFKA_BOOTSTRAP`). */
  readonly pid: number | undefined;
  /** Resolves when the process is gone and its files are removed. May be called again. */
  stop(): Promise<void>;
}

/** Whether a real Kafka can be had here. If not: a line that says why, or an error where `CI=true`. */
export function isRealKafkaAvailable(): boolean {
  if (runningBootstrap() !== undefined) return true;
  const missing = missingJdk() ?? (hasBrokerJars(KAFKA_VERSION) ? undefined : missingMaven());
  return usableOrSkipped("Apache Kafka", missing);
}

/**
 * Starts a broker of its own for the caller. With `KAFKA_BOOTSTRAP` set it is that cluster instead, except for a caller that wants
 * a certain version or properties, which a running cluster cannot be given.
 */
export async function startKafka(options: RealKafkaOptions = {}): Promise<RealKafka> {
  const running = runningBootstrap();
  if (running !== undefined && options.version === undefined && options.properties === undefined) return runningKafka(running);
  const node = await KafkaNode.create(options);
  try {
    await node.start();
  } catch (error) {
    await node.stop();
    throw error;
  }
  return node;
}

function runningBootstrap(): string | undefined {
  return process.env["KAFKA_BOOTSTRAP"] || undefined;
}

function runningKafka(bootstrapServers: string): RealKafka {
  const first = bootstrapServers.split(",")[0] ?? "";
  const colon = first.lastIndexOf(":");
  const port = Number(first.slice(colon + 1));
  if (colon < 1 || !Number.isInteger(port))
    throw new Error(`KAFKA_BOOTSTRAP is "${bootstrapServers}", expected host:port[,host:port]`);
  return { bootstrapServers, host: first.slice(0, colon), port, pid: undefined, stop: async () => {} };
}

/** A node with its folder and its ports, which it keeps from one start to the next. */
export class KafkaNode implements RealKafka {
  readonly host: string = HOST;
  readonly port: number;
  readonly #runtime: BrokerRuntime;
  readonly #folder: ScratchFolder;
  readonly #ports: readonly ReservedPort[];
  #process: JvmProcess | undefined;

  private constructor(runtime: BrokerRuntime, folder: ScratchFolder, ports: readonly [ReservedPort, ReservedPort]) {
    this.#runtime = runtime;
    this.#folder = folder;
    this.#ports = ports;
    this.port = ports[0].port;
  }

  /** Prepares a node; nothing runs yet. */
  static async create(options: RealKafkaOptions = {}): Promise<KafkaNode> {
    const runtime = await brokerRuntime(options.version ?? KAFKA_VERSION);
    const template = await runtime.dataTemplate(NODE_ID);
    const [client, controller] = [await reservePort(), await reservePort()];
    const node = new KafkaNode(runtime, scratchFolder(), [client, controller]);
    cpSync(template, node.#path("data"), { recursive: true });
    const address: NodeAddress = { host: HOST, port: client.port, controllerPort: controller.port };
    const properties = { ...nodeProperties(NODE_ID, address, node.#path("data")), ...options.properties };
    writeFileSync(node.#path("node.properties"), propertiesText(properties));
    return node;
  }

  get bootstrapServers(): string {
    return `${this.host}:${this.port}`;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Resolves when the broker answers. Also after kill() or terminate(): the data is still there. */
  async start(): Promise<void> {
    this.#process = new JvmProcess({
      java: this.#runtime.java,
      // Where the codecs unpack their native libraries; removed with the folder.
      args: [`-Djava.io.tmpdir=${this.#folder.path}`, ...this.#runtime.args, this.#path("node.properties")],
      folder: this.#folder.path,
      logFile: this.#path("broker.log"),
    });
    writeFileSync(pidFileIn(this.#folder.path), String(this.#process.pid));
    await untilAnswering(this.host, this.port, this.#process, READY_MS);
  }

  /** Like kill -9: clients see a reset, the log is not closed. */
  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  /** A controlled shutdown. */
  async terminate(): Promise<void> {
    this.#process?.signal("SIGTERM");
    await this.#process?.exited;
  }

  /** Freezes the process: connections stay open, and nothing answers. */
  pause(): void {
    this.#process?.signal("SIGSTOP");
  }

  resume(): void {
    this.#process?.signal("SIGCONT");
  }

  /** The end of the broker's log. */
  output(): string {
    return this.#process?.output() ?? "";
  }

  async stop(): Promise<void> {
    await this.kill();
    this.#folder.remove();
    for (const { release } of this.#ports) release();
  }

  #path(name: string): string {
    return join(this.#folder.path, name);
  }
}
