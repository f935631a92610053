import type { ResolvedConsumerConfig } from "../../config/consumer-options.ts";

/** Who gets something every other second is asked as ever: only behind so many waits in vain, one after the other, they grow. */
const PATIENT_AFTER = 4;
const FACTOR = 2;

/**
 * How long a broker may wait for records. It answers as soon as there are any, so what grows while nothing comes is not how late they are,
 * but how seldom an idle consumer is woken for nothing.
 */
export class IdleWait {
  readonly #shortestMs: number;
  readonly #longestMs: number;
  #inVain = 0;
  #ms: number;

  constructor({ fetchMaxWaitMs, fetchIdleWaitMs }: Pick<ResolvedConsumerConfig, "fetchMaxWaitMs" | "fetchIdleWaitMs">) {
    this.#shortestMs = fetchMaxWaitMs;
    this.#longestMs = fetchIdleWaitMs;
    this.#ms = fetchMaxWaitMs;
  }

  get ms(): number {
    return this.#ms;
  }

  /** The broker has waited to the end, and there was nothing. */
  wasInVain(): void {
    if (++this.#inVain >= PATIENT_AFTER) this.#ms = Math.min(this.#ms * FACTOR, this.#longestMs);
  }

  /** Something has come, or has gone wrong. */
  begin(): void {
    this.#inVain = 0;
    this.#ms = this.#shortestMs;
  }
}
