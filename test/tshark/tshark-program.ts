// Runs tshark, Wireshark's dissectors without its windows. Debian: apt-get install tshark.

import { execFileSync, type StdioOptions } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { usableOrSkipped } from "../support/java-tools.ts";
import { scratchFolder } from "../support/scratch-folder.ts";
import { BROKER_PORT } from "./pcap.ts";
import { type PdmlPacket, packetsOf } from "./pdml.ts";

const MAX_OUTPUT = 256 * 1024 * 1024;
const TIMEOUT_MS = 60_000;
/** The same for everyone: no local time, no one's own settings. */
const ENVIRONMENT: NodeJS.ProcessEnv = { ...process.env, LC_ALL: "C.UTF-8", TZ: "UTC", WIRESHARK_CONFIG_DIR: "/nonexistent" };

/** Whether tshark can be had here. If not: a line that says so, or an error where `CI=true`. */
export function isTsharkAvailable(): boolean {
  return usableOrSkipped("tshark", tsharkVersion() === undefined ? "tshark is not on PATH" : undefined);
}

/** `4.0.17`; undefined without tshark. */
export function tsharkVersion(): string | undefined {
  try {
    return /\d+\.\d+\.\d+/.exec(run(["--version"]))?.[0];
  } catch {
    return undefined;
  }
}

/** The packets of a capture with Kafka in them, by their number. */
export function dissect(capture: Uint8Array): ReadonlyMap<number, PdmlPacket> {
  // A file, because tshark takes no pipe of Node's: those are sockets.
  const folder = scratchFolder();
  try {
    const file = join(folder.path, "kafka.pcap");
    writeFileSync(file, capture);
    const pdml = run(["-r", file, "-n", "-d", `tcp.port==${BROKER_PORT},kafka`, "-Y", "kafka", "-T", "pdml"]);
    return new Map(packetsOf(pdml).map((packet) => [packet.number, packet]));
  } finally {
    folder.remove();
  }
}

function run(arguments_: readonly string[]): string {
  // What it says on stderr is that it runs as root.
  const stdio: StdioOptions = ["ignore", "pipe", "ignore"];
  return execFileSync("tshark", arguments_, {
    env: ENVIRONMENT,
    maxBuffer: MAX_OUTPUT,
    timeout: TIMEOUT_MS,
    encoding: "utf8",
    stdio,
  });
}
