import { type AnyApi, isFlexible, responseHeaderVersion } from "../api/api.ts";
import type { ResponseOf } from "../api/apis.ts";
import { MalformedMessageError } from "../malformed-message-error.ts";
import type { Draft } from "../wire/wire.ts";
import { decodePart, encodeParts, encodePartsInChunks, type Part, partToEncode } from "./codec.ts";
import { type ApiReference, checkFrame, FRAME_PREFIX, type Resolved, resolveApi, seal, sealChunks } from "./frame.ts";
import { FLEXIBLE_RESPONSE_HEADER, type ResponseHeader, responseHeader } from "./headers.ts";

/** A response does not say what it answers: whoever sent the request with this correlation id knows. */
export interface ResponseHead<A extends ApiReference> {
  readonly api: A;
  readonly version: number;
}

export interface DecodedResponse<Body> {
  readonly correlationId: number;
  /** The version of the body. It differs from the asked one when a broker did not know the asked version of ApiVersions. */
  readonly version: number;
  /** The header as it was read: it carries the unknown tags, if there were any. */
  readonly header: ResponseHeader;
  readonly body: Body;
}

/** A whole frame, its four-byte length included. Fields that are left out of the body take their default. */
export function encodeResponse<A extends ApiReference>(
  head: ResponseHead<A> & { readonly correlationId: number },
  body: Draft<ResponseOf<Resolved<A>>>,
): Uint8Array {
  return encodeResponseWithHeader(head, { correlationId: head.correlationId }, body);
}

/**
 * As `encodeResponse`, in pieces to be sent one behind the other: large record fields are the body's own memory and not copied. It
 * must not change until it was sent.
 */
export function encodeResponseChunks<A extends ApiReference>(
  head: ResponseHead<A> & { readonly correlationId: number },
  body: Draft<ResponseOf<Resolved<A>>>,
): Uint8Array[] {
  const { version, correlationId } = head;
  const api = resolveApi(head.api, version);
  const parts = [partToEncode(headerPart(api, version), { correlationId }), { ...bodyPart(api, version), value: body }];
  return sealChunks(encodePartsInChunks(FRAME_PREFIX, { api: api.name, version, kind: "response" }, parts));
}

/** As `encodeResponse`, from a header that was decoded before: its unknown tags are written again. */
export function encodeResponseWithHeader(head: ResponseHead<ApiReference>, header: ResponseHeader, body: unknown): Uint8Array {
  const { version } = head;
  const api = resolveApi(head.api, version);
  const parts = [partToEncode(headerPart(api, version), header), { ...bodyPart(api, version), value: body }];
  return seal(encodeParts(FRAME_PREFIX, { api: api.name, version, kind: "response" }, parts));
}

/** Decodes a whole frame that answers a request of this API and version. */
export function decodeResponse<A extends ApiReference>(
  head: ResponseHead<A>,
  frame: Uint8Array,
): DecodedResponse<ResponseOf<Resolved<A>>> {
  checkFrame(frame, { kind: "response" });
  const api = resolveApi(head.api, head.version);
  const decoded = decodeAtSomeVersion(api, head.version, frame);
  return decoded as DecodedResponse<ResponseOf<Resolved<A>>>;
}

const UNSUPPORTED_VERSION = 35;
const API_VERSIONS_KEY = 18;

/**
 * KIP-511: a broker that lacks the asked version of ApiVersions answers UNSUPPORTED_VERSION in version 0, the only one that
 * every client can read. So that answer is read as asked first, and as version 0 when that fails.
 */
function decodeAtSomeVersion(api: AnyApi, version: number, frame: Uint8Array): DecodedResponse<unknown> {
  try {
    return decodeAtVersion(api, version, frame);
  } catch (error) {
    const mayBeOlder = api.key === API_VERSIONS_KEY && version > 0 && error instanceof MalformedMessageError;
    if (mayBeOlder && firstErrorCode(frame) === UNSUPPORTED_VERSION) return decodeAtVersion(api, 0, frame);
    throw error;
  }
}

/** The version that an answer is written in: the asked one, but for KIP-511. */
export function versionOfResponse(api: AnyApi, version: number, frame: Uint8Array): number {
  if (api.key !== API_VERSIONS_KEY || version === 0) return version;
  try {
    return decodeAtSomeVersion(api, version, frame).version;
  } catch (error) {
    if (error instanceof MalformedMessageError) return version;
    throw error;
  }
}

function firstErrorCode(frame: Uint8Array): number | undefined {
  const start = FRAME_PREFIX + 4;
  return frame.length < start + 2 ? undefined : new DataView(frame.buffer, frame.byteOffset).getInt16(start);
}

function decodeAtVersion(api: AnyApi, version: number, frame: Uint8Array): DecodedResponse<unknown> {
  const subject = { api: api.name, version, kind: "response" };
  const { value: header, end } = decodePart(headerPart(api, version), subject, frame, FRAME_PREFIX, false);
  const { value: body } = decodePart(bodyPart(api, version), subject, frame, end, true);
  return { correlationId: header.correlationId, version, header, body };
}

function headerPart(api: AnyApi, version: number): Part<ResponseHeader> {
  const headerVersion = responseHeaderVersion(api, version);
  return { layout: responseHeader, version: headerVersion, flexible: headerVersion >= FLEXIBLE_RESPONSE_HEADER };
}

function bodyPart(api: AnyApi, version: number): Part<unknown> {
  return { layout: api.response, version, flexible: isFlexible(api, version) };
}
