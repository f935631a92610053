/** The load generators: other people's clients, which give to the brokers and take from them as fast as they can. */
import { runCommand } from "../../test/support/child-processes.ts";
import { goProgram, pinnedVersion } from "../go-program.ts";
import type { RunningBroker } from "./brokers.ts";

export const PARTITIONS = 6;

/** What a case asks of a load generator. */
export interface Load {
  readonly program: "in" | "out" | "admin";
  readonly codec: "none" | "lz4";
  readonly warmRecords: number;
  readonly records: number;
  /** Of the topic; 0 for Kafka's default, no limit. */
  readonly retentionBytes: number;
}

/** One run, by the load generator's own clock. */
export interface LoadRun {
  /** Records, or topics. */
  readonly units: number;
  readonly seconds: number;
  /** All threads of the broker while the clock ran; undefined where there is no /proc. */
  readonly brokerCpuSeconds: number | undefined;
  /** Since the broker's start. */
  readonly peakRssMb: number | undefined;
  /** Of `admin`, what it consists of. */
  readonly steps?: AdminSteps;
}

export interface AdminSteps {
  readonly createMs: number;
  readonly describeMs: number;
  readonly metadataMs: number;
}

export interface LoadGenerator {
  readonly name: string;
  readonly version: string;
  run(load: Load, broker: RunningBroker): Promise<LoadRun>;
}

const TOPICS = 1000;
const PARTITIONS_OF_MANY_TOPICS = 10;

/** franz-go, in the program in load/; or why it cannot be had here. */
export async function franzGo(): Promise<LoadGenerator | string> {
  const program = await goProgram("broker/load");
  if ("problem" in program) return program.problem;
  const run = async (load: Load, broker: RunningBroker): Promise<LoadRun> => {
    try {
      const { stdout } = await runCommand(program.path, [...argumentsOf(load, broker), load.program]);
      return runFromJson(stdout);
    } catch (error) {
      // The program says what is wrong in one line; where it stands is nobody's business.
      throw new Error((error instanceof Error ? error.message : String(error)).trim().split("\n").at(-1));
    }
  };
  return { name: "franz-go", version: pinnedVersion("broker/load", "github.com/twmb/franz-go"), run };
}

function argumentsOf(load: Load, { bootstrapServers, pid }: RunningBroker): string[] {
  const options = {
    bootstrap: bootstrapServers,
    "broker-pid": pid,
    codec: load.codec,
    "warm-records": load.warmRecords,
    records: load.records,
    "retention-bytes": load.retentionBytes,
    topics: TOPICS,
    partitions: load.program === "admin" ? PARTITIONS_OF_MANY_TOPICS : PARTITIONS,
  };
  return Object.entries(options).map(([name, value]) => `-${name}=${value}`);
}

function runFromJson(text: string): LoadRun {
  const printed: unknown = JSON.parse(text);
  const field = (name: string): number => {
    const value = typeof printed === "object" && printed !== null ? Reflect.get(printed, name) : undefined;
    if (typeof value !== "number") throw new Error(`the load generator printed no ${name}: ${text.slice(0, 200)}`);
    return value;
  };
  const known = (name: string): number | undefined => (field(name) < 0 ? undefined : field(name));
  const broker = { brokerCpuSeconds: known("brokerCpuSeconds"), peakRssMb: known("peakRssMb") };
  if (!text.includes('"createMs"')) return { units: field("records"), seconds: field("seconds"), ...broker };
  const steps = {
    createMs: field("createMs"),
    describeMs: field("describeMs"),
    metadataMs: field("metadataMs"),
  };
  const seconds = (steps.createMs + steps.describeMs + steps.metadataMs) / 1000;
  return { units: field("topics"), seconds, ...broker, steps };
}
