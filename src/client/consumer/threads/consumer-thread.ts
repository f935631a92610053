import { Worker, type WorkerOptions } from "node:worker_threads";
import { ThreadError } from "../../errors.ts";
import type { ConsumerCloseOptions } from "../consumer-close-options.ts";
import { errorFrom, type ThreadOrder, type ThreadStart, type ThreadWord } from "./thread-messages.ts";
import type { ThreadReport } from "./threaded-run-options.ts";

/** Written out, so that bundlers find it; among the sources it is TypeScript. */
function entry(): URL {
  const built = new URL("./thread-entry.js", import.meta.url);
  return import.meta.url.endsWith(".ts") ? new URL(built.href.replace(/\.js$/, ".ts")) : built;
}

/** A thread with a member of the group, seen from outside. */
export class ConsumerThread {
  /** When it is gone; to what went wrong. Never rejects. */
  readonly ended: Promise<ThreadError | undefined>;
  readonly #worker: Worker;
  readonly #index: number;
  readonly #count: number;
  readonly #onFailing: () => void;
  /** It has said itself how it ended. */
  #hasSpoken = false;
  #isTerminated = false;
  #failure: ThreadError | undefined;
  #askers: ((report: ThreadReport | undefined) => void)[] = [];

  /**
   * @param onFailing before its partitions go to others
   * @throws what Node says of the options
   */
  constructor(start: ThreadStart, options: WorkerOptions, onFailing: () => void) {
    this.#onFailing = onFailing;
    this.#index = start.thread;
    this.#count = start.threads;
    this.#worker = new Worker(entry(), { ...options, workerData: start, name: `${start.clientId}-${start.thread}` });
    this.#worker.on("message", (word: ThreadWord) => this.#heard(word));
    this.#worker.on("error", (error: unknown) => this.#fail("an error that nobody has caught", error));
    this.ended = new Promise((resolve) => {
      this.#worker.once("exit", (code) => resolve(this.#gone(code)));
    });
  }

  /** What is in hand is finished. */
  stop(): void {
    this.#tell({ kind: "stop" });
  }

  close(options: ConsumerCloseOptions): void {
    this.#tell({ kind: "close", options });
  }

  /** Undefined if it ends before it has answered. */
  report(): Promise<ThreadReport | undefined> {
    if (this.#hasSpoken || this.#failure !== undefined) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#askers.push(resolve);
      this.#tell({ kind: "report" });
    });
  }

  /** At once, whatever it is doing. */
  async terminate(): Promise<void> {
    this.#isTerminated = true;
    await this.#worker.terminate();
  }

  #tell(order: ThreadOrder): void {
    this.#worker.postMessage(order);
  }

  #heard(word: ThreadWord): void {
    if (word.kind === "report") {
      for (const asker of this.#askers.splice(0)) asker(word.report);
      return;
    }
    if (word.kind === "failing") {
      this.#onFailing();
      return;
    }
    this.#hasSpoken = true;
    if (word.failure !== undefined) this.#fail(word.failure.name, errorFrom(word.failure));
    // Whatever the module has left open would keep it alive.
    void this.#worker.terminate();
  }

  #fail(problem: string, cause: unknown): void {
    this.#failure ??= this.#error(problem, cause);
  }

  #error(problem: string, cause?: unknown): ThreadError {
    return new ThreadError(problem, { thread: this.#index, threads: this.#count, cause });
  }

  #gone(code: number): ThreadError | undefined {
    for (const asker of this.#askers.splice(0)) asker(undefined);
    if (this.#failure !== undefined || this.#hasSpoken) return this.#failure;
    if (this.#isTerminated) return this.#error("it was still at work when the time for closing was over, and was ended");
    return this.#error(`it has exited with code ${code} in the middle of its work`);
  }
}
