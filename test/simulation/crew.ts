import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { endWithThisProcess } from "../support/child-processes.ts";
import type { SeedOrder, SeedReport } from "./simulate.ts";

/** A loop that never gives the clock a chance is seen from outside only. Real time, of a machine that may have much else to do. */
const MOST_SECONDS_PER_SEED = 600;

export interface CrewInit {
  /** This folder, or that of a copy of the sources. */
  readonly folder: string;
  readonly workers: number;
  /** Told of every seed, in their order. Returns false when it has seen enough. */
  readonly onReport: (report: SeedReport) => boolean;
}

/** Shares out orders among processes. Reports come in the order of the orders, whoever was faster. */
export async function shareOut(orders: readonly SeedOrder[], { folder, workers, onReport }: CrewInit): Promise<void> {
  const waiting = [...orders];
  const done = new Map<number, SeedReport>();
  let reported = 0;
  let isEnough = false;
  const onDone = (report: SeedReport): void => {
    done.set(report.seed, report);
    for (let order = orders[reported]; order !== undefined && !isEnough; order = orders[reported]) {
      const next = done.get(order.seed);
      if (next === undefined) return;
      done.delete(order.seed);
      reported++;
      isEnough = !onReport(next);
    }
  };
  const next = (): SeedOrder | undefined => (isEnough ? undefined : waiting.shift());
  await Promise.all(Array.from({ length: Math.min(workers, orders.length) }, () => work(folder, next, onDone)));
}

async function work(folder: string, next: () => SeedOrder | undefined, onDone: (report: SeedReport) => void): Promise<void> {
  let worker: Worker | undefined;
  for (let order = next(); order !== undefined; order = next()) {
    worker ??= new Worker(folder);
    const report = await worker.obey(order);
    if (!worker.isAlive) worker = undefined;
    onDone(report);
  }
  worker?.end();
}

class Worker {
  isAlive = true;
  readonly #child: ChildProcess;
  #stderr = "";
  #onReport: ((report: SeedReport) => void) | undefined;
  #seed = 0;

  constructor(folder: string) {
    this.#child = fork(join(folder, "worker.ts"), { cwd: join(folder, "../.."), stdio: ["ignore", "ignore", "pipe", "ipc"] });
    endWithThisProcess(this.#child);
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-4000);
    });
    this.#child.on("message", (message: SeedReport | "ready") => {
      if (message !== "ready") this.#onReport?.(message);
    });
    this.#child.once("exit", (code, signal) => {
      this.isAlive = false;
      this.#fail(`the process ended with ${code ?? signal}\n${this.#stderr}`);
    });
    this.#child.once("error", (error) => this.#fail(error.message));
  }

  obey(order: SeedOrder): Promise<SeedReport> {
    return new Promise((resolve) => {
      const watchdog = setTimeout(() => {
        this.isAlive = false;
        this.#child.kill("SIGKILL");
        this.#fail(`the seed did not end within ${MOST_SECONDS_PER_SEED} s of real time: somebody loops without waiting`);
      }, MOST_SECONDS_PER_SEED * 1000);
      this.#seed = order.seed;
      this.#onReport = (report) => {
        clearTimeout(watchdog);
        this.#onReport = undefined;
        resolve(report);
      };
      this.#child.send(order);
    });
  }

  end(): void {
    this.#child.disconnect();
  }

  #fail(text: string): void {
    this.#onReport?.({ seed: this.#seed, violations: [{ rule: "no seed takes its process down", text, atMs: 0 }] });
  }
}
