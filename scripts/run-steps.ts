import { spawn } from "node:child_process";

/** One command of a check: passes when it exits with 0. */
export interface Step {
  readonly name: string;
  readonly command: readonly [program: string, ...parameters: string[]];
}

export interface StepResult {
  readonly name: string;
  readonly passed: boolean;
  readonly seconds: number;
  readonly output: string;
}

/** Runs a step to its end and keeps what it printed. */
export function runStep({ name, command: [program, ...parameters] }: Step): Promise<StepResult> {
  const startedAt = performance.now();
  const chunks: Buffer[] = [];
  return new Promise((resolve) => {
    const child = spawn(program, parameters, { stdio: ["ignore", "pipe", "pipe"] });
    const end = (passed: boolean, problem = ""): void => {
      const seconds = (performance.now() - startedAt) / 1000;
      resolve({ name, passed, seconds, output: Buffer.concat(chunks).toString("utf8") + problem });
    };
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("error", (error) => end(false, error.message));
    child.on("close", (code) => end(code === 0));
  });
}
