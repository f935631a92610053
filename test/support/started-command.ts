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
    this.child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
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

  /** Resolves when so many lines are printed. */
  async printed(count: number): Promise<void> {
    while (this.stdout.split("\n").length <= count) {
      await new Promise<void>((resolve) => {
        this.#onOutput = resolve;
      });
    }
  }
}
