import { canonicalValue } from "../../../src/broker/journal/canonical-text.ts";
import { KafkaError } from "../../../src/protocol/index.ts";
import type { Call, CallOutcome, EndedCall } from "./call.ts";
import type { ClientFootprint } from "./client-footprint.ts";
import type { World } from "./world.ts";

export interface CloseOptions {
  readonly timeoutMs?: number;
}

export interface Closable {
  close(options?: CloseOptions): Promise<void>;
}

export interface CallOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface CallLimits {
  readonly timeoutMs: number;
  /** The caller gives up after so many milliseconds. */
  readonly abortAfterMs?: number | undefined;
}

/** Any close ends within that, beyond what it is granted: then it has nothing to wait for but its own sockets. */
const MOST_CLOSE_MS = 1000;

/** A client and the calls that are made of it. */
export class SimulatedClient<Client extends Closable> {
  readonly clientId: string;
  readonly client: Client;
  readonly footprint: ClientFootprint;
  readonly openCalls: Set<Call> = new Set();
  isClosing = false;
  isClosed = false;
  readonly #world: World;
  #calls = 0;
  #isDead = false;

  constructor(world: World, clientId: string, footprint: ClientFootprint, client: Client) {
    this.#world = world;
    this.clientId = clientId;
    this.footprint = footprint;
    this.client = client;
  }

  /** Makes a call, and resolves when it has ended, however it did. */
  async call<T>(
    method: string,
    argument: unknown,
    limits: CallLimits,
    run: (client: Client, options: CallOptions) => Promise<T>,
  ): Promise<EndedCall & { readonly result: T | undefined }> {
    if (this.#isDead) return new Promise<never>(() => undefined);
    const { clock, truth, journal } = this.#world;
    const number = ++this.#calls;
    const { timeoutMs, abortAfterMs } = limits;
    const startedMs = clock.monotonic();
    const abortReason = new Error(`${this.clientId} gave up its call ${number}`);
    const call: Call = {
      clientId: this.clientId,
      number,
      method,
      title: () => `${this.clientId} call ${number} ${method} ${canonicalValue(argument)} within ${timeoutMs} ms`,
      startedMs,
      deadlineMs: startedMs + timeoutMs,
      abortMs: abortAfterMs === undefined ? undefined : startedMs + abortAfterMs,
      abortReason,
      fromLook: truth.look(),
      isAfterClose: this.isClosed,
    };
    const controller = new AbortController();
    const abort = abortAfterMs === undefined ? undefined : clock.schedule(abortAfterMs, () => controller.abort(abortReason));
    const said = (): string =>
      `call ${number} ${method} ${canonicalValue(argument)} timeoutMs=${timeoutMs} abortAfterMs=${abortAfterMs}`;
    journal.note(this.clientId, said);
    this.openCalls.add(call);
    let result: T | undefined;
    const outcome = await run(this.client, { timeoutMs, ...(abort !== undefined && { signal: controller.signal }) }).then(
      (value): CallOutcome => {
        result = value;
        return { kind: "value", value };
      },
      (error: unknown): CallOutcome => ({ kind: "error", error }),
    );
    abort?.cancel();
    this.openCalls.delete(call);
    journal.note(this.clientId, () => `call ${number} ${method} ended: ${outcomeText(outcome)}`);
    const ended = { ...call, endedMs: clock.monotonic(), toLook: truth.look(), outcome, result };
    this.#world.callEnded(ended);
    return ended;
  }

  /** Its process is gone, without a word. What it has called never ends. */
  die(): void {
    this.#world.journal.note(this.clientId, "dies");
    this.#isDead = true;
    this.isClosing = true;
    this.isClosed = true;
    this.openCalls.clear();
    this.footprint.die();
  }

  /**
   * Closes the client for good. May be called while calls are open.
   *
   * @param grantedMs how long it may wait for what is under way
   */
  async close(options: CloseOptions = {}, grantedMs = 0): Promise<void> {
    if (this.isClosing) return;
    this.isClosing = true;
    const { clock, journal } = this.#world;
    journal.note(this.clientId, `close ${JSON.stringify(options)}, with ${this.openCalls.size} open calls`);
    const startedMs = clock.monotonic();
    await this.client.close(options);
    const tookMs = clock.monotonic() - startedMs;
    const isLate = clock.monotonic() > this.#world.excused(startedMs + grantedMs + MOST_CLOSE_MS, this.clientId);
    // A socket that is being destroyed is gone with the next turn of the event loop, here as in Node.
    await this.#world.wait(0);
    journal.note(this.clientId, "closed");
    this.isClosed = true;
    if (isLate) this.#world.violate("close is bounded", `${this.clientId} took ${tookMs} ms to close`);
    const { timers, sockets } = this.footprint;
    if (timers + sockets > 0) {
      this.#world.violate("nothing is left after close", `${this.clientId} has ${timers} timers and ${sockets} sockets left`);
    }
  }
}

export function outcomeText(outcome: CallOutcome): string {
  return outcome.kind === "value" ? canonicalValue(plain(outcome.value)) : errorText(outcome.error);
}

export function errorText(error: unknown): string {
  if (error instanceof KafkaError) return `${error.name} ${error.code}: ${error.message}`;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** Maps and errors in a form that JSON has. */
function plain(value: unknown): unknown {
  if (value instanceof Error) return errorText(value);
  if (value instanceof Map) return [...value].map(([key, item]) => [plain(key), plain(item)]);
  if (value instanceof Set) return [...value].map(plain);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field)]));
}
