import { harmlessText } from "../errors/harmless-text.ts";
import { errorFacts } from "./error-facts.ts";
import type { GuardedLogger } from "./guarded-logger.ts";
import type { LogFacts, LogLevel } from "./logger.ts";
import { type Failure, Outages } from "./outages.ts";
import type {
  ConnectFailure,
  ConnectionFacts,
  Disconnection,
  MetadataFacts,
  PartitionResumption,
  Rebalance,
  RebalancedPartition,
  RequestFacts,
  ResponseFacts,
} from "./telemetry.ts";

/**
 * What a client's log says of each event, and how loudly. `error`: it will not go away by itself. `warn`: it may, and calls may fail
 * until then. `info`: it is over, or happens in the ordinary course of a cluster's life. `debug`: everything, and the same again.
 */
export class EventLog {
  readonly #logger: GuardedLogger;
  readonly #client: LogFacts;
  readonly #outages = new Outages();

  /** @param client facts for every event */
  constructor(logger: GuardedLogger, client: LogFacts) {
    this.#logger = logger;
    this.#client = client;
  }

  get isDebug(): boolean {
    return this.#logger.isEnabled("debug");
  }

  connecting(connection: ConnectionFacts): void {
    if (this.isDebug) this.#log("debug", "connecting", `${nameOf(connection)}: connecting`, { ...connection });
  }

  connected(connection: ConnectionFacts, durationMs: number, remote: string, nowMs: number): void {
    const outage = this.#outages.recovered(connectingTo(connection), nowMs);
    const after = outage === undefined ? "" : ` after ${times(outage.count, "failed attempt")} in ${duration(outage.forMs)}`;
    this.#log(outage === undefined ? "debug" : "info", "connected", `${nameOf(connection)}: connected to ${remote}${after}`, {
      ...connection,
      durationMs,
      remote,
      failedAttempts: outage?.count ?? 0,
    });
  }

  connectFailed(connection: ConnectionFacts, { phase, error, retryInMs }: ConnectFailure, nowMs: number): void {
    const failure = this.#outages.failed(connectingTo(connection), `${phase} ${reasonOf(error)}`, nowMs);
    const level = !failure.isNews ? "debug" : isFinal(error) ? "error" : "warn";
    const text = `${nameOf(connection)}: could not connect (${phase}): ${unprefixed(error, connection)}; the next attempt is due in ${duration(retryInMs)}${soFar(failure)}`;
    this.#log(level, "connectFailed", text, {
      ...connection,
      phase,
      retryInMs,
      error: errorFacts(error),
      failedAttempts: failure.count,
    });
  }

  disconnected(connection: ConnectionFacts, { reason, error, inFlight }: Disconnection, nowMs: number): void {
    const facts = { ...connection, reason, inFlight };
    if (error === undefined) {
      this.#log("debug", "disconnected", `${nameOf(connection)}: connection closed: ${reason}`, facts);
      return;
    }
    const failure = this.#outages.failed(`lost ${connection.broker}`, reasonOf(error), nowMs);
    const lost = inFlight === 0 ? "" : `, with ${times(inFlight, "request")} unanswered`;
    const text = `${nameOf(connection)}: connection lost${lost}: ${unprefixed(error, connection)}${soFar(failure)}`;
    // Brokers are restarted every day; what it means for a call, that call's error says.
    this.#log(failure.isNews ? "info" : "debug", "disconnected", text, { ...facts, error: errorFacts(error) });
  }

  requestSent(connection: ConnectionFacts, request: RequestFacts): void {
    this.#log("debug", "requestSent", `${nameOf(connection)}: ${requestName(request)}: sent, ${request.requestBytes} bytes`, {
      ...connection,
      ...request,
    });
  }

  responseReceived(connection: ConnectionFacts, request: RequestFacts, response: ResponseFacts): void {
    const throttle = response.throttleMs > 0 ? `, throttled for ${duration(response.throttleMs)}` : "";
    const text = `${nameOf(connection)}: ${requestName(request)}: answered in ${duration(response.durationMs)}, ${response.responseBytes} bytes${throttle}`;
    this.#log("debug", "responseReceived", text, { ...connection, ...request, ...response });
  }

  requestFailed(connection: ConnectionFacts, request: RequestFacts, error: Error, durationMs: number): void {
    const text = `${nameOf(connection)}: ${requestName(request)}: failed after ${duration(durationMs)}: ${unprefixed(error, connection)}`;
    this.#log("debug", "requestFailed", text, { ...connection, ...request, durationMs, error: errorFacts(error) });
  }

  metadataUpdated(facts: MetadataFacts, nowMs: number): void {
    const outage = this.#outages.recovered("metadata", nowMs);
    const after = outage === undefined ? "" : ` after ${times(outage.count, "failed attempt")} in ${duration(outage.forMs)}`;
    const text = `cluster ${facts.clusterId ?? "without an id"}: metadata of ${times(facts.brokers, "broker")} and ${times(facts.topics, "topic")} received${after}`;
    this.#log(outage === undefined ? "debug" : "info", "metadataUpdated", text, { ...facts });
  }

  metadataFailed(error: Error, attempt: number, nowMs: number): void {
    const failure = this.#outages.failed("metadata", reasonOf(error), nowMs);
    const level = !failure.isNews ? "debug" : isFinal(error) ? "error" : "warn";
    this.#log(level, "metadataFailed", `metadata could not be received: ${error.message}${soFar(failure)}`, {
      attempt,
      error: errorFacts(error),
      failedAttempts: failure.count,
    });
  }

  rebootstrapping(reason: string, nowMs: number): void {
    const failure = this.#outages.failed("rebootstrap", "", nowMs);
    this.#log(
      failure.isNews ? "info" : "debug",
      "rebootstrapping",
      `starting over from the bootstrap servers: ${reason}${soFar(failure)}`,
      {
        reason,
      },
    );
  }

  warning(code: string, text: string, facts: LogFacts, nowMs: number): void {
    const failure = this.#outages.failed(`warning ${code}`, text, nowMs);
    this.#log(failure.isNews ? "warn" : "debug", "warning", `${text} [${code}]${soFar(failure)}`, { ...facts, code });
  }

  partitionsResumed(resumptions: readonly PartitionResumption[]): void {
    const [first] = resumptions;
    if (first === undefined) return;
    const { topic, partition, afterMs } = first;
    const others = resumptions.length - 1;
    const text = `topic '${topic}' partition ${partition} goes on after ${duration(afterMs)}${others === 0 ? "" : `, with ${times(others, "other")}`}`;
    this.#log("info", "partitionsResumed", text, { ...first, others });
  }

  rebalanced(rebalance: Rebalance): void {
    const { group, cause, outcome, problem, generationId, durationMs, revoked, assigned, lost, ...facts } = rebalance;
    const came = outcome === "assigned" ? `generation ${generationId} after ${duration(durationMs)}` : outcome;
    const moved = [
      ...movedText(revoked, "revoked"),
      ...movedText(lost, "lost"),
      ...movedText(assigned, "assigned"),
      ...(problem === undefined || problem === cause ? [] : [problem]),
    ];
    const text = `group '${group}': ${cause}: ${[came, ...moved].join(", ")}`;
    const counts = { revoked: revoked.length, assigned: assigned.length, lost: lost.length };
    this.#log("info", "rebalanced", text, { group, cause, outcome, problem, generationId, durationMs, ...counts, ...facts });
  }

  #log(level: LogLevel, event: string, text: string, facts: LogFacts): void {
    if (this.#logger.isEnabled(level)) this.#logger.log(level, harmlessText(text, 4000), { ...facts, event, ...this.#client });
  }
}

