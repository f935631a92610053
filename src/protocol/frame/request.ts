import { type AnyApi, isFlexible, requestHeaderVersion } from "../api/api.ts";
import { type ApiName, apiByKey, type RequestOf } from "../api/apis.ts";
import { MalformedMessageError } from "../malformed-message-error.ts";
import type { Draft } from "../wire/wire.ts";
import { decodePart, encodeParts, encodePartsInChunks, type Part, partToEncode } from "./codec.ts";
import { type ApiReference, checkFrame, FRAME_PREFIX, type Resolved, resolveApi, seal, sealChunks } from "./frame.ts";
import { FLEXIBLE_REQUEST_HEADER, type RequestHeader, requestHeader } from "./headers.ts";

/** What the caller decides of a request, besides its body. */
export interface RequestHead<A extends ApiReference> {
  readonly api: A;
  readonly version: number;
  readonly correlationId: number;
  readonly clientId?: string | null;
}

export interface DecodedRequest {
  readonly api: ApiName;
  readonly version: number;
  readonly correlationId: number;
  readonly clientId: string | null;
  /** The header as it was read: it carries the unknown tags, if there were any. */
  readonly header: RequestHeader;
  readonly body: unknown;
}

/** A whole frame, its four-byte length included. Fields that are left out of the body take their default. */
export function encodeRequest<A extends ApiReference>(head: RequestHead<A>, body: Draft<RequestOf<Resolved<A>>>): Uint8Array {
  const { version, correlationId, clientId = null } = head;
  const api = resolveApi(head.api, version);
  const header = { requestApiKey: api.key, requestApiVersion: version, correlationId, clientId };
  return encodeRequestWithHeader(header, body);
}

/**
 * As `encodeRequest`, in pieces to be sent one behind the other: large record fields are the body's own memory and not copied. It must
 * not change until it was sent.
 */
export function encodeRequestChunks<A extends ApiReference>(
  head: RequestHead<A>,
  body: Draft<RequestOf<Resolved<A>>>,
): Uint8Array[] {
  const { version, correlationId, clientId = null } = head;
  const api = resolveApi(head.api, version);
  const header = { requestApiKey: api.key, requestApiVersion: version, correlationId, clientId };
  const parts = [partToEncode(headerPart(api, version), header), { ...bodyPart(api, version), value: body }];
  return sealChunks(encodePartsInChunks(FRAME_PREFIX, { api: api.name, version, kind: "request" }, parts));
}

/** As `encodeRequest`, from a header that was decoded before: its unknown tags are written again. */
export function encodeRequestWithHeader(header: RequestHeader, body: unknown): Uint8Array {
  const { requestApiKey, requestApiVersion: version } = header;
  const api = resolveApi(requestApiKey, version);
  const parts = [partToEncode(headerPart(api, version), header), { ...bodyPart(api, version), value: body }];
  return seal(encodeParts(FRAME_PREFIX, { api: api.name, version, kind: "request" }, parts));
}

export interface DecodeRequestOptions {
  /**
   * Takes what is left behind the body for nothing instead of refusing it, as Kafka's brokers do; librdkafka, for one, sends a
   * Metadata request with a field that its version no longer has. Off unless asked for.
   */
  readonly ignoreTrailingBytes?: boolean;
  /**
   * Takes an integer beyond ±2^53 for the nearest that a number holds, instead of refusing it; Java programs ask for the offset at
   * `Long.MAX_VALUE`, for one. Fields that are a bigint are not concerned. Off unless asked for.
   */
  readonly nearestIntegers?: boolean;
}

/** Decodes a whole frame. The header says which API and version it is. */
export function decodeRequest(frame: Uint8Array, options: DecodeRequestOptions = {}): DecodedRequest {
  checkFrame(frame, { kind: "request" });
  const { api, version } = peekRequest(frame);
  const subject = { api: api.name, version, kind: "request" };
  const { value: header, end } = decodePart(headerPart(api, version), subject, frame, FRAME_PREFIX, false);
  const { ignoreTrailingBytes = false, nearestIntegers = false } = options;
  const part = { ...bodyPart(api, version), nearestIntegers };
  const { value: body } = decodePart(part, subject, frame, end, !ignoreTrailingBytes);
  return { api: api.name as ApiName, version, correlationId: header.correlationId, clientId: header.clientId, header, body };
}

/**
 * The header alone, without its tagged fields, and whether or not the API and the version are known: what a broker needs to
 * answer a request that it does not speak (KIP-511), or to say in its log whom it hangs up on.
 */
export function decodeRequestHeader(frame: Uint8Array): RequestHeader {
  checkFrame(frame, { kind: "request" });
  // Every header version since 1 begins with the same four fields, in the same form.
  return decodePart({ layout: requestHeader, version: 1, flexible: false }, { kind: "request" }, frame, FRAME_PREFIX, false).value;
}

/** API and version, which stand in front and fix the form of everything behind them. */
export function peekRequest(frame: Uint8Array): { api: AnyApi; version: number } {
  if (frame.length < FRAME_PREFIX + 4)
    throw new MalformedMessageError("too short for a request header", { kind: "request", offset: FRAME_PREFIX });
  const view = new DataView(frame.buffer, frame.byteOffset);
  const key = view.getInt16(FRAME_PREFIX);
  const version = view.getInt16(FRAME_PREFIX + 2);
  const api = apiByKey(key);
  if (api === undefined) throw new MalformedMessageError(`no API has the key ${key}`, { kind: "request", offset: FRAME_PREFIX });
  const [first, last] = api.versions;
  if (version < first || version > last) {
    const problem = `version ${version} is not among the known versions ${first} to ${last}`;
    throw new MalformedMessageError(problem, { api: api.name, kind: "request", offset: FRAME_PREFIX + 2 });
  }
  return { api, version };
}

function headerPart(api: AnyApi, version: number): Part<RequestHeader> {
  const headerVersion = requestHeaderVersion(api, version);
  return { layout: requestHeader, version: headerVersion, flexible: headerVersion >= FLEXIBLE_REQUEST_HEADER };
}

function bodyPart(api: AnyApi, version: number): Part<unknown> {
  return { layout: api.request, version, flexible: isFlexible(api, version) };
}
