import type { ErrorName } from "../../protocol/index.ts";

/** Why the cluster will not do something: Kafka's error, and the words that Kafka's tools print. */
export interface Refusal {
  readonly error: ErrorName;
  readonly message: string | null;
}

/** What Kafka says when it has nothing particular to say: tools print these. */
const GENERAL_MESSAGES: ReadonlyMap<ErrorName, string> = new Map<ErrorName, string>([
  ["UNKNOWN_TOPIC_OR_PARTITION", "This server does not host this topic-partition."],
  ["COORDINATOR_NOT_AVAILABLE", "The coordinator is not available."],
  [
    "INVALID_REQUEST",
    "This most likely occurs because of a request being malformed by the client library or the message was sent to an incompatible broker. See the broker logs for more details.",
  ],
  ["ELECTION_NOT_NEEDED", "Leader election not needed for topic partition."],
  ["PREFERRED_LEADER_NOT_AVAILABLE", "The preferred leader was not available."],
  ["ELIGIBLE_LEADERS_NOT_AVAILABLE", "Eligible topic partition leaders are not available."],
  ["UNKNOWN_TOPIC_ID", "This server does not host this topic ID."],
]);

export function refusal(error: ErrorName, message: string | null = GENERAL_MESSAGES.get(error) ?? null): Refusal {
  return { error, message };
}

/** Whether a check came back with a refusal rather than with what it was asked for. */
export function isRefusal<Value extends object>(outcome: Value | Refusal): outcome is Refusal {
  return "error" in outcome && "message" in outcome;
}
