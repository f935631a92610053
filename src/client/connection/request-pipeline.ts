import { MalformedMessageError } from "../../protocol/index.ts";
import { abortReason } from "../async/abort-listeners.ts";
import type { Clock } from "../async/clock.ts";
import { CoarseTimer } from "../async/coarse-timer.ts";
import { ClosedError, ConnectionError, type ConnectionPhase, type Outcome, RequestTimeoutError } from "../errors.ts";
import type { ConnectionFacts, Telemetry } from "../telemetry/telemetry.ts";
import { clientThrottleMs, isAbsurdThrottle } from "./client-throttling.ts";
import type { ConnectionSettings } from "./connection-settings.ts";
import { CorrelationIds } from "./correlation-ids.ts";
import { correlationIdOf, type Exchange, stampFrame } from "./exchange.ts";
import { FrameReader } from "./frame-reader.ts";
import { ForeignSpeakerError } from "./frame-size-problem.ts";
import { PendingExchange } from "./pending-exchange.ts";
import type { SocketReader, TransportSocket } from "./transport.ts";

export interface PipelineInit {
  readonly facts: ConnectionFacts;
  readonly settings: ConnectionSettings;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly correlationIds?: CorrelationIds;
}

/** Why a connection is over. */
export interface PipelineEnd {
  readonly reason: string;
  /** Undefined when nothing was wrong. */
  readonly error: Error | undefined;
  /** `broker`: it said that it would send no more, and nothing was wrong with what it had sent. */
  readonly by: "us" | "broker" | "failure";
}

/**
 * Requests out, answers in, on one socket. Several are in flight at a time; the others wait here, in their order. Answers come in the
 * order of the requests, which is checked. Whatever breaks it fails everything with one shared cause, once.
 */
export class RequestPipeline {
  readonly facts: ConnectionFacts;
  /** What the transport gives its bytes to. */
  readonly socketReader: SocketReader;
  /** How far the connection has come, for errors. */
  phase: ConnectionPhase = "tcp";
  readonly #init: PipelineInit;
  readonly #clock: Clock;
  readonly #frames: FrameReader;
  readonly #timer: CoarseTimer;
  readonly #correlationIds: CorrelationIds;
  /** Not written yet. A set, for whoever gives up leaves from the middle. */
  readonly #waiting = new Set<PendingExchange>();
  /** Written, the answer is due; in the order of the answers. */
  readonly #inFlight: PendingExchange[] = [];
  /** Written without an answer to come, and not taken by the kernel yet. */
  readonly #leaving = new Set<PendingExchange>();
  readonly #closeListeners: ((end: PipelineEnd) => void)[] = [];
  #socket: TransportSocket | undefined;
  #isBlocked = false;
  #throttledUntilMs = 0;
  #lastUsedMs: number;
  #end: PipelineEnd | undefined;

