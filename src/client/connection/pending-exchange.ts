import { onAbort } from "../async/abort-listeners.ts";
import type { Outcome } from "../errors.ts";
import type { ConnectionFacts, RequestFacts, Telemetry } from "../telemetry/telemetry.ts";
import type { Exchange } from "./exchange.ts";

export interface PendingInit {
  readonly exchange: Exchange;
  readonly facts: RequestFacts;
  readonly connection: ConnectionFacts;
  readonly telemetry: Telemetry;
  readonly startedAtMs: number;
  /** How long the caller waits. */
  readonly timeoutMs: number;
  /** How long the broker has; not less. */
  readonly brokerTimeoutMs: number;
}

/** An exchange that is not over: who must be told what, once. */
export class PendingExchange {
  readonly exchange: Exchange;
  readonly facts: RequestFacts;
  readonly timeoutMs: number;
  readonly brokerTimeoutMs: number;
  /** Until when (monotonic) the caller waits. */
  readonly dueMs: number;
  /** From when on a broker that has not answered counts as gone. */
  readonly brokerDueMs: number;
  readonly #init: PendingInit;
  #startedAtMs: number;
  #isSettled = false;
  #isReleased = false;
  #stopListening: (() => void) | undefined;

  constructor(init: PendingInit) {
    this.#init = init;
    this.exchange = init.exchange;
    this.facts = init.facts;
    this.timeoutMs = init.timeoutMs;
    this.brokerTimeoutMs = init.brokerTimeoutMs;
    this.#startedAtMs = init.startedAtMs;
    this.dueMs = init.startedAtMs + init.timeoutMs;
    this.brokerDueMs = init.startedAtMs + init.brokerTimeoutMs;
  }

  /** Nobody waits for it any more; its answer may still be due. */
  get isSettled(): boolean {
    return this.#isSettled;
  }

  /** Calls back when the caller gives up, as long as this is not settled. */
  onAbort(listener: (reason: Error) => void): void {
    const { signal } = this.exchange.deadline;
    if (signal === undefined) return;
    this.#stopListening = onAbort(signal, listener);
  }

  sent(atMs: number): void {
    this.#startedAtMs = atMs;
    this.#init.telemetry.requestSent(this.#init.connection, this.facts);
  }

  /** Hands the answer over; returns its throttle time. Throws what the exchange could not make of it. */
  answer(frame: Uint8Array, atMs: number): number {
    if (this.#isSettled) return 0;
    const throttleMs = this.exchange.onAnswer(frame);
    this.#settle();
    const facts = { responseBytes: frame.length, durationMs: atMs - this.#startedAtMs, throttleMs: Math.max(0, throttleMs) };
    this.#init.telemetry.responseReceived(this.#init.connection, this.facts, facts);
    return throttleMs;
  }

  /** There will be no answer, and it was all sent. */
  done(): void {
    if (!this.#isSettled) this.#settle();
  }

  fail(error: Error, outcome: Outcome, atMs: number): void {
    if (this.#isSettled) return;
    this.#settle();
    this.#init.telemetry.requestFailed(this.#init.connection, this.facts, { error, durationMs: atMs - this.#startedAtMs });
    this.exchange.onFailure(error, outcome);
  }

  release(isSent: boolean): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.exchange.onReleased?.(isSent);
  }

  #settle(): void {
    this.#isSettled = true;
    this.#stopListening?.();
  }
}
