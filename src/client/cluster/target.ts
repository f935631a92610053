import type { NegotiationLimits } from "../../protocol/index.ts";
import type { Deadline } from "../async/deadline.ts";
import type { Lane } from "../connection/lane.ts";
import type { LeaderHints } from "./leader-hints.ts";
import type { ClusterBroker } from "./metadata-snapshot.ts";

/** Whom a request is for. */
export type Target =
  | { readonly kind: "any" }
  | { readonly kind: "controller" }
  | { readonly kind: "node"; readonly nodeId: number }
  | { readonly kind: "leader"; readonly topic: string; readonly partition: number }
  | { readonly kind: "coordinator"; readonly type: CoordinatorType; readonly key: string };

export type CoordinatorType = "group" | "transaction" | "share";

export interface AskOptions<Response> {
  readonly deadline: Deadline;
  /** `coordinator` for coordinators, else `main`, unless said otherwise. */
  readonly lane?: Lane;
  readonly limits?: NegotiationLimits;
  /** Instead of `requestTimeoutMs`: for requests that brokers take their time with, as JoinGroup. */
  readonly timeoutMs?: number;
  /**
   * The error codes in an answer that concern the request as a whole. Codes that the table (error-classes.ts) calls retriable make
   * the request be sent again, after the refresh that they ask for; otherwise the answer goes to the caller as it is.
   */
  readonly errorsIn?: (response: Response) => readonly number[];
  /** The leaders that an answer names (KIP-951): they are learned before anything else is made of the answer. */
  readonly leadersIn?: (response: Response) => LeaderHints;
  /** Default true. False: one attempt; a failure is the caller's. For what must not be done twice. */
  readonly retries?: boolean;
}

export interface ClusterAnswer<Response> {
  readonly version: number;
  readonly body: Response;
  readonly broker: ClusterBroker;
}

/** As it stands in errors. */
export function nameOf(target: Target): string {
  switch (target.kind) {
    case "any":
      return "any broker";
    case "controller":
      return "the controller";
    case "node":
      return `node ${target.nodeId}`;
    case "leader":
      return `the leader of '${target.topic}' partition ${target.partition}`;
    case "coordinator":
      return `the coordinator of ${target.type} '${target.key}'`;
  }
}
