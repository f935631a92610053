import { describe, expect, it } from "vitest";
import { type ErrorName, errorByName, errorCodes, type KafkaError, UnsupportedVersionError } from "../../../protocol/index.ts";
import {
  AuthenticationError,
  BootstrapError,
  BrokerError,
  ConnectionError,
  IllegalStateError,
  ProducerFencedError,
  RequestTimeoutError,
  TransactionAbortedError,
} from "../../errors.ts";
import {
  type Circumstances,
  type Meaning,
  meaningOf,
  meaningRows,
  type TransactionApi,
  withSeverity,
} from "./transaction-errors.ts";

const APIS = ["InitProducerId", "AddPartitionsToTxn", "AddOffsetsToTxn", "TxnOffsetCommit", "EndTxn", "Produce"] as const;
const COORDINATED = APIS.slice(0, 5);

function broker(name: ErrorName, api: string): BrokerError {
  return new BrokerError(errorByName(name).code, { api });
}

function meaningsOf(name: ErrorName): Readonly<Record<string, Meaning>> {
  return Object.fromEntries(APIS.map((api) => [api, meaningOf(broker(name, api), api)]));
}

function all(meaning: Meaning, others: Partial<Record<TransactionApi, Meaning>> = {}): Readonly<Record<string, Meaning>> {
  return { ...Object.fromEntries(APIS.map((api) => [api, meaning])), ...others };
}

const circumstances: Circumstances = { transactionalId: "payments", canTakeEpoch: true, exhausted: "abortable" };

describe("what errors mean to a transaction", () => {
  it.each<[string, ErrorName, Readonly<Record<string, Meaning>>]>([
    ["T1", "PRODUCER_FENCED", all("fenced")],
    ["T2", "CONCURRENT_TRANSACTIONS", all("again")],
    ["T3", "COORDINATOR_LOAD_IN_PROGRESS", all("again")],
    ["T3", "COORDINATOR_NOT_AVAILABLE", all("again")],
    ["T3", "NOT_COORDINATOR", all("again")],
    ["T5", "UNKNOWN_PRODUCER_ID", all("new epoch", { InitProducerId: "fatal" })],
    ["T5", "INVALID_PRODUCER_ID_MAPPING", all("new epoch", { InitProducerId: "fatal" })],
    ["T6", "INVALID_TXN_STATE", all("abortable", { InitProducerId: "fatal" })],
    ["T7", "TRANSACTION_ABORTABLE", all("abortable", { InitProducerId: "fatal" })],
    ["T9", "TRANSACTIONAL_ID_AUTHORIZATION_FAILED", all("fatal")],
    ["T11", "UNKNOWN_SERVER_ERROR", all("abortable", { InitProducerId: "fatal", EndTxn: "fatal" })],
    ["T14", "INVALID_PRODUCER_EPOCH", all("fenced", { Produce: "abortable", TxnOffsetCommit: "abortable" })],
    ["P6", "CLUSTER_AUTHORIZATION_FAILED", all("fatal")],
  ])("%s %s", (_id, name, expected) => {
    expect(meaningsOf(name)).toEqual(expected);
  });

  it.each<[string, TransactionApi, ErrorName, Meaning]>([
    ["T4", "AddPartitionsToTxn", "OPERATION_NOT_ATTEMPTED", "again"],
    ["T4", "AddPartitionsToTxn", "UNKNOWN_TOPIC_OR_PARTITION", "again"],
    ["T9", "AddPartitionsToTxn", "TOPIC_AUTHORIZATION_FAILED", "abortable"],
    ["T9", "TxnOffsetCommit", "TOPIC_AUTHORIZATION_FAILED", "abortable"],
    ["T9", "TxnOffsetCommit", "GROUP_AUTHORIZATION_FAILED", "abortable"],
    ["T9", "AddOffsetsToTxn", "GROUP_AUTHORIZATION_FAILED", "abortable"],
    ["T9", "TxnOffsetCommit", "FENCED_INSTANCE_ID", "abortable"],
    ["T9", "TxnOffsetCommit", "UNKNOWN_MEMBER_ID", "abortable"],
    ["T9", "TxnOffsetCommit", "ILLEGAL_GENERATION", "abortable"],
    ["T9", "TxnOffsetCommit", "OFFSET_METADATA_TOO_LARGE", "abortable"],
    ["P5", "Produce", "TOPIC_AUTHORIZATION_FAILED", "abortable"],
    ["P9", "Produce", "OUT_OF_ORDER_SEQUENCE_NUMBER", "abortable"],
    ["P19", "Produce", "MESSAGE_TOO_LARGE", "abortable"],
    ["P28", "InitProducerId", "INVALID_TRANSACTION_TIMEOUT", "fatal"],
  ])("%s %s %s is %s", (_id, api, name, meaning) => {
    expect(meaningOf(broker(name, api), api)).toBe(meaning);
  });

  it("T9: what FindCoordinator refuses is judged as FindCoordinator's, whatever was to be asked then", () => {
    expect(meaningOf(broker("GROUP_AUTHORIZATION_FAILED", "FindCoordinator"), "TxnOffsetCommit")).toBe("abortable");
    expect(meaningOf(broker("TRANSACTIONAL_ID_AUTHORIZATION_FAILED", "FindCoordinator"), "EndTxn")).toBe("fatal");
    expect(meaningOf(broker("COORDINATOR_NOT_AVAILABLE", "FindCoordinator"), "EndTxn")).toBe("again");
  });

  it("every code has a meaning in every API, and NONE of the rows names a code twice", () => {
    for (const { code } of errorCodes)
      for (const api of APIS) expect(meaningOf(new BrokerError(code, { api }), api)).toBeTypeOf("string");
    const named = meaningRows.flatMap(({ apis, names }) => apis.flatMap((api) => names.map((name) => `${api} ${name}`)));
    expect(new Set(named).size).toBe(named.length);
  });

  it.each<[KafkaError, Meaning]>([
    [new ConnectionError("reset", { broker: "b:1", phase: "established", outcome: "unknown" }), "again"],
    [new RequestTimeoutError("EndTxn", 1000), "again"],
    [new BootstrapError([]), "again"],
    [new BootstrapError([], { retriable: false }), "fatal"],
    [new AuthenticationError("no", { broker: "b:1" }), "fatal"],
    [new UnsupportedVersionError("no", { api: "EndTxn" }), "fatal"],
  ])("without a broker's word: %s is %s", (error, meaning) => {
    for (const api of COORDINATED) expect(meaningOf(error, api)).toBe(meaning);
  });
});