function movedText(partitions: readonly RebalancedPartition[], what: string): readonly string[] {
  return partitions.length === 0 ? [] : [`${times(partitions.length, "partition")} ${what}`];
}

/** Lanes to the same broker fail and recover together. */
function connectingTo({ broker }: ConnectionFacts): string {
  return `connect ${broker}`;
}

function nameOf({ broker, nodeId, lane }: ConnectionFacts): string {
  return `broker ${broker}${nodeId < 0 ? "" : ` (id ${nodeId})`}${lane === "main" ? "" : `, ${lane} connection`}`;
}

function requestName({ api, version, correlationId }: RequestFacts): string {
  return `${api} v${version} (correlation id ${correlationId})`;
}

/** Our errors begin with the broker's name as well. */
function unprefixed({ message }: Error, { broker }: ConnectionFacts): string {
  const prefix = `broker ${broker}: `;
  return message.startsWith(prefix) ? message.slice(prefix.length) : message;
}

/** What stays the same when the same fails again: messages may quote durations and ports. */
function reasonOf(error: Error): string {
  const codes: string[] = [];
  for (let one: unknown = error; one instanceof Error && codes.length < 8; one = one.cause) {
    codes.push("code" in one && typeof one.code === "string" ? one.code : one.name);
  }
  return codes.join(" ");
}

/** Trying again will not help before somebody changes something. */
function isFinal(error: Error): boolean {
  return "retriable" in error && error.retriable === false;
}

function soFar({ count, forMs }: Failure): string {
  return count === 1 ? "" : ` (${count} times in ${duration(forMs)})`;
}

function times(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function duration(ms: number): string {
  return ms < 10_000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 1000)} s`;
}
