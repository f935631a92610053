import { afterEach, describe, expect, it } from "vitest";
import { ConnectionError } from "../errors.ts";
import { ClientTelemetry } from "./client-telemetry.ts";
import { diagnosticsChannels } from "./diagnostics.ts";
import {
  type OpenTelemetryApi,
  type OpenTelemetryAttributes,
  type OpenTelemetryBridge,
  type OpenTelemetryBridgeOptions,
  type OpenTelemetryMeter,
  type OpenTelemetryObservableResult,
  type OpenTelemetryTracer,
  openTelemetryBridge,
} from "./opentelemetry.ts";
import type { ConnectionFacts, RequestFacts } from "./telemetry.ts";

interface FakeSpan {
  readonly name: string;
  readonly kind: number | undefined;
  readonly attributes: OpenTelemetryAttributes;
  status: { code: number; message?: string } | undefined;
  ends: number;
}

type Point = readonly [name: string, value: number, attributes: OpenTelemetryAttributes];

/** Shaped like the real package, and remembers everything. */
class FakeOpenTelemetry {
  readonly spans: FakeSpan[] = [];
  readonly recorded: Point[] = [];
  readonly histograms: unknown[] = [];
  readonly #observed = new Map<string, Set<(result: OpenTelemetryObservableResult) => void>>();

