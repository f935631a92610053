// Reads logs with Apache Kafka's own consumer: what a producer of ours has written is not to be judged by a reader of ours.

import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { builtOnce, stampOf } from "../cache-folder.ts";
import { endWithThisProcess, runCommand } from "../child-processes.ts";
import { javaTool, jvmIdentity } from "../java-tools.ts";
import { brokerJars, launcherJar } from "../kafka/broker-runtime.ts";
import { KAFKA_VERSION } from "../kafka/kafka-version.ts";
import { LogFrames, type OnLogRecord } from "./log-frames.ts";

const SOURCE = fileURLToPath(new URL("./ReadLog.java", import.meta.url));
const MEMORY = ["-Xmx192m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"];
const LOGGING = ["-Dorg.slf4j.simpleLogger.defaultLogLevel=error"];
const SHOWN_CHARACTERS = 4000;

export interface LogPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface LogReaderOptions {
  readonly bootstrapServers: string;
  readonly isolation: "committed" | "uncommitted";
  /** Records come with a partition's index in this list. */
  readonly partitions: readonly LogPartition[];
  readonly onRecord: OnLogRecord;
}

/** Resolves when everything was read that lies in the partitions, which waits until no transaction is open. */
export async function readLogs(options: LogReaderOptions): Promise<void> {
  const { ended } = await startReader(options, "end");
  await ended;
}

export interface FollowingReader {
  /** Rejects if it ends by itself. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/** Reads from the beginning, and what is written later as soon as it can be seen. */
export async function followLogs(options: LogReaderOptions): Promise<FollowingReader> {
  const { child, ended } = await startReader(options, "follow");
  let isStopped = false;
  const unlessStopped = ended.then(
    () => undefined,
    (error: unknown) => {
      if (!isStopped) throw error;
    },
  );
  // Whoever waits for it hears of it; nobody has to.
  unlessStopped.catch(() => undefined);
  const stop = async (): Promise<void> => {
    isStopped = true;
    child.kill("SIGKILL");
    await unlessStopped;
  };
  return { ended: unlessStopped, stop };
}

async function startReader(
  { bootstrapServers, isolation, partitions, onRecord }: LogReaderOptions,
  mode: "follow" | "end",
): Promise<{ child: ChildProcess; ended: Promise<void> }> {
  const classPath = [await programFolder(), await launcherJar(), ...(await brokerJars(KAFKA_VERSION))].join(delimiter);
  const places = partitions.map(({ topic, partition }) => `${topic}:${partition}`);
  const program = ["EndsWithParent", "ReadLog", bootstrapServers, `read_${isolation}`, mode, ...places];
  const child = spawn(javaTool("java") ?? "java", [...MEMORY, ...LOGGING, "-cp", classPath, ...program], {
    // Its standard input stays open as long as we live: EndsWithParent waits for its end.
    stdio: ["pipe", "pipe", "pipe"],
  });
  endWithThisProcess(child);
  child.stdin.on("error", () => {});
  const frames = new LogFrames(onRecord);
  let complaints = "";
  child.stdout.on("data", (chunk: Buffer) => frames.push(chunk));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (complaints = `${complaints}${text}`.slice(-SHOWN_CHARACTERS)));
  const ended = new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      if (code === 0 && frames.isAtEnd) resolve();
      else reject(new Error(`the reader of ${places.join(", ")} ended with ${code ?? signal}\n${complaints}`));
    });
  });
  return { child, ended };
}

async function programFolder(): Promise<string> {
  const jars = await brokerJars(KAFKA_VERSION);
  return builtOnce(join("log-reader", stampOf(readFileSync(SOURCE), jars.join(delimiter), jvmIdentity())), async (target) => {
    await runCommand(javaTool("javac") ?? "javac", ["-encoding", "UTF-8", "-d", target, "-cp", jars.join(delimiter), SOURCE]);
  });
}
