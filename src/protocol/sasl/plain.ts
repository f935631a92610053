/**
 * PLAIN (RFC 4616): one message with the password in the clear, `authorization id NUL user NUL password`. Only for
 * connections under TLS; the client's configuration sees to that.
 */
import { constantTimeEqual } from "./constant-time-equal.ts";
import { SaslError, wrongState } from "./sasl-error.ts";
import type { SaslClientExchange, SaslClientStep, SaslMechanism, SaslServerExchange, SaslServerStep } from "./sasl-mechanism.ts";
import { bytesFromText, requireAuthSize, requireCredential, textFromPeer } from "./sasl-text.ts";

const MECHANISM = "PLAIN";

export interface PlainClientOptions {
  readonly username: string;
  readonly password: string;
}

type ClientState =
  | { readonly kind: "created"; readonly message: Uint8Array }
  | { readonly kind: "waiting for the verdict" }
  | { readonly kind: "complete" };

export class PlainClientExchange implements SaslClientExchange {
  readonly mechanism: SaslMechanism = MECHANISM;
  #state: ClientState;

  /** Throws SaslError when the name or the password is empty or cannot be sent. */
  constructor({ username, password }: PlainClientOptions) {
    requireCredential(MECHANISM, "user name", username);
    requireCredential(MECHANISM, "password", password);
    this.#state = { kind: "created", message: bytesFromText(MECHANISM, `\0${username}\0${password}`) };
  }

  get isComplete(): boolean {
    return this.#state.kind === "complete";
  }

  async initial(): Promise<Uint8Array> {
    const state = this.#state;
    if (state.kind !== "created") throw wrongState(MECHANISM, state.kind);
    this.#state = { kind: "waiting for the verdict" };
    return state.message;
  }

  /** The verdict is the error code beside these bytes. Kafka sends no bytes; some brokers do, and librdkafka ignores them too. */
  async respond(challenge: Uint8Array): Promise<SaslClientStep> {
    const state = this.#state;
    if (state.kind !== "waiting for the verdict") throw wrongState(MECHANISM, state.kind);
    requireAuthSize(MECHANISM, challenge);
    this.#state = { kind: "complete" };
    return { kind: "complete" };
  }
}

export interface PlainServerOptions {
  /** Says whether the password is this user's; see `isSamePassword`. */
  readonly verify: (username: string, password: string) => boolean | Promise<boolean>;
}

type ServerState = { readonly kind: "waiting for credentials" } | { readonly kind: "complete" } | { readonly kind: "failed" };

export class PlainServerExchange implements SaslServerExchange {
  readonly mechanism: SaslMechanism = MECHANISM;
  readonly #verify: PlainServerOptions["verify"];
  #state: ServerState = { kind: "waiting for credentials" };

  constructor(options: PlainServerOptions) {
    this.#verify = options.verify;
  }

  get isComplete(): boolean {
    return this.#state.kind === "complete";
  }

  async evaluate(response: Uint8Array): Promise<SaslServerStep> {
    if (this.#state.kind !== "waiting for credentials") throw wrongState(MECHANISM, this.#state.kind);
    // Failed until proven otherwise: a second call during the first, or after an error, must find the exchange closed.
    this.#state = { kind: "failed" };
    const { authorizationId, username, password } = plainCredentialsFromBytes(response);
    if (!(await this.#verify(username, password))) throw refused("Authentication failed: Invalid username or password");
    if (authorizationId !== "" && authorizationId !== username) {
      throw refused("Authentication failed: Client requested an authorization id that is different from username");
    }
    this.#state = { kind: "complete" };
    const identity = { user: username, isDelegationToken: false, expiresAtMs: undefined, extensions: new Map<string, string>() };
    return { kind: "complete", bytes: new Uint8Array(0), identity };
  }
}

/** Compares passwords without telling by the time it takes how much of them was right. */
export function isSamePassword(a: string, b: string): boolean {
  const encoder = new TextEncoder();
  return constantTimeEqual(encoder.encode(a), encoder.encode(b));
}

/** The texts are those that an Apache Kafka broker answers with. */
function plainCredentialsFromBytes(bytes: Uint8Array): PlainClientOptions & { readonly authorizationId: string } {
  const parts = textFromPeer(MECHANISM, bytes).split("\0");
  const [authorizationId, username, password] = parts;
  if (parts.length !== 3 || authorizationId === undefined || username === undefined || password === undefined) {
    throw new SaslError("SASL_MALFORMED", MECHANISM, `Invalid SASL/PLAIN response: expected 3 tokens, got ${parts.length}`);
  }
  if (username === "") throw refused("Authentication failed: username not specified");
  if (password === "") throw refused("Authentication failed: password not specified");
  return { authorizationId, username, password };
}

function refused(problem: string): SaslError {
  return new SaslError("SASL_AUTHENTICATION_FAILED", MECHANISM, problem);
}
