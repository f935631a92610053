// A Java process with its output in a file, that can be stopped, killed and frozen, and never outlives the test run.

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { endWithThisProcess } from "../child-processes.ts";

const SHOWN_CHARACTERS = 4000;

export interface JvmProcessOptions {
  readonly java: string;
  readonly args: readonly string[];
  readonly folder: string;
  /** Both outputs are appended to it. */
  readonly logFile: string;
}

export class JvmProcess {
  readonly pid: number;
  /** Resolves, never rejects, to how it ended: `exit 1`, `SIGKILL`, `spawn java ENOENT`. */
  readonly exited: Promise<string>;
  readonly #child: ChildProcess;
  readonly #logFile: string;

  constructor(options: JvmProcessOptions) {
    this.#logFile = options.logFile;
    const log = openSync(options.logFile, "a");
    // Its standard input stays open as long as we live: EndsWithParent waits for its end.
    this.#child = spawn(options.java, options.args, { cwd: options.folder, stdio: ["pipe", log, log] });
    closeSync(log);
    endWithThisProcess(this.#child);
    this.#child.stdin?.on("error", () => {});
    this.pid = this.#child.pid ?? 0;
    this.exited = new Promise((resolve) => {
      this.#child.once("error", (error) => resolve(error.message));
      this.#child.once("exit", (code, signal) => resolve(signal ?? `exit ${code}`));
    });
  }

  /** To this process by its own id; nothing happens if it is gone. */
  signal(signal: "SIGTERM" | "SIGKILL" | "SIGSTOP" | "SIGCONT"): void {
    this.#child.kill(signal);
  }

  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.exited;
  }

  /** The end of what it has written. */
  output(): string {
    return existsSync(this.#logFile) ? readFileSync(this.#logFile, "utf8").slice(-SHOWN_CHARACTERS) : "";
  }
}
