// Apache Kafka's own Java classes as the judge of our bytes: writes the fixtures, answers questions, shows the schemas.

import { copyFileSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { builtOnce, stampOf } from "./cache-folder.ts";
import { runCommand } from "./child-processes.ts";
import type { FixtureVariant } from "./fixtures.ts";
import { javaTool, missingJdk, missingMaven, usableOrSkipped } from "./java-tools.ts";
import { hasJars, type JarSet, jarsOf } from "./kafka/maven.ts";
import { type MessageSchema, schemasInJar } from "./message-schema.ts";
import { OracleServer } from "./oracle-server.ts";
import { scratchFolder } from "./scratch-folder.ts";

/** The Kafka whose classes judge. */
export const ORACLE_VERSION: string = "4.4.0";
/** The last Kafka that knows the versions which 4.0 dropped. */
export const OLD_ORACLE_VERSION: string = "3.9.1";

const SOURCES = fileURLToPath(new URL("../oracle/", import.meta.url));
const JVM_FLAGS = ["-Xmx1g", "-XX:+UseSerialGC"];

export interface GenerateOptions {
  /** Before 4.3 only messages are written, as `messages-MAJOR.MINOR.jsonl`. */
  readonly kafkaVersion?: string;
  /** Only APIs that clients call. */
  readonly clientOnly?: boolean;
  /** APIs to be written although `clientOnly` excludes them. */
  readonly also?: readonly string[];
  readonly apis?: readonly string[];
  /** APIs with versions, such as `{ DescribeAcls: "0", OffsetForLeaderEpoch: "0-1" }`. */
  readonly only?: Readonly<Record<string, string>>;
  readonly variants?: readonly FixtureVariant[];
  /** The variant LONG at every version, not just at the edges. */
  readonly full?: boolean;
  /** Batches of many kilobytes in records.jsonl; yes unless said otherwise. */
  readonly largeRecords?: boolean;
}

/** Whether Java can judge here. If not: a line that says why, or an error where `CI=true`. */
export function isOracleAvailable(): boolean {
  const mavenNeeded = !hasJars(jarSet(ORACLE_VERSION)) || !hasJars(jarSet(OLD_ORACLE_VERSION));
  return usableOrSkipped("the oracle (Apache Kafka's classes)", missingJdk() ?? (mavenNeeded ? missingMaven() : undefined));
}

/** Writes fixture files into a folder; resolves to what the program said about them. Rejects if one of its own checks failed. */
export async function generateFixtures(folder: string, options: GenerateOptions = {}): Promise<string> {
  const version = options.kafkaVersion ?? ORACLE_VERSION;
  const classPath = await oracleClassPath(version);
  mkdirSync(folder, { recursive: true });
  if (hasMain(version)) return generate(classPath, "oracle.Main", folder, options);
  const scratch = scratchFolder();
  try {
    const report = await generate(classPath, "oracle.MessagesMain", scratch.path, options);
    const target = join(folder, `messages-${version.split(".").slice(0, 2).join(".")}.jsonl`);
    copyFileSync(join(scratch.path, "messages.jsonl"), target);
    return report;
  } finally {
    scratch.remove();
  }
}

async function generate(classPath: string, main: string, folder: string, options: GenerateOptions): Promise<string> {
  const selection: string[] = [];
  if (options.clientOnly) selection.push("--client");
  if (options.also) selection.push("--also", options.also.join(","));
  if (options.apis) selection.push("--api", options.apis.join(","));
  if (options.only)
    selection.push(
      "--only",
      Object.entries(options.only)
        .map((entry) => entry.join(":"))
        .join(","),
    );
  if (options.variants) selection.push("--variants", options.variants.join(","));
  if (options.full) selection.push("--full");
  if (options.largeRecords === false) selection.push("--small-records");
  const { stderr } = await runCommand(java(), [...JVM_FLAGS, "-cp", classPath, main, "gen", folder, ...selection]);
  return stderr;
}

/** Starts the process that answers. Somebody has to close it; it ends with this process at the latest. */
export async function startOracle(): Promise<OracleServer> {
  const classPath = await oracleClassPath(ORACLE_VERSION);
  const server = new OracleServer(java(), [...JVM_FLAGS, "-cp", classPath, "oracle.Main", "serve"]);
  await server.ask({ op: "ping" });
  return server;
}

/** Kafka's message schemas of a version, in the order of their names. */
export async function schemas(kafkaVersion: string = ORACLE_VERSION): Promise<readonly MessageSchema[]> {
  const jars = await jarsOf(jarSet(kafkaVersion));
  const clients = jars.find((jar) => jar.endsWith(`kafka-clients-${kafkaVersion}.jar`));
  if (clients === undefined) throw new Error(`no kafka-clients ${kafkaVersion} in ${dirname(jars[0] ?? ".")}`);
  return schemasInJar(clients);
}

function jarSet(kafkaVersion: string): JarSet {
  return { name: "oracle", pom: join(SOURCES, "pom.xml"), kafkaVersion };
}

/** The whole program needs the records classes where they are since 4.3. */
function hasMain(kafkaVersion: string): boolean {
  const [major = 0, minor = 0] = kafkaVersion.split(".").map(Number);
  return major > 4 || (major === 4 && minor >= 3);
}

/** Jars and compiled classes, both from the cache if the pom and the sources are as they were. */
async function oracleClassPath(kafkaVersion: string): Promise<string> {
  const set = jarSet(kafkaVersion);
  const jars = await jarsOf(set);
  const sources = readdirSync(SOURCES)
    .filter((file) => file.endsWith(".java"))
    .sort();
  const stamp = stampOf(...[set.pom, ...sources.map((file) => join(SOURCES, file))].map((path) => readFileSync(path)));
  const classes = await builtOnce(join(set.name, `${kafkaVersion}-classes-${stamp}`), async (target) => {
    const main = join(SOURCES, hasMain(kafkaVersion) ? "Main.java" : "MessagesMain.java");
    // The folder of the sources is their package; javac finds there what the main class reaches, and no more.
    const options = ["-encoding", "UTF-8", "-proc:none", "-nowarn", "-sourcepath", dirname(dirname(main)), "-d", target];
    await runCommand(javaTool("javac") ?? "javac", [...options, "-cp", jars.join(delimiter), main]);
  });
  return [...jars, classes].join(delimiter);
}

function java(): string {
  return javaTool("java") ?? "java";
}
