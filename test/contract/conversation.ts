// What a script talks to: one of the two brokers. Whatever it compares is written into a transcript, in the order of asking.

import { setTimeout as pause } from "node:timers/promises";
import { type AnyApi, type ApiName, apis, decodeResponse, encodeRequest, type Layout } from "../../src/protocol/index.ts";
import { describe } from "../../src/protocol/wire/describer.ts";
import { type Answer, Correlation, errorNames, type RequestBody, type ResponseBody, withLength } from "../live/exchange.ts";
import { printable } from "../live/live.ts";
import { PLAIN_TOKEN } from "../live/node-settings.ts";
import { RawConnection } from "../support/raw-connection.ts";
import { fitted } from "./fitted.ts";

/** How long a broker may take for what it does behind an answer: creating a topic, completing a transaction. */
const DEADLINE_MS = 8000;
const RETRY_MS = 5;
const CLIENT_ID = "contract";
const LENGTH_BYTES = 4;

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** One request that is sent to both brokers, and what came of it. */
export interface Exchange {
  readonly label: string;
  readonly api: ApiName;
  readonly version: number;
  outcome: Outcome;
}

export type Outcome =
  | { readonly kind: "answered"; readonly version: number; readonly errors: readonly string[]; readonly body: unknown }
  | { readonly kind: "no answer"; readonly because: string };

export class Conversation {
  readonly transcript: Exchange[];
  readonly #address: Address;
  readonly #names: { readonly scope: string; next: number };
  readonly #correlation = new Correlation();
  #connection: RawConnection;

  private constructor(address: Address, connection: RawConnection, shared: Pick<Conversation, "transcript"> & { names: Names }) {
    this.#address = address;
    this.#connection = connection;
    this.transcript = shared.transcript;
    this.#names = shared.names;
  }

  /** Names begin with the scope, so that no script meets what another has left, and both brokers hear the same ones. */
  static async open(address: Address, scope: string): Promise<Conversation> {
    const shared = { transcript: [], names: { scope, next: 1 } };
    const conversation = new Conversation(address, await RawConnection.open(address.host, address.port), shared);
    await conversation.authenticate();
    return conversation;
  }

