/**
 * Runs every case with every client, several times: each run in a process of its own, the clients alternating in an order that is
 * shuffled anew for each round, so that a disturbance of the machine does not hit one client only.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { benchDirectory } from "./peers.ts";
import type { Case, Suite } from "./suites.ts";

/** A client that can run. */
export interface ReadyClient {
  readonly name: string;
  readonly version: string;
  readonly nodeBinary: string;
}

/** What `cases/worker.mjs` prints. */
export interface Run {
  readonly node: string;
  readonly coldMs: number;
  readonly iterationMs: readonly number[];
  readonly cpuMs: number;
  readonly peakRssMb: number;
  /** What the client came to: equal for all clients of a case, or one of them did not do the work. */
  readonly sum: number;
  readonly digest: string;
}

export interface Measured {
  readonly case: Case;
  readonly client: ReadyClient;
  readonly runs: readonly Run[];
}

export interface Plan {
  readonly suite: Suite;
  readonly cases: readonly Case[];
  readonly clients: readonly ReadyClient[];
  readonly runs: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** Environment variables for the workers. */
  readonly environment: Readonly<Record<string, string>>;
  readonly progress: (text: string) => void;
}

export interface Measurement {
  readonly measured: readonly Measured[];
  /** What went wrong, by client: nothing else of such a client is reported. */
  readonly failed: ReadonlyMap<string, string>;
}

/** @throws Error when clients disagree about what they read or wrote: then no figure means anything */
export async function measure(plan: Plan): Promise<Measurement> {
  const measured = plan.cases.flatMap((it) => plan.clients.map((client) => ({ case: it, client, runs: [] as Run[] })));
  const failed = new Map<string, string>();
  let done = 0;
  for (let round = 1; round <= plan.runs; round++) {
    for (const job of shuffled(measured)) {
      plan.progress(`${++done}/${measured.length * plan.runs} ${job.case.name} ${job.client.name}`);
      if (failed.has(job.client.name)) continue;
      const run = await runOnce(plan, job.case, job.client);
      if (typeof run === "string") failed.set(job.client.name, run);
      else job.runs.push(run);
      requireAgreement(measured.filter((other) => other.case === job.case));
    }
  }
  return { measured: measured.filter(({ client }) => !failed.has(client.name)), failed };
}

/** The file of a client in its suite: `@platformatic/kafka` is `platformatic-kafka.mjs`. */
export function caseFile(suite: Suite, clientName: string): string {
  return join(benchDirectory, "cases", suite.name, `${clientName.replace("@", "").replaceAll("/", "-")}.mjs`);
}

/** A run, or what went wrong. */
async function runOnce(plan: Plan, it: Case, client: ReadyClient): Promise<Run | string> {
  const worker = join(benchDirectory, "cases", "worker.mjs");
  const args = [worker, caseFile(plan.suite, client.name), it.name, String(plan.warmUpMs), String(plan.measureMs)];
  const { stdout, stderr, code } = await outputOf(client.nodeBinary, args, plan.environment);
  return code === 0 ? runFromJson(stdout) : `${it.name} ended with exit code ${code}: ${problemOf(stderr)}`;
}

/** Node prints the source line first, then the error. */
export function problemOf(stderr: string): string {
  return stderr.split("\n").find((line) => /^\w*Error\b/.test(line)) ?? stderr.trim().slice(0, 300);
}

interface Output {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

function outputOf(command: string, args: readonly string[], environment: Readonly<Record<string, string>>): Promise<Output> {
  return new Promise((resolve, reject) => {
    // NODE_OPTIONS of the runner (a loader for TypeScript, say) would change what is measured.
    const { NODE_OPTIONS: _, ...env } = process.env;
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...env, ...environment } });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("close", (code) => resolve({ stdout, stderr, code }));
  });
}

function runFromJson(text: string): Run {
  const run: unknown = JSON.parse(text);
  if (!isRun(run)) throw new Error(`the worker printed something else than a run: ${text.slice(0, 200)}`);
  return run;
}

function isRun(value: unknown): value is Run {
  return (
    typeof value === "object" && value !== null && "iterationMs" in value && Array.isArray(value.iterationMs) && "digest" in value
  );
}

function requireAgreement(
  measured: readonly { readonly case: Case; readonly client: ReadyClient; readonly runs: readonly Run[] }[],
): void {
  const results = measured.flatMap(({ client, runs }) => runs.map(({ sum, digest }) => ({ client: client.name, sum, digest })));
  const [first] = results;
  const other = results.find(({ sum, digest }) => sum !== first?.sum || digest !== first.digest);
  if (first === undefined || other === undefined) return;
  throw new Error(
    `${measured[0]?.case.name}: ${first.client} and ${other.client} do not do the same work\n` +
      `  ${first.client}: ${first.digest} (sum ${first.sum})\n  ${other.client}: ${other.digest} (sum ${other.sum})`,
  );
}

export function shuffled<T>(values: readonly T[]): T[] {
  const result = [...values];
  for (let index = result.length - 1; index > 0; index--) {
    const other = Math.floor(Math.random() * (index + 1));
    [result[index], result[other]] = [result[other]!, result[index]!];
  }
  return result;
}
