import type { KafkaError } from "../../../protocol/index.ts";
import type { ClusterMetadata } from "../../cluster/cluster-metadata.ts";
import { AuthenticationError, ConnectionError, RequestTimeoutError } from "../../errors.ts";
import { whyLeaderless } from "../../leaders/locate-leaders.ts";
import type { AssignedPartition } from "../assignment/assigned-partition.ts";
import type { FetchOutlook } from "../fetch/fetch-outlook.ts";

/**
 * Why a partition makes no progress.
 *
 * - `NOT_CONNECTED`: no bootstrap server has answered yet
 * - `POSITION_UNKNOWN`: where to begin is being looked up, at the group's coordinator or at the leader
 * - `NO_LEADER`: nobody is known to lead it
 * - `VALIDATION_PENDING`: its new leader has not said yet whether it has what was read
 * - `BROKER_UNREACHABLE`: no connection to the broker that is to be asked
 * - `THROTTLED`: by its quotas, the broker wants to hear nothing for a while
 * - `UNANSWERED`: the broker is asked, and does not answer
 * - `REFUSED`: the broker answers with an error
 * - `NO_RECORDS`: the broker answers, without the records that it said it has
 * - `NOT_ASKED`: nobody is asked for it
 */
export type StallReason =
  | "NOT_CONNECTED"
  | "POSITION_UNKNOWN"
  | "NO_LEADER"
  | "VALIDATION_PENDING"
  | "BROKER_UNREACHABLE"
  | "THROTTLED"
  | "UNANSWERED"
  | "REFUSED"
  | "NO_RECORDS"
  | "NOT_ASKED";

export interface Diagnosis {
  readonly reason: StallReason;
  /** The same for all that it is the same for: what stalls together is told together. */
  readonly detail: string;
  readonly error: KafkaError | undefined;
}

/** What can be seen of the parts. */
export interface Symptoms {
  /** Undefined while no bootstrap server has answered. */
  readonly metadata: ClusterMetadata | undefined;
  readonly groupId: string | undefined;
  /** Why its position was not found, or not valid, the last time. */
  readonly lookupFailure: KafkaError | undefined;
  /** Undefined while nobody is asked for it. */
  readonly outlook: FetchOutlook | undefined;
  readonly nowMs: number;
  /** A broker that answers does so within that time. */
  readonly patienceMs: number;
}

export function diagnose(partition: AssignedPartition, symptoms: Symptoms): Diagnosis {
  const { metadata, groupId, lookupFailure: failure } = symptoms;
  if (metadata === undefined) return diagnosis("NOT_CONNECTED", "no bootstrap server has answered yet");
  const { kind } = partition.whereabouts;
  if (kind === "unknown" && groupId !== undefined) {
    return diagnosis("POSITION_UNKNOWN", `what group '${groupId}' has committed is not known yet`, failure);
  }
  if (metadata.leaderOf(partition.topic, partition.partition) === undefined) {
    return diagnosis("NO_LEADER", "nobody is known to lead it", whyLeaderless(partition, metadata, "Metadata"));
  }
  if (kind === "validating")
    return diagnosis("VALIDATION_PENDING", "its leader has not said whether it has what was read so far", failure);
  if (kind !== "known") return diagnosis("POSITION_UNKNOWN", "its leader has not said where to begin", failure);
  return symptoms.outlook === undefined
    ? diagnosis("NOT_ASKED", "nobody is asked for it")
    : fetchDiagnosis(symptoms.outlook, metadata, symptoms);
}

function fetchDiagnosis(outlook: FetchOutlook, metadata: ClusterMetadata, { nowMs, patienceMs }: Symptoms): Diagnosis {
  const { nodeId, failure, refusal, isConnecting, throttledUntilMs, sentAtMs, isAsked } = outlook;
  const broker = nameOf(nodeId, metadata);
  if (throttledUntilMs > nowMs) return diagnosis("THROTTLED", `${broker} wants to hear nothing for a while, by its quotas`);
  if (failure !== undefined) {
    const reason = isUnreachable(failure) ? "BROKER_UNREACHABLE" : "REFUSED";
    return diagnosis(reason, reason === "REFUSED" ? `${broker} refuses to be asked` : `${broker} is not to be reached`, failure);
  }
  if (isConnecting) return diagnosis("BROKER_UNREACHABLE", `${broker} is still being connected to`);
  if (sentAtMs !== undefined && nowMs - sentAtMs >= patienceMs) return diagnosis("UNANSWERED", `${broker} does not answer`);
  if (refusal !== undefined) return diagnosis("REFUSED", `${broker} refuses it`, refusal);
  if (isAsked) return diagnosis("NO_RECORDS", `${broker} answers without records of it`);
  return diagnosis("NOT_ASKED", `${broker} is not asked for it`);
}

function diagnosis(reason: StallReason, what: string, error?: KafkaError): Diagnosis {
  return { reason, detail: error === undefined ? what : `${what} (${error.code})`, error };
}

function isUnreachable(error: KafkaError): boolean {
  return error instanceof ConnectionError || error instanceof AuthenticationError || error instanceof RequestTimeoutError;
}

function nameOf(nodeId: number, { brokers }: ClusterMetadata): string {
  const broker = brokers.get(nodeId);
  return broker === undefined ? `node ${nodeId}` : `broker ${broker.host}:${broker.port} (id ${nodeId})`;
}
