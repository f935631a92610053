/** What goes wrong with items that travel together in one request. */
import { KafkaError } from "../../protocol/index.ts";
import type { Deadline } from "../async/deadline.ts";
import type { ClusterAnswer } from "../cluster/cluster.ts";
import { BrokerError, type BrokerErrorContext, ClosedError } from "../errors.ts";

export function addressOf({ broker }: Pick<ClusterAnswer<unknown>, "broker">): string {
  return `${broker.host}:${broker.port} (id ${broker.nodeId})`;
}

const UNKNOWN_SERVER_ERROR = -1;

/** A broker must answer for everything that it was asked for; one that does not is broken. */
export function missingResult(context: BrokerErrorContext): BrokerError {
  return unusableResult(context, "the answer says nothing about it");
}

/** It must answer with something that can be. */
export function unusableResult(context: BrokerErrorContext, problem: string): BrokerError {
  return new BrokerError(UNKNOWN_SERVER_ERROR, context, problem);
}

/** Whether a failure ends the whole call, whatever other items may come to: the caller has given up, or the client is closed. */
export function endsTheCall(error: unknown, deadline: Deadline): boolean {
  return error instanceof ClosedError || deadline.signal?.aborted === true;
}

/** Whether a failure is that of the items that were asked for together, so that others may still succeed. */
export function isItemFailure(error: unknown, deadline: Deadline): error is KafkaError {
  return error instanceof KafkaError && !endsTheCall(error, deadline);
}
