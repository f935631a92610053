// A real Apache Kafka for tests: one process that is broker and controller, ready in about a second.

import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pidFileIn, type ScratchFolder, scratchFolder } from "../scratch-folder.ts";
import { type BrokerRuntime, brokerRuntime } from "./broker-runtime.ts";
import { JvmProcess } from "./jvm-process.ts";
import { bootstrapAddresses, requiredProvider, requireJars, runningBootstrap } from "./kafka-provider.ts";
import { KAFKA_VERSION } from "./kafka-version.ts";
import { nodeProperties, propertiesText } from "./node-properties.ts";
import { type ReservedPort, reservePort } from "./ports.ts";
import { untilAnswering } from "./readiness.ts";

export { isRealKafkaAvailable } from "./kafka-provider.ts";
export { KAFKA_VERSION } from "./kafka-version.ts";

const NODE_ID = 1;
const HOST = "127.0.0.1";
const READY_MS = 60_000;
/** A controlled shutdown takes less than a second, but for ever where no majority of controllers is left. */
const SHUTDOWN_MS = 30_000;

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
  /** Undefined for what is no process of ours: a cluster that runs already (`KAFKA_BOOTSTRAP`), a container. */
  readonly pid: number | undefined;
  /** Resolves when the process is gone and its files are removed. May be called again. */
  stop(): Promise<void>;
}

/**
 * Starts a broker of its own for the caller. With `KAFKA_BOOTSTRAP` set it is that cluster instead, except for a caller that wants
 * a certain version or properties, which a running cluster cannot be given. Without a JDK or Maven it is a Docker container.
 */
export async function startKafka(options: RealKafkaOptions = {}): Promise<RealKafka> {
  const own = options.version !== undefined || options.properties !== undefined;
  const provider = requiredProvider({ ...options, own });
  if (provider === "running") return runningKafka(runningBootstrap() ?? "");
  if (provider === "container") {
    // Loaded only here: it brings many packages with it.
    const { startKafkaContainer } = await import("./kafka-container.ts");
    return startKafkaContainer(options);
  }
  const node = await KafkaNode.create(options);
  try {
    await node.start();
  } catch (error) {
    await node.stop();
    throw error;
  }
  return node;
}

function runningKafka(bootstrapServers: string): RealKafka {
  const [first] = bootstrapAddresses(bootstrapServers);
  if (first === undefined) throw new Error("KAFKA_BOOTSTRAP names no address");
  return { bootstrapServers, ...first, pid: undefined, stop: async () => {} };
}

export interface NodePlan {
  readonly id: number;
  readonly runtime: BrokerRuntime;
  /** Where it listens. */
  readonly brokerPort: number;
  /** What clients are told. */
  readonly port: number;
  /** Given back when the node is stopped for good. */
  readonly reserved: readonly ReservedPort[];
  readonly properties: (dataFolder: string) => Readonly<Record<string, string>>;
}

/** A node with its folder and its ports, which it keeps from one start to the next. */
export class KafkaNode implements RealKafka {
  readonly id: number;
  readonly host: string = HOST;
  /** For clients. */
  readonly port: number;
  /** Where the process listens; another port than `port` if there is a proxy before it. */
  readonly brokerPort: number;
  readonly #plan: NodePlan;
  readonly #folder: ScratchFolder;
  #process: JvmProcess | undefined;
  #state: "stopped" | "running" | "frozen" = "stopped";

  private constructor(plan: NodePlan, folder: ScratchFolder) {
    this.#plan = plan;
    this.#folder = folder;
    this.id = plan.id;
    this.port = plan.port;
    this.brokerPort = plan.brokerPort;
  }

