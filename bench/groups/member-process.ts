/** A member of a group in a process of its own, and what it says. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { endWithThisProcess } from "../../test/support/child-processes.ts";
import { problemOf } from "../measure.ts";

export interface Handled {
  readonly partition: number;
  readonly offset: number;
  /** Of the wall clock, which all processes share. */
  readonly atMs: number;
}

/** Longer than that a member that was told to close, hangs. */
const CLOSING_MS = 30_000;

export class MemberProcess {
  readonly handled: Handled[] = [];
  /** The newest that it has said. */
  generation = -1;
  /** When (of the wall clock) it was assigned something last. */
  assignedAtMs: number | undefined;
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #exited: Promise<void>;
  #isEnding = false;
  #stderr = "";
  /** It has ended though nobody wanted it to. */
  problem: Error | undefined;

  constructor([command, ...args]: readonly [string, ...string[]], environment: Readonly<Record<string, string>>) {
    const { NODE_OPTIONS: _, ...env } = process.env;
    this.#child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...env, ...environment } });
    endWithThisProcess(this.#child);
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
    createInterface({ input: this.#child.stdout }).on("line", (line) => this.#hear(line));
    this.#exited = new Promise((resolve) => {
      this.#child.on("error", (error) => {
        this.problem = error;
        resolve();
      });
      this.#child.on("close", (code, signal) => {
        // Java ends with 143 after a SIGTERM that it has seen to.
        const isWanted = this.#isEnding && (code === 0 || code === 143 || signal === "SIGKILL");
        if (!isWanted)
          this.problem ??= new Error(`a member ended with ${signal ?? `exit code ${code}`}: ${problemOf(this.#stderr)}`);
        resolve();
      });
    });
  }

  /** Without a word. Resolves when it is gone. */
  async kill(): Promise<void> {
    this.#isEnding = true;
    this.#child.kill("SIGKILL");
    await this.#exited;
  }

  /** Resolves when it is closed and gone. */
  async close(): Promise<void> {
    this.#isEnding = true;
    this.#child.kill("SIGTERM");
    const late = setTimeout(() => this.#child.kill("SIGKILL"), CLOSING_MS);
    const startedAtMs = Date.now();
    await this.#exited;
    clearTimeout(late);
    if (Date.now() - startedAtMs >= CLOSING_MS) this.problem ??= new Error(`a member did not close within ${CLOSING_MS} ms`);
  }

  #hear(line: string): void {
    const [first = "", second, third] = line.split(" ");
    if (first === "assigned" || first === "generation") {
      this.generation = Math.max(this.generation, Number(second));
      if (first === "assigned") this.assignedAtMs = Date.now();
      return;
    }
    this.handled.push({ partition: Number(first), offset: Number(second), atMs: Number(third) });
  }
}