  constructor(init: PipelineInit) {
    const { facts, settings, clock, correlationIds = new CorrelationIds() } = init;
    this.#init = init;
    this.facts = facts;
    this.#clock = clock;
    this.#correlationIds = correlationIds;
    this.#lastUsedMs = clock.monotonic();
    this.#frames = new FrameReader(
      settings.maxResponseBytes,
      () => this.#inFlight.length > 0,
      (frame) => this.#take(frame),
    );
    this.#timer = new CoarseTimer(clock, () => this.#due());
    this.socketReader = {
      buffer: () => this.#frames.buffer(),
      onBytes: (count) => this.#read(count),
      onDrain: () => this.#drained(),
      onClose: (error) => this.#closedByOther(error),
    };
  }

  get isOpen(): boolean {
    return this.#socket !== undefined && this.#end === undefined;
  }

  /** Sent and not answered. */
  get inFlight(): number {
    return this.#inFlight.length;
  }

  get queued(): number {
    return this.#waiting.size;
  }

  get throttledUntilMs(): number {
    return this.#throttledUntilMs;
  }

  /** Why it is over, if it is. */
  get end(): PipelineEnd | undefined {
    return this.#end;
  }

  /** The socket is connected. It may be gone already. */
  attach(socket: TransportSocket): void {
    if (this.#end !== undefined) {
      socket.destroy();
      return;
    }
    this.#socket = socket;
    this.#lastUsedMs = this.#clock.monotonic();
    this.#timer.by(this.#idleAtMs);
    this.#pump();
  }

  exchange(exchange: Exchange): void {
    const { api, version, pieces, deadline } = exchange;
    const { settings, telemetry } = this.#init;
    const correlationId = this.#correlationIds.next();
    const requestBytes = stampFrame(pieces, correlationId);
    const brokerTimeoutMs = exchange.timeoutMs ?? settings.requestTimeoutMs;
    const pending = new PendingExchange({
      exchange,
      facts: { api: api.name, version, correlationId, requestBytes, ...(exchange.expectsAnswer ? {} : { expectsAnswer: false }) },
      connection: this.facts,
      telemetry,
      startedAtMs: this.#clock.monotonic(),
      timeoutMs: Math.min(brokerTimeoutMs, deadline.leftMs),
      brokerTimeoutMs,
    });
    const refusal = this.#refusal(pending);
    if (refusal !== undefined) {
      // Later, as with every other failure: nobody is called back before `exchange` has returned.
      queueMicrotask(() => this.#drop(pending, refusal));
      return;
    }
    pending.onAbort((reason) => this.#abort(pending, reason));
    this.#waiting.add(pending);
    this.#timer.by(pending.dueMs);
    this.#pump();
  }

  /** Closed by us: everything that is not over fails with `reason`. */
  close(reason: Error, text: string = reason.message): void {
    this.#finish({ reason: text, error: undefined, by: "us" }, (outcome) => failureOfClose(reason, outcome, this.facts.broker));
  }

  onClose(listener: (end: PipelineEnd) => void): void {
    const end = this.#end;
    if (end === undefined) this.#closeListeners.push(listener);
    else queueMicrotask(() => listener(end));
  }

  /** Breaks the connection: there is no telling what its bytes mean, or whether any will come. */
  poison(cause: Error, by: PipelineEnd["by"] = "failure"): void {
    const retriable = !(cause instanceof ForeignSpeakerError);
    this.#finish({ reason: cause.message, error: cause, by }, (outcome) => {
      const { phase } = this;
      return new ConnectionError(cause.message, { broker: this.facts.broker, phase, outcome, retriable, cause });
    });
  }

  get #idleAtMs(): number {
    const { connectionsMaxIdleMs } = this.#init.settings;
    return connectionsMaxIdleMs < 0 ? Number.POSITIVE_INFINITY : this.#lastUsedMs + connectionsMaxIdleMs;
  }

  #refusal({ exchange: { deadline }, timeoutMs, facts }: PendingExchange): Error | undefined {
    if (this.#end !== undefined) {
      const { broker } = this.facts;
      const { reason, error } = this.#end;
      return new ConnectionError(`the connection is closed: ${reason}`, { broker, phase: this.phase, cause: error });
    }
    if (deadline.signal?.aborted === true) return abortReason(deadline.signal);
    return timeoutMs <= 0 ? new RequestTimeoutError(this.#describe(facts.api), deadline.timeoutMs) : undefined;
  }

  #describe(api: string): string {
    return `${api} to broker ${this.facts.broker}`;
  }

  /** Fails what was never written. */
  #drop(pending: PendingExchange, error: Error): void {
    this.#waiting.delete(pending);
    pending.release(false);
    pending.fail(error, "not sent", this.#clock.monotonic());
  }

  #abort(pending: PendingExchange, reason: Error): void {
    if (this.#waiting.has(pending)) this.#drop(pending, reason);
    // Sent: it stays in its place until its answer has been taken out of the stream.
    else pending.fail(reason, "unknown", this.#clock.monotonic());
  }

  #pump(): void {
    const { maxInFlightRequests } = this.#init.settings;
    for (const pending of this.#waiting) {
      if (this.#socket === undefined || this.#isBlocked || this.#inFlight.length >= maxInFlightRequests) return;
      const now = this.#clock.monotonic();
      if (now < this.#throttledUntilMs) {
        this.#timer.by(this.#throttledUntilMs);
        return;
      }
      if (pending.dueMs <= now) this.#drop(pending, this.#timeout(pending, "not sent"));
      else this.#send(this.#socket, pending, now);
    }
  }

  #send(socket: TransportSocket, pending: PendingExchange, now: number): void {
    const { expectsAnswer, pieces } = pending.exchange;
    this.#waiting.delete(pending);
    if (expectsAnswer) this.#inFlight.push(pending);
    else this.#leaving.add(pending);
    this.#lastUsedMs = now;
    pending.sent(now);
    const isFree = socket.write(pieces, (error) => this.#written(pending, error));
    if (!isFree) this.#isBlocked = true;
  }

  /** The kernel has the bytes, or never will. */
  #written(pending: PendingExchange, error: Error | undefined): void {
    pending.release(error === undefined);
    if (error === undefined && this.#leaving.delete(pending)) pending.done();
  }

  #drained(): void {
    this.#isBlocked = false;
    this.#pump();
  }

  #read(count: number): void {
    try {
      this.#frames.push(count);
    } catch (error) {
      this.poison(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #take(frame: Uint8Array): void {
    const pending = this.#inFlight[0];
    const correlationId = correlationIdOf(frame);
    // FrameReader asks before: there is a request in flight.
    if (pending === undefined) return;
    if (correlationId !== pending.facts.correlationId) {
      const { api, version, correlationId: expected } = pending.facts;
      const problem = `the answer to request ${expected} is due, the answer to ${correlationId} has come`;
      throw new MalformedMessageError(problem, { api, version, kind: "response" });
    }
    this.#inFlight.shift();
    const now = this.#clock.monotonic();
    this.#lastUsedMs = now;
    try {
      this.#throttle(pending, pending.answer(frame, now), now);
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      pending.fail(failure, "unknown", now);
      throw failure;
    }
    this.#pump();
  }

  #throttle({ facts: { api, version } }: PendingExchange, throttleTimeMs: number, now: number): void {
    const quietMs = clientThrottleMs(api, version, throttleTimeMs);
    if (quietMs > 0) this.#throttledUntilMs = Math.max(this.#throttledUntilMs, now + quietMs);
    if (!isAbsurdThrottle(throttleTimeMs)) return;
    const { broker } = this.facts;
    const problem = `${broker} asks for ${throttleTimeMs} ms without requests; it gets ${quietMs}`;
    this.#init.telemetry.warning("THROTTLE_ABSURD", problem, { broker, api, throttleTimeMs });
  }

  #closedByOther(error: Error | undefined): void {
    const { buffered } = this.#frames;
    const where = buffered === 0 ? "" : ` within an answer, of which ${buffered} bytes had come`;
    if (error !== undefined) this.poison(new Error(`the connection broke${where}: ${error.message}`, { cause: error }));
    // An end between two answers, when none is due, is how brokers part from idle clients.
    else if (this.#isQuiet && buffered === 0) this.#endQuietly("closed by the broker");
    else this.poison(new Error(`the broker closed the connection${where}`), buffered === 0 ? "broker" : "failure");
  }

  #endQuietly(reason: string): void {
    const { broker } = this.facts;
    this.#finish(
      { reason, error: undefined, by: "broker" },
      (outcome) => new ConnectionError(reason, { broker, phase: this.phase, outcome }),
    );
  }

  /** Nobody waits for anything. */
  get #isQuiet(): boolean {
    return this.#inFlight.length + this.#leaving.size + this.#waiting.size === 0;
  }

  #timeout({ facts, timeoutMs }: PendingExchange, outcome: Outcome): RequestTimeoutError {
    return new RequestTimeoutError(this.#describe(facts.api), timeoutMs, { outcome });
  }

  /** Everything whose time is over by now; returns when there is more. */
  #due(): number {
    const now = this.#clock.monotonic();
    for (const pending of this.#waiting) if (pending.dueMs <= now) this.#drop(pending, this.#timeout(pending, "not sent"));
    const unanswered = [...this.#inFlight, ...this.#leaving];
    // Who waits no longer leaves; the request keeps its place, so that its answer is taken for nobody else's.
    for (const pending of unanswered) if (pending.dueMs <= now) pending.fail(this.#timeout(pending, "unknown"), "unknown", now);
    const lost = unanswered.find(({ brokerDueMs }) => brokerDueMs <= now);
    if (lost !== undefined) {
      // Its answer may come after all; but who has waited so long for one must not wait for the next.
      this.poison(new RequestTimeoutError(this.#describe(lost.facts.api), lost.brokerTimeoutMs, { outcome: "unknown" }));
    } else if (this.#isQuiet && this.#socket !== undefined && now >= this.#idleAtMs) this.#closeIdle();
    else this.#pump();
    return this.#end === undefined ? this.#nextDueMs(now) : Number.POSITIVE_INFINITY;
  }

  #closeIdle(): void {
    const { broker } = this.facts;
    this.close(new ConnectionError("the connection was idle for long", { broker, phase: this.phase }), "idle");
  }

  #nextDueMs(now: number): number {
    let next = this.#isQuiet && this.#socket !== undefined ? this.#idleAtMs : Number.POSITIVE_INFINITY;
    for (const pending of this.#waiting) next = Math.min(next, pending.dueMs);
    for (const pending of [...this.#inFlight, ...this.#leaving]) {
      next = Math.min(next, pending.isSettled ? pending.brokerDueMs : pending.dueMs);
    }
    return this.#waiting.size > 0 && this.#throttledUntilMs > now ? Math.min(next, this.#throttledUntilMs) : next;
  }

  #finish(end: PipelineEnd, failure: (outcome: Outcome) => Error): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#timer.cancel();
    this.#frames.stop();
    this.#socket?.destroy();
    const now = this.#clock.monotonic();
    const sent = [...this.#inFlight.splice(0), ...this.#leaving];
    const unsent = [...this.#waiting];
    this.#leaving.clear();
    this.#waiting.clear();
    if (this.phase === "established") {
      const { reason, error } = end;
      this.#init.telemetry.disconnected(this.facts, { reason, error, inFlight: sent.length });
    }
    if (sent.length > 0) failAll(sent, failure("unknown"), "unknown", now);
    for (const pending of unsent) pending.release(false);
    if (unsent.length > 0) failAll(unsent, failure("not sent"), "not sent", now);
    for (const listener of this.#closeListeners.splice(0)) listener(end);
  }
}

function failAll(exchanges: readonly PendingExchange[], error: Error, outcome: Outcome, atMs: number): void {
  for (const pending of exchanges) pending.fail(error, outcome, atMs);
}

/** As `reason`, but telling what became of the request. */
function failureOfClose(reason: Error, outcome: Outcome, broker: string): Error {
  if (outcome === "not sent") return reason;
  if (reason instanceof ClosedError) return new ClosedError(`the connection to broker ${broker}`, { outcome });
  if (!(reason instanceof ConnectionError)) return reason;
  return new ConnectionError("the connection was closed before the answer came", {
    broker,
    phase: reason.phase,
    outcome,
    cause: reason,
  });
}
