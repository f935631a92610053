import { KafkaError } from "../../protocol/index.ts";
import type { Outcome } from "./connection-errors.ts";

/** A call, or a request within it, did not end in time. */
export class RequestTimeoutError extends KafkaError {
  override readonly code = "REQUEST_TIMEOUT";
  override readonly retriable = true;
  readonly timeoutMs: number;
  readonly outcome: Outcome;

  constructor(what: string, timeoutMs: number, options: { readonly outcome?: Outcome; readonly cause?: unknown } = {}) {
    const { outcome = "not sent", cause } = options;
    const last = cause instanceof Error ? `; the last problem was: ${cause.message}` : "";
    super(`${what}: no answer within ${Math.round(timeoutMs)} ms${last}`, { cause });
    this.timeoutMs = timeoutMs;
    this.outcome = outcome;
  }
}

/** Options that cannot be: all of their problems at once. */
export class ConfigError extends KafkaError {
  override readonly code = "CONFIG";
  override readonly retriable = false;
  readonly problems: readonly string[];

  constructor(problems: readonly string[], options?: { readonly cause?: unknown }) {
    const [only, ...more] = problems;
    super(
      more.length === 0 ? `configuration: ${only ?? "unusable"}` : `configuration:${problems.map((one) => `\n  ${one}`).join("")}`,
      options,
    );
    this.problems = problems;
  }
}

/** The call is not possible in the state that the client is in, or with these arguments. */
export class IllegalStateError extends KafkaError {
  override readonly code = "ILLEGAL_STATE";
  override readonly retriable = false;

  constructor(problem: string) {
    super(problem);
  }
}

/** The client was closed, before the call or during it. */
export class ClosedError extends KafkaError {
  override readonly code = "CLOSED";
  override readonly retriable = false;
  readonly outcome: Outcome;

  constructor(what: string, options: { readonly outcome?: Outcome } = {}) {
    super(`${what} was closed`);
    this.outcome = options.outcome ?? "not sent";
  }
}
