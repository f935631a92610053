import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { endWithThisProcess } from "../../../support/child-processes.ts";
import type { HostOrder, HostReport, MemberSpec } from "./member-spec.ts";

const PROGRAM = fileURLToPath(new URL("./member-host.ts", import.meta.url));
const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const SHOWN_CHARACTERS = 4000;
/** Closing takes 30 s at most, unless nobody gets on with it. */
const CLOSE_MS = 60_000;
const AGAIN_MS = 100;

/** A process of members, as seen by who kills it. */
export class Host {
  readonly members: Map<string, MemberSpec> = new Map();
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #closing = new Map<string, () => void>();
  #onGoing: (() => void) | undefined;
  #stderr = "";
  #isToEnd = false;

  private constructor(journal: string, onFailure: (what: string) => void) {
    this.#child = fork(PROGRAM, [journal], {
      cwd: ROOT,
      execArgv: ["--import", "tsx"],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    endWithThisProcess(this.#child);
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-SHOWN_CHARACTERS);
    });
    this.#child.on("message", (report: HostReport) => {
      if (report.kind === "closed") this.#closing.get(report.member)?.();
      if (report.kind === "goes on") this.#onGoing?.();
    });
    this.#exited = once(this.#child, "close").then(([code, signal]) => {
      if (!this.#isToEnd) onFailure(`a process of members ended with ${code ?? signal}\n${this.#stderr}`);
      for (const closed of this.#closing.values()) closed();
    });
  }

  /** Resolves when it takes orders. */
  static async start(journal: string, onFailure: (what: string) => void): Promise<Host> {
    const host = new Host(journal, onFailure);
    await Promise.race([once(host.#child, "message"), host.#exited]);
    return host;
  }

  begin(spec: MemberSpec): void {
    this.members.set(spec.member, spec);
    this.#order({ kind: "start", spec });
  }

  resubscribe(member: string): void {
    this.#order({ kind: "resubscribe", member });
  }

  /** Resolves with whether it was in time. */
  async close(member: string): Promise<boolean> {
    this.members.delete(member);
    // Its end is told of already.
    if (!this.#child.connected) return true;
    let isLate = false;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        isLate = true;
        resolve();
      }, CLOSE_MS);
      this.#closing.set(member, () => {
        clearTimeout(timer);
        resolve();
      });
      this.#order({ kind: "close", member });
    });
    this.#closing.delete(member);
    return !isLate;
  }

  stop(where: "between" | "in hand"): void {
    this.#order({ kind: "stop", where });
  }

  /** Resolves when it goes on. It may not have stopped yet, and do so only then. */
  async continue(): Promise<void> {
    let goesOn = false;
    const going = new Promise<void>((resolve) => {
      this.#onGoing = resolve;
    });
    void going.then(() => (goesOn = true));
    this.#order({ kind: "go on" });
    while (!goesOn && this.#child.connected) {
      this.#child.kill("SIGCONT");
      await Promise.race([going, this.#exited, pause(AGAIN_MS)]);
    }
  }

  /** At once, whatever it is at. */
  async kill(): Promise<void> {
    this.#isToEnd = true;
    this.#child.kill("SIGKILL");
    await this.#exited;
  }

  #order(order: HostOrder): void {
    if (this.#child.connected) this.#child.send(order);
  }
}
