// What every broker process of a version shares, made once and kept in the cache: jars, an archive of loaded classes (start in one
// second instead of two), formatted data folders.

import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { builtOnce, stampOf } from "../cache-folder.ts";
import { runCommand } from "../child-processes.ts";
import { javaTool, jvmIdentity } from "../java-tools.ts";
import { RawConnection } from "../raw-connection.ts";
import { scratchFolder } from "../scratch-folder.ts";
import { JvmProcess } from "./jvm-process.ts";
import { hasJars, type JarSet, jarsOf } from "./maven.ts";
import { CLUSTER_ID, nodeProperties, propertiesText } from "./node-properties.ts";
import { type ReservedPort, reservePort } from "./ports.ts";
import { untilAnswering } from "./readiness.ts";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const LAUNCHER = join(HERE, "EndsWithParent.java");
const MEMORY = ["-Xmx128m", "-Xss256k", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"];
const LOGGING = ["-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-Dorg.slf4j.simpleLogger.showDateTime=true"];
const FIRST_START_MS = 120_000;

/** Metadata version 0 for the topic "warm-up", which creates it: more classes for the archive. */
const METADATA_REQUEST = Buffer.from("00030000000000020004746573740000000100077761726d2d7570", "hex");

export interface BrokerRuntime {
  readonly java: string;
  /** Everything between `java` and the path of the properties file. */
  readonly args: readonly string[];
  /** A freshly formatted data folder of a node, to be copied. */
  readonly dataTemplate: (nodeId: number) => Promise<string>;
}

export function hasBrokerJars(kafkaVersion: string): boolean {
  return hasJars(jarSet(kafkaVersion));
}

export function brokerJars(kafkaVersion: string): Promise<readonly string[]> {
  return jarsOf(jarSet(kafkaVersion));
}

export async function brokerRuntime(kafkaVersion: string): Promise<BrokerRuntime> {
  const java = javaTool("java") ?? "java";
  const set = jarSet(kafkaVersion);
  const jars = await jarsOf(set);
  const launcher = await launcherJar();
  const classPath = [...jars, launcher].join(delimiter);
  // Nothing may stand before the class path that the archive was made with, or the JVM ignores the archive.
  const args = (extra: readonly string[]): string[] => [
    ...MEMORY,
    ...LOGGING,
    ...extra,
    "-cp",
    classPath,
    "EndsWithParent",
    "kafka.Kafka",
  ];
  const dataTemplate = (nodeId: number): Promise<string> => formatted(set, java, classPath, nodeId);
  const stamp = stampOf(readFileSync(set.pom), readFileSync(LAUNCHER), classPath, jvmIdentity(), MEMORY.join(" "));
  const archive = await builtOnce(join("kafka", `${kafkaVersion}-archive-${stamp}`), async (target) => {
    const file = join(target, "classes.jsa");
    await recordClasses({ java, args: args([`-XX:ArchiveClassesAtExit=${file}`]), dataTemplate });
  });
  return { java, args: args([`-XX:SharedArchiveFile=${join(archive, "classes.jsa")}`]), dataTemplate };
}

function jarSet(kafkaVersion: string): JarSet {
  return { name: "kafka", pom: join(HERE, "pom.xml"), kafkaVersion };
}

/** A jar and not a folder: a class archive accepts only jars on the class path. */
export async function launcherJar(): Promise<string> {
  const folder = await builtOnce(join("kafka", `launcher-${stampOf(readFileSync(LAUNCHER))}`), async (target) => {
    await runCommand(javaTool("javac") ?? "javac", ["-d", target, LAUNCHER]);
    await runCommand(javaTool("jar") ?? "jar", [
      "--create",
      `--file=${join(target, "launcher.jar")}`,
      "-C",
      target,
      "EndsWithParent.class",
    ]);
  });
  return join(folder, "launcher.jar");
}

function formatted(set: JarSet, java: string, classPath: string, nodeId: number): Promise<string> {
  const name = join("kafka", `${set.kafkaVersion}-data-${nodeId}-${stampOf(CLUSTER_ID, readFileSync(set.pom))}`);
  return builtOnce(name, async (target) => {
    const scratch = scratchFolder();
    try {
      // The ports are of no account here: what is written holds none.
      const address = { host: "127.0.0.1", port: 9092, controllerPort: 9093 };
      const file = join(scratch.path, "node.properties");
      writeFileSync(file, propertiesText(nodeProperties(nodeId, address, target)));
      const tool = ["-cp", classPath, "kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", file];
      await runCommand(java, [...MEMORY, ...LOGGING, ...tool]);
    } finally {
      scratch.remove();
    }
  });
}

/** Starts a broker, lets it do some of what tests will want, and ends it politely: the JVM writes the archive on its way out. */
async function recordClasses(runtime: BrokerRuntime): Promise<void> {
  const scratch = scratchFolder();
  const folder = scratch.path;
  const ports: ReservedPort[] = [await reservePort(), await reservePort()];
  const [port, controllerPort] = [ports[0]!.port, ports[1]!.port];
  const data = join(folder, "data");
  cpSync(await runtime.dataTemplate(1), data, { recursive: true });
  const properties = join(folder, "node.properties");
  writeFileSync(properties, propertiesText(nodeProperties(1, { host: "127.0.0.1", port, controllerPort }, data)));
  const broker = new JvmProcess({ ...runtime, args: [...runtime.args, properties], folder, logFile: join(folder, "broker.log") });
  try {
    await untilAnswering("127.0.0.1", port, broker, FIRST_START_MS);
    const connection = await RawConnection.open("127.0.0.1", port);
    await connection.request(METADATA_REQUEST);
    await connection.close();
    broker.signal("SIGTERM");
    await broker.exited;
  } finally {
    await broker.kill();
    for (const { release } of ports) release();
    scratch.remove();
  }
}
