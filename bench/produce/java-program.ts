/** Our Java program around Java's producer and its performance tool, compiled once into the cache. */
import { readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { builtOnce, stampOf } from "../../test/support/cache-folder.ts";
import { runCommand } from "../../test/support/child-processes.ts";
import { javaTool, jvmIdentity, missingJdk, missingMaven } from "../../test/support/java-tools.ts";
import { KAFKA_VERSION } from "../../test/support/kafka/kafka-node.ts";
import { hasJars, type JarSet, jarsOf } from "../../test/support/kafka/maven.ts";
import { benchDirectory, lastLines } from "../peers.ts";

const SOURCE = join(benchDirectory, "cases", "produce", "java", "ProducerLoad.java");
/** The broker's jars have the tools as well. */
const POM = fileURLToPath(new URL("../../test/support/kafka/pom.xml", import.meta.url));
const JARS: JarSet = { name: "kafka", pom: POM, kafkaVersion: KAFKA_VERSION };
/** As `kafka-producer-perf-test.sh` starts it. */
const JVM_OPTIONS = [
  "-Xmx512M",
  "-XX:+UseG1GC",
  "-XX:MaxGCPauseMillis=20",
  "-XX:InitiatingHeapOccupancyPercent=35",
  "-XX:+ExplicitGCInvokesConcurrent",
  "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
];

export interface JavaProgram {
  readonly command: string;
  readonly args: readonly string[];
}

/** The program, or why there is none. */
export async function javaProgram(): Promise<JavaProgram | string> {
  const missing = missingJdk() ?? (hasJars(JARS) ? undefined : missingMaven());
  if (missing !== undefined) return missing;
  try {
    const jars = (await jarsOf(JARS)).join(delimiter);
    const stamp = stampOf(readFileSync(SOURCE), jars, jvmIdentity());
    const classes = await builtOnce(join("bench", `java-produce-${stamp}`), async (target) => {
      await runCommand(javaTool("javac") ?? "javac", ["-encoding", "UTF-8", "-proc:none", "-d", target, "-cp", jars, SOURCE]);
    });
    const args = [...JVM_OPTIONS, "-cp", [classes, jars].join(delimiter), "ProducerLoad"];
    return { command: javaTool("java") ?? "java", args };
  } catch (error) {
    return `javac failed: ${lastLines(error)}`;
  }
}
