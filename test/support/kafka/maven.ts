// Jars from Maven, once: a second run with the same pom starts no Maven.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { builtOnce, isBuilt, stampOf } from "../cache-folder.ts";
import { runCommand } from "../child-processes.ts";

export interface JarSet {
  /** The folder in the cache. */
  readonly name: string;
  /** Path of a pom that says which jars; its property `kafka.version` is overridden. */
  readonly pom: string;
  readonly kafkaVersion: string;
}

/** The jars of a pom, sorted: a class archive fits only the class path, in its order, that it was made with. */
export async function jarsOf(set: JarSet): Promise<readonly string[]> {
  const folder = await builtOnce(folderOf(set), async (target) => {
    await runCommand("mvn", [
      "--quiet",
      "--batch-mode",
      `--file=${set.pom}`,
      `-Dkafka.version=${set.kafkaVersion}`,
      "dependency:copy-dependencies",
      `-DoutputDirectory=${target}`,
    ]);
  });
  const jars = readdirSync(folder).filter((file) => file.endsWith(".jar"));
  return jars.sort().map((file) => join(folder, file));
}

/** Whether the jars are in the cache, so that Maven is not needed. */
export function hasJars(set: JarSet): boolean {
  return isBuilt(folderOf(set));
}

function folderOf(set: JarSet): string {
  return join(set.name, `${set.kafkaVersion}-jars-${stampOf(readFileSync(set.pom))}`);
}