  readonly tracer: OpenTelemetryTracer = {
    startSpan: (name, { kind, attributes = {} } = {}) => {
      const span: FakeSpan = { name, kind, attributes: { ...attributes }, status: undefined, ends: 0 };
      this.spans.push(span);
      return {
        spanContext: () => ({ traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", traceFlags: 1 }),
        setAttribute: (key, value) => {
          span.attributes[key] = value;
        },
        setStatus: (status) => {
          span.status = status;
        },
        end: () => {
          span.ends++;
        },
      };
    },
  };

  readonly meter: OpenTelemetryMeter = {
    createHistogram: (name, options) => {
      this.histograms.push({ name, ...options });
      return { record: (value, attributes = {}) => this.recorded.push([name, value, attributes]) };
    },
    createObservableGauge: (name) => this.#observable(name),
    createObservableCounter: (name) => this.#observable(name),
  };

  readonly api: OpenTelemetryApi = {
    trace: { getTracer: () => this.tracer },
    metrics: { getMeter: () => this.meter },
  };

  #observable(name: string) {
    const callbacks = this.#observed.get(name) ?? new Set();
    this.#observed.set(name, callbacks);
    return {
      addCallback: (callback: (result: OpenTelemetryObservableResult) => void) => void callbacks.add(callback),
      removeCallback: (callback: (result: OpenTelemetryObservableResult) => void) => void callbacks.delete(callback),
    };
  }

  collect(): readonly Point[] {
    const points: Point[] = [];
    for (const [name, callbacks] of this.#observed) {
      for (const callback of callbacks) callback({ observe: (value, attributes = {}) => points.push([name, value, attributes]) });
    }
    return points;
  }
}

const connection: ConnectionFacts = { connection: 1, broker: "b1.example:9092", nodeId: 1, lane: "main" };
const request: RequestFacts = { api: "Metadata", version: 12, correlationId: 7, requestBytes: 100 };
const response = { responseBytes: 900, durationMs: 20, throttleMs: 0 };
const lost = new ConnectionError("the connection was reset", {
  broker: "b1.example:9092",
  phase: "established",
  outcome: "unknown",
});

const bridges: OpenTelemetryBridge[] = [];
afterEach(() => {
  for (const bridge of bridges.splice(0)) bridge.close();
  for (const one of Object.values(diagnosticsChannels)) expect(one.hasSubscribers).toBe(false);
});

function bridged(
  options: (fake: FakeOpenTelemetry, client: ClientTelemetry) => OpenTelemetryBridgeOptions = ({ api }) => ({ api }),
) {
  const fake = new FakeOpenTelemetry();
  const client = new ClientTelemetry({ clientId: "reports", kind: "admin", clock: { monotonic: () => 0 } });
  const bridge = openTelemetryBridge(options(fake, client));
  bridges.push(bridge);
  return { fake, client, bridge };
}

describe("the OpenTelemetry bridge", () => {
  it("makes a client span of each request, by the semantic conventions", () => {
    const { fake, client } = bridged();
    client.requestSent(connection, request);
    expect(fake.spans.map(({ ends }) => ends)).toEqual([0]);
    client.responseReceived(connection, request, { ...response, throttleMs: 50 });
    expect(fake.spans).toEqual([
      {
        name: "Metadata",
        kind: 2,
        attributes: {
          "messaging.system": "kafka",
          "messaging.operation.name": "Metadata",
          "messaging.client.id": "reports",
          "server.address": "b1.example",
          "server.port": 9092,
          "kafkawire.client.kind": "admin",
          "kafkawire.broker.id": 1,
          "kafkawire.request.version": 12,
          "kafkawire.request.correlation_id": 7,
          "kafkawire.request.bytes": 100,
          "kafkawire.response.bytes": 900,
          "kafkawire.response.throttle_ms": 50,
        },
        status: undefined,
        ends: 1,
      },
    ]);
  });

  it("says of what a request failed", () => {
    const { fake, client } = bridged();
    client.requestSent(connection, request);
    client.requestFailed(connection, request, { error: lost, durationMs: 1500 });
    const [span] = fake.spans;
    expect(span?.attributes["error.type"]).toBe("CONNECTION");
    expect(span?.status).toEqual({ code: 2, message: "broker b1.example:9092: the connection was reset" });
    expect(span?.ends).toBe(1);
    expect(fake.recorded).toEqual([
      [
        "messaging.client.operation.duration",
        1.5,
        {
          "messaging.system": "kafka",
          "messaging.operation.name": "Metadata",
          "server.address": "b1.example",
          "server.port": 9092,
          "error.type": "CONNECTION",
        },
      ],
    ]);
  });

  it("gives each answer to its own request, across clients and connections with the same numbers", async () => {
    const { fake, client } = bridged();
    const other = new ClientTelemetry({ clientId: "other", kind: "consumer", clock: { monotonic: () => 0 } });
    client.requestSent(connection, request);
    client.requestSent({ ...connection, connection: 11 }, { ...request, api: "Fetch" });
    other.requestSent(connection, { ...request, api: "Heartbeat" });
    client.responseReceived(connection, request, response);
    expect(fake.spans.map(({ name, ends }) => [name, ends])).toEqual([
      ["Metadata", 1],
      ["Fetch", 0],
      ["Heartbeat", 0],
    ]);
    client.connected({ ...connection, connection: 11 }, { durationMs: 1, remote: "x" });
    client.disconnected({ ...connection, connection: 11 }, { reason: "closed", error: undefined, inFlight: 1 });
    await Promise.resolve();
    expect(fake.spans.map(({ ends }) => ends)).toEqual([1, 1, 0]);
  });

  it("lets requests fail that their connection takes along, rather than end them without a word", async () => {
    const { fake, client } = bridged();
    client.requestSent(connection, request);
    client.disconnected(connection, { reason: "reset", error: lost, inFlight: 1 });
    client.requestFailed(connection, request, { error: lost, durationMs: 5 });
    await Promise.resolve();
    expect(fake.spans.map(({ ends, status }) => [ends, status?.code])).toEqual([[1, 2]]);
  });

  it("does not wait for answers that never come (acks 0)", () => {
    const { fake, client } = bridged();
    client.requestSent(connection, { ...request, api: "Produce", expectsAnswer: false });
    expect(fake.spans.map(({ ends }) => ends)).toEqual([1]);
    expect(fake.recorded).toEqual([]);
  });

  it("takes the end of connection 1 for no end of connection 11", async () => {
    const { fake, client } = bridged();
    client.requestSent({ ...connection, connection: 11 }, request);
    client.disconnected(connection, { reason: "closed", error: undefined, inFlight: 0 });
    await Promise.resolve();
    expect(fake.spans[0]?.ends).toBe(0);
  });

  it("measures durations in seconds, in the buckets of the conventions", () => {
    const { fake, client } = bridged();
    client.requestSent(connection, request);
    client.responseReceived(connection, request, response);
    expect(fake.histograms).toEqual([
      expect.objectContaining({
        name: "messaging.client.operation.duration",
        unit: "s",
        advice: { explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] },
      }),
    ]);
    expect(fake.recorded.map(([, value]) => value)).toEqual([0.02]);
  });

  it("leaves out spans that are not wanted, but measures them", () => {
    const { fake, client } = bridged(({ api }) => ({ api, isTraced: (name) => name !== "Heartbeat" }));
    client.requestSent(connection, { ...request, api: "Heartbeat" });
    client.responseReceived(connection, { ...request, api: "Heartbeat" }, response);
    expect(fake.spans).toEqual([]);
    expect(fake.recorded).toHaveLength(1);
  });

  it("reads addresses of IPv6", () => {
    const { fake, client } = bridged();
    client.requestSent({ ...connection, broker: "[::1]:9093" }, request);
    expect(fake.spans[0]?.attributes).toMatchObject({ "server.address": "::1", "server.port": 9093 });
  });

  it("makes only spans with a tracer alone, and only metrics with a meter alone", () => {
    const spansOnly = bridged(({ tracer }) => ({ tracer }));
    spansOnly.client.requestSent(connection, request);
    spansOnly.client.responseReceived(connection, request, response);
    expect([spansOnly.fake.spans.length, spansOnly.fake.recorded.length]).toEqual([1, 0]);
    spansOnly.bridge.close();
    const metricsOnly = bridged(({ meter }) => ({ meter }));
    metricsOnly.client.requestSent(connection, request);
    metricsOnly.client.responseReceived(connection, request, response);
    expect([metricsOnly.fake.spans.length, metricsOnly.fake.recorded.length]).toEqual([0, 1]);
  });

  it("shows the metrics of clients, also those that come later", async () => {
    const { fake, client } = bridged(({ api }, telemetry) => ({
      api,
      clients: [{ clientId: "reports", metrics: () => telemetry.snapshot() }],
    }));
    const names = (): readonly string[] => fake.collect().map(([name]) => name);
    expect(names()).toContain("kafkawire.admin.connection_count");
    expect(names().filter((name) => name.startsWith("kafkawire.admin_node."))).toEqual([]);
    client.connected(connection, { durationMs: 5, remote: "x" });
    client.requestSent(connection, request);
    await Promise.resolve();
    fake.collect();
    await Promise.resolve();
    expect(fake.collect()).toContainEqual([
      "kafkawire.admin_node.request_total",
      1,
      { "messaging.client.id": "reports", node: "1" },
    ]);
    expect(new Set(fake.collect().map((point) => JSON.stringify(point))).size).toBe(fake.collect().length);
  });

  it("is gone after close: no subscription, no open span, no callback", async () => {
    const { fake, client, bridge } = bridged(({ api }, telemetry) => ({ api, clients: [{ metrics: () => telemetry.snapshot() }] }));
    client.requestSent(connection, request);
    fake.collect();
    bridge.close();
    bridge.close();
    await Promise.resolve();
    expect(fake.spans.map(({ ends }) => ends)).toEqual([1]);
    expect(fake.collect()).toEqual([]);
    client.requestSent(connection, request);
    client.responseReceived(connection, request, response);
    expect(fake.spans).toHaveLength(1);
    expect(fake.recorded).toEqual([]);
  });
});
