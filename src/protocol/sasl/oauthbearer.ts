/** Both halves of OAUTHBEARER (RFC 7628, KIP-255). Where tokens come from and what makes one valid is the callers' affair. */
import {
  type BearerCredentials,
  type BearerRefusal,
  bearerRequestFromBytes,
  bytesFromBearerCredentials,
  OAUTHBEARER,
  reasonFromRefusal,
  refusalAcknowledgement,
  textFromBearerRefusal,
} from "./oauthbearer-messages.ts";
import { SaslError, wrongState } from "./sasl-error.ts";
import type { SaslClientExchange, SaslClientStep, SaslMechanism, SaslServerExchange, SaslServerStep } from "./sasl-mechanism.ts";
import { bytesFromText } from "./sasl-text.ts";

export interface OAuthBearerClientOptions {
  readonly token: string;
  /** SASL extensions (KIP-342), e.g. Confluent's `logicalCluster`. */
  readonly extensions?: ReadonlyMap<string, string>;
}

type ClientState =
  | { readonly kind: "created"; readonly token: string; readonly message: Uint8Array }
  | { readonly kind: "waiting for the verdict"; readonly token: string }
  | { readonly kind: "complete" }
  | { readonly kind: "failed" };

export class OAuthBearerClientExchange implements SaslClientExchange {
  readonly mechanism: SaslMechanism = OAUTHBEARER;
  #state: ClientState;

  /** Throws SaslError for a token or extension that could break out of its place in the message. */
  constructor({ token, extensions = new Map() }: OAuthBearerClientOptions) {
    this.#state = { kind: "created", token, message: bytesFromBearerCredentials({ token, extensions }) };
  }

  get isComplete(): boolean {
    return this.#state.kind === "complete";
  }

  async initial(): Promise<Uint8Array> {
    const state = this.#state;
    if (state.kind !== "created") throw wrongState(OAUTHBEARER, state.kind);
    this.#state = { kind: "waiting for the verdict", token: state.token };
    return state.message;
  }

  /** Empty bytes mean yes, any others no: the step is then `refused`, since the server wants that acknowledged before it fails. */
  async respond(challenge: Uint8Array): Promise<SaslClientStep> {
    const state = this.#state;
    if (state.kind !== "waiting for the verdict") throw wrongState(OAUTHBEARER, state.kind);
    if (challenge.length === 0) {
      this.#state = { kind: "complete" };
      return { kind: "complete" };
    }
    this.#state = { kind: "failed" };
    const reason = reasonFromRefusal(challenge, state.token);
    const error = new SaslError("SASL_AUTHENTICATION_FAILED", OAUTHBEARER, `the broker refused the token: ${reason}`);
    return { kind: "refused", bytes: refusalAcknowledgement(), error };
  }
}

/** A validator's judgement on a token. */
export type BearerVerdict =
  | { readonly kind: "accepted"; readonly user: string; readonly expiresAtMs?: number }
  | { readonly kind: "refused"; readonly refusal: BearerRefusal };

export interface OAuthBearerServerOptions {
  /** What it throws comes out of `evaluate` unchanged, and fails the exchange. */
  readonly validate: (credentials: BearerCredentials) => BearerVerdict | Promise<BearerVerdict>;
}

type ServerState =
  | { readonly kind: "waiting for a token" }
  | { readonly kind: "waiting for the acknowledgement"; readonly refusal: string }
  | { readonly kind: "complete" }
  | { readonly kind: "failed" };

export class OAuthBearerServerExchange implements SaslServerExchange {
  readonly mechanism: SaslMechanism = OAUTHBEARER;
  readonly #validate: OAuthBearerServerOptions["validate"];
  #state: ServerState = { kind: "waiting for a token" };

  constructor(options: OAuthBearerServerOptions) {
    this.#validate = options.validate;
  }

  get isComplete(): boolean {
    return this.#state.kind === "complete";
  }

  async evaluate(response: Uint8Array): Promise<SaslServerStep> {
    const state = this.#state;
    if (state.kind === "complete" || state.kind === "failed") throw wrongState(OAUTHBEARER, state.kind);
    // Failed until proven otherwise: a second call during the first, or after an error, must find the exchange closed.
    this.#state = { kind: "failed" };
    if (state.kind === "waiting for a token") return this.#judge(response);
    const isAcknowledged = response.length === 1 && response[0] === 1;
    const problem = isAcknowledged ? state.refusal : "Expected a single control-A after the error, but got something else";
    throw new SaslError(isAcknowledged ? "SASL_AUTHENTICATION_FAILED" : "SASL_MALFORMED", OAUTHBEARER, problem);
  }

  async #judge(response: Uint8Array): Promise<SaslServerStep> {
    const { authorizationId, token, extensions } = bearerRequestFromBytes(response);
    const verdict = await this.#validate({ token, extensions });
    if (verdict.kind === "refused") {
      const refusal = textFromBearerRefusal(verdict.refusal);
      this.#state = { kind: "waiting for the acknowledgement", refusal };
      return { kind: "challenge", bytes: bytesFromText(OAUTHBEARER, refusal) };
    }
    if (authorizationId !== "" && authorizationId !== verdict.user) {
      const problem =
        "Authentication failed: Client requested an authorization id that is different from the token's principal name";
      throw new SaslError("SASL_AUTHENTICATION_FAILED", OAUTHBEARER, problem);
    }
    this.#state = { kind: "complete" };
    const identity = { user: verdict.user, isDelegationToken: false, expiresAtMs: verdict.expiresAtMs, extensions };
    return { kind: "complete", bytes: new Uint8Array(0), identity };
  }
}
