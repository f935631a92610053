/** The server's half of SCRAM (RFC 5802, RFC 7677, KIP-84). Refusals carry the texts that an Apache Kafka broker answers with. */
import { constantTimeEqual } from "./constant-time-equal.ts";
import { SaslError, wrongState } from "./sasl-error.ts";
import type { SaslIdentity, SaslServerExchange, SaslServerStep, ScramMechanism } from "./sasl-mechanism.ts";
import { bytesFromText, textFromPeer } from "./sasl-text.ts";
import type { ScramCredential } from "./scram-credentials.ts";
import type { ScramCrypto } from "./scram-crypto.ts";
import { isClientProof, serverSignature } from "./scram-keys.ts";
import {
  formatServerFinal,
  formatServerFirst,
  parseClientFinal,
  parseClientFirst,
  type ScramClientFirst,
} from "./scram-messages.ts";
import { newScramNonce } from "./scram-nonce.ts";

export interface ScramServerOptions {
  readonly mechanism: ScramMechanism;
  readonly crypto: ScramCrypto;
  /**
   * The credential of a user, or of a delegation token if the client says that it has one (KIP-48); undefined if there is none.
   * What it throws comes out of `evaluate` unchanged, and fails the exchange.
   */
  readonly findCredential: (
    username: string,
    isDelegationToken: boolean,
  ) => ScramCredential | undefined | Promise<ScramCredential | undefined>;
  /** Only to replay a recorded exchange; by default 24 random bytes in base64. */
  readonly newNonce?: () => string;
}

type State =
  | { readonly kind: "waiting for the client's first message" }
  | {
      readonly kind: "waiting for the client's final message";
      readonly clientFirst: ScramClientFirst;
      readonly serverFirst: string;
      /** The client's nonce and ours. */
      readonly nonce: string;
      readonly credential: ScramCredential;
      readonly identity: SaslIdentity;
    }
  | { readonly kind: "complete" }
  | { readonly kind: "failed" };

export class ScramServerExchange implements SaslServerExchange {
  readonly mechanism: ScramMechanism;
  readonly #options: ScramServerOptions;
  #state: State = { kind: "waiting for the client's first message" };

  constructor(options: ScramServerOptions) {
    this.mechanism = options.mechanism;
    this.#options = options;
  }

  get isComplete(): boolean {
    return this.#state.kind === "complete";
  }

  async evaluate(response: Uint8Array): Promise<SaslServerStep> {
    const state = this.#state;
    if (state.kind === "complete" || state.kind === "failed") throw wrongState(this.mechanism, state.kind);
    // Failed until proven otherwise: a second call during the first, or after an error, must find the exchange closed.
    this.#state = { kind: "failed" };
    const text = textFromPeer(this.mechanism, response);
    if (state.kind === "waiting for the client's first message") return this.#challenge(text);
    const signature = await this.#verify(state, text);
    this.#state = { kind: "complete" };
    const bytes = bytesFromText(this.mechanism, formatServerFinal({ kind: "signature", signature }));
    return { kind: "complete", bytes, identity: state.identity };
  }

  async #challenge(text: string): Promise<SaslServerStep> {
    const { crypto, findCredential, newNonce } = this.#options;
    const clientFirst = parseClientFirst(this.mechanism, text);
    const { username, authorizationId, extensions } = clientFirst;
    if (authorizationId !== "" && authorizationId !== username) {
      throw this.#refused("Authentication failed: Client requested an authorization id that is different from username");
    }
    const isDelegationToken = extensions.get("tokenauth")?.toLowerCase() === "true";
    const credential = await findCredential(username, isDelegationToken);
    if (credential === undefined) throw this.#refused(this.#invalidCredentials());
    const nonce = clientFirst.nonce + newScramNonce(this.mechanism, crypto, newNonce);
    const serverFirst = formatServerFirst({ nonce, salt: credential.salt, iterations: credential.iterations });
    const identity: SaslIdentity = { user: username, isDelegationToken, expiresAtMs: undefined, extensions };
    const bytes = bytesFromText(this.mechanism, serverFirst);
    this.#state = { kind: "waiting for the client's final message", clientFirst, serverFirst, nonce, credential, identity };
    return { kind: "challenge", bytes };
  }

  /** The server's signature, if the client has proved itself. */
  async #verify(
    { clientFirst, serverFirst, nonce, credential }: Extract<State, { kind: "waiting for the client's final message" }>,
    text: string,
  ): Promise<Uint8Array> {
    const { mechanism } = this;
    const { crypto } = this.#options;
    const final = parseClientFinal(mechanism, text);
    // librdkafka before 2.6.1 sends its own nonce twice; Kafka's brokers let that pass, and the proof covers it all the same.
    if (final.nonce !== nonce && final.nonce !== clientFirst.nonce + nonce) {
      throw new SaslError("SASL_MALFORMED", mechanism, "Invalid client nonce in the final client message.");
    }
    if (!constantTimeEqual(final.channelBinding, new TextEncoder().encode(clientFirst.gs2Header))) {
      throw new SaslError(
        "SASL_MALFORMED",
        mechanism,
        "the client's final message repeats another GS2 header than its first one had",
      );
    }
    const authMessage = `${clientFirst.bare},${serverFirst},${final.withoutProof}`;
    if (!(await isClientProof(crypto, mechanism, credential.storedKey, authMessage, final.proof))) {
      throw this.#refused(this.#invalidCredentials());
    }
    return serverSignature(crypto, mechanism, credential.serverKey, authMessage);
  }

  /** The same for an unknown user and for a wrong password. */
  #invalidCredentials(): string {
    return `Authentication failed during authentication due to invalid credentials with SASL mechanism ${this.mechanism}`;
  }

  #refused(problem: string): SaslError {
    return new SaslError("SASL_AUTHENTICATION_FAILED", this.mechanism, problem);
  }
}
