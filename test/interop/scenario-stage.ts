// The stage of one scenario: names, a folder, and children that end with it.

import { randomBytes } from "node:crypto";
import { scratchFolder } from "../support/scratch-folder.ts";
import { Program } from "./program.ts";
import type { FinishedProgram, ProgramOptions, RunningProgram, RunOptions, Stage } from "./scenario.ts";

/** How much of what a program wrote to its standard error is shown when a scenario fails. */
const SHOWN_LINES = 20;

export class ScenarioStage implements Stage {
  readonly bootstrapServers: string;
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly #scratch = scratchFolder();
  readonly #suffix = `-${randomBytes(5).toString("hex")}`;
  readonly #words = new Set<string>();
  readonly #programs: Program[] = [];

  constructor(bootstrapServers: string, signal: AbortSignal) {
    this.bootstrapServers = bootstrapServers;
    this.signal = signal;
    this.folder = this.#scratch.path;
    signal.addEventListener("abort", () => this.#killAll(), { once: true });
  }

  unique(word: string): string {
    if (this.#words.has(word)) throw new Error(`the scenario has a name for "${word}" already`);
    this.#words.add(word);
    return `${word}${this.#suffix}`;
  }

  hide(text: string): string {
    return text.replaceAll(this.#suffix, "");
  }

  async run(program: string, parameters: readonly string[], options: RunOptions = {}): Promise<FinishedProgram> {
    const running = this.#start(program, parameters, options);
    if (options.input !== undefined) running.write(options.input);
    running.endInput();
    const finished = await running.ended;
    this.signal.throwIfAborted();
    if (finished.code === 0 || options.allowFailure) return finished;
    throw new Error(`${running.commandLine.slice(0, 300)} ended with ${finished.code}`);
  }

  start(program: string, parameters: readonly string[], options: ProgramOptions = {}): RunningProgram {
    return this.#start(program, parameters, options);
  }

  /** The last lines that each program wrote to its standard error. */
  lastErrorLines(): string {
    const parts = this.#programs
      .filter(({ stderr }) => stderr.trim() !== "")
      .map(({ commandLine, stderr }) => {
        const lines = stderr.trimEnd().split("\n").slice(-SHOWN_LINES);
        return [`stderr of ${commandLine.slice(0, 200)}`, ...lines.map((line) => `  ${line}`)].join("\n");
      });
    return this.hide(parts.join("\n"));
  }

  /** Resolves when all children are gone. */
  async close(): Promise<void> {
    this.#killAll();
    await Promise.allSettled(this.#programs.map(({ ended }) => ended));
    this.#scratch.remove();
  }

  #start(program: string, parameters: readonly string[], options: ProgramOptions): Program {
    this.signal.throwIfAborted();
    const running = new Program(program, parameters, { ...options, folder: this.folder });
    this.#programs.push(running);
    return running;
  }

  #killAll(): void {
    const reason: unknown = this.signal.reason;
    const error = reason instanceof Error ? reason : new Error("the scenario is over");
    for (const program of this.#programs) program.kill(error);
  }
}
