/**
 * SaslHandshake (key 17): names the SASL mechanism that this connection will authenticate with. Sent to any broker or controller
 * on a SASL listener, after ApiVersions and before everything else; sent again to re-authenticate a live connection (KIP-368).
 *
 * The version chosen here decides how the mechanism's own messages travel afterwards. The last version is final: clients up to
 * 2.4 send the newest version that the broker names, known to them or not (KAFKA-9577).
 *
 * v0  the mechanism's messages follow bare, each behind a four-byte length and without a Kafka header (KIP-43)
 * v1  same bytes; the mechanism's messages follow inside SaslAuthenticate, which can tell why it failed (KIP-152)
 */
import { type Layout, string, struct } from "../wire/wire.ts";
import { type Api, defineApi, NEVER_FLEXIBLE } from "./api.ts";

export interface SaslHandshakeRequest {
  /** PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER or GSSAPI. A connection keeps its mechanism when it re-authenticates. */
  readonly mechanism: string;
}

export interface SaslHandshakeResponse {
  /** UNSUPPORTED_SASL_MECHANISM when this listener does not offer the mechanism; the broker then closes the connection. */
  readonly errorCode: number;
  /** What the listener does offer, whether or not the handshake failed. */
  readonly mechanisms: readonly string[];
}

const request: Layout<SaslHandshakeRequest> = struct((wire, it) => ({
  mechanism: wire.string(it.mechanism),
}));

const response: Layout<SaslHandshakeResponse> = struct((wire, it) => ({
  errorCode: wire.int16(it.errorCode),
  mechanisms: wire.array(it.mechanisms, string),
}));

export const SaslHandshake: Api<SaslHandshakeRequest, SaslHandshakeResponse> = defineApi({
  name: "SaslHandshake",
  key: 17,
  versions: [0, 1],
  flexibleSince: NEVER_FLEXIBLE,
  request,
  response,
});