describe("the severity that an error gets", () => {
  it("T1: is fatal, and of a class of its own, when the producer is fenced", () => {
    const refused = broker("PRODUCER_FENCED", "Produce");
    refused.verdict = "not persisted";
    const told = withSeverity(refused, "Produce", circumstances);
    expect(told).toBeInstanceOf(ProducerFencedError);
    expect(told).toMatchObject({ severity: "fatal", fatal: true, abortable: false, cause: refused, verdict: "not persisted" });
    expect(withSeverity(told, "AddPartitionsToTxn", circumstances)).toBe(told);
    expect(told.severity).toBe("fatal");
  });

  it("T5: is abortable where the coordinator gives new epochs, else fatal", () => {
    const error = broker("UNKNOWN_PRODUCER_ID", "Produce");
    expect(withSeverity(error, "Produce", circumstances).severity).toBe("abortable");
    expect(withSeverity(error, "Produce", { ...circumstances, canTakeEpoch: false }).severity).toBe("fatal");
  });

  it("T8: is what asking in vain means there, when asking again could have helped", () => {
    for (const exhausted of ["abortable", "retriable"] as const) {
      expect(withSeverity(new RequestTimeoutError("x", 1), "EndTxn", { ...circumstances, exhausted }).severity).toBe(exhausted);
    }
  });

  it("stays what it is for what was told before", () => {
    const aborted = new TransactionAbortedError("payments");
    aborted.severity = "fatal";
    expect(withSeverity(aborted, "AddPartitionsToTxn", circumstances).severity).toBe("fatal");
  });

  it("is none for a wrong call, which changes nothing", () => {
    expect(withSeverity(new IllegalStateError("wrong"), "EndTxn", circumstances).severity).toBeUndefined();
  });
});
