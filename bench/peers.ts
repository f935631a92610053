/**
 * Brings the peers, which are installed below bench/ only, and a Node that all of them run on: @platformatic/kafka needs 22.22.
 * It comes as npm's platform packages of `node`, taken directly, because the `node` package itself fetches them in an install
 * script, and npm 11 runs none.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

export const benchDirectory: string = import.meta.dirname;
const modules = join(benchDirectory, "node_modules");

/** Installs the peers unless they are there already; the problem, or undefined. */
export function installPeers(): string | undefined {
  const installed = join(modules, ".package-lock.json");
  const locked = join(benchDirectory, "package-lock.json");
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(locked).mtimeMs) return undefined;
  process.stderr.write("installing the peers (npm ci in bench/)\n");
  try {
    // Errors only: under Node 20, npm warns of each package that wants 22, which is why we bring it.
    execFileSync("npm", ["ci", "--prefix", benchDirectory, "--loglevel=error"], { stdio: ["ignore", "ignore", "pipe"] });
    return undefined;
  } catch (error) {
    return `npm ci in bench/ failed: ${lastLines(error)}`;
  }
}

/** The version of an installed package. */
export function packageVersion(directory: string): string {
  const manifest: unknown = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
  const version = typeof manifest === "object" && manifest !== null && "version" in manifest ? manifest.version : undefined;
  return typeof version === "string" ? version.replace(/^v/, "") : "unknown";
}

export function peerVersion(name: string): string {
  return packageVersion(join(modules, name));
}

/** The Node binary that all clients are measured on; undefined when none was installed for this platform. */
export function sharedNode(): string | undefined {
  const { platform, arch } = process;
  const candidates = [`node-${platform === "win32" ? "win" : platform}-${arch}`, `node-bin-${platform}-${arch}`];
  for (const name of candidates) {
    const binary = join(modules, name, "bin", platform === "win32" ? "node.exe" : "node");
    if (existsSync(binary) && nodeVersion(binary) !== undefined) return binary;
  }
  return undefined;
}

function nodeVersion(binary: string): string | undefined {
  try {
    return execFileSync(binary, ["--version"], { encoding: "utf8" }).trim();
  } catch {
    // Made for another system (musl, say): then it is as if it were not there.
    return undefined;
  }
}

/** Why a peer cannot run, or undefined. */
export function peerProblem(name: string, nodeBinary: string | undefined): string | undefined {
  if (!existsSync(join(modules, name, "package.json"))) return "not installed below bench/";
  const version = nodeBinary === undefined ? process.version : (nodeVersion(nodeBinary) ?? "unknown");
  const [major = 0, minor = 0] = version.slice(1).split(".").map(Number);
  const needsNode22 = name === "@platformatic/kafka";
  if (needsNode22 && (major < 22 || (major === 22 && minor < 22))) return `needs Node 22.22, there is ${version} only`;
  return undefined;
}

export function lastLines(error: unknown): string {
  const stderr = typeof error === "object" && error !== null && "stderr" in error ? String(error.stderr).trim() : "";
  const text = stderr !== "" ? stderr : error instanceof Error ? error.message : String(error);
  // npm ends with the path of its log, which says nothing to another reader and names a home directory.
  const lines = text.split("\n").filter((line) => line.trim() !== "" && !line.includes("complete log of this run"));
  return lines.slice(-6).join(" | ");
}
