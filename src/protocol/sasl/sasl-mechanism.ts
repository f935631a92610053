/**
 * What all SASL mechanisms have in common. An exchange produces and consumes the opaque bytes of `SaslAuthenticate`
 * (KIP-43, KIP-152); somebody else carries them. One exchange object authenticates once: a reconnect or a
 * re-authentication (KIP-368) takes a new one.
 */

/** The mechanisms whose exchanges are here. */
export type SaslMechanism = "PLAIN" | ScramMechanism | "OAUTHBEARER";

export type ScramMechanism = "SCRAM-SHA-256" | "SCRAM-SHA-512";

/** No message of any mechanism is larger, in either direction: these bytes come from peers that nobody has vouched for. */
export const MAX_AUTH_BYTES = 65_536;

/** What the client does after a server message. */
export type SaslClientStep =
  /** Send these bytes and wait for the answer. */
  | { readonly kind: "send"; readonly bytes: Uint8Array }
  /** Nothing is left to send, and the server has shown all it has to show: the connection may be used. */
  | { readonly kind: "complete" }
  /** The server has refused. Send these bytes, which it waits for, then fail with the error whatever it answers. */
  | { readonly kind: "refused"; readonly bytes: Uint8Array; readonly error: Error };

/** The client's half of one authentication. */
export interface SaslClientExchange {
  readonly mechanism: SaslMechanism;
  /**
   * True after a `complete` step, and only then. A broker's error code 0 is not enough: with SCRAM, a connection whose
   * exchange is not complete has a server that did not prove itself, and must be closed.
   */
  readonly isComplete: boolean;
  /** The first message; called once, before anything else. Throws SaslError. */
  initial(): Promise<Uint8Array>;
  /** Takes the bytes of the server's answer, be they empty. Throws SaslError, after which the exchange has failed for good. */
  respond(challenge: Uint8Array): Promise<SaslClientStep>;
}

/** Who the server says is at the other end. */
export interface SaslIdentity {
  /** The authenticated name; the id of the token if `isDelegationToken`. */
  readonly user: string;
  readonly isDelegationToken: boolean;
  /** When the credentials lose their value, in milliseconds since 1970; undefined if they do not. Bounds the session (KIP-368). */
  readonly expiresAtMs: number | undefined;
  /** SASL extensions that came with the credentials (KIP-342); keys and values are the client's. */
  readonly extensions: ReadonlyMap<string, string>;
}

/** What the server does after a client message; a refusal is a thrown SaslError. Both kinds have bytes to answer with. */
export type SaslServerStep =
  | { readonly kind: "challenge"; readonly bytes: Uint8Array }
  | { readonly kind: "complete"; readonly bytes: Uint8Array; readonly identity: SaslIdentity };

/** The server's half of one authentication. */
export interface SaslServerExchange {
  readonly mechanism: SaslMechanism;
  readonly isComplete: boolean;
  /** Takes the bytes of a client message. Throws SaslError, or what a callback of the caller threw; then it has failed for good. */
  evaluate(response: Uint8Array): Promise<SaslServerStep>;
}
