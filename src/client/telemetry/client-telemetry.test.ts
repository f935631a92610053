import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { AuthenticationError, BootstrapError, ConnectionError } from "../errors.ts";
import { ClientTelemetry, type ClientTelemetryInit } from "./client-telemetry.ts";
import { type DiagnosticsMessages, type DiagnosticsName, diagnosticsChannels, onDiagnostics } from "./diagnostics.ts";
import { isLogLevel, type LogFacts, type Logger, type LogLevel } from "./logger.ts";
import type { ConnectionFacts, Rebalance, RequestFacts } from "./telemetry.ts";

interface Line {
  readonly level: LogLevel;
  readonly text: string;
  readonly facts: LogFacts;
}

const connection: ConnectionFacts = { connection: 1, broker: "b1:9092", nodeId: 1, lane: "main" };
const request: RequestFacts = { api: "Metadata", version: 12, correlationId: 7, requestBytes: 100 };
const response = { responseBytes: 900, durationMs: 20, throttleMs: 0 };
const refused = new ConnectionError("connect ECONNREFUSED", { broker: "b1:9092", phase: "tcp" });

const stall = {
  topic: "orders",
  partition: 3,
  reason: "NO_LEADER",
  detail: "nobody leads it",
  sinceMs: 12_000,
  offset: 5,
  lag: 7,
  error: undefined,
};

const rebalance: Rebalance = {
  group: "readers",
  beganAtMs: 1000,
  cause: "the consumer has subscribed",
  outcome: "assigned",
  problem: undefined,
  protocol: "classic",
  generationId: 3,
  revoked: [],
  assigned: [
    { topic: "orders", partition: 0 },
    { topic: "orders", partition: 1 },
  ],
  lost: [],
  durationMs: 250,
  readerMs: 30,
  processingMs: 0,
  callbacksMs: 20,
  groupMs: 200,
};

const subscriptions: (() => void)[] = [];
afterEach(() => {
  for (const end of subscriptions.splice(0)) end();
  vi.restoreAllMocks();
});

function recorded(init: Partial<ClientTelemetryInit> = {}) {
  const lines: Line[] = [];
  const at = (level: LogLevel) => (text: string, facts: LogFacts) => {
    lines.push({ level, text, facts });
  };
  const logger: Logger = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  const clock = { ms: 0, monotonic: () => clock.ms };
  const telemetry = new ClientTelemetry({ clientId: "reports", kind: "admin", clock, logger, ...init });
  return { telemetry, clock, lines, logger, texts: () => lines.map(({ level, text }) => `${level}: ${text}`) };
}

function messagesOf<Name extends DiagnosticsName>(name: Name): DiagnosticsMessages[Name][] {
  const messages: DiagnosticsMessages[Name][] = [];
  subscriptions.push(onDiagnostics(name, (message) => messages.push(message)));
  return messages;
}

/** Every kind of report once. */
function reportAll(telemetry: ClientTelemetry): void {
  telemetry.connecting(connection);
  telemetry.connectFailed(connection, { phase: "tcp", error: refused, retryInMs: 100 });
  telemetry.connected(connection, { durationMs: 5, remote: "10.0.0.1:9092" });
  telemetry.requestSent(connection, request);
  telemetry.responseReceived(connection, request, response);
  telemetry.requestFailed(connection, request, { error: refused, durationMs: 3 });
  telemetry.metadataFailed({ error: refused, attempt: 1 });
  telemetry.metadataUpdated({ clusterId: "c", controllerId: 1, brokers: 3, topics: 1, durationMs: 2 });
  telemetry.rebootstrapping({ reason: "no broker is left" });
  telemetry.warning("TOPIC_RECREATED", "topic 'orders' was deleted and made again", { topic: "orders" });
  telemetry.stalled([stall]);
  telemetry.resumed([{ topic: "orders", partition: 3, afterMs: 45_000 }]);
  telemetry.rebalancing({ group: "readers", beganAtMs: 1000, cause: rebalance.cause });
  telemetry.rebalanced(rebalance);
  telemetry.disconnected(connection, { reason: "broken", error: refused, inFlight: 2 });
}

