/** Our Java programs around Java's clients, each compiled once into the cache. */
import { readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { builtOnce, stampOf } from "../../test/support/cache-folder.ts";
import { runCommand } from "../../test/support/child-processes.ts";
import { javaTool, jvmIdentity, missingJdk, missingMaven } from "../../test/support/java-tools.ts";
import { KAFKA_VERSION } from "../../test/support/kafka/kafka-node.ts";
import { hasJars, type JarSet, jarsOf } from "../../test/support/kafka/maven.ts";
import { benchDirectory, lastLines } from "../peers.ts";

const CASES = join(benchDirectory, "cases");
const SHARED = join(CASES, "own-process", "java", "ProcessFigures.java");
const MAIN_CLASSES = { produce: "ProducerLoad", consume: "ConsumerLoad", groups: "GroupMember" } as const;
/** The broker's jars have the tools as well. */
const POM = fileURLToPath(new URL("../../test/support/kafka/pom.xml", import.meta.url));
const JARS: JarSet = { name: "kafka", pom: POM, kafkaVersion: KAFKA_VERSION };
/** As `kafka-producer-perf-test.sh` and `kafka-consumer-perf-test.sh` start theirs. */
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
export async function javaProgram(suite: keyof typeof MAIN_CLASSES): Promise<JavaProgram | string> {
  const missing = missingJdk() ?? (hasJars(JARS) ? undefined : missingMaven());
  if (missing !== undefined) return missing;
  try {
    const mainClass = MAIN_CLASSES[suite];
    const sources = [SHARED, join(CASES, suite, "java", `${mainClass}.java`)];
    const jars = (await jarsOf(JARS)).join(delimiter);
    const stamp = stampOf(...sources.map((file) => readFileSync(file)), jars, jvmIdentity());
    const classes = await builtOnce(join("bench", `java-${suite}-${stamp}`), async (target) => {
      const options = ["-encoding", "UTF-8", "-proc:none", "-d", target, "-cp", jars];
      await runCommand(javaTool("javac") ?? "javac", [...options, ...sources]);
    });
    const args = [...JVM_OPTIONS, "-cp", [classes, jars].join(delimiter), mainClass];
    return { command: javaTool("java") ?? "java", args };
  } catch (error) {
    return `javac failed: ${lastLines(error)}`;
  }
}
