import { describe, expect, it } from "vitest";
import { AuthenticationError, ConnectionError } from "../../errors.ts";
import { ClientTelemetry, type ClientTelemetryInit } from "../client-telemetry.ts";
import type { ConnectionFacts, RequestFacts } from "../telemetry.ts";

const connection: ConnectionFacts = { connection: 1, broker: "b1:9092", nodeId: 1, lane: "main" };
const request: RequestFacts = { api: "Metadata", version: 12, correlationId: 7, requestBytes: 100 };
const refused = new ConnectionError("connect ECONNREFUSED", { broker: "b1:9092", phase: "tcp" });

function recorded(init: Partial<ClientTelemetryInit> = {}) {
  const clock = { ms: 0, monotonic: () => clock.ms };
  return { clock, telemetry: new ClientTelemetry({ clientId: "reports", kind: "admin", clock, ...init }) };
}

function reportSome(telemetry: ClientTelemetry): void {
  telemetry.connected(connection, { durationMs: 5, remote: "x" });
  telemetry.requestSent(connection, request);
  telemetry.responseReceived(connection, request, { responseBytes: 900, durationMs: 20, throttleMs: 0 });
}

describe("a client's metrics", () => {
  it("are measured by client and by node, under kafka-python's names", () => {
    const { telemetry, clock } = recorded();
    telemetry.connected(connection, { durationMs: 5, remote: "x" });
    telemetry.requestSent(connection, request);
    telemetry.responseReceived(connection, request, { responseBytes: 900, durationMs: 20, throttleMs: 4 });
    telemetry.requestSent({ ...connection, nodeId: 2 }, { ...request, requestBytes: 300 });
    clock.ms = 15_000;
    const snapshot = telemetry.snapshot();
    // The window of 30 s before the current one counts as full: 45 s in all.
    expect(snapshot["admin-metrics"]).toMatchObject({
      "connection-count": 1,
      "connection-creation-rate": 1 / 45,
      "connection-creation-total": 1,
      "connection-close-rate": 0,
      "network-io-rate": 3 / 45,
      "network-io-total": 3,
      "outgoing-byte-rate": 400 / 45,
      "outgoing-byte-total": 400,
      "request-rate": 2 / 45,
      "request-total": 2,
      "request-size-avg": 200,
      "request-size-max": 300,
      "incoming-byte-rate": 900 / 45,
      "response-rate": 1 / 45,
      "response-total": 1,
      "request-latency-avg": 20,
      "request-latency-max": 20,
      "throttle-time-avg": 4,
      "throttle-time-max": 4,
    });
    expect(snapshot["admin-node-metrics.node-1"]).toMatchObject({
      "request-total": 1,
      "request-size-max": 100,
      "response-total": 1,
    });
    expect(snapshot["admin-node-metrics.node-2"]).toMatchObject({
      "request-total": 1,
      "request-size-max": 300,
      "response-total": 0,
    });
    expect(snapshot["kafka-metrics-count"]).toEqual({ count: Object.values(snapshot).flatMap(Object.keys).length });
  });

  it("have all names of kafka-python that mean something here", () => {
    const { telemetry } = recorded({ kind: "consumer" });
    telemetry.connected({ ...connection, nodeId: -1 }, { durationMs: 5, remote: "x" });
    const snapshot = telemetry.snapshot();
    const perNode = [
      "outgoing-byte-rate",
      "request-rate",
      "request-size-avg",
      "request-size-max",
      "incoming-byte-rate",
      "response-rate",
    ];
    const timed = ["request-latency-avg", "request-latency-max", "throttle-time-avg", "throttle-time-max"];
    const ofClient = ["connection-close-rate", "connection-creation-rate", "connection-count", "network-io-rate"];
    expect(Object.keys(snapshot["consumer-metrics"] ?? {})).toEqual(expect.arrayContaining([...ofClient, ...perNode, ...timed]));
    expect(Object.keys(snapshot["consumer-node-metrics.node-bootstrap"] ?? {})).toEqual(
      expect.arrayContaining([...perNode, ...timed]),
    );
  });

  it("are plain, finite and survive JSON, before and after anything happened", () => {
    const { telemetry } = recorded();
    for (const report of [() => undefined, () => reportSome(telemetry)]) {
      report();
      const snapshot = telemetry.snapshot();
      expect(
        Object.values(snapshot)
          .flatMap((group) => Object.values(group))
          .every(Number.isFinite),
      ).toBe(true);
      expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot);
    }
  });

  it("count what is open and what was refused", () => {
    const { telemetry } = recorded();
    for (const nodeId of [1, 2]) telemetry.connected({ ...connection, nodeId }, { durationMs: 5, remote: "x" });
    telemetry.disconnected(connection, { reason: "idle", error: undefined, inFlight: 0 });
    telemetry.connectFailed(connection, { phase: "tcp", error: refused, retryInMs: 1 });
    telemetry.connectFailed(connection, { phase: "sasl", error: new AuthenticationError("no", { broker: "b" }), retryInMs: 1 });
    expect(telemetry.snapshot()["admin-metrics"]).toMatchObject({
      "connection-count": 1,
      "connection-close-total": 1,
      "failed-authentication-total": 1,
    });
  });

  it("tell how old the metadata is", () => {
    const { telemetry, clock } = recorded();
    const age = (): number | undefined => telemetry.snapshot()["admin-metrics"]?.["metadata-age"];
    expect(age()).toBe(-1);
    telemetry.metadataUpdated({ clusterId: "c", controllerId: 1, brokers: 3, topics: 1, durationMs: 2 });
    clock.ms = 4500;
    expect(age()).toBe(4.5);
  });

  it("forget nodes that are gone, so that a cluster renewed for years does not fill the memory", () => {
    const { telemetry, clock } = recorded();
    for (let nodeId = 0; nodeId < 1000; nodeId++, clock.ms += 60_000) {
      telemetry.connected({ ...connection, nodeId }, { durationMs: 5, remote: "x" });
      telemetry.requestSent({ ...connection, nodeId }, request);
      telemetry.disconnected({ ...connection, nodeId }, { reason: "gone", error: undefined, inFlight: 0 });
    }
    expect(Object.keys(telemetry.snapshot()).length).toBeLessThan(5);
    expect(telemetry.snapshot()["admin-metrics"]).toMatchObject({ "request-total": 1000, "connection-count": 0 });
  });

  it("are extended by the parts of a client", () => {
    const { telemetry } = recorded();
    const sensor = telemetry.metrics.sensor();
    telemetry.metrics.group("admin-metrics").add("calls-total", () => sensor.totalCount);
    sensor.record(1, 0);
    expect(telemetry.snapshot()["admin-metrics"]).toMatchObject({ "calls-total": 1, "connection-count": 0 });
    telemetry.metrics.removeGroup("admin-metrics");
    expect(Object.keys(telemetry.snapshot())).toEqual(["kafka-metrics-count"]);
  });

  it("are none when they are switched off", () => {
    const { telemetry } = recorded({ metrics: { enabled: false, numSamples: 2, sampleWindowMs: 30_000 } });
    reportSome(telemetry);
    expect(telemetry.snapshot()).toEqual({});
  });
});