describe("a client's log", () => {
  it("tells each event in one sentence, with facts for programs", () => {
    const { telemetry, texts, lines } = recorded({ logLevel: "debug" });
    reportAll(telemetry);
    expect(texts()).toEqual([
      "debug: broker b1:9092 (id 1): connecting",
      "warn: broker b1:9092 (id 1): could not connect (tcp): connect ECONNREFUSED; the next attempt is due in 100 ms",
      "info: broker b1:9092 (id 1): connected to 10.0.0.1:9092 after 1 failed attempt in 0 ms",
      "debug: broker b1:9092 (id 1): Metadata v12 (correlation id 7): sent, 100 bytes",
      "debug: broker b1:9092 (id 1): Metadata v12 (correlation id 7): answered in 20 ms, 900 bytes",
      "debug: broker b1:9092 (id 1): Metadata v12 (correlation id 7): failed after 3 ms: connect ECONNREFUSED",
      "warn: metadata could not be received: broker b1:9092: connect ECONNREFUSED",
      "info: cluster c: metadata of 3 brokers and 1 topic received after 1 failed attempt in 0 ms",
      "info: starting over from the bootstrap servers: no broker is left",
      "warn: topic 'orders' was deleted and made again [TOPIC_RECREATED]",
      "warn: topic 'orders' partition 3 makes no progress: nobody leads it [CONSUMER_STALLED]",
      "info: topic 'orders' partition 3 goes on after 45 s",
      "info: group 'readers': the consumer has subscribed: generation 3 after 250 ms, 2 partitions assigned",
      "info: broker b1:9092 (id 1): connection lost, with 2 requests unanswered: connect ECONNREFUSED",
    ]);
    for (const { facts } of lines) expect(facts).toMatchObject({ client: "admin", clientId: "reports", event: expect.any(String) });
    expect(lines[1]?.facts).toMatchObject({
      event: "connectFailed",
      broker: "b1:9092",
      nodeId: 1,
      error: { name: "ConnectionError", code: "CONNECTION", retriable: true, message: "broker b1:9092: connect ECONNREFUSED" },
    });
  });

  it("tells at info what is not the ordinary course, and nothing else", () => {
    const { telemetry, lines } = recorded();
    reportAll(telemetry);
    expect(lines.map(({ facts }) => facts["event"])).toEqual([
      "connectFailed",
      "connected",
      "metadataFailed",
      "metadataUpdated",
      "rebootstrapping",
      "warning",
      "warning",
      "partitionsResumed",
      "rebalanced",
      "disconnected",
    ]);
    const quiet = recorded();
    quiet.telemetry.connected(connection, { durationMs: 5, remote: "10.0.0.1:9092" });
    quiet.telemetry.disconnected(connection, { reason: "idle", error: undefined, inFlight: 0 });
    expect(quiet.lines).toEqual([]);
  });

  it("tells an outage of an hour in a handful of lines: its beginning, that it lasts, its end", () => {
    const { telemetry, clock, texts } = recorded();
    for (; clock.ms < 3_600_000; clock.ms += 1000)
      telemetry.connectFailed(connection, { phase: "tcp", error: refused, retryInMs: 1000 });
    telemetry.connected(connection, { durationMs: 5, remote: "10.0.0.1:9092" });
    expect(texts()).toHaveLength(13);
    expect(texts()[0]).toMatch(/^warn: .* could not connect \(tcp\): connect ECONNREFUSED; the next attempt is due in 1000 ms$/);
    expect(texts()[1]).toMatch(/^warn: .* \(301 times in 300 s\)$/);
    expect(texts().at(-1)).toBe("info: broker b1:9092 (id 1): connected to 10.0.0.1:9092 after 3600 failed attempts in 3600 s");
  });

  it("is no error while a cluster is restarted broker by broker", () => {
    const { telemetry, clock, lines } = recorded();
    for (const nodeId of [1, 2, 3]) {
      const broker = { ...connection, broker: `b${nodeId}:9092`, nodeId };
      for (let again = 0; again < 20; again++) telemetry.disconnected(broker, { reason: "reset", error: refused, inFlight: 1 });
      for (let again = 0; again < 30; again++, clock.ms += 1000)
        telemetry.connectFailed(broker, { phase: "tcp", error: refused, retryInMs: 1000 });
      telemetry.connected(broker, { durationMs: 5, remote: "x" });
    }
    expect(lines.map(({ level }) => level)).toEqual(["info", "warn", "info", "info", "warn", "info", "info", "warn", "info"]);
  });

  it("tells another reason for the same outage, once each", () => {
    const { telemetry, lines } = recorded();
    const tls = new ConnectionError("the certificate has expired", { broker: "b1:9092", phase: "tls" });
    for (let again = 0; again < 5; again++) {
      telemetry.connectFailed(connection, { phase: "tcp", error: refused, retryInMs: 100 });
      telemetry.connectFailed(connection, { phase: "tls", error: tls, retryInMs: 100 });
    }
    expect(lines.map(({ facts }) => facts["phase"])).toEqual(["tcp", "tls"]);
  });

  it("tells each broker's outage by itself", () => {
    const { telemetry, lines } = recorded();
    for (const broker of ["b1:9092", "b2:9092"])
      telemetry.connectFailed({ ...connection, broker }, { phase: "tcp", error: refused, retryInMs: 100 });
    expect(lines).toHaveLength(2);
  });

  it("calls an error what will not go away by itself", () => {
    const { telemetry, lines } = recorded();
    const error = new AuthenticationError("wrong password of 'alice'", { broker: "b1:9092" });
    for (let again = 0; again < 5; again++) telemetry.connectFailed(connection, { phase: "sasl", error, retryInMs: 1000 });
    expect(lines.map(({ level }) => level)).toEqual(["error"]);
  });

  it("does not let a warning that never ends fill it, nor one of ever new words", () => {
    const { telemetry, lines } = recorded();
    for (let again = 0; again < 1000; again++) telemetry.warning("SAME", "the same");
    expect(lines).toHaveLength(1);
    for (let again = 0; again < 1000; again++) telemetry.warning("OTHER", `number ${again}`);
    expect(lines.length).toBeLessThan(20);
  });

  it("tells of partitions that make no progress in one line, however many they are", () => {
    const messages = messagesOf("kafkawire:consumer:stalled");
    const { telemetry, texts, lines } = recorded();
    const stalls = Array.from({ length: 300 }, (_, partition) => ({ ...stall, partition, error: refused }));
    telemetry.stalled(stalls);
    telemetry.resumed(stalls.map(({ topic, partition }) => ({ topic, partition, afterMs: 20_000 })));
    telemetry.stalled([]);
    telemetry.resumed([]);
    expect(texts()).toEqual([
      "warn: topic 'orders' partition 0 and 299 others make no progress: nobody leads it [CONSUMER_STALLED]",
      "info: topic 'orders' partition 0 goes on after 20 s, with 299 others",
    ]);
    expect(lines[0]?.facts).toMatchObject({
      topic: "orders",
      partition: 0,
      reason: "NO_LEADER",
      sinceMs: 12_000,
      lag: 7,
      others: 299,
    });
    expect(messages.map(({ partition }) => partition)).toEqual(stalls.map(({ partition }) => partition));
  });

  it("stays one line without control characters, whatever brokers say", () => {
    const { telemetry, lines } = recorded({ logLevel: "debug" });
    const hostile = "x\n2026 ERROR forged\u001b[2J";
    const error = new BootstrapError([{ address: hostile, phase: "dns", cause: new Error(hostile) }]);
    telemetry.connectFailed({ ...connection, broker: hostile }, { phase: "dns", error, retryInMs: 1 });
    telemetry.warning("X", hostile);
    telemetry.metadataUpdated({ clusterId: hostile, controllerId: 1, brokers: 1, topics: 1, durationMs: 1 });
    expect(lines).toHaveLength(3);
    for (const { text } of lines) expect(text).not.toMatch(/\p{Cc}/u);
  });

  it.each([
    [{}, undefined, "info"],
    [{ level: "debug" }, undefined, "debug"],
    [{ level: "debug" }, "error", "error"],
    [{ level: "silly" }, undefined, "info"],
  ] as const)("with a logger of %o and logLevel %s begins at %s", (own, logLevel, expected) => {
    const { telemetry, lines, logger } = recorded();
    const configured = new ClientTelemetry({
      clientId: "x",
      kind: "admin",
      clock: { monotonic: () => 0 },
      logger: { ...logger, ...own },
      logLevel,
    });
    reportAll(configured);
    const error = new AuthenticationError("no", { broker: "b9:9092" });
    configured.connectFailed({ ...connection, broker: "b9:9092" }, { phase: "sasl", error, retryInMs: 1 });
    const order = ["debug", "info", "warn", "error"];
    const lowest = Math.min(...lines.map(({ level }) => order.indexOf(level)));
    expect(order[lowest]).toBe(expected);
    expect(isLogLevel(expected)).toBe(true);
    expect(telemetry.snapshot()).toBeDefined();
  });

  it("is silent without a logger", () => {
    const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    reportAll(new ClientTelemetry({ clientId: "x", kind: "admin", clock: { monotonic: () => 0 } }));
    expect(write).not.toHaveBeenCalled();
  });

  it("goes to the standard error output when only a level is asked for", () => {
    const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    reportAll(new ClientTelemetry({ clientId: "x", kind: "admin", clock: { monotonic: () => 0 }, logLevel: "warn" }));
    expect(write.mock.calls.map(([line]) => String(line).split(" ")[1])).toEqual(["WARN", "WARN", "WARN", "WARN"]);
  });
});

