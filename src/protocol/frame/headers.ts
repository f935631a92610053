import { type Layout, struct } from "../wire/wire.ts";

/**
 * What stands before every request. Header version 2 (flexible APIs) adds tagged fields, yet keeps the client id's two-byte
 * length, so that a broker can read the header of a request whose version it does not know.
 */
export interface RequestHeader {
  /** Which API. */
  readonly requestApiKey: number;
  /** Which version of it the body is written in. */
  readonly requestApiVersion: number;
  /** Chosen by the client and repeated in the response. Responses come in the order of the requests. */
  readonly correlationId: number;
  /** Who asks: shown in the broker's logs and used for quotas. */
  readonly clientId: string | null;
}

/** What stands before every response. It names neither API nor version: the correlation id tells the client which. */
export interface ResponseHeader {
  readonly correlationId: number;
}

export const requestHeader: Layout<RequestHeader> = struct((wire, it) => ({
  requestApiKey: wire.int16(it.requestApiKey),
  requestApiVersion: wire.int16(it.requestApiVersion),
  correlationId: wire.int32(it.correlationId),
  clientId: wire.classicNullableString(it.clientId),
}));

export const responseHeader: Layout<ResponseHeader> = struct((wire, it) => ({
  correlationId: wire.int32(it.correlationId),
}));

/** The first header version with tagged fields. */
export const FLEXIBLE_REQUEST_HEADER = 2;
export const FLEXIBLE_RESPONSE_HEADER = 1;
