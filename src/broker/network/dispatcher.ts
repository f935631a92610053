import {
  apis,
  type DecodedRequest,
  decodeRequest,
  decodeRequestHeader,
  encodeResponse,
  encodeResponseChunks,
  MalformedMessageError,
  type RequestHeader,
} from "../../protocol/index.ts";
import type { Handler } from "../api-handler.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { codeOf } from "../error-codes.ts";
import type { Faults } from "../faults/faults.ts";
import type { Journal } from "../journal/journal.ts";
import { withoutSecrets } from "../journal/without-secrets.ts";
import { NO_ANSWER } from "../no-answer.ts";
import type { Objection } from "../security/authentication.ts";
import { takeRawToken } from "../security/raw-token.ts";
import type { ClientConnection } from "./client-connection.ts";
import { FaultyExchange } from "./faulty-exchange.ts";
import { ServedRequest } from "./served-request.ts";
import { withShortTexts } from "./short-texts.ts";

export interface DispatcherInit {
  readonly cluster: Cluster;
  readonly journal: Journal;
  readonly faults: Faults;
}

/**
 * Takes a frame, decodes it, lets its handler carry it out and sends the answer. What a real broker hangs up on (an API that is not
 * offered, bytes that are no request) is hung up on here, and the journal says why.
 */
export class Dispatcher {
  /** Errors that handlers threw. They are bugs of this broker, and a test that uses it should look at them. */
  readonly failures: Error[] = [];
  readonly #cluster: Cluster;
  readonly #journal: Journal;
  readonly #faults: Faults;

  constructor({ cluster, journal, faults }: DispatcherInit) {
    this.#cluster = cluster;
    this.#journal = journal;
    this.#faults = faults;
  }

  /** Done when the connection may take its next request; at once for most. */
  serve(connection: ClientConnection, frame: Uint8Array): void | Promise<void> {
    const { authentication } = connection;
    const objection = authentication.objectionToSize(frame.length);
    if (objection !== undefined) return connection.destroy(objection.reason);
    if (authentication.takesRawTokens) return takeRawToken(connection, frame);
    const request = this.#admit(connection, frame);
    if (request === undefined) return undefined;
    const struck = this.#faults.strike(request.faultSubject);
    if (struck.length > 0) {
      const text = struck.map(({ action }) => (action.kind === "frame" ? action.name : action.kind)).join(", ");
      this.#note(request, text);
      return new FaultyExchange(
        this,
        request,
        struck.map(({ action }) => action),
      ).run();
    }
    const answer = this.carryOut(request);
    return answer instanceof Promise ? answer.then((body) => this.answer(request, body)) : this.answer(request, answer);
  }

  /** The handler's answer; what it throws becomes UNKNOWN_SERVER_ERROR, as in a real broker. */
  carryOut(request: ServedRequest): unknown {
    try {
      const answer = request.handler.answer(request.body, request);
      return answer instanceof Promise ? answer.catch((error: unknown) => this.#failed(request, error)) : answer;
    } catch (error) {
      return this.#failed(request, error);
    }
  }

  answer(request: ServedRequest, body: unknown): void {
    if (body === NO_ANSWER || request.connection.isClosed) return;
    request.connection.write(...this.encode(request, body));
  }

  /** The frame of an answer, in pieces; the journal is told of it. */
  encode(request: ServedRequest, body: unknown): readonly Uint8Array[] {
    const altered = this.#faults.alterRecords(request.faultSubject, body);
    if (altered !== body) this.#note(request, "records");
    return this.#encodeWhatFits(request, altered);
  }

  #encodeWhatFits(request: ServedRequest, body: unknown): readonly Uint8Array[] {
    try {
      return this.#encode(request, body);
    } catch (error) {
      const short = withShortTexts(body);
      return short === body ? this.#encode(request, this.#failed(request, error)) : this.#encodeWhatFits(request, short);
    }
  }

