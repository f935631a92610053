import type { Clock } from "../async/clock.ts";
import { AuthenticationError } from "../errors.ts";
import { consoleLogger } from "./console-logger.ts";
import { type ClientKind, diagnosticsChannels as channels, type DiagnosticsClient } from "./diagnostics.ts";
import { EventLog } from "./event-log.ts";
import { GuardedLogger } from "./guarded-logger.ts";
import type { Logger, LogLevel } from "./logger.ts";
import { ConnectionMetrics } from "./metrics/connection-metrics.ts";
import { defaultMetricsSettings, MetricsRegistry, type MetricsSettings, type MetricsSnapshot } from "./metrics/metrics-registry.ts";
import type {
  ConnectFailure,
  ConnectionFacts,
  Disconnection,
  MetadataFacts,
  PartitionResumption,
  PartitionStall,
  Rebalance,
  RebalanceBeginning,
  RequestFacts,
  ResponseFacts,
  Telemetry,
} from "./telemetry.ts";

export interface ClientTelemetryInit {
  readonly clientId: string;
  readonly kind: ClientKind;
  readonly clock: Pick<Clock, "monotonic">;
  /** Without one and without `logLevel` nothing is logged; without one, `logLevel` makes it the standard error output. */
  readonly logger?: Logger | undefined;
  /** Without one, the logger's own `level`, or else `info`. */
  readonly logLevel?: LogLevel | undefined;
  readonly metrics?: MetricsSettings;
}

/** A client's reports, passed on to its log, its metrics and the diagnostics channels; each costs next to nothing while nobody listens. */
export class ClientTelemetry implements Telemetry {
  /** Where the parts of a client add metrics of their own. */
  readonly metrics: MetricsRegistry;
  readonly #client: DiagnosticsClient;
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #log: EventLog | undefined;
  readonly #connections: ConnectionMetrics | undefined;
  #metadataAtMs: number | undefined;

