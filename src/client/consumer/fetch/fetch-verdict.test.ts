import { describe, expect, it } from "vitest";
import { type ErrorName, errorByName } from "../../../protocol/index.ts";
import { verdictOfAnswer, verdictOfPartition } from "./fetch-verdict.ts";

describe("the error of a partition", () => {
  it.each<[id: string, name: ErrorName, verdict: string]>([
    ["F1", "OFFSET_OUT_OF_RANGE", "reset"],
    ["F4", "OFFSET_NOT_AVAILABLE", "retry, metadata"],
    ["F4", "REPLICA_NOT_AVAILABLE", "retry, metadata"],
    ["F4", "KAFKA_STORAGE_ERROR", "retry, metadata"],
    ["F4", "NOT_LEADER_OR_FOLLOWER", "retry, metadata"],
    ["F4", "UNKNOWN_TOPIC_OR_PARTITION", "retry, metadata"],
    ["F4", "UNKNOWN_TOPIC_ID", "retry, metadata"],
    ["F4", "LEADER_NOT_AVAILABLE", "retry, metadata"],
    ["F22", "FENCED_LEADER_EPOCH", "retry, metadata"],
    ["F22", "UNKNOWN_LEADER_EPOCH", "retry"],
    ["F18", "INCONSISTENT_TOPIC_ID", "retry, metadata, session"],
    ["F5", "CORRUPT_MESSAGE", "problem"],
    ["-", "TOPIC_AUTHORIZATION_FAILED", "problem"],
    ["F9", "UNSUPPORTED_COMPRESSION_TYPE", "problem"],
    ["-", "UNSUPPORTED_FOR_MESSAGE_FORMAT", "problem"],
    ["-", "UNKNOWN_SERVER_ERROR", "retry, odd"],
    ["-", "THROTTLING_QUOTA_EXCEEDED", "retry"],
  ])("%s: %s: %s", (_, name, verdict) => {
    expect(described(errorByName(name).code, false)).toBe(verdict);
  });

  it("F2: a follower's OFFSET_OUT_OF_RANGE sends us back to the leader, and resets nothing", () => {
    expect(described(errorByName("OFFSET_OUT_OF_RANGE").code, true)).toBe("ask leader");
  });

  it("that nobody knows is retried, and told of", () => {
    expect(described(9999, false)).toBe("retry, odd");
  });
});

describe("the error of a whole answer", () => {
  it.each<[id: string, name: ErrorName, failures: number, verdict: string]>([
    ["F17", "FETCH_SESSION_ID_NOT_FOUND", 1, "again"],
    ["F17", "FETCH_SESSION_ID_NOT_FOUND", 2, "later"],
    ["F18", "INVALID_FETCH_SESSION_EPOCH", 1, "again"],
    ["F18", "INVALID_FETCH_SESSION_EPOCH", 2, "later"],
    ["F18", "FETCH_SESSION_TOPIC_ID_ERROR", 1, "later, metadata"],
    ["F18", "INCONSISTENT_TOPIC_ID", 1, "later, metadata"],
    ["F18", "UNKNOWN_TOPIC_ID", 1, "later, metadata"],
    ["F20", "UNKNOWN_SERVER_ERROR", 1, "later"],
    ["F20", "NOT_LEADER_OR_FOLLOWER", 1, "later, metadata"],
    ["-", "CLUSTER_AUTHORIZATION_FAILED", 1, "later, problem"],
  ])("%s: %s, the %sth in a row: %s", (_, name, failures, verdict) => {
    expect(describedAnswer(errorByName(name).code, failures)).toBe(verdict);
  });

  it("F20: that nobody knows is retried later", () => {
    expect(describedAnswer(9999, 1)).toBe("later");
  });
});

function described(code: number, isFollower: boolean): string {
  const { kind, needsMetadata, restartsSession, isOdd } = verdictOfPartition(code, isFollower);
  return [kind, needsMetadata && "metadata", restartsSession && "session", isOdd && "odd"].filter(Boolean).join(", ");
}

function describedAnswer(code: number, failures: number): string {
  const { backsOff, needsMetadata, isProblem } = verdictOfAnswer(code, failures);
  return [backsOff ? "later" : "again", needsMetadata && "metadata", isProblem && "problem"].filter(Boolean).join(", ");
}
