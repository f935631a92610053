import type { OffsetCommitCallback } from "../../config/consumer-options.ts";
import type { Telemetry } from "../../telemetry/telemetry.ts";
import type { TopicPartitionOffset } from "../topic-partition.ts";

/**
 * Tells those who do not wait how their commits ended: in the order of their calls, also when a later one ended first; never inside the
 * call, nor inside another callback.
 */
export class CommitCallbacks {
  readonly #telemetry: Telemetry;
  #told: Promise<void> = Promise.resolve();

  constructor(telemetry: Telemetry) {
    this.#telemetry = telemetry;
  }

  /** @param callback undefined: nobody is told, and a failure is reported */
  follow(commit: Promise<void>, offsets: readonly TopicPartitionOffset[], callback: OffsetCommitCallback | undefined): void {
    this.#told = this.#tell(this.#told, commit, offsets, callback);
  }

  /** Resolves when everybody is told who has asked so far. */
  get told(): Promise<void> {
    return this.#told;
  }

  /** Resolves when everybody has been told. */
  async idle(): Promise<void> {
    for (let last: Promise<void> | undefined; last !== this.#told; ) {
      last = this.#told;
      await last;
    }
  }

  /** Never rejects. */
  async #tell(
    before: Promise<void>,
    commit: Promise<void>,
    offsets: readonly TopicPartitionOffset[],
    callback: OffsetCommitCallback | undefined,
  ): Promise<void> {
    const error = await commit.then(
      () => undefined,
      (reason: unknown) => (reason instanceof Error ? reason : new Error(String(reason), { cause: reason })),
    );
    await before;
    if (callback !== undefined) this.#call(callback, offsets, error);
    else if (error !== undefined) this.#report("COMMIT_FAILED", "offsets were not committed", error);
  }

  /** What it throws does not disturb others, and the process judges as it does with any callback. */
  #call(callback: OffsetCommitCallback, offsets: readonly TopicPartitionOffset[], error: Error | undefined): void {
    try {
      callback(offsets, error);
    } catch (thrown) {
      this.#report("CALLBACK_FAILED", "an offset commit callback has thrown", thrown);
      queueMicrotask(() => {
        throw thrown;
      });
    }
  }

  #report(code: string, text: string, error: unknown): void {
    const said = error instanceof Error ? error.message : String(error);
    this.#telemetry.warning(code, `${text}: ${said}`, { error: said });
  }
}
