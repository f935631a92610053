import { KafkaError } from "../../protocol/index.ts";
import { abortReason } from "../async/abort-listeners.ts";
import { Deadline } from "../async/deadline.ts";
import { type BackoffRange, exponentialBackoffMs } from "../async/exponential-backoff.ts";
import { ConnectionError, type ConnectionPhase, RequestTimeoutError } from "../errors.ts";
import type { Runtime } from "../runtime.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { BrokerConnection } from "./broker-connection.ts";
import type { ConnectionSettings } from "./connection-settings.ts";
import type { BrokerAddress, Lane } from "./lane.ts";
import { brokerName, openConnection } from "./open-connection.ts";

export interface PooledInit {
  readonly broker: BrokerAddress;
  readonly lane: Lane;
  readonly settings: ConnectionSettings;
  readonly runtime: Runtime;
  readonly telemetry: Telemetry;
  readonly nextNumber: () => number;
  readonly clusterId: () => string | undefined;
}

type State =
  | { readonly kind: "none" }
  | { readonly kind: "connecting"; readonly connecting: Promise<BrokerConnection>; readonly abort: AbortController }
  | { readonly kind: "open"; readonly connection: BrokerConnection };

/** The one connection to a broker on a lane: there is none, it is being made, or it is open. Remembers what failed, to wait longer. */
export class PooledConnection {
  readonly broker: BrokerAddress;
  readonly #init: PooledInit;
  #state: State = { kind: "none" };
  /** In a row. */
  #failures = 0;
  #lastFailure: Error | undefined;
  /** Of the attempt that is under way. */
  #phase: ConnectionPhase | undefined;
  /** Monotonic. */
  #allowedAtMs = 0;

  constructor(init: PooledInit) {
    this.#init = init;
    this.broker = init.broker;
  }

  get open(): BrokerConnection | undefined {
    return this.#state.kind === "open" && this.#state.connection.isOpen ? this.#state.connection : undefined;
  }

  get backoffMs(): number {
    return Math.max(0, this.#allowedAtMs - this.#init.runtime.clock.monotonic());
  }

  /** How far the attempt has come that is under way; undefined when there is none, or it has to wait first. */
  get phase(): ConnectionPhase | undefined {
    return this.#state.kind === "connecting" ? this.#phase : undefined;
  }

  /** There is nothing to close, and no attempt that would have to wait. */
  get isForgettable(): boolean {
    return this.open === undefined && this.#state.kind !== "connecting" && this.backoffMs === 0;
  }

  connection(deadline: Deadline): Promise<BrokerConnection> {
    const { open } = this;
    if (open !== undefined) return Promise.resolve(open);
    const what = `connecting to broker ${brokerName(this.broker)}`;
    const cause = this.#lastFailure;
    const timedOut = (): Error => new RequestTimeoutError(what, deadline.timeoutMs, { cause });
    if (!deadline.isOver) return deadline.race(this.#connecting(), timedOut);
    const { signal } = deadline;
    return Promise.reject(signal?.aborted === true ? abortReason(signal) : timedOut());
  }

  /** Whoever waits, and whatever is in flight, fails with `reason`. */
  close(reason: Error): void {
    const state = this.#state;
    this.#state = { kind: "none" };
    if (state.kind === "connecting") state.abort.abort(reason);
    else if (state.kind === "open") state.connection.close(reason);
  }

  #connecting(): Promise<BrokerConnection> {
    if (this.#state.kind === "connecting") return this.#state.connecting;
    const abort = new AbortController();
    const connecting = this.#connect(abort);
    // All who wait for it may have given up by the time it fails; the failure has been counted and told.
    connecting.catch(() => undefined);
    this.#state = { kind: "connecting", connecting, abort };
    return connecting;
  }

  async #connect(abort: AbortController): Promise<BrokerConnection> {
    const { broker, lane, settings, runtime, telemetry } = this.#init;
    const { signal } = abort;
    this.#phase = undefined;
    // Not bound to the deadline of whoever asked first: others wait for the same attempt.
    if (this.backoffMs > 0) await new Deadline(runtime.clock, this.backoffMs, signal).sleep(this.backoffMs);
    const connection = this.#init.nextNumber();
    const facts = { connection, broker: brokerName(broker), nodeId: broker.nodeId, lane };
    telemetry.connecting(facts);
    let phase: ConnectionPhase = "dns";
    const onPhase = (reached: ConnectionPhase): void => {
      phase = reached;
      this.#phase = reached;
    };
    try {
      const setupTimeoutMs = (failures: number): number => this.#setupTimeoutMs(failures);
      const clusterId = this.#init.clusterId();
      const open = await openConnection({
        connection,
        broker,
        lane,
        settings,
        runtime,
        telemetry,
        clusterId,
        setupTimeoutMs,
        signal,
        onPhase,
      });
      return this.#opened(open, signal);
    } catch (error) {
      if (signal.aborted) throw abortReason(signal);
      const failure = error instanceof Error ? error : new Error(String(error));
      this.#failed(failure);
      telemetry.connectFailed(facts, { phase, error: failure, retryInMs: this.backoffMs });
      throw failure;
    }
  }

  #opened(connection: BrokerConnection, signal: AbortSignal): BrokerConnection {
    if (signal.aborted) {
      connection.close(new ConnectionError("nobody wants it any more", { broker: connection.facts.broker, phase: "established" }));
      throw abortReason(signal);
    }
    this.#failures = 0;
    this.#lastFailure = undefined;
    this.#allowedAtMs = 0;
    this.#state = { kind: "open", connection };
    connection.onClose((error, by) => {
      if (this.#state.kind !== "open" || this.#state.connection !== connection) return;
      this.#state = { kind: "none" };
      // We have closed it because it was idle: no reason to wait.
      if (by !== "us") this.#count(error, true);
    });
    return connection;
  }

  #failed(error: Error): void {
    this.#state = { kind: "none" };
    this.#count(error);
  }

  #count(error: Error | undefined, wasOpen = false): void {
    this.#failures += 1;
    this.#lastFailure = error;
    this.#allowedAtMs = this.#init.runtime.clock.monotonic() + this.#nextBackoffMs(error, wasOpen);
  }

  /**
   * What somebody has to change first (C27) is not tried again in a hurry. A connection that was good until a frame made no sense
   * (C11 to C17) is another matter: the next one may be good again.
   */
  #nextBackoffMs(error: Error | undefined, wasOpen: boolean): number {
    const { settings, runtime } = this.#init;
    const range: BackoffRange = { initialMs: settings.reconnectBackoffMs, maxMs: settings.reconnectBackoffMaxMs };
    if (!wasOpen && error instanceof KafkaError && !error.retriable) return Math.max(range.initialMs, range.maxMs);
    return exponentialBackoffMs(range, this.#failures, runtime.random);
  }

  /** KIP-601: more patience after each failure. */
  #setupTimeoutMs(failures: number): number {
    const { setupTimeoutMs, setupTimeoutMaxMs } = this.#init.settings;
    const range: BackoffRange = { initialMs: setupTimeoutMs, maxMs: Math.max(setupTimeoutMs, setupTimeoutMaxMs) };
    return exponentialBackoffMs(range, 1 + this.#failures + failures, this.#init.runtime.random);
  }
}
