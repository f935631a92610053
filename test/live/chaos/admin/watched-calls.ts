import { type CallOptions, type ItemResult, KafkaError } from "../../../../src/index.ts";
import { AwakeTime } from "../awake-time.ts";

/** What one item, or a call about nothing in particular, came to: a value, or the error's code. */
export type Ending = "succeeded" | "cancelled" | "hung" | { readonly code: string };

export interface CallRecord {
  readonly kind: string;
  readonly startedMs: number;
  readonly elapsedMs: number;
  readonly timeoutMs: number;
  readonly ending: Ending;
}

export interface WatchOptions {
  readonly timeoutMs: number;
  /** When the caller loses patience. */
  readonly cancelAfterMs?: number | undefined;
}

/** Of the time that this process was awake: timers come in turn, but nothing takes longer than this. */
const GRACE_MS = 2000;
/** Whoever is not back by then is waited for no longer; the machine may have been busy with others. */
const HUNG_MS = 60_000;
const IMPATIENT = "the caller lost patience";

/** Runs calls, and sees to it that each ends by its deadline, in a value or in an error of the family. */
export class WatchedCalls {
  readonly records: CallRecord[] = [];
  /** What must not happen. */
  readonly violations: string[] = [];
  readonly #awake = new AwakeTime();

  /** Undefined unless it succeeded. */
  async run<T>(kind: string, options: WatchOptions, work: (options: CallOptions) => Promise<T>): Promise<T | undefined> {
    const { timeoutMs, cancelAfterMs } = options;
    const startedMs = performance.now();
    const awakeAtMs = this.#awake.ms;
    const abort = new AbortController();
    const timers = [setTimeout(() => abort.abort(IMPATIENT), cancelAfterMs ?? timeoutMs + HUNG_MS)];
    const hung = new Promise<"hung">((resolve) => timers.push(setTimeout(() => resolve("hung"), timeoutMs + HUNG_MS)));
    const result = await Promise.race([
      work({ timeoutMs, ...(cancelAfterMs === undefined ? {} : { signal: abort.signal }) }).then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      ),
      hung,
    ]);
    for (const timer of timers) clearTimeout(timer);
    const elapsedMs = performance.now() - startedMs;
    const ending =
      result === "hung" ? result : "error" in result ? this.#endingOf(kind, result.error) : endingOfValue(result.value);
    this.#note({ kind, startedMs, elapsedMs, timeoutMs, ending }, this.#awake.ms - awakeAtMs, cancelAfterMs);
    return result !== "hung" && "value" in result ? result.value : undefined;
  }

  #endingOf(kind: string, error: unknown): Ending {
    if (error === IMPATIENT) return "cancelled";
    if (error instanceof KafkaError) return { code: error.code };
    this.violations.push(`${kind} failed with something that is no KafkaError: ${String(error)}`);
    return { code: "(untyped)" };
  }

  #note(record: CallRecord, awakeMs: number, cancelAfterMs = Number.POSITIVE_INFINITY): void {
    this.records.push(record);
    const { kind, elapsedMs, timeoutMs, ending } = record;
    const allowedMs = Math.min(timeoutMs, cancelAfterMs);
    if (ending === "hung") this.violations.push(`${kind} with ${timeoutMs} ms has not ended after ${Math.round(elapsedMs)} ms`);
    else if (awakeMs > allowedMs + GRACE_MS) {
      this.violations.push(`${kind} with ${allowedMs} ms took ${Math.round(elapsedMs)} ms, and ended: ${JSON.stringify(ending)}`);
    }
  }
}

/** A call over several items is as good as its worst one. */
function endingOfValue(value: unknown): Ending {
  if (!Array.isArray(value)) return "succeeded";
  for (const item of value) if (isFailed(item)) return { code: item.error.code };
  return "succeeded";
}

function isFailed(item: unknown): item is ItemResult<object> & { readonly error: KafkaError } {
  return typeof item === "object" && item !== null && "error" in item && item.error instanceof KafkaError;
}