describe("a logger", () => {
  const failures: readonly (readonly [how: string, failing: () => unknown])[] = [
    [
      "throws",
      () => {
        throw new Error("disk full");
      },
    ],
    ["rejects", () => Promise.reject(new Error("disk full"))],
  ];

  it.each(failures)("that %s is reported once, and harms nothing", async (_how, failing) => {
    const warned = vi.spyOn(process, "emitWarning").mockReturnValue(undefined);
    const warnings = messagesOf("kafkawire:warning");
    const logger: Logger = { debug: failing, info: failing, warn: failing, error: failing };
    const telemetry = new ClientTelemetry({
      clientId: "x",
      kind: "admin",
      clock: { monotonic: () => 0 },
      logger,
      logLevel: "debug",
    });
    reportAll(telemetry);
    reportAll(telemetry);
    await new Promise((resolve) => setImmediate(resolve));
    expect(warned.mock.calls).toEqual([
      [
        "the logger of admin 'x' failed, and events are missing from the log: disk full",
        { type: "KafkawireWarning", code: "KAFKAWIRE_LOGGER_FAILED" },
      ],
    ]);
    expect(warnings.filter(({ code }) => code === "LOGGER_FAILED")).toHaveLength(1);
    expect(telemetry.snapshot()["admin-metrics"]).toMatchObject({ "request-total": 2 });
  });
});

