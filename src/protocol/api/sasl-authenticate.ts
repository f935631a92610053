/**
 * SaslAuthenticate (key 36): carries one message of the SASL mechanism to the broker and its answer back. Sent as often as the
 * mechanism needs (PLAIN once, SCRAM twice), to the broker or controller that just accepted SaslHandshake v1.
 *
 * A refusal is answered, after a delay of the broker's choosing, and then the connection is closed. OAUTHBEARER refuses in two
 * steps: an answer without error whose `authBytes` say why, to which the client replies with the single byte 0x01, and only
 * then the error.
 *
 * v0  messages of the mechanism, and an error (KIP-152)
 * v1  session lifetime, so that the client can re-authenticate in time (KIP-368)
 * v2  flexible
 */
import { type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

/** `sessionLifetimeMs` of a session that never expires, and of every answer before the last of an exchange. */
export const NO_SESSION_EXPIRY = 0;

export interface SaslAuthenticateRequest {
  /** The client's message, as the mechanism defines it. A secret: it may hold the password or the token and must not be logged. */
  readonly authBytes: Uint8Array;
}

export interface SaslAuthenticateResponse {
  /** SASL_AUTHENTICATION_FAILED when the broker refuses; trying again with the same credentials is pointless. */
  readonly errorCode: number;
  /** Why it was refused, in terms too general to help a guesser; null or empty when it was not. */
  readonly errorMessage: string | null;
  /** The broker's message, empty when it has nothing to say. A secret that must not be logged. */
  readonly authBytes: Uint8Array;
  /** How long the session lasts, 0 for ever. After that any request but a new SaslHandshake ends the connection. */
  readonly sessionLifetimeMs: number;
}

const request: Layout<SaslAuthenticateRequest> = struct((wire, it) => ({
  authBytes: wire.bytes(it.authBytes),
}));

const response: Layout<SaslAuthenticateResponse> = struct((wire, it) => ({
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.nullableString(it.errorMessage, ""),
  authBytes: wire.bytes(it.authBytes),
  sessionLifetimeMs: wire.since(1).ignorable.int53(it.sessionLifetimeMs, NO_SESSION_EXPIRY),
}));

export const SaslAuthenticate: Api<SaslAuthenticateRequest, SaslAuthenticateResponse> = defineApi({
  name: "SaslAuthenticate",
  key: 36,
  versions: [0, 2],
  flexibleSince: 2,
  request,
  response,
});
