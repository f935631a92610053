/** A member in a process of its own, which can be killed, and stopped in the middle of anything. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { systemSchedule } from "../../src/client/async/deadline.ts";
import { endWithThisProcess } from "../support/child-processes.ts";
import type { RunningMember } from "./etl-ground.ts";
import type { MemberPlan, MemberReport } from "./etl-plan.ts";

const CHILD = fileURLToPath(new URL("./member-child.ts", import.meta.url));

export class MemberProcess implements RunningMember {
  readonly plan: MemberPlan;
  readonly #child: ChildProcess;
  readonly #ended: Promise<MemberReport | undefined>;
  #output = "";
  #isFrozen = false;

  constructor(plan: MemberPlan) {
    this.plan = plan;
    const child = spawn(process.execPath, ["--import", "tsx", CHILD, JSON.stringify(plan)], { stdio: ["pipe", "pipe", "pipe"] });
    endWithThisProcess(child);
    this.#child = child;
    let report: MemberReport | undefined;
    createInterface(child.stdout).on("line", (line) => {
      report = JSON.parse(line);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#output += text;
    });
    // What is said to somebody who is gone is said to nobody.
    child.stdin.on("error", () => undefined);
    this.#ended = new Promise((resolve) => {
      child.once("close", () => resolve(report));
    });
  }

  async leave(): Promise<MemberReport> {
    this.#say("leave");
    const report = await this.#ended;
    const end = `ended with ${this.#child.exitCode ?? this.#child.signalCode}: ${this.#output}`;
    return report ?? { committed: 0, aborted: 0, renewed: 0, rebalances: 0, troubles: {}, failure: `${this.plan.name} ${end}` };
  }

  /** SIGKILL. */
  async die(): Promise<undefined> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  /** SIGSTOP. */
  freeze(ms: number): void {
    if (this.#isFrozen) return;
    this.#isFrozen = true;
    this.#child.kill("SIGSTOP");
    systemSchedule(ms, () => {
      this.#isFrozen = false;
      this.#child.kill("SIGCONT");
    });
  }

  stall(ms: number): void {
    this.#say(`stall ${ms}`);
  }

  #say(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }
}
