import { KafkaError } from "../protocol/index.ts";

/** The embedded broker was asked for something that it cannot be. Nothing was started. */
export class BrokerOptionsError extends KafkaError {
  override readonly code = "INVALID_OPTIONS";
  override readonly retriable = false;
  /** All of them, each in words. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`the embedded broker cannot start: ${problems.join("; ")}`);
    this.problems = problems;
  }
}
