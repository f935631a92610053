/** The clients of the suite: how each is brought here, and how a run of it is started. */
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
import type { ProduceCase } from "./produce-suite.ts";

export const OWN = "kafkawire";

export interface ProduceClient {
  readonly name: string;
  readonly version: string;
  /** To be followed by the settings of a run. */
  readonly command: readonly [string, ...string[]];
  readonly environment: Readonly<Record<string, string>>;
  /** How much longer than the others it warms up. */
  readonly warmUpFactor: number;
  /** Why it cannot do a case, if it cannot. */
  readonly lacks: (it: ProduceCase) => string | undefined;
}

const cases = join(benchDirectory, "cases", "produce");
const WORKER = join(cases, "worker.mjs");
const COMMON = { environment: {}, warmUpFactor: 1, lacks: () => undefined } as const;
/** V8 and the JVM compile while a program runs: it is at its speed only after a while. */
const JIT_WARM_UP = 3;

/** Those of a suite that are wanted and can be had. None, if kafkawire is wanted and cannot: a peer may be missing, but not ours. */
export async function readyClients(
  suite: Suite,
  options: Options,
  unavailable: UnavailableLine[],
): Promise<readonly ProduceClient[]> {
  const ready: ProduceClient[] = [];
  const all = suite.clients.map((name) => ({ name }));
  for (const { name } of picked("client", all, options.clients)) {
    const client = await prepareClient(name, options);
    if (typeof client !== "string") ready.push(client);
    else unavailable.push({ suite: suite.name, client: name, unavailable: client });
    if (typeof client === "string" && name === OWN) return [];
  }
  return ready;
}

/** The client, or why it cannot be had here. */
function prepareClient(name: string, options: Options): Promise<ProduceClient | string> {
  if (name === OWN) return Promise.resolve(own(options));
  if (name === "node-rdkafka") return nodeRdkafka();
  if (name === "kafka-python") return pythonClient(name, "kafka_python_load.py");
  if (name === "confluent-kafka") return pythonClient(name, "confluent_load.py");
  if (name === "franz-go") return franzGo();
  if (name === "java") return java();
  return Promise.resolve(nodePeer(name));
}

function nodeFile(name: string): string {
  return join(cases, `${name.replace("@", "").replaceAll("/", "-")}.mjs`);
}

function own({ currentNode }: Options): ProduceClient | string {
  const problem = buildOwn("index.js");
  if (problem !== undefined) return problem;
  installPeers(); // With them comes the Node that all run on; without it, ours will do.
  const node = (currentNode ? undefined : sharedNode()) ?? process.execPath;
  return { ...COMMON, name: OWN, version: ownVersion(), command: [node, WORKER, nodeFile(OWN)], warmUpFactor: JIT_WARM_UP };
}

function nodePeer(name: string): ProduceClient | string {
  const node = sharedNode();
  const problem = installPeers() ?? peerProblem(name, node);
  if (problem !== undefined) return problem;
  const command = [node ?? process.execPath, WORKER, nodeFile(name)] as const;
  return { ...COMMON, name, version: peerVersion(name), command, warmUpFactor: JIT_WARM_UP };
}

async function nodeRdkafka(): Promise<ProduceClient | string> {
  const peer = nodePeer("node-rdkafka");
  if (typeof peer === "string") return peer;
  const built = await builtNodeRdkafka(peer.command[0]);
  if ("problem" in built) return built.problem;
  const withoutZstd = hasZstd() ? undefined : "built without zstd, whose header (zstd.h) is not here";
  const lacks = ({ codec }: ProduceCase): string | undefined => (codec === "zstd" ? withoutZstd : undefined);
  return { ...peer, environment: { NODE_RDKAFKA: built.path }, lacks };
}

async function pythonClient(name: string, file: string): Promise<ProduceClient | string> {
  try {
    const python = await pythonWithClients();
    // Nothing is left beside the sources.
    const environment = { PYTHONDONTWRITEBYTECODE: "1" };
    return { ...COMMON, name, version: pythonVersion(name), command: [python, join(cases, "python", file)], environment };
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

async function franzGo(): Promise<ProduceClient | string> {
  const program = await goProgram("cases/produce/franz-go");
  if ("problem" in program) return program.problem;
  const version = pinnedVersion("cases/produce/franz-go", "github.com/twmb/franz-go");
  return { ...COMMON, name: "franz-go", version, command: [program.path] };
}

async function java(): Promise<ProduceClient | string> {
  const program = await javaProgram();
  if (typeof program === "string") return program;
  const command = [program.command, ...program.args] as const;
  return { ...COMMON, name: "java", version: KAFKA_VERSION, command, warmUpFactor: JIT_WARM_UP };
}
