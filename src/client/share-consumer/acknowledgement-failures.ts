/** Why acknowledgements did not arrive, or nobody knows. */
import type { KafkaError } from "../../protocol/index.ts";
import { AcknowledgementError, ClosedError, ConnectionError, type Outcome, RequestTimeoutError } from "../errors.ts";
import type { Lease } from "./lease.ts";

/** An answer that came and cannot be read leaves open what the broker has done. */
export function outcomeIn(error: KafkaError): Outcome {
  const tells = error instanceof ConnectionError || error instanceof RequestTimeoutError || error instanceof ClosedError;
  return tells ? error.outcome : "unknown";
}

export function sessionOver({ topic, partition }: Lease): AcknowledgementError {
  const problem = "the share session with the broker that had locked them is over, and with it the locks";
  return new AcknowledgementError({ topic, partition, outcome: "not sent", problem });
}

export function notSent({ topic, partition }: Lease, cause: KafkaError): AcknowledgementError {
  const problem = `the broker that has locked them could not be told (${cause.message})`;
  return new AcknowledgementError({ topic, partition, outcome: "not sent", problem, cause });
}

export function unknownSince({ topic, partition }: Lease, cause: KafkaError): AcknowledgementError {
  const problem = `the broker's answer is lost (${cause.message})`;
  return new AcknowledgementError({ topic, partition, outcome: "unknown", problem, cause });
}

export function untold({ topic, partition }: Lease): AcknowledgementError {
  return new AcknowledgementError({ topic, partition, outcome: "unknown", problem: "the broker's answer does not tell" });
}

export function notYet({ topic, partition }: Lease, timeoutMs: number): AcknowledgementError {
  const problem = `the broker has not answered within ${Math.round(timeoutMs)} ms`;
  return new AcknowledgementError({ topic, partition, outcome: "unknown", problem });
}
