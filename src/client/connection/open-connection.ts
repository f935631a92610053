import { MalformedMessageError } from "../../protocol/index.ts";
import { Deadline } from "../async/deadline.ts";
import { harmlessText } from "../errors/harmless-text.ts";
import { ConnectionError, type ConnectionPhase, RequestTimeoutError } from "../errors.ts";
import type { ResolvedAddress } from "../runtime.ts";
import { exchangeApiVersions } from "./api-versions-exchange.ts";
import type { Authenticate } from "./authenticator.ts";
import { BrokerConnection, type ConnectionInit } from "./broker-connection.ts";
import { BrokerVersions } from "./broker-versions.ts";
import { RequestPipeline } from "./request-pipeline.ts";
import { alertFailure, tlsFailure } from "./tls-failure.ts";
import { TransportError } from "./transport.ts";

const LAST_PORT = 65_535;
/** Of a name in the DNS. */
const LONGEST_HOST = 255;

export interface OpenInit extends ConnectionInit {
  /** How long an address may take for TCP and TLS; asked for each anew, with how many have failed just now. */
  readonly setupTimeoutMs: (failures: number) => number;
  /** Ends the attempt. */
  readonly signal: AbortSignal;
  readonly authenticate?: Authenticate;
  /** How far the attempt has come. */
  readonly onPhase?: (phase: ConnectionPhase) => void;
}

/**
 * Makes a connection that is ready for requests: name → TCP → TLS → ApiVersions → authentication. The name is resolved anew each time,
 * and every address behind it is tried, one after the other (C3, C4).
 *
 * @throws ConnectionError how far it came and why no further; AuthenticationError; BrokerError of what refuses us
 */
export async function openConnection(init: OpenInit): Promise<BrokerConnection> {
  const addresses = await resolve(init);
  const failures: ConnectionError[] = [];
  for (const { address } of addresses) {
    try {
      return await openAt(init, address, failures.length);
    } catch (error) {
      if (!(error instanceof ConnectionError) || !error.retriable || init.signal.aborted) throw error;
      failures.push(error);
    }
  }
  throw failureOfAll(init, failures);
}

async function resolve({ broker, runtime, signal, setupTimeoutMs, onPhase }: OpenInit): Promise<readonly ResolvedAddress[]> {
  onPhase?.("dns");
  const name = brokerName(broker);
  const { address, host, port } = broker;
  // Coordinators and others come as brokers name them: what nobody can dial is said here, and not by a crash further down.
  if (host === "" || !(port > 0 && port <= LAST_PORT)) {
    throw new ConnectionError("there is no such address: the host is empty, or the port is not from 1 to 65535", {
      broker: name,
      phase: "dns",
    });
  }
  if (address !== undefined) return [{ address, family: address.includes(":") ? 6 : 4 }];
  const deadline = new Deadline(runtime.clock, setupTimeoutMs(0), signal);
  let addresses: readonly ResolvedAddress[];
  try {
    addresses = await deadline.race(runtime.resolve(host), () => new Error("the resolver does not answer"));
  } catch (cause) {
    if (signal.aborted) throw cause;
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new ConnectionError(`its name cannot be resolved: ${said}`, { broker: name, phase: "dns", cause });
  }
  if (addresses.length > 0) return addresses;
  throw new ConnectionError("its name stands for no address", { broker: name, phase: "dns" });
}

async function openAt(init: OpenInit, address: string, failures: number): Promise<BrokerConnection> {
  const { settings, runtime, telemetry, broker } = init;
  const startedAtMs = runtime.clock.monotonic();
  const { pipeline, remote } = await dial(init, address, failures);
  try {
    const deadline = new Deadline(runtime.clock, settings.requestTimeoutMs, init.signal);
    const versions = await negotiate(init, pipeline, deadline);
    if (init.authenticate !== undefined) {
      enter(init, pipeline, "sasl");
      await init.authenticate(pipeline, versions, deadline);
    }
    deadline.throwIfAborted();
    pipeline.phase = "established";
    telemetry.connected(pipeline.facts, { durationMs: runtime.clock.monotonic() - startedAtMs, remote });
    return new BrokerConnection(pipeline, broker, versions, settings.clientId);
  } catch (error) {
    const { end } = pipeline;
    const reason = error instanceof Error ? error : new Error(String(error));
    pipeline.close(reason);
    const isMute = end?.by === "broker" && pipeline.phase === "api versions";
    throw isMute ? failureOfMuteBroker(brokerName(broker), reason) : failureOfSetup(reason, pipeline);
  }
}

