// What Kafka's group coordinator makes of groups and of regular expressions: GroupCoordinatorFixtures.java, run with a broker's jars.

import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";
import { runCommand } from "../support/child-processes.ts";
import { javaTool } from "../support/java-tools.ts";
import { KAFKA_VERSION } from "../support/kafka/kafka-node.ts";
import { jarsOf } from "../support/kafka/maven.ts";

const PROGRAM = fileURLToPath(new URL("GroupCoordinatorFixtures.java", import.meta.url));
const BROKER_POM = fileURLToPath(new URL("../support/kafka/pom.xml", import.meta.url));

/** Writes assignors.jsonl and topic-regexes.jsonl, the same in every run. */
export async function generateGroupCoordinatorSet(folder: string): Promise<void> {
  const jars = await jarsOf({ name: "kafka", pom: BROKER_POM, kafkaVersion: KAFKA_VERSION });
  await runCommand(javaTool("java") ?? "java", ["-Xmx256m", "-cp", jars.join(delimiter), PROGRAM, folder]);
}