  /** A second client in the same script: same transcript, its own connection, which has not said who it is. */
  async stranger(): Promise<Conversation> {
    const connection = await RawConnection.open(this.#address.host, this.#address.port);
    return new Conversation(this.#address, connection, { transcript: this.transcript, names: this.#names });
  }

  /** As `stranger`, but authenticated. */
  async another(): Promise<Conversation> {
    const conversation = await this.stranger();
    await conversation.authenticate();
    return conversation;
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  async authenticate(): Promise<void> {
    await this.prepare("SaslHandshake", 1, { mechanism: "PLAIN" });
    await this.prepare("SaslAuthenticate", 2, { authBytes: PLAIN_TOKEN });
  }

  name(what: string): string {
    return `${this.#names.scope}-${what}-${this.#names.next++}`;
  }

  /** Sends what shall be compared. Fields that the version lacks are left out. */
  async compare<N extends ApiName>(label: string, api: N, version: number, body: RequestBody<N>): Promise<ResponseBody<N>> {
    const entry = this.#enter(label, api, version);
    try {
      const answer = await this.#send(api, version, body);
      entry.outcome = { kind: "answered", version: answer.version, errors: answer.errors, body: answer.body };
      return answer.body;
    } catch (error) {
      entry.outcome = { kind: "no answer", because: reasonOf(error) };
      throw error;
    }
  }

  /** As `compare`, for what a broker answers by hanging up: the conversation goes on over a new connection. */
  async compareHangUp<N extends ApiName>(label: string, api: N, version: number, body: RequestBody<N>): Promise<void> {
    try {
      await this.compare(label, api, version, body);
    } catch (error) {
      await this.#reconnect(error);
    }
  }

  /** As `compareHangUp`, for bytes that no request of ours would be. The answer is read as one of this API and version. */
  async compareBytes(label: string, api: ApiName, version: number, frame: Uint8Array): Promise<void> {
    const entry = this.#enter(label, api, version);
    try {
      const answer = decodeResponse({ api, version }, withLength(await this.#connection.request(frame)));
      entry.outcome = { kind: "answered", version: answer.version, errors: [...errorNames(answer.body)], body: answer.body };
    } catch (error) {
      entry.outcome = { kind: "no answer", because: reasonOf(error) };
      await this.#reconnect(error);
    }
  }

  /** As `compare`, but asks until the answer is as wanted, and enters only that one: what was started may not be done yet. */
  async compareOnce<N extends ApiName>(
    label: string,
    api: N,
    version: number,
    body: RequestBody<N>,
    isWanted: (answer: Answer<N>) => boolean,
  ): Promise<ResponseBody<N>> {
    const entry = this.#enter(label, api, version);
    const { answer, isLate } = await this.#until(api, version, body, isWanted);
    entry.outcome = { kind: "answered", version: answer.version, errors: answer.errors, body: answer.body };
    if (isLate) throw new Error(`"${label}" did not come to be as wanted`);
    return answer.body;
  }

  /** Sends what the comparison needs, and insists on success. It is not compared. */
  async prepare<N extends ApiName>(api: N, version: number, body: RequestBody<N>): Promise<ResponseBody<N>> {
    const answer = await this.#send(api, version, body);
    if (answer.errors.length > 0) throw new Error(`preparing with ${api} v${version} failed: ${printable(answer.body)}`);
    return answer.body;
  }

  async prepareUntil<N extends ApiName>(
    api: N,
    version: number,
    body: RequestBody<N>,
    isWanted: (answer: Answer<N>) => boolean = ({ errors }) => errors.length === 0,
  ): Promise<ResponseBody<N>> {
    const { answer, isLate } = await this.#until(api, version, body, isWanted);
    if (isLate) throw new Error(`preparing with ${api} v${version} did not succeed: ${printable(answer.body)}`);
    return answer.body;
  }

  /** Sends what gets no answer. */
  sendOnly<N extends ApiName>(api: N, version: number, body: RequestBody<N>): void {
    this.#connection.send(this.#frame(api, version, this.#correlation.next(), body));
  }

  /** Bytes in a frame, in the middle of an exchange that is not one of Kafka's requests. */
  sendBare(bytes: Uint8Array): Promise<Uint8Array> {
    return this.#connection.request(bytes);
  }

  async #reconnect(error: unknown): Promise<void> {
    if (!isHangUp(error)) throw error;
    this.#connection = await RawConnection.open(this.#address.host, this.#address.port);
    await this.authenticate();
  }

  #enter(label: string, api: ApiName, version: number): Exchange {
    const entry: Exchange = { label, api, version, outcome: { kind: "no answer", because: "none came" } };
    this.transcript.push(entry);
    return entry;
  }

  async #send<N extends ApiName>(api: N, version: number, body: RequestBody<N>): Promise<Answer<N>> {
    const correlationId = this.#correlation.next();
    const frame = withLength(await this.#connection.request(this.#frame(api, version, correlationId, body)));
    const answer = decodeResponse({ api, version }, frame);
    if (answer.correlationId !== correlationId)
      throw new Error(`correlation id ${answer.correlationId} instead of ${correlationId}`);
    return { body: answer.body, version: answer.version, errors: [...new Set(errorNames(answer.body))] };
  }

  #frame<N extends ApiName>(api: N, version: number, correlationId: number, body: RequestBody<N>): Uint8Array {
    const fit = fitted(describe(requestLayout(api), version), body) as RequestBody<N>;
    return encodeRequest({ api, version, correlationId, clientId: CLIENT_ID }, fit).subarray(LENGTH_BYTES);
  }

  async #until<N extends ApiName>(
    api: N,
    version: number,
    body: RequestBody<N>,
    isWanted: (answer: Answer<N>) => boolean,
  ): Promise<{ answer: Answer<N>; isLate: boolean }> {
    const deadline = Date.now() + DEADLINE_MS;
    for (;;) {
      const answer = await this.#send(api, version, body);
      if (isWanted(answer)) return { answer, isLate: false };
      if (Date.now() > deadline) return { answer, isLate: true };
      await pause(RETRY_MS);
    }
  }
}

type Names = { readonly scope: string; next: number };

function requestLayout(name: ApiName): Layout<unknown> {
  return (apis[name] as AnyApi).request;
}

function isHangUp(error: unknown): boolean {
  return error instanceof Error && /closed the connection|ECONNRESET|EPIPE/.test(error.message);
}

/** The same words for both brokers, which have different ports. */
function reasonOf(error: unknown): string {
  if (isHangUp(error)) return "hung up";
  return error instanceof Error ? error.message.replace(/127\.0\.0\.1:\d+/g, "the broker") : String(error);
}