/** An attempt that took too long, or whose answer made no sense, has failed as a connection: whoever waits may have time for another. */
function failureOfSetup(error: Error, { facts: { broker }, phase }: RequestPipeline): Error {
  const isBroken = error instanceof RequestTimeoutError || error instanceof MalformedMessageError;
  if (isBroken) return new ConnectionError(error.message, { broker, phase, outcome: "unknown", cause: error });
  return alertFailure(error, broker) ?? error;
}

interface Dialled {
  readonly pipeline: RequestPipeline;
  readonly remote: string;
}

async function dial(init: OpenInit, address: string, failures: number): Promise<Dialled> {
  const { settings, runtime, telemetry, broker, lane, signal } = init;
  const name = brokerName(broker);
  const facts = { connection: init.connection, broker: name, nodeId: broker.nodeId, lane };
  const pipeline = new RequestPipeline({ facts, settings, clock: runtime.clock, telemetry });
  const deadline = new Deadline(runtime.clock, init.setupTimeoutMs(failures), signal);
  const { tls } = settings;
  enter(init, pipeline, "tcp");
  try {
    const target = { host: broker.host, address, port: broker.port, tls, deadline };
    const socket = await runtime.transport.connect(target, pipeline.socketReader);
    enter(init, pipeline, "api versions");
    pipeline.attach(socket);
    return { pipeline, remote: socket.remote };
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    enter(init, pipeline, error.phase);
    throw failureOfTransport(error, name);
  }
}

function enter(init: OpenInit, pipeline: RequestPipeline, phase: ConnectionPhase): void {
  pipeline.phase = phase;
  init.onPhase?.(phase);
}

async function negotiate(init: OpenInit, pipeline: RequestPipeline, deadline: Deadline): Promise<BrokerVersions> {
  const { broker, settings, clusterId } = init;
  if (settings.apiVersion !== "auto") return BrokerVersions.ofRelease(settings.apiVersion);
  const isKnown = settings.clusterCheck && clusterId !== undefined && broker.nodeId >= 0;
  const expected = isKnown ? { clusterId, nodeId: broker.nodeId } : undefined;
  return exchangeApiVersions(pipeline, settings.clientId, expected, deadline);
}

/**
 * Brokers before 0.10 hang up on ApiVersions, which they do not know; so does a broker that is about to stop, or whose listener expects
 * TLS. There is no telling them apart for certain, so this may pass.
 */
function failureOfMuteBroker(broker: string, cause: Error): ConnectionError {
  const hint = "it may be stopping, have too many connections, speak TLS or SASL on this port, or be older than Kafka 0.10";
  const problem = `it hung up when it was asked for its API versions; ${hint}`;
  return new ConnectionError(problem, { broker, phase: "api versions", outcome: "unknown", cause });
}

function failureOfTransport(error: TransportError, broker: string): Error {
  const { cause, phase } = error;
  if (phase === "tls" && cause instanceof Error) return tlsFailure(cause, broker);
  return new ConnectionError(error.message, { broker, phase, cause });
}

function failureOfAll({ broker }: OpenInit, failures: readonly ConnectionError[]): Error {
  const last = failures.at(-1);
  if (last === undefined || failures.length === 1) return last ?? new TypeError("no address was tried");
  const name = brokerName(broker);
  const all = failures.map(({ message, phase }) => `${message.slice(`broker ${name}: `.length)} (${phase})`).join("; ");
  return new ConnectionError(`none of its ${failures.length} addresses could be used: ${all}`, {
    broker: name,
    phase: last.phase,
    cause: last,
  });
}

/** For people: the host is what a broker says that it is. */
export function brokerName({ host, port }: { readonly host: string; readonly port: number }): string {
  const name = harmlessText(host, LONGEST_HOST);
  return name.includes(":") ? `[${name}]:${port}` : `${name}:${port}`;
}
