import { KafkaError } from "../../protocol/index.ts";

export interface ThreadErrorInit {
  /** From 0. */
  readonly thread: number;
  readonly threads: number;
  /** What was thrown there, as far as it can be told from one thread to another. */
  readonly cause?: unknown;
}

/**
 * A thread of a run has failed, or has died; the others were stopped. `run` may be called again: it goes on behind what was committed, with
 * the record that it failed of, if that is what it was.
 */
export class ThreadError extends KafkaError {
  override readonly code = "THREAD_FAILED";
  override readonly retriable = false;
  /** From 0. */
  readonly thread: number;

  /** @param problem without the words of what was thrown, which may quote records: those are in `cause` */
  constructor(problem: string, { thread, threads, cause }: ThreadErrorInit) {
    super(`run: thread ${thread} (of ${threads}) has failed: ${problem}`, { cause });
    this.thread = thread;
  }
}
