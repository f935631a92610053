/** The brokers that are compared, each started as a process of its own for every run. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { endWithThisProcess } from "../../test/support/child-processes.ts";
import { isRealKafkaAvailable, KAFKA_VERSION, KafkaNode } from "../../test/support/kafka/kafka-node.ts";
import { goProgram, pinnedVersion } from "../go-program.ts";
import { problemOf } from "../measure.ts";
import { buildOwn, ownVersion } from "../own-build.ts";
import { benchDirectory, installPeers, sharedNode } from "../peers.ts";

export const brokerNames = ["kafkawire", "kafka", "kfake"] as const;
export type BrokerName = (typeof brokerNames)[number];

export interface RunningBroker {
  readonly bootstrapServers: string;
  readonly pid: number;
  /** Rejects when the broker says that something went wrong inside it. */
  stop(): Promise<void>;
}

export interface ReadyBroker {
  readonly name: BrokerName;
  readonly version: string;
  start(): Promise<RunningBroker>;
}

export interface BrokerPlan {
  /** Of the embedded broker; the others have their own runtime. */
  readonly currentNode: boolean;
  /** Where kafkawire's build will be, once all that is missing has been built. */
  readonly buildUrl: () => string;
  /** Of Apache Kafka, besides those that all suites have. */
  readonly properties?: Readonly<Record<string, string>>;
}

const NO_ANSWER_MS = 10_000;

/** The broker, or why it cannot be had here. */
export function prepareBroker(name: BrokerName, plan: BrokerPlan): Promise<ReadyBroker | string> {
  if (name === "kafkawire") return Promise.resolve(embedded(plan));
  return name === "kafka" ? realKafka(plan) : kfake();
}

function embedded({ currentNode, buildUrl }: BrokerPlan): ReadyBroker | string {
  const problem = buildOwn("broker/index.js");
  if (problem !== undefined) return problem;
  installPeers(); // With them comes the Node that all suites run on; without it, ours will do.
  const node = (currentNode ? undefined : sharedNode()) ?? process.execPath;
  const program = join(benchDirectory, "cases", "broker", "kafkawire.mjs");
  const start = (): Promise<RunningBroker> => startProgram(node, [program], { KAFKAWIRE_BUILD: buildUrl() });
  return { name: "kafkawire", version: ownVersion(), start };
}

/** As `kafka-server-start.sh` runs it, with twice its heap; tests run Kafka with a heap and a compiler that only start quickly. */
const JVM_OPTIONS =
  "-Xms1g -Xmx2g -Xss1m -XX:TieredStopAtLevel=4 -XX:-UseSerialGC -XX:+UseG1GC -XX:MaxGCPauseMillis=20 -XX:InitiatingHeapOccupancyPercent=35";
/** Kafka's defaults, where test nodes are smaller than that. */
const PROPERTIES: Readonly<Record<string, string>> = {
  "num.partitions": "6",
  "num.network.threads": "3",
  "num.io.threads": "8",
  "background.threads": "10",
  "log.segment.bytes": "1073741824",
  "log.index.size.max.bytes": "10485760",
  "broker.session.timeout.ms": "9000",
  "broker.heartbeat.interval.ms": "2000",
};

function realKafka({ properties }: BrokerPlan): Promise<ReadyBroker | string> {
  const start = (): Promise<RunningBroker> => startKafkaNode({ ...PROPERTIES, ...properties });
  return Promise.resolve(isRealKafkaAvailable() ? { name: "kafka", version: KAFKA_VERSION, start } : "no JDK 17 or no Maven");
}

async function startKafkaNode(properties: Readonly<Record<string, string>>): Promise<RunningBroker> {
  const node = await KafkaNode.create({ properties });
  // The JVM takes these last, over what the node passes; it is started before `start` comes back.
  process.env["_JAVA_OPTIONS"] = JVM_OPTIONS;
  const starting = node.start();
  delete process.env["_JAVA_OPTIONS"];
  try {
    await starting;
  } catch (error) {
    await node.stop();
    throw error;
  }
  return { bootstrapServers: node.bootstrapServers, pid: node.pid ?? 0, stop: () => node.stop() };
}

async function kfake(): Promise<ReadyBroker | string> {
  const program = await goProgram("broker/kfake");
  if ("problem" in program) return program.problem;
  const version = pinnedVersion("broker/kfake", "github.com/twmb/franz-go/pkg/kfake");
  return { name: "kfake", version, start: () => startProgram(program.path, [], {}) };
}

/** A program that prints `host:port` when it is ready, and ends by itself when its input does. */
async function startProgram(
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<RunningBroker> {
  // NODE_OPTIONS of the runner (a loader for TypeScript, say) would change what is measured.
  const { NODE_OPTIONS: _, ...env } = process.env;
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], env: { ...env, ...environment } });
  endWithThisProcess(child);
  let problems = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    problems += text;
  });
  const exited = exitOf(child);
  const bootstrapServers = await Promise.race([firstLine(child.stdout), exited.then(() => undefined)]);
  if (bootstrapServers === undefined) throw new Error(`the broker did not start: ${problemOf(problems)}`);
  const stop = async (): Promise<void> => {
    child.stdin.end();
    const late = setTimeout(() => child.kill("SIGKILL"), NO_ANSWER_MS);
    const how = await exited;
    clearTimeout(late);
    if (how !== "0") throw new Error(`the broker ended with ${how}: ${problemOf(problems)}`);
  };
  return { bootstrapServers, pid: child.pid ?? 0, stop };
}

function exitOf(child: ChildProcessByStdio<Writable, Readable, Readable>): Promise<string> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => resolve(signal ?? String(code)));
  });
}

function firstLine(stream: Readable): Promise<string> {
  return new Promise((resolve) => {
    createInterface({ input: stream }).once("line", resolve);
  });
}
