// What the classes of a release say that its broker speaks: test/oracle/ReleaseVersions.java, run with that release's jars.

import { delimiter } from "node:path";
import { fileURLToPath } from "node:url";
import type { VersionRange } from "../../src/protocol/index.ts";
import { runCommand } from "../../test/support/child-processes.ts";
import { javaTool } from "../../test/support/java-tools.ts";
import { oldKafkaJars } from "../../test/support/kafka/old-kafka-jars.ts";
import { isAtLeast, isKRaft } from "../../test/support/kafka/old-kafka-mode.ts";
import type { KafkaDistribution } from "./kafka-releases.ts";

const PROGRAM = fileURLToPath(new URL("../../test/oracle/ReleaseVersions.java", import.meta.url));

export interface JarVersions {
  readonly apis: readonly JarApi[];
  /** Names by level; empty before 3.3. */
  readonly metadataVersions: ReadonlyMap<number, string>;
}

export interface JarApi {
  readonly key: number;
  /** As this release calls it. */
  readonly name: string;
  readonly versions: VersionRange;
}

interface Printed {
  readonly apis: readonly JarApi[];
  readonly metadataVersions: Readonly<Record<string, string>>;
}

export async function jarVersions(distribution: KafkaDistribution): Promise<JarVersions> {
  const jars = await oldKafkaJars(distribution.version);
  const listener = isKRaft(distribution.version) ? "BROKER" : "ZK_BROKER";
  const { stdout } = await runCommand(javaTool("java") ?? "java", ["-Xmx256m", "-cp", jars.join(delimiter), PROGRAM, listener]);
  const printed: Printed = JSON.parse(stdout);
  const levels = Object.entries(printed.metadataVersions).map(([level, name]) => [Number(level), name] as const);
  const apis = printed.apis.filter(({ key }) => !isSwitchedOff(distribution, key));
  return { apis, metadataVersions: new Map(levels) };
}

const TELEMETRY_APIS: ReadonlySet<number> = new Set([71, 72]);

/** The one rule that the classes do not tell: telemetry is offered only if a metrics reporter wants it; by default none does. */
function isSwitchedOff({ release }: KafkaDistribution, key: number): boolean {
  return isAtLeast(release, "3.7") && TELEMETRY_APIS.has(key);
}
