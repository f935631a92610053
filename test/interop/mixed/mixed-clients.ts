// Whose members meet in a group, and how a process that has some is started.

import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { goProgram, goTool, missingModules } from "../franz-go/go-program.ts";
import { javaRuntime, missingJava } from "../java/java-runtime.ts";
import { preparePython, pythonWithClients } from "../python/environment.ts";
import type { RunningProgram, Stage } from "../scenario.ts";

/** How partitions are shared: by an assignor of the members, or by the coordinator (KIP-848). */
export type MixedProtocol = "range" | "roundrobin" | "sticky" | "cooperative-sticky" | "consumer";

export interface MixedClient {
  readonly name: "ours" | "java" | "kafka-python" | "franz-go";
  readonly canKip848: boolean;
  /** Why it cannot be had, as a clause; installs what is missing. */
  prepare(): Promise<string | undefined>;
  /** `members-program BOOTSTRAP GROUP TOPIC PROTOCOL`, however that is said. */
  command(stage: Stage, where: MixedPlace): Promise<readonly [program: string, ...parameters: readonly string[]]>;
}

export interface MixedPlace {
  readonly group: string;
  readonly topic: string;
  readonly protocol: MixedProtocol;
}

/** Short, so that somebody who was killed is missed soon; long enough for a machine that is busy with many processes. */
export const SESSION_MS = 3000;
export const HEARTBEAT_MS = 200;

const OURS = fileURLToPath(new URL("our-members.ts", import.meta.url));
/** As seen from here: members run in a folder of their own. */
const TSX = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
const PYTHON = fileURLToPath(new URL("../python/kafka_python_members.py", import.meta.url));

const ours: MixedClient = {
  name: "ours",
  canKip848: true,
  prepare: () => Promise.resolve(undefined),
  command: ({ bootstrapServers }, { group, topic, protocol }) =>
    Promise.resolve([process.execPath, "--import", TSX, OURS, bootstrapServers, group, topic, protocol]),
};

const java: MixedClient = {
  name: "java",
  canKip848: true,
  prepare: async () => {
    const missing = missingJava();
    if (missing === undefined) await javaRuntime();
    return missing;
  },
  command: async ({ bootstrapServers }, { group, topic, protocol }) => {
    const { java: program, parameters } = await javaRuntime();
    return [program, ...parameters, "interop.Main", "mixed-members", bootstrapServers, "", group, topic, protocol];
  },
};

const kafkaPython: MixedClient = {
  name: "kafka-python",
  // 3.0.12 knows the classic protocol only.
  canKip848: false,
  prepare: async () => (await preparePython())?.unavailable,
  command: async ({ bootstrapServers }, { group, topic, protocol }) =>
    [await pythonWithClients(), "-B", "-u", PYTHON, bootstrapServers, group, topic, protocol] as const,
};

const franzGo: MixedClient = {
  name: "franz-go",
  canKip848: true,
  prepare: async () => {
    const go = goTool();
    if (go === undefined) return "no Go";
    const missing = await missingModules(go);
    if (missing === undefined) await goProgram(go);
    return missing;
  },
  command: async ({ bootstrapServers }, { group, topic, protocol }) =>
    [await goProgram(goTool() ?? "go"), "members", bootstrapServers, "", group, topic, protocol] as const,
};

export const mixedClients: Readonly<Record<MixedClient["name"], MixedClient>> = {
  ours,
  java,
  "kafka-python": kafkaPython,
  "franz-go": franzGo,
};

/** Its members are of that protocol, whatever the others in the group are of. */
export function speaking(protocol: MixedProtocol, client: MixedClient): MixedClient {
  return { ...client, command: (stage, where) => client.command(stage, { ...where, protocol }) };
}

/** A process that has no members yet. `restarts` counts those before it: each begins with another way of reading. */
export async function startMembers(
  client: MixedClient,
  stage: Stage,
  where: MixedPlace,
  restarts: number,
): Promise<RunningProgram> {
  const [program, ...parameters] = await client.command(stage, where);
  const env = { SESSION_MS: String(SESSION_MS), HEARTBEAT_MS: String(HEARTBEAT_MS), FIRST_WAY: String(restarts) };
  return stage.start(program, parameters, { env });
}
