import { KafkaError } from "../../protocol/index.ts";
import type { Deadline } from "../async/deadline.ts";
import type { CallOptions } from "../client-core.ts";
import type { Cluster, ClusterAnswer } from "../cluster/cluster.ts";
import { BrokerError, type BrokerErrorContext, ClosedError } from "../errors.ts";
import type { FreshTopics } from "./fresh-topics.ts";

export type { CallOptions };

/** What a call works with. */
export interface AdminContext {
  readonly cluster: Cluster;
  readonly deadline: Deadline;
  readonly requestTimeoutMs: number;
  readonly retryBackoffMs: number;
  readonly retryBackoffMaxMs: number;
  readonly random: () => number;
  readonly freshTopics: FreshTopics;
}

/** How long a broker may work on a request: as long as we would wait for its answer. */
export function brokerTimeoutMs({ deadline, requestTimeoutMs }: AdminContext): number {
  return Math.floor(Math.min(deadline.leftMs, requestTimeoutMs));
}

export function addressOf({ broker }: Pick<ClusterAnswer<unknown>, "broker">): string {
  return `${broker.host}:${broker.port} (id ${broker.nodeId})`;
}

/** The error of an item, or undefined for none. */
export function itemError(
  errorCode: number,
  message: string | null | undefined,
  context: BrokerErrorContext,
): BrokerError | undefined {
  return errorCode === 0 ? undefined : new BrokerError(errorCode, context, message);
}

const UNKNOWN_SERVER_ERROR = -1;

/** A broker must answer for everything that it was asked for; one that does not is broken. */
export function missingResult(context: BrokerErrorContext): BrokerError {
  return new BrokerError(UNKNOWN_SERVER_ERROR, context, "the answer says nothing about it");
}

/** Whether a failure ends the whole call, whatever other items may come to: the caller has given up, or the client is closed. */
export function endsTheCall(error: unknown, deadline: Deadline): boolean {
  return error instanceof ClosedError || deadline.signal?.aborted === true;
}

/** Whether a failure is that of the items that were asked for together, so that others may still succeed. */
export function isItemFailure(error: unknown, deadline: Deadline): error is KafkaError {
  return error instanceof KafkaError && !endsTheCall(error, deadline);
}
