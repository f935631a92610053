// A child process of a scenario.

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { constants } from "node:os";
import { endWithThisProcess } from "../support/child-processes.ts";
import { LineReader } from "./line-reader.ts";
import type { FinishedProgram, ProgramOptions, RunningProgram } from "./scenario.ts";

/** How long a program that is asked to end may take for it. */
const STOP_MS = 5000;

export interface ProgramSettings extends ProgramOptions {
  readonly folder: string;
}

export class Program implements RunningProgram {
  readonly commandLine: string;
  readonly lines: AsyncIterable<string>;
  readonly ended: Promise<FinishedProgram>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #outLines: LineReader;
  readonly #errorLines: LineReader;
  #stdout = "";
  #stderr = "";
  #inputError: Error | undefined;

  constructor(program: string, parameters: readonly string[], settings: ProgramSettings) {
    this.commandLine = [program, ...parameters].join(" ");
    this.#outLines = new LineReader(`the output of ${program}`);
    this.#errorLines = new LineReader(`the errors of ${program}`);
    this.lines = this.#outLines;
    this.#child = spawn(program, parameters, { cwd: settings.folder, env: { ...process.env, ...settings.env } });
    endWithThisProcess(this.#child);
    this.#child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout += text;
      this.#outLines.push(text);
    });
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
      this.#errorLines.push(text);
    });
    // A program that ends before it has read everything: what it did and how it ended tells more than the broken pipe.
    this.#child.stdin.on("error", (error) => {
      this.#inputError = error;
    });
    this.ended = this.#untilEnded();
    // Whoever awaits it sees the error as well; a program that cannot be started must not end the whole run.
    this.ended.catch(() => undefined);
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  get stderr(): string {
    return this.#stderr;
  }

  waitForLine(pattern: RegExp): Promise<RegExpMatchArray> {
    return this.#outLines.waitFor(pattern);
  }

  waitForErrorLine(pattern: RegExp): Promise<RegExpMatchArray> {
    return this.#errorLines.waitFor(pattern);
  }

  write(text: string | Uint8Array): void {
    if (this.#inputError !== undefined) throw this.#inputError;
    this.#child.stdin.write(text);
  }

  endInput(): void {
    this.#child.stdin.end();
  }

  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<FinishedProgram> {
    this.#child.kill(signal);
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), STOP_MS);
    try {
      return await this.ended;
    } finally {
      clearTimeout(timer);
    }
  }

  /** At once; whoever waits for its lines is told the reason. */
  kill(reason: Error): void {
    this.#outLines.fail(reason);
    this.#errorLines.fail(reason);
    this.#child.kill("SIGKILL");
  }

  async #untilEnded(): Promise<FinishedProgram> {
    try {
      const code = await new Promise<number>((resolve, reject) => {
        this.#child.once("error", reject);
        this.#child.once("close", (exitCode, signal) => resolve(exitCode ?? 128 + (signal ? constants.signals[signal] : 0)));
      });
      return { code, stdout: this.#stdout, stderr: this.#stderr };
    } finally {
      this.#outLines.end();
      this.#errorLines.end();
    }
  }
}
