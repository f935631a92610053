/** A client's program: run once in a process of its own, it prints one JSON object. */
import { spawn } from "node:child_process";
import { endWithThisProcess } from "../../test/support/child-processes.ts";
import { problemOf } from "../measure.ts";

/** What all of them print. Undefined: not measured there. */
export interface ClientRun {
  readonly runtime: string;
  readonly records: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Until the first record was acknowledged or delivered, connecting included. */
  readonly coldMs: number | undefined;
  readonly peakRssMb: number | undefined;
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
  readonly loopDelayP99Ms: number | undefined;
}

/** A run that takes longer hangs. */
const PATIENCE_MS = 120_000;

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

/** The settings of a run, as the programs take them. */
export function namedSettings(settings: Readonly<Record<string, string | number>>): string[] {
  return Object.entries(settings).map(([name, value]) => `${name}=${value}`);
}

export function runFromFields(printed: unknown): ClientRun {
  return {
    runtime: String(field(printed, "runtime")),
    records: numberField(printed, "records"),
    seconds: numberField(printed, "seconds"),
    cpuSeconds: numberField(printed, "cpuSeconds"),
    coldMs: optionalNumber(printed, "coldMs"),
    peakRssMb: optionalNumber(printed, "peakRssMb"),
    p50Ms: optionalNumber(printed, "p50Ms"),
    p99Ms: optionalNumber(printed, "p99Ms"),
    loopDelayP99Ms: optionalNumber(printed, "loopDelayP99Ms"),
  };
}

export function field(printed: unknown, name: string): unknown {
  return typeof printed === "object" && printed !== null ? Reflect.get(printed, name) : undefined;
}

/** @throws Error when it is not there */
export function numberField(printed: unknown, name: string): number {
  const value = optionalNumber(printed, name);
  if (value === undefined) throw new Error(`it printed no ${name}: ${JSON.stringify(printed).slice(0, 200)}`);
  return value;
}

function optionalNumber(printed: unknown, name: string): number | undefined {
  const value = field(printed, name);
  return typeof value === "number" ? value : undefined;
}
