import { Deadline } from "../../async/deadline.ts";
import type { AssignedPartition } from "../assignment/assigned-partition.ts";
import type { CommitBatch } from "../reading/consumer-batch.ts";
import type { FetchBuffer } from "../reading/fetch-buffer.ts";
import type { ReadCalls } from "../reading/read-calls.ts";
import type { TurnWatch } from "../reading/turn-watch.ts";
import { RunLoop } from "./run-loop.ts";
import type { RunOptions } from "./run-options.ts";

export interface RunsInit {
  readonly calls: ReadCalls;
  readonly buffer: FetchBuffer;
  readonly turns: TurnWatch;
  readonly clock: Deadline["clock"];
  readonly commit: CommitBatch;
}

/** The functions that are at work on records. */
export class Runs {
  readonly #init: RunsInit;
  readonly #underWay = new Set<Promise<void>>();
  readonly #loops = new Set<RunLoop>();

  constructor(init: RunsInit) {
    this.#init = init;
  }

  async run({
    eachRecord,
    eachBatch,
    concurrency = 1,
    orderBy = "partition",
    signal,
  }: RunOptions<unknown, unknown>): Promise<void> {
    const deadline = (stop: AbortSignal): Deadline => new Deadline(this.#init.clock, Number.POSITIVE_INFINITY, stop);
    const loop = new RunLoop({ ...this.#init, eachRecord, eachBatch, concurrency, orderBy, signal, deadline });
    const running = loop.run();
    this.#loops.add(loop);
    const ended = running.catch(() => undefined); // Whoever has called it hears of it.
    this.#underWay.add(ended);
    try {
      await running;
    } finally {
      this.#underWay.delete(ended);
      this.#loops.delete(loop);
    }
  }

  /** Resolves when no function is at work on records of these any more. */
  async finished(partitions: readonly AssignedPartition[]): Promise<void> {
    await Promise.all([...this.#loops].map((loop) => loop.finished(partitions)));
  }

  /** Resolves when what was begun is finished, or at the deadline. */
  async settled(deadline: Deadline): Promise<void> {
    if (this.#underWay.size === 0) return;
    await deadline.race(Promise.all(this.#underWay), outOfTime).catch(() => undefined);
  }
}

/** Not an error that anybody sees. */
function outOfTime(): Error {
  return new Error("functions are still at work");
}