  #encode(request: ServedRequest, body: unknown): readonly Uint8Array[] {
    const { handler, version, correlationId, connection, text } = request;
    const pieces = encodeResponseChunks({ api: handler.api.key, version, correlationId }, body as object);
    this.#journal.write({
      kind: "response",
      atMs: this.#cluster.clock.now(),
      node: connection.node.id,
      connection: connection.id,
      api: handler.api.name,
      version,
      correlationId,
      body,
      ...(text === undefined ? {} : { text }),
      sizeInBytes: pieces.reduce((sum, piece) => sum + piece.length, 0),
    });
    return pieces;
  }

  /** The request, if it may be carried out; otherwise the connection has been answered or closed. */
  #admit(connection: ClientConnection, frame: Uint8Array): ServedRequest | undefined {
    const header = this.#read(connection, () => decodeRequestHeader(frame));
    if (header === undefined) return undefined;
    const handler = this.#cluster.handlers.get(header.requestApiKey);
    if (handler === undefined || !this.#serves(handler, header.requestApiVersion)) return this.#refuse(connection, header);
    const decoded = this.#read(connection, () => decodeRequest(frame, { ignoreTrailingBytes: true, nearestIntegers: true }));
    if (decoded === undefined) return undefined;
    const [cluster, faults] = [this.#cluster, this.#faults];
    const note = (one: ServedRequest, text: string) => this.#note(one, text);
    const request = new ServedRequest({ cluster, faults, connection, handler, request: decoded, note });
    this.#record(request, decoded, frame.length);
    const objection = connection.authentication.objectionTo(handler);
    return objection === undefined ? request : this.#object(request, objection);
  }

  #object(request: ServedRequest, { reason, answer }: Objection): undefined {
    const { connection, handler, body } = request;
    if (answer === undefined) {
      connection.destroy(reason);
      return;
    }
    connection.closeAfterAnswer(reason);
    this.answer(request, handler.refuse(body, codeOf(answer), request));
  }

  #read<T>(connection: ClientConnection, decode: () => T): T | undefined {
    try {
      return decode();
    } catch (error) {
      if (!(error instanceof MalformedMessageError)) throw error;
      connection.destroy(`cannot be decoded: ${error.message}`);
      return undefined;
    }
  }

  #serves(handler: Handler, version: number): boolean {
    const range = this.#cluster.served(handler.api.key);
    return range !== undefined && version >= range[0] && version <= range[1];
  }

  /** KIP-511: ApiVersions of a version that is not known gets an answer in version 0; anything else gets none. */
  #refuse(connection: ClientConnection, { requestApiKey, requestApiVersion, correlationId }: RequestHeader): undefined {
    const { ApiVersions } = apis;
    const offered = this.#cluster.served(ApiVersions.key);
    if (requestApiKey !== ApiVersions.key || offered === undefined) {
      const name = apis.find(({ key }) => key === requestApiKey)?.name ?? `API ${requestApiKey}`;
      connection.destroy(`asked for ${name} v${requestApiVersion}, which is not offered`);
      return undefined;
    }
    const [minVersion, maxVersion] = offered;
    const body = {
      errorCode: codeOf("UNSUPPORTED_VERSION"),
      apiKeys: [{ apiKey: ApiVersions.key, minVersion, maxVersion }],
    };
    connection.write(encodeResponse({ api: ApiVersions.key, version: 0, correlationId }, body));
    return undefined;
  }

  #failed(request: ServedRequest, thrown: unknown): unknown {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    this.failures.push(error);
    this.#note(request, `the broker failed: ${error.stack ?? error.message}`);
    return request.handler.refuse(request.body, codeOf("UNKNOWN_SERVER_ERROR"), request);
  }

  #record(
    { connection, clientId }: ServedRequest,
    { api, version, correlationId, body }: DecodedRequest,
    sizeInBytes: number,
  ): void {
    this.#journal.write({
      kind: "request",
      atMs: this.#cluster.clock.now(),
      node: connection.node.id,
      connection: connection.id,
      api,
      version,
      correlationId,
      clientId,
      body: withoutSecrets(api, body),
      sizeInBytes,
    });
  }

  #note({ connection, handler, version, correlationId }: ServedRequest, text: string): void {
    const { id, node } = connection;
    const { name: api } = handler.api;
    const atMs = this.#cluster.clock.now();
    this.#journal.write({ kind: "fault", atMs, node: node.id, connection: id, api, version, correlationId, text, sizeInBytes: 0 });
  }
}
