import { exponentialBackoffMs } from "../async/exponential-backoff.ts";

export interface BackoffSettings {
  /** Before the second try. */
  readonly retryBackoffMs: number;
  /** Never longer than this. */
  readonly retryBackoffMaxMs: number;
}

/**
 * How long to wait before a request is sent again (KIP-580).
 * @param failures how many tries have failed so far, at least 1
 */
export function backoffMs(failures: number, settings: BackoffSettings, random: () => number): number {
  return exponentialBackoffMs(
    { initialMs: settings.retryBackoffMs, maxMs: settings.retryBackoffMaxMs },
    Math.max(failures, 1),
    random,
  );
}
