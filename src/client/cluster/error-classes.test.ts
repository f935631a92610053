import { describe, expect, test } from "vitest";
import {
  type ErrorName,
  errorByName,
  errorCodes,
  KafkaError,
  MalformedMessageError,
  UnsupportedVersionError,
} from "../../protocol/index.ts";
import {
  AuthenticationError,
  BootstrapError,
  BrokerError,
  ClosedError,
  ConfigError,
  ConnectionError,
  IllegalStateError,
  RequestTimeoutError,
} from "../errors.ts";
import { classOfCode, classOfError, hasRow, rebootstrapDemand, strongestRetriable } from "./error-classes.ts";

const codeOf = (name: ErrorName): number => errorByName(name).code;

describe("the table of errors", () => {
  test("has a row, with a reason, for every error code there is", () => {
    expect(errorCodes).toHaveLength(138);
    expect(errorCodes.filter(({ name }) => !hasRow(name)).map(({ name }) => name)).toEqual([]);
    expect(errorCodes.filter(({ code }) => classOfCode(code, "").why.length < 10)).toEqual([]);
  });

  test("calls retriable what Java does, and REBOOTSTRAP_REQUIRED, which Java handles beside its table", () => {
    const differences = errorCodes.filter(({ code, retriable }) => (classOfCode(code, "").remedy !== "fatal") !== retriable);
    expect(differences.map(({ name }) => name)).toEqual(["REBOOTSTRAP_REQUIRED"]);
  });

  test("refreshes metadata for what is Java's InvalidMetadataException", () => {
    const differences = errorCodes.filter(
      ({ code, refreshMetadata }) => (classOfCode(code, "").remedy === "refresh metadata") !== refreshMetadata,
    );
    expect(differences.map(({ name }) => name)).toEqual([]);
  });

  test.each([
    ["NOT_LEADER_OR_FOLLOWER", "refresh metadata"],
    ["FENCED_LEADER_EPOCH", "refresh metadata"],
    ["UNKNOWN_LEADER_EPOCH", "retry"],
    ["UNKNOWN_TOPIC_ID", "refresh metadata"],
    ["INCONSISTENT_TOPIC_ID", "refresh metadata"],
    ["NOT_COORDINATOR", "find coordinator"],
    ["COORDINATOR_NOT_AVAILABLE", "find coordinator"],
    ["COORDINATOR_LOAD_IN_PROGRESS", "retry"],
    ["NOT_CONTROLLER", "find controller"],
    ["REBOOTSTRAP_REQUIRED", "rebootstrap"],
    ["TOPIC_AUTHORIZATION_FAILED", "fatal"],
    ["REBALANCE_IN_PROGRESS", "fatal"],
  ] as const)("%s: %s", (name, remedy) => {
    expect(classOfCode(codeOf(name), "Produce").remedy).toBe(remedy);
  });

  test.each([
    ["REQUEST_TIMED_OUT", "possibly"],
    ["NOT_ENOUGH_REPLICAS", "no"],
    ["NOT_ENOUGH_REPLICAS_AFTER_APPEND", "possibly"],
    ["DUPLICATE_SEQUENCE_NUMBER", "yes"],
    ["NOT_LEADER_OR_FOLLOWER", "possibly"],
    ["UNKNOWN_SERVER_ERROR", "possibly"],
  ] as const)("%s: applied: %s", (name, applied) => {
    expect(classOfCode(codeOf(name), "Produce").applied).toBe(applied);
  });

  test("knows what single APIs mean differently", () => {
    expect(classOfCode(codeOf("UNKNOWN_TOPIC_OR_PARTITION"), "Produce").remedy).toBe("refresh metadata");
    expect(classOfCode(codeOf("UNKNOWN_TOPIC_OR_PARTITION"), "DeleteTopics").remedy).toBe("fatal");
    expect(classOfCode(codeOf("REQUEST_TIMED_OUT"), "CreateTopics").remedy).toBe("fatal");
    expect(classOfCode(codeOf("ELECTION_NOT_NEEDED"), "ElectLeaders").remedy).toBe("fatal");
    expect(classOfCode(codeOf("COORDINATOR_NOT_AVAILABLE"), "FindCoordinator").remedy).toBe("retry");
    expect(classOfCode(codeOf("BROKER_NOT_AVAILABLE"), "Metadata").remedy).toBe("refresh metadata");
  });

  test("takes a code that nobody knows for UNKNOWN_SERVER_ERROR", () => {
    expect(classOfCode(4_711, "Produce")).toMatchObject({ remedy: "fatal", applied: "possibly" });
  });

  const at = { broker: "a:1", phase: "established" } as const;
  test.each([
    [new AuthenticationError("no", { broker: "a:1" }), "fatal", "no"],
    [new UnsupportedVersionError("no"), "fatal", "no"],
    [new MalformedMessageError("no", { offset: 0 }), "fatal", "no"],
    [new ConfigError(["no"]), "fatal", "no"],
    [new IllegalStateError("no"), "fatal", "no"],
    [new ClosedError("it"), "fatal", "no"],
    [new ClosedError("it", { outcome: "unknown" }), "fatal", "possibly"],
    [new ConnectionError("gone", at), "refresh metadata", "no"],
    [new ConnectionError("gone", { ...at, outcome: "unknown" }), "refresh metadata", "possibly"],
    [new ConnectionError("TLS spoken here", { ...at, retriable: false }), "fatal", "no"],
    [new RequestTimeoutError("it", 5), "refresh metadata", "no"],
    [new RequestTimeoutError("it", 5, { outcome: "unknown" }), "refresh metadata", "possibly"],
    [new BootstrapError([]), "retry", "no"],
    [new BootstrapError([], { retriable: false }), "fatal", "no"],
    [new BrokerError(6, { api: "Produce" }), "refresh metadata", "possibly"],
    [new DOMException("enough", "AbortError"), "fatal", "no"],
    [new TypeError("a bug"), "fatal", "no"],
  ] as const)("%s: %s, applied: %s", (error, remedy, applied) => {
    expect(classOfError(error, "Produce")).toMatchObject({ remedy, applied });
  });

  test("has a row for every class of error that says that it is retriable", () => {
    const retriable = [new ConnectionError("gone", at), new RequestTimeoutError("it", 5), new BootstrapError([])];
    for (const error of retriable) {
      expect(error).toBeInstanceOf(KafkaError);
      expect(error.retriable).toBe(classOfError(error, "Metadata").remedy !== "fatal");
    }
  });

  test("finds the demand to start over inside the failure of a connection", () => {
    const demand = new BrokerError(129, { api: "ApiVersions" });
    const wrapped = new ConnectionError("refused", { broker: "a:1", phase: "api versions", cause: demand });
    expect(rebootstrapDemand(wrapped)).toBe(demand);
    expect(classOfError(wrapped, "Produce").remedy).toBe("rebootstrap");
    const circle = new Error("a");
    circle.cause = circle;
    expect(rebootstrapDemand(circle)).toBeUndefined();
  });

  test("of several codes the one that asks for the most decides, and what is fatal is left to the caller", () => {
    expect(strongestRetriable([0, 36, 29], "CreateTopics")).toBeUndefined();
    expect(strongestRetriable([0, 14, 6, 41], "Produce")?.code).toBe(6);
    expect(strongestRetriable([29, 75], "Fetch")?.code).toBe(75);
  });
});
