/** The clients: how each is brought here, and how a run of its program for a suite is started. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pythonWithClients } from "../../test/interop/python/environment.ts";
import { KAFKA_VERSION } from "../../test/support/kafka/kafka-node.ts";
import { goProgram, pinnedVersion } from "../go-program.ts";
import { type Options, picked } from "../options.ts";
import { buildOwn, ownVersion } from "../own-build.ts";
import { benchDirectory, installPeers, lastLines, peerProblem, peerVersion, sharedNode } from "../peers.ts";
import type { Suite } from "../suites.ts";
import type { UnavailableLine } from "../summary.ts";
import { javaProgram } from "./java-program.ts";
import { builtNodeRdkafka, hasZstd } from "./node-rdkafka-build.ts";

export const OWN = "kafkawire";

export interface BenchClient {
  readonly name: string;
  readonly version: string;
  /** To be followed by the settings of a run. */
  readonly command: readonly [string, ...string[]];
  readonly environment: Readonly<Record<string, string>>;
  /** How much longer than the others it warms up. */
  readonly warmUpFactor: number;
  /** Why it cannot do cases with a codec, if it cannot. */
  readonly lacks: (codec: string) => string | undefined;
}

/** The suites that clients have programs for, in `cases/SUITE/`. */
export type ProgramSuite = "produce" | "consume" | "groups";

const CASES = join(benchDirectory, "cases");
const SHARED_PYTHON = join(CASES, "own-process", "python");
const COMMON = { environment: {}, warmUpFactor: 1, lacks: () => undefined } as const;
/** V8 and the JVM compile while a program runs: it is at its speed only after a while. */
const JIT_WARM_UP = 3;

/** Those of a suite that are wanted and can be had. None, if kafkawire is wanted and cannot: a peer may be missing, but not ours. */
export async function readyClients(
  suite: Suite,
  programs: ProgramSuite,
  options: Options,
  unavailable: UnavailableLine[],
): Promise<readonly BenchClient[]> {
  const ready: BenchClient[] = [];
  const all = suite.clients.map((name) => ({ name }));
  for (const { name } of picked("client", all, options.clients)) {
    const client = await prepareClient(name, programs, options);
    if (typeof client !== "string") ready.push(client);
    else unavailable.push({ suite: suite.name, client: name, unavailable: client });
    if (typeof client === "string" && name === OWN) return [];
  }
  return ready;
}

/** The client, or why it cannot be had here. */
function prepareClient(name: string, programs: ProgramSuite, options: Options): Promise<BenchClient | string> {
  if (name === OWN) return Promise.resolve(own(programs, options));
  if (name === "node-rdkafka") return nodeRdkafka(programs);
  if (name === "kafka-python") return pythonClient(name, programs, "kafka_python_load.py");
  if (name === "confluent-kafka") return pythonClient(name, programs, "confluent_load.py");
  if (name === "franz-go") return franzGo(programs);
  if (name === "java") return java(programs);
  return Promise.resolve(nodePeer(name, programs));
}

/** What Node is given: the worker of the suite, and the client's file. */
function nodeArguments(name: string, programs: ProgramSuite): readonly [string, string] {
  const folder = join(CASES, programs);
  return [join(folder, "worker.mjs"), join(folder, `${name.replace("@", "").replaceAll("/", "-")}.mjs`)];
}

function own(programs: ProgramSuite, { currentNode }: Options): BenchClient | string {
  const problem = buildOwn("index.js");
  if (problem !== undefined) return problem;
  installPeers(); // With them comes the Node that all run on; without it, ours will do.
  const node = (currentNode ? undefined : sharedNode()) ?? process.execPath;
  const command = [node, ...nodeArguments(OWN, programs)] as const;
  return { ...COMMON, name: OWN, version: ownVersion(), command, warmUpFactor: JIT_WARM_UP };
}

function nodePeer(name: string, programs: ProgramSuite): BenchClient | string {
  const installProblem = installPeers(); // With them comes the Node that all run on.
  const node = sharedNode();
  const problem = installProblem ?? peerProblem(name, node);
  if (problem !== undefined) return problem;
  const command = [node ?? process.execPath, ...nodeArguments(name, programs)] as const;
  return { ...COMMON, name, version: peerVersion(name), command, warmUpFactor: JIT_WARM_UP };
}

async function nodeRdkafka(programs: ProgramSuite): Promise<BenchClient | string> {
  const peer = nodePeer("node-rdkafka", programs);
  if (typeof peer === "string") return peer;
  const built = await builtNodeRdkafka(peer.command[0]);
  if ("problem" in built) return built.problem;
  const withoutZstd = hasZstd() ? undefined : "built without zstd, whose header (zstd.h) is not here";
  const lacks = (codec: string): string | undefined => (codec === "zstd" ? withoutZstd : undefined);
  return { ...peer, environment: { NODE_RDKAFKA: built.path }, lacks };
}

async function pythonClient(name: string, programs: ProgramSuite, file: string): Promise<BenchClient | string> {
  try {
    const python = await pythonWithClients();
    // Nothing is left beside the sources.
    const environment = { PYTHONDONTWRITEBYTECODE: "1", PYTHONPATH: SHARED_PYTHON };
    return { ...COMMON, name, version: pythonVersion(name), command: [python, join(CASES, programs, "python", file)], environment };
  } catch (error) {
    return `no Python environment: ${lastLines(error)}`;
  }
}

/** As the requirements pin it. */
function pythonVersion(name: string): string {
  const requirements = readFileSync(join(benchDirectory, "..", "test", "interop", "python", "requirements.txt"), "utf8");
  const line = requirements.split("\n").find((text) => text.startsWith(name));
  return line?.split("==")[1] ?? "unknown";
}

async function franzGo(programs: ProgramSuite): Promise<BenchClient | string> {
  if (programs === "groups") return "has no part in this suite";
  const name = `cases/${programs}/franz-go` as const;
  const program = await goProgram(name);
  if ("problem" in program) return program.problem;
  return { ...COMMON, name: "franz-go", version: pinnedVersion(name, "github.com/twmb/franz-go"), command: [program.path] };
}

async function java(programs: ProgramSuite): Promise<BenchClient | string> {
  const program = await javaProgram(programs);
  if (typeof program === "string") return program;
  const command = [program.command, ...program.args] as const;
  return { ...COMMON, name: "java", version: KAFKA_VERSION, command, warmUpFactor: JIT_WARM_UP };
}
