// What the Java scenarios run: Apache Kafka's jars, our programs around them, and an archive of loaded classes, all from the cache.

import { readdirSync, readFileSync } from "node:fs";
import { basename, delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { builtOnce, stampOf } from "../../support/cache-folder.ts";
import { runCommand } from "../../support/child-processes.ts";
import { javaTool, jvmIdentity, missingJdk, missingMaven } from "../../support/java-tools.ts";
import { KAFKA_VERSION } from "../../support/kafka/kafka-node.ts";
import { hasJars, type JarSet, jarsOf } from "../../support/kafka/maven.ts";

const SOURCES = fileURLToPath(new URL(".", import.meta.url));
/** The broker's jars have the tools as well. */
const POM = fileURLToPath(new URL("../../support/kafka/pom.xml", import.meta.url));
const JARS: JarSet = { name: "kafka", pom: POM, kafkaVersion: KAFKA_VERSION };
/** Programs live for seconds: a quick start counts for more than the best code. */
const MEMORY = ["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"];
const LOGGING = ["-Dorg.slf4j.simpleLogger.defaultLogLevel=error"];
/** Whose classes are archived: what clients and tools load. */
const ARCHIVED = /^(kafka-clients|kafka-tools|kafka-server-common|argparse4j|jopt-simple|jackson|slf4j|interop)/;

export interface JavaRuntime {
  readonly java: string;
  /** Everything before the name of the main class. */
  readonly parameters: readonly string[];
}

/** Why there is no Java here, as a clause. */
export function missingJava(): string | undefined {
  return missingJdk() ?? (hasJars(JARS) ? undefined : missingMaven());
}

export async function javaRuntime(): Promise<JavaRuntime> {
  const java = javaTool("java") ?? "java";
  const jars = [...(await jarsOf(JARS)), await programsJar()];
  const classPath = jars.join(delimiter);
  const stamp = stampOf(classPath, jvmIdentity(), MEMORY.join(" "), readFileSync(POM));
  const archive = await builtOnce(join("interop", `java-archive-${stamp}`), async (target) => {
    const file = join(target, "classes.jsa");
    const archived = jars.filter((jar) => ARCHIVED.test(basename(jar)));
    await runCommand(java, [...MEMORY, `-XX:ArchiveClassesAtExit=${file}`, "-cp", classPath, "interop.LoadClasses", ...archived]);
  });
  const parameters = [...MEMORY, ...LOGGING, `-XX:SharedArchiveFile=${join(archive, "classes.jsa")}`, "-cp", classPath];
  return { java, parameters };
}

/** A jar and not a folder: a class archive accepts only jars on the class path. */
async function programsJar(): Promise<string> {
  const sources = readdirSync(SOURCES)
    .filter((file) => file.endsWith(".java"))
    .sort()
    .map((file) => join(SOURCES, file));
  const stamp = stampOf(readFileSync(POM), ...sources.map((file) => readFileSync(file)));
  const folder = await builtOnce(join("interop", `java-programs-${stamp}`), async (target) => {
    const classes = join(target, "classes");
    const options = ["-encoding", "UTF-8", "-proc:none", "-nowarn", "-d", classes, "-cp", (await jarsOf(JARS)).join(delimiter)];
    await runCommand(javaTool("javac") ?? "javac", [...options, ...sources]);
    await runCommand(javaTool("jar") ?? "jar", ["--create", `--file=${join(target, "interop.jar")}`, "-C", classes, "."]);
  });
  return join(folder, "interop.jar");
}