  /** Prepares a node that is a cluster by itself; nothing runs yet. */
  static async create(options: RealKafkaOptions = {}): Promise<KafkaNode> {
    const version = options.version ?? KAFKA_VERSION;
    requireJars(version);
    const runtime = await brokerRuntime(version);
    const reserved = [await reservePort(), await reservePort()];
    const [port, controllerPort] = [reserved[0]!.port, reserved[1]!.port];
    const properties = (dataFolder: string): Record<string, string> => ({
      ...nodeProperties(NODE_ID, { host: HOST, port, controllerPort }, dataFolder),
      ...options.properties,
    });
    return KafkaNode.prepare({ id: NODE_ID, runtime, brokerPort: port, port, reserved, properties });
  }

  static async prepare(plan: NodePlan): Promise<KafkaNode> {
    const template = await plan.runtime.dataTemplate(plan.id);
    const node = new KafkaNode(plan, scratchFolder());
    const dataFolder = node.#path("data");
    cpSync(template, dataFolder, { recursive: true });
    writeFileSync(node.#path("node.properties"), propertiesText(plan.properties(dataFolder)));
    return node;
  }

  get bootstrapServers(): string {
    return `${this.host}:${this.port}`;
  }

  /** Of the process that runs, or ran last. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  get state(): "stopped" | "running" | "frozen" {
    return this.#state;
  }

  /** Resolves when the broker answers. Also after kill() or terminate(): the data is still there. */
  async start(): Promise<void> {
    if (this.#state !== "stopped") throw new Error(`node ${this.id} is ${this.#state} already, as process ${this.pid}`);
    const { runtime } = this.#plan;
    const process = new JvmProcess({
      java: runtime.java,
      // Where the codecs unpack their native libraries; removed with the folder.
      args: [`-Djava.io.tmpdir=${this.#folder.path}`, ...runtime.args, this.#path("node.properties")],
      folder: this.#folder.path,
      logFile: this.#path("broker.log"),
    });
    this.#process = process;
    this.#state = "running";
    void process.exited.then(() => {
      if (this.#process === process) this.#state = "stopped";
    });
    writeFileSync(pidFileIn(this.#folder.path), String(process.pid));
    await untilAnswering(this.host, this.brokerPort, process, READY_MS);
  }

  /** Like kill -9: clients see a reset, the log is not closed. */
  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  /** A controlled shutdown. Rejects, and kills, if it takes too long. */
  async terminate(): Promise<void> {
    const process = this.#process;
    if (process === undefined) return;
    process.signal("SIGTERM");
    // A frozen process would hear of it only later.
    process.signal("SIGCONT");
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<"late">((resolve) => {
      timer = setTimeout(() => resolve("late"), SHUTDOWN_MS);
    });
    const how = await Promise.race([process.exited, late]);
    clearTimeout(timer);
    if (how !== "late") return;
    await process.kill();
    throw new Error(`node ${this.id} did not shut down in ${SHUTDOWN_MS} ms and was killed\n${process.output()}`);
  }

  /** SIGSTOP: connections stay open, new ones are even accepted, and nothing answers. */
  freeze(): void {
    if (this.#state === "stopped") throw new Error(`node ${this.id} is stopped: there is nothing to freeze`);
    this.#process?.signal("SIGSTOP");
    this.#state = "frozen";
  }

  /** SIGCONT, after `freeze`. */
  continue(): void {
    if (this.#state !== "frozen") throw new Error(`node ${this.id} is ${this.#state}, not frozen`);
    this.#process?.signal("SIGCONT");
    this.#state = "running";
  }

  /** Ends it if it runs, politely unless it is frozen, and starts it again with its data, at its ports. */
  async restart(): Promise<void> {
    if (this.#state === "running") await this.terminate();
    else await this.kill();
    await this.start();
  }

  /** The end of the broker's log. */
  output(): string {
    return this.#process?.output() ?? "";
  }

  async stop(): Promise<void> {
    await this.kill();
    this.#folder.remove();
    for (const { release } of this.#plan.reserved) release();
  }

  #path(name: string): string {
    return join(this.#folder.path, name);
  }
}