  constructor({ clientId, kind, clock, logger, logLevel, metrics = defaultMetricsSettings }: ClientTelemetryInit) {
    this.#client = Object.freeze({ kind, clientId });
    this.#clock = clock;
    this.metrics = new MetricsRegistry(clock, metrics);
    this.#connections = metrics.enabled ? new ConnectionMetrics(this.metrics, kind) : undefined;
    this.metrics.group(`${kind}-metrics`).add("metadata-age", (nowMs) => this.#metadataAge(nowMs));
    const chosen = logger ?? (logLevel === undefined ? undefined : consoleLogger({ level: logLevel }));
    if (chosen !== undefined) {
      const guarded = new GuardedLogger(chosen, logLevel, (error) => this.#loggerFailed(error));
      this.#log = new EventLog(guarded, { client: kind, clientId });
    }
  }

  /** All metrics as they are now. */
  snapshot(): MetricsSnapshot {
    return this.metrics.snapshot();
  }

  connecting(connection: ConnectionFacts): void {
    this.#log?.connecting(connection);
    const channel = channels["kafkawire:connection:connecting"];
    if (channel.hasSubscribers) channel.publish({ client: this.#client, connection });
  }

  connected(connection: ConnectionFacts, { durationMs, remote }: { readonly durationMs: number; readonly remote: string }): void {
    const nowMs = this.#clock.monotonic();
    this.#connections?.connected(connection, nowMs);
    this.#log?.connected(connection, durationMs, remote, nowMs);
    const channel = channels["kafkawire:connection:connected"];
    if (channel.hasSubscribers) channel.publish({ client: this.#client, connection, durationMs, remote });
  }

  connectFailed(connection: ConnectionFacts, failure: ConnectFailure): void {
    const nowMs = this.#clock.monotonic();
    if (failure.error instanceof AuthenticationError) this.#connections?.authenticationFailed(nowMs);
    this.#log?.connectFailed(connection, failure, nowMs);
    const channel = channels["kafkawire:connection:failed"];
    if (channel.hasSubscribers) channel.publish({ client: this.#client, connection, ...failure });
  }

  disconnected(connection: ConnectionFacts, facts: Disconnection): void {
    const nowMs = this.#clock.monotonic();
    this.#connections?.disconnected(connection, nowMs);
    this.#log?.disconnected(connection, facts, nowMs);
    const channel = channels["kafkawire:connection:closed"];
    if (channel.hasSubscribers) channel.publish({ client: this.#client, connection, ...facts });
  }

  requestSent(connection: ConnectionFacts, request: RequestFacts): void {
    this.#connections?.sent(connection, request, this.#clock.monotonic());
    if (this.#log?.isDebug === true) this.#log.requestSent(connection, request);
    const channel = channels["kafkawire:request:sent"];
    if (channel.hasSubscribers) channel.publish({ client: this.#client, connection, request });
  }

  responseReceived(connection: ConnectionFacts, request: RequestFacts, response: ResponseFacts): void {
    const { responseBytes, durationMs, throttleMs } = response;
    this.#connections?.received(connection, responseBytes, durationMs, throttleMs, this.#clock.monotonic());
    if (this.#log?.isDebug === true) this.#log.responseReceived(connection, request, response);
    const channel = channels["kafkawire:request:response"];
    if (channel.hasSubscribers) channel.publish({ client: this.#client, connection, request, response });
  }

  requestFailed(
    connection: ConnectionFacts,
    request: RequestFacts,
    { error, durationMs }: { readonly error: Error; readonly durationMs: number },
  ): void {
    if (this.#log?.isDebug === true) this.#log.requestFailed(connection, request, error, durationMs);
    const channel = channels["kafkawire:request:error"];
    if (channel.hasSubscribers) channel.publish({ client: this.#client, connection, request, error, durationMs });
  }

  metadataUpdated(facts: MetadataFacts): void {
    const nowMs = this.#clock.monotonic();
    this.#metadataAtMs = nowMs;
    this.#log?.metadataUpdated(facts, nowMs);
    const channel = channels["kafkawire:metadata:updated"];
    if (channel.hasSubscribers) channel.publish({ client: this.#client, metadata: facts });
  }

  metadataFailed({ error, attempt }: { readonly error: Error; readonly attempt: number }): void {
    this.#log?.metadataFailed(error, attempt, this.#clock.monotonic());
    const channel = channels["kafkawire:metadata:failed"];
    if (channel.hasSubscribers) channel.publish({ client: this.#client, error, attempt });
  }

  rebootstrapping({ reason }: { readonly reason: string }): void {
    this.#log?.rebootstrapping(reason, this.#clock.monotonic());
    const channel = channels["kafkawire:metadata:rebootstrap"];
    if (channel.hasSubscribers) channel.publish({ client: this.#client, reason });
  }

  warning(code: string, text: string, facts: Readonly<Record<string, unknown>> = {}): void {
    this.#log?.warning(code, text, facts, this.#clock.monotonic());
    this.#publishWarning(code, text, facts);
  }

  /** Partitions of a consumer make no progress, all for the same reason: one warning, however many they are. */
  stalled(stalls: readonly PartitionStall[]): void {
    const [first] = stalls;
    if (first === undefined) return;
    const { detail, error, ...facts } = first;
    const others = stalls.length - 1;
    this.warning("CONSUMER_STALLED", `${partitionsText(first, others)} no progress: ${detail}`, {
      ...facts,
      others,
      ...(error && { error: error.message }),
    });
    const channel = channels["kafkawire:consumer:stalled"];
    if (channel.hasSubscribers) for (const stall of stalls) channel.publish({ client: this.#client, ...stall });
  }

  /** Partitions that made no progress go on. */
  resumed(resumptions: readonly PartitionResumption[]): void {
    this.#log?.partitionsResumed(resumptions);
    const channel = channels["kafkawire:consumer:resumed"];
    if (channel.hasSubscribers) for (const one of resumptions) channel.publish({ client: this.#client, ...one });
  }

  rebalancing(beginning: RebalanceBeginning): void {
    const channel = channels["kafkawire:consumer:rebalancing"];
    if (channel.hasSubscribers) channel.publish({ client: this.#client, ...beginning });
  }

  /** It is over, whatever came of it. */
  rebalanced(rebalance: Rebalance): void {
    this.#log?.rebalanced(rebalance);
    const channel = channels["kafkawire:consumer:rebalanced"];
    if (channel.hasSubscribers) channel.publish({ client: this.#client, ...rebalance });
  }

  /** The log cannot tell it. */
  #loggerFailed(error: unknown): void {
    const said = error instanceof Error ? error.message : String(error);
    const text = `the logger of ${this.#client.kind} '${this.#client.clientId}' failed, and events are missing from the log: ${said}`;
    process.emitWarning(text, { type: "KafkawireWarning", code: "KAFKAWIRE_LOGGER_FAILED" });
    this.#publishWarning("LOGGER_FAILED", text, {});
  }

  #publishWarning(code: string, text: string, facts: Readonly<Record<string, unknown>>): void {
    const channel = channels["kafkawire:warning"];
    if (channel.hasSubscribers) channel.publish({ client: this.#client, code, text, facts });
  }

  #metadataAge(nowMs: number): number {
    return this.#metadataAtMs === undefined ? -1 : (nowMs - this.#metadataAtMs) / 1000;
  }
}

function partitionsText({ topic, partition }: PartitionStall, others: number): string {
  const one = `topic '${topic}' partition ${partition}`;
  return others === 0 ? `${one} makes` : `${one} and ${others} other${others === 1 ? "" : "s"} make`;
}
