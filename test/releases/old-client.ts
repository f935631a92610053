// Runs the program of java/ with the jars of one version of Kafka's client.

import { readdirSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { builtOnce, stampOf } from "../support/cache-folder.ts";
import { runCommand } from "../support/child-processes.ts";
import { javaTool, missingJdk, missingMaven } from "../support/java-tools.ts";
import { hasJars, type JarSet, jarsOf } from "../support/kafka/maven.ts";
import { pairs } from "./pairs.ts";

const POM = fileURLToPath(new URL("pom.xml", import.meta.url));
const SOURCES = fileURLToPath(new URL("java", import.meta.url));
/** The newest client that still has everything that the old ones have. */
const COMPILED_WITH = "3.9.1";
const MEMORY = ["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"];
const LOGGING = "-Dorg.slf4j.simpleLogger.defaultLogLevel=error";

/** Why the clients cannot be had here, as a clause. */
export function missingOldClients(): string | undefined {
  const isComplete = pairs.every(({ client }) => hasJars(jarSet(client)));
  return missingJdk() ?? (isComplete ? undefined : missingMaven());
}

/** One after the other: two Mavens at once would trip over each other's files. */
export async function prepareOldClients(): Promise<void> {
  for (const { client } of pairs) await jarsOf(jarSet(client));
  await programs();
}

let runs = 0;

/** What the client saw, a line for each thing. */
export async function runOldClient(client: string, bootstrapServers: string): Promise<readonly string[]> {
  const classPath = [await programs(), ...(await jarsOf(jarSet(client)))].join(delimiter);
  const main = ["releases.Main", client, bootstrapServers, `run${process.pid}x${runs++}`];
  const { stdout } = await runCommand(javaTool("java") ?? "java", [...MEMORY, LOGGING, "-cp", classPath, ...main]);
  return stdout.trimEnd().split("\n");
}

function jarSet(client: string): JarSet {
  return { name: "clients", pom: POM, kafkaVersion: client };
}

async function programs(): Promise<string> {
  const files = readdirSync(SOURCES).filter((file) => file.endsWith(".java"));
  const sources = files.sort().map((file) => join(SOURCES, file));
  const stamp = stampOf(COMPILED_WITH, ...sources.map((file) => readFileSync(file)));
  return builtOnce(join("clients", `programs-${stamp}`), async (target) => {
    const classPath = (await jarsOf(jarSet(COMPILED_WITH))).join(delimiter);
    const options = ["-encoding", "UTF-8", "-proc:none", "-nowarn", "-Xlint:none", "-d", target, "-cp", classPath];
    await runCommand(javaTool("javac") ?? "javac", [...options, ...sources]);
  });
}
