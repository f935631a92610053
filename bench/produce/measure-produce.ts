/** Runs every case with every client, several times: each run in a process of its own and into a topic of its own, in shuffled order. */
import { spawn } from "node:child_process";
import { endWithThisProcess } from "../../test/support/child-processes.ts";
import { problemOf, shuffled } from "../measure.ts";
import type { ProduceClient } from "./clients.ts";
import { OUTSTANDING, PARTITIONS, type ProduceCase, RECORDS_PER_SECOND } from "./produce-suite.ts";
import type { Stage } from "./stage.ts";

/** What a client's program prints. */
export interface ProduceRun {
  readonly runtime: string;
  /** Everything that was acknowledged, the warm-up included. */
  readonly sent: number;
  /** Of these, what was measured. */
  readonly records: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Until the first record was acknowledged, connecting included. Like the rest: undefined where it is not measured. */
  readonly coldMs: number | undefined;
  readonly peakRssMb: number | undefined;
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
  readonly loopDelayP99Ms: number | undefined;
}

export interface ProduceJob {
  readonly case: ProduceCase;
  readonly client: ProduceClient;
  readonly runs: ProduceRun[];
}

export interface ProducePlan {
  readonly jobs: readonly ProduceJob[];
  readonly runs: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  readonly stage: Stage;
  /** By the size of a value. */
  readonly valuesFile: (valueBytes: number) => string;
  readonly progress: (text: string) => void;
}

/** A run that takes longer hangs. */
const PATIENCE_MS = 120_000;
/** Of the broker. */
const WARM_UP_RUNS = 3;

/** What went wrong, by job: such a job is not reported. */
export async function measureProduce(plan: ProducePlan): Promise<ReadonlyMap<ProduceJob, string>> {
  const failed = new Map<ProduceJob, string>();
  let done = 0;
  await warmBroker(plan);
  for (let round = 1; round <= plan.runs; round++) {
    const topics = await plan.stage.topics.create(plan.jobs.length);
    for (const job of shuffled(plan.jobs)) {
      plan.progress(`${++done}/${plan.jobs.length * plan.runs} ${job.case.name} ${job.client.name}`);
      if (failed.has(job)) continue;
      try {
        job.runs.push(await runOnce(plan, job, topics.pop() ?? ""));
      } catch (error) {
        failed.set(job, error instanceof Error ? error.message : String(error));
      }
    }
  }
  return failed;
}

/** The first runs would pay for the broker's own warm-up. What goes wrong here goes wrong again, and is reported then. */
async function warmBroker(plan: ProducePlan): Promise<void> {
  const jobs = shuffled(plan.jobs).slice(0, WARM_UP_RUNS);
  const topics = await plan.stage.topics.create(jobs.length);
  for (const job of jobs) await runOnce(plan, job, topics.pop() ?? "").catch(() => undefined);
}

async function runOnce(plan: ProducePlan, { case: it, client }: ProduceJob, topic: string): Promise<ProduceRun> {
  const { topics, bootstrapServers, environment } = plan.stage;
  try {
    const settings = {
      bootstrap: bootstrapServers,
      topic,
      partitions: PARTITIONS,
      style: it.style,
      codec: it.codec,
      valuesFile: plan.valuesFile(it.valueBytes),
      valueBytes: it.valueBytes,
      warmUpMs: plan.warmUpMs * client.warmUpFactor,
      measureMs: plan.measureMs,
      outstanding: OUTSTANDING,
      perSecond: RECORDS_PER_SECOND,
    };
    const [command, ...args] = client.command;
    const named = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
    const run = runFromFields(JSON.parse(await outputOf(command, [...args, ...named], { ...environment, ...client.environment })));
    const logged = await topics.records(topic);
    if (logged !== run.sent) throw new Error(`${run.sent} records were acknowledged, and ${logged} are in the log`);
    return run;
  } finally {
    await topics.remove(topic);
  }
}

/** What the program printed; rejects with what it said went wrong. */
export function outputOf(command: string, args: readonly string[], environment: Readonly<Record<string, string>>): Promise<string> {
  return new Promise((resolve, reject) => {
    // NODE_OPTIONS of the runner (a loader for TypeScript, say) would change what is measured.
    const { NODE_OPTIONS: _, ...env } = process.env;
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...env, ...environment } });
    endWithThisProcess(child);
    const late = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(late);
      if (code === 0) resolve(stdout);
      else reject(new Error(`ended with ${signal ?? `exit code ${code}`}: ${problemOf(stderr)}`));
    });
  });
}

export function runFromFields(printed: unknown): ProduceRun {
  const field = (name: string): unknown =>
    typeof printed === "object" && printed !== null ? Reflect.get(printed, name) : undefined;
  const optional = (name: string): number | undefined => {
    const value = field(name);
    return typeof value === "number" ? value : undefined;
  };
  const number = (name: string): number => {
    const value = optional(name);
    if (value === undefined) throw new Error(`it printed no ${name}: ${JSON.stringify(printed).slice(0, 200)}`);
    return value;
  };
  return {
    runtime: String(field("runtime")),
    sent: number("sent"),
    records: number("records"),
    seconds: number("seconds"),
    cpuSeconds: number("cpuSeconds"),
    coldMs: optional("coldMs"),
    peakRssMb: optional("peakRssMb"),
    p50Ms: optional("p50Ms"),
    p99Ms: optional("p99Ms"),
    loopDelayP99Ms: optional("loopDelayP99Ms"),
  };
}
