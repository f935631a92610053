// Which JDK and which Maven the checks against Apache Kafka use, and what is said when there is none.

import { existsSync, readFileSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

const OLDEST_JAVA = 17;

/** The path of a program of the JDK, or undefined. `JAVA_HOME` comes before `PATH`. */
export function javaTool(name: "java" | "javac" | "jar" | "jlink"): string | undefined {
  const home = process.env["JAVA_HOME"];
  const atHome = home ? join(home, "bin", name) : undefined;
  return atHome !== undefined && existsSync(atHome) ? atHome : onPath(name);
}

function onPath(name: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** What keeps us from running Java, as a clause; undefined if nothing does. Starts no process. */
export function missingJdk(): string | undefined {
  const javac = javaTool("javac");
  if (javac === undefined || javaTool("java") === undefined)
    return `no JDK ${OLDEST_JAVA} (neither JAVA_HOME nor PATH has a javac)`;
  const version = /^JAVA_VERSION="(\d+)/m.exec(releaseOf(javac) ?? "")?.[1];
  if (version === undefined || Number(version) >= OLDEST_JAVA) return undefined;
  return `JDK ${version} is too old, ${OLDEST_JAVA} is needed`;
}

/** What exactly the JVM is: a class archive fits no other. */
export function jvmIdentity(): string {
  const java = javaTool("java") ?? "java";
  return `${realpathSync(java)}\n${releaseOf(java) ?? ""}`;
}

/** The JDK's file `release`, with its version and build. */
function releaseOf(tool: string): string | undefined {
  const file = join(dirname(dirname(realpathSync(tool))), "release");
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

export function missingMaven(): string | undefined {
  return onPath("mvn") === undefined ? "no Maven (mvn is not on PATH)" : undefined;
}

const said = new Set<string>();

/**
 * Whether something optional can be used. If not: with `CI=true` an error, else one line that says what is skipped and why, and
 * false.
 */
export function usableOrSkipped(what: string, missing: string | undefined): boolean {
  if (missing === undefined) return true;
  if (process.env["CI"] === "true") throw new Error(`${what} cannot run: ${missing}; with CI=true nothing is skipped`);
  const line = `skipped: ${what}: ${missing}`;
  if (!said.has(line)) process.stderr.write(`${line}\n`);
  said.add(line);
  return false;
}