describe("the diagnostics channels", () => {
  it("carry every event, with the client that it happened to", () => {
    const names = Object.keys(diagnosticsChannels).filter((name): name is DiagnosticsName => name in diagnosticsChannels);
    const seen = names.map((name) => ({ name, messages: messagesOf(name) }));
    const { telemetry } = recorded();
    reportAll(telemetry);
    expect(seen.map(({ name, messages }) => [name, messages.length])).toEqual(
      // A stall is a warning as well.
      names.map((name) => [name, name === "kafkawire:warning" ? 2 : 1]),
    );
    const clients = new Set(seen.flatMap(({ messages }) => messages.map(({ client }) => client)));
    expect([...clients]).toEqual([{ kind: "admin", clientId: "reports" }]);
  });

  it("have the names that are documented, in that order", () => {
    const documentation = readFileSync(new URL("../../../docs/diagnostics.md", import.meta.url), "utf8");
    const documented = [...documentation.matchAll(/^\| `(kafkawire:[a-z:]+)` \|/gm)].map((match) => match[1]);
    expect(Object.keys(diagnosticsChannels)).toEqual(documented);
  });

  it("tell two clients of the same id apart", () => {
    const sent = messagesOf("kafkawire:request:sent");
    for (const { telemetry } of [recorded(), recorded()]) telemetry.requestSent(connection, request);
    expect(sent).toHaveLength(2);
    expect(sent[0]?.client).not.toBe(sent[1]?.client);
  });

  it("carry the details of a request and its end", () => {
    const [responses, failures] = [messagesOf("kafkawire:request:response"), messagesOf("kafkawire:request:error")];
    const { telemetry } = recorded();
    telemetry.responseReceived(connection, request, response);
    telemetry.requestFailed(connection, request, { error: refused, durationMs: 3 });
    const client = { kind: "admin", clientId: "reports" };
    expect(responses).toEqual([{ client, connection, request, response }]);
    expect(failures).toEqual([{ client, connection, request, error: refused, durationMs: 3 }]);
  });

  it("are not published to while nobody listens", () => {
    const publish = Object.values(diagnosticsChannels).map((one) => vi.spyOn(one, "publish"));
    reportAll(recorded().telemetry);
    for (const one of publish) expect(one).not.toHaveBeenCalled();
  });

  it("are silent again after a subscription has ended, and other people's messages are not ours", () => {
    const seen: unknown[] = [];
    const end = onDiagnostics("kafkawire:request:sent", (message) => seen.push(message));
    Reflect.apply(diagnosticsChannels["kafkawire:request:sent"].publish, diagnosticsChannels["kafkawire:request:sent"], [
      "not ours",
    ]);
    expect(seen).toEqual([]);
    end();
    recorded().telemetry.requestSent(connection, request);
    expect(seen).toEqual([]);
    expect(diagnosticsChannels["kafkawire:request:sent"].hasSubscribers).toBe(false);
  });
});
