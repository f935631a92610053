import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { endWithThisProcess } from "./child-processes.ts";

const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** `kafkawire` as a process of its own. */
export class StartedCommand {
  readonly child: ChildProcess;
  readonly exited: Promise<readonly [code: number | null, signal: string | null]>;
  stdout = "";
  stderr = "";
  #onOutput: (() => void) | undefined;

  constructor(...parameters: readonly string[]) {
    const args = ["--import", "tsx", MAIN, ...parameters];
    this.child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "pipe"] });
    endWithThisProcess(this.child);
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
      this.#onOutput?.();
    });
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    this.exited = once(this.child, "close").then(([code, signal]) => [code, signal]);
  }

  /** Whole lines of what is printed. */
  get lines(): readonly string[] {
    return this.stdout.split("\n").slice(0, -1);
  }

  /** Resolves when so many lines are printed. */
  async printed(count: number): Promise<void> {
    while (this.lines.length < count) await this.#more();
  }

  /** Resolves when something like this is printed. */
  async says(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.stdout)) await this.#more();
  }

  /** The first line that matches, of those that came or of those to come. */
  async line(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      for (const line of this.lines) {
        const match = pattern.exec(line);
        if (match !== null) return match;
      }
      await this.#more();
    }
  }

  /** Fails when it ends instead. */
  async #more(): Promise<void> {
    const more = new Promise<string>((resolve) => {
      this.#onOutput = () => resolve("more");
    });
    if ((await Promise.race([more, this.exited])) !== "more") {
      throw new Error(`it ended without saying it: ${this.stdout}\n${this.stderr}`);
    }
  }
}
