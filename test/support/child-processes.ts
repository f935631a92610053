// Child processes that never outlive the test run: each is ended by its own id when this process exits, however it exits.

import { type ChildProcess, spawn } from "node:child_process";

const alive = new Set<ChildProcess>();
const cleanups = new Set<() => void>();
let watching = false;

/** How much of a failed command's output is shown. */
const SHOWN_CHARACTERS = 4000;

/** From now on the child dies with this process. */
export function endWithThisProcess(child: ChildProcess): void {
  watchExit();
  alive.add(child);
  child.once("exit", () => alive.delete(child));
}

/** Something synchronous to be done when this process exits, such as removing a folder. Returns how to take it back. */
export function atExit(cleanup: () => void): () => void {
  watchExit();
  cleanups.add(cleanup);
  return () => cleanups.delete(cleanup);
}

function watchExit(): void {
  if (watching) return;
  watching = true;
  process.once("exit", endAll);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    const onSignal = (): void => {
      endAll();
      process.removeListener(signal, onSignal);
      // Somebody else who listens decides how the process ends; alone, we let the signal do what it does.
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
    };
    process.on(signal, onSignal);
  }
}

function endAll(): void {
  for (const child of alive) child.kill("SIGKILL");
  alive.clear();
  for (const cleanup of cleanups) cleanup();
  cleanups.clear();
}

export interface FinishedCommand {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end. Rejects with the end of its output if it does not exit with 0. */
export async function runCommand(command: string, args: readonly string[], cwd?: string): Promise<FinishedCommand> {
  const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  endWithThisProcess(child);
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const code = await new Promise<number | string>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exitCode, signal) => resolve(exitCode ?? signal ?? "unknown"));
  });
  if (code === 0) return { stdout, stderr };
  const output = `${stdout}${stderr}`.slice(-SHOWN_CHARACTERS);
  throw new Error(`${command} ended with ${code}: ${[command, ...args].join(" ").slice(0, 300)}\n${output}`);
}
