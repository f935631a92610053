/** What every client of this package stands on: configuration, reports, connections, the cluster, and how all of it ends. */
import { onAbort } from "./async/abort-listeners.ts";
import { Deadline } from "./async/deadline.ts";
import { checkOptions, checkSignal } from "./call-checks.ts";
import { Cluster } from "./cluster/cluster.ts";
import type { ConnectionConfig } from "./config/common-options.ts";
import { clusterSettingsFrom, connectionSettingsFrom, metricsSettingsFrom } from "./config/core-settings.ts";
import { loadTls } from "./config/load-tls.ts";
import type { SecurityConfig } from "./config/security-options.ts";
import { ConnectionPool } from "./connection/connection-pool.ts";
import { ClosedError, IllegalStateError, RequestTimeoutError } from "./errors.ts";
import type { Runtime } from "./runtime.ts";
import { ClientTelemetry } from "./telemetry/client-telemetry.ts";
import type { ClientKind } from "./telemetry/diagnostics.ts";

/** What every call may say. */
export interface CallOptions {
  /** How long the call may take in all; `defaultApiTimeoutMs` unless said otherwise. */
  readonly timeoutMs?: number;
  /** Ends the call before: it rejects with the signal's reason. What was sent may still be carried out. */
  readonly signal?: AbortSignal;
}

export interface CloseOptions {
  /** How long calls that are under way may go on. Default 0: they reject with a ClosedError at once. */
  readonly timeoutMs?: number;
}

export type CoreConfig = ConnectionConfig & SecurityConfig & { readonly allowAutoCreateTopics?: boolean };

/** What a client has once it is connected. */
export interface ClientParts {
  readonly pool: ConnectionPool;
  readonly cluster: Cluster;
}

/** What a call works with. */
export interface CallContext extends ClientParts {
  readonly deadline: Deadline;
}

export class ClientCore {
  readonly config: CoreConfig;
  readonly runtime: Runtime;
  readonly telemetry: ClientTelemetry;
  /** For errors: `producer client 'orders'`. */
  readonly name: string;
  /** Made by the first call, because certificates have to be read from files; a failure is that call's, and the next one tries again. */
  #parts: Promise<ClientParts> | undefined;
  #made: ClientParts | undefined;
  /** What ends the calls that are under way. */
  readonly #calls = new Set<AbortController>();
  #onIdle: (() => void) | undefined;
  #closing: Promise<void> | undefined;
  #endedBy: ClosedError | undefined;

  constructor(kind: ClientKind, config: CoreConfig, runtime: Runtime) {
    this.config = config;
    this.runtime = runtime;
    this.name = `${kind} client '${config.clientId}'`;
    const { clientId, logger, logLevel } = config;
    this.telemetry = new ClientTelemetry({
      kind,
      clientId,
      clock: runtime.clock,
      logger,
      logLevel,
      metrics: metricsSettingsFrom(config),
    });
  }

  /** Does `work` with everything there is, until its deadline, its signal, or the end of the client. */
  async call<T>(what: string, options: CallOptions, work: (context: CallContext) => Promise<T>): Promise<T> {
    checkCallOptions(what, options);
    if (this.#closing !== undefined) throw new ClosedError(this.name);
    const { timeoutMs = this.config.defaultApiTimeoutMs, signal } = options;
    signal?.throwIfAborted();
    const controller = new AbortController();
    let givenUp: Error | undefined;
    const giveUp = (reason: Error): void => {
      givenUp = reason;
      controller.abort(reason);
    };
    // Not AbortSignal.any: of a signal that outlives many calls, Node 20 keeps something of every one of them.
    const stopListening = signal && onAbort(signal, giveUp);
    this.#calls.add(controller);
    try {
      const deadline = new Deadline(this.runtime.clock, timeoutMs, controller.signal);
      this.#parts ??= this.#makeParts();
      const parts = await deadline.race(this.#parts, () => new RequestTimeoutError(`${what}: reading certificates`, timeoutMs));
      return await work({ ...parts, deadline });
    } catch (error) {
      // What is no Error travels in one.
      throw error === givenUp ? signal?.reason : error;
    } finally {
      stopListening?.();
      this.#calls.delete(controller);
      if (this.#calls.size === 0) this.#onIdle?.();
    }
  }

  /** What there is already, without waiting. */
  get parts(): ClientParts | undefined {
    return this.#made;
  }

  /** Ends everything; may be called again. Takes no longer than `timeoutMs`, and leaves no socket, timer or pending promise. */
  close({ timeoutMs = 0 }: CloseOptions = {}): Promise<void> {
    this.#closing ??= this.#close(timeoutMs);
    return this.#closing;
  }

  async #close(timeoutMs: number): Promise<void> {
    if (timeoutMs > 0 && this.#calls.size > 0) {
      const idle = new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
      await new Deadline(this.runtime.clock, timeoutMs).race(idle, outOfTime).catch(() => undefined);
    }
    const reason = new ClosedError(this.name, { outcome: "unknown" });
    this.#endedBy = reason;
    for (const controller of this.#calls) controller.abort(reason);
    this.#made?.cluster.close(reason);
    this.#made?.pool.close(reason);
  }

  async #makeParts(): Promise<ClientParts> {
    const { config, runtime, telemetry } = this;
    try {
      const settings = connectionSettingsFrom(config, await loadTls(config));
      // Closing does not wait for files; then there is nothing more to make.
      if (this.#endedBy !== undefined) throw this.#endedBy;
      const pool = new ConnectionPool({ settings, runtime, telemetry });
      this.#made = { pool, cluster: new Cluster({ settings: clusterSettingsFrom(config), pool, runtime, telemetry }) };
      return this.#made;
    } catch (error) {
      this.#parts = undefined;
      throw error;
    }
  }
}

/** Not an error that anybody sees: the calls that took too long get theirs. */
function outOfTime(): Error {
  return new Error("calls are still under way");
}

function checkCallOptions(what: string, options: CallOptions): void {
  checkOptions(what, options);
  const { timeoutMs, signal } = options;
  if (timeoutMs !== undefined && !(Number.isFinite(timeoutMs) && timeoutMs >= 0)) {
    throw new IllegalStateError(`${what}: timeoutMs must be a number of milliseconds, not ${String(timeoutMs)}`);
  }
  checkSignal(what, signal);
}
