import { KafkaError } from "../../protocol/index.ts";
import type { Outcome } from "./connection-errors.ts";
import { harmlessText } from "./harmless-text.ts";

export interface AcknowledgementErrorInit {
  readonly topic: string;
  readonly partition: number;
  /** `unknown`: the broker may have heard of it, and nobody has heard from the broker. */
  readonly outcome: Outcome;
  /** As a clause. */
  readonly problem: string;
  readonly cause?: unknown;
}

/**
 * What was acknowledged has not reached the broker, or nobody knows whether it has (`outcome`). Records whose acknowledgement is lost are
 * delivered again, to this consumer or another.
 */
export class AcknowledgementError extends KafkaError {
  override readonly code = "ACKNOWLEDGEMENT";
  override readonly retriable = false;
  readonly topic: string;
  readonly partition: number;
  readonly outcome: Outcome;

  constructor({ topic, partition, outcome, problem, cause }: AcknowledgementErrorInit) {
    const place = `topic '${harmlessText(topic)}' partition ${partition}`;
    const what = outcome === "unknown" ? "may or may not have been acknowledged" : "were not acknowledged";
    super(`${place}: records ${what}, for ${problem}; those that were not are delivered again`, { cause });
    this.topic = topic;
    this.partition = partition;
    this.outcome = outcome;
  }
}
