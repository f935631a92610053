/**
 * The client's half of SCRAM (RFC 5802, RFC 7677, KIP-84). Both sides prove that they know the password and neither says it: a
 * server that cannot produce the last signature has not been talking to us as itself, whatever error code it sends.
 */
import { constantTimeEqual } from "./constant-time-equal.ts";
import type { SaltedPasswordCache } from "./salted-password-cache.ts";
import { SaslError, wrongState } from "./sasl-error.ts";
import type { SaslClientExchange, SaslClientStep, ScramMechanism } from "./sasl-mechanism.ts";
import { bytesFromText, quotedFromPeer, requireCredential, textFromPeer } from "./sasl-text.ts";
import { MIN_SCRAM_ITERATIONS } from "./scram-credentials.ts";
import type { ScramCrypto } from "./scram-crypto.ts";
import { clientProof, keysFromSaltedPassword, saltedPasswordFromPassword, serverSignature } from "./scram-keys.ts";
import {
  clientFinalWithoutProof,
  clientFirstBare,
  formatClientFinal,
  GS2_HEADER,
  parseServerFinal,
  parseServerFirst,
  type ScramServerFirst,
} from "./scram-messages.ts";
import { newScramNonce } from "./scram-nonce.ts";

/**
 * Most iterations that a server may make us compute. Kafka's own brokers store at most 16384; without a cap, a server could
 * ask for 2^31 - 1 and keep a thread busy for minutes (CVE-2026-10142).
 */
export const DEFAULT_MAX_SCRAM_ITERATIONS = 200_000;

export interface ScramClientOptions {
  readonly mechanism: ScramMechanism;
  readonly crypto: ScramCrypto;
  readonly username: string;
  readonly password: string;
  /** The user name is a delegation token's id and the password its HMAC in base64 (KIP-48). */
  readonly isDelegationToken?: boolean;
  /** Default 200000. */
  readonly maxIterations?: number;
  /** Applied to user name and password, e.g. SASLprep. Kafka's brokers and tools normalise nothing, so neither do we by default. */
  readonly normalize?: (text: string) => string;
  /** Shared by the connections of one client, so that reconnecting costs no second PBKDF2. */
  readonly saltedPasswords?: SaltedPasswordCache;
  /** Only to replay a recorded exchange; by default 24 random bytes in base64. */
  readonly newNonce?: () => string;
}

/** The options that live as long as the exchange; the password is not among them. */
interface Settings {
  readonly crypto: ScramCrypto;
  readonly maxIterations: number;
  readonly saltedPasswords: SaltedPasswordCache | undefined;
  readonly newNonce: (() => string) | undefined;
}

/** What only the first two steps need. */
interface Login {
  readonly username: string;
  readonly password: string;
  readonly isDelegationToken: boolean;
}

type State =
  | { readonly kind: "created"; readonly login: Login }
  | {
      readonly kind: "waiting for the server's first message";
      readonly login: Login;
      readonly nonce: string;
      readonly bare: string;
    }
  | { readonly kind: "waiting for the server's final message"; readonly expectedSignature: Uint8Array }
  | { readonly kind: "complete" }
  | { readonly kind: "failed" };

export class ScramClientExchange implements SaslClientExchange {
  readonly mechanism: ScramMechanism;
  readonly #settings: Settings;
  #state: State;

  /** Throws SaslError when the name or the password is empty or cannot be sent. */
  constructor(options: ScramClientOptions) {
    const { mechanism, crypto, saltedPasswords, newNonce, normalize = (text) => text } = options;
    const login = {
      username: normalize(options.username),
      password: normalize(options.password),
      isDelegationToken: options.isDelegationToken ?? false,
    };
    requireCredential(mechanism, "user name", login.username);
    requireCredential(mechanism, "password", login.password);
    this.mechanism = mechanism;
    this.#settings = { crypto, maxIterations: options.maxIterations ?? DEFAULT_MAX_SCRAM_ITERATIONS, saltedPasswords, newNonce };
    this.#state = { kind: "created", login };
  }

  get isComplete(): boolean {
    return this.#state.kind === "complete";
  }

  async initial(): Promise<Uint8Array> {
    const state = this.#state;
    if (state.kind !== "created") throw wrongState(this.mechanism, state.kind);
    this.#state = { kind: "failed" };
    const { login } = state;
    const nonce = newScramNonce(this.mechanism, this.#settings.crypto, this.#settings.newNonce);
    const bare = clientFirstBare(login.username, nonce, login.isDelegationToken);
    const bytes = bytesFromText(this.mechanism, GS2_HEADER + bare);
    this.#state = { kind: "waiting for the server's first message", login, nonce, bare };
    return bytes;
  }

  async respond(challenge: Uint8Array): Promise<SaslClientStep> {
    const state = this.#state;
    switch (state.kind) {
      case "created":
      case "complete":
      case "failed":
        throw wrongState(this.mechanism, state.kind);
      case "waiting for the server's first message": {
        // Failed until proven otherwise: a second call during the first, or after an error, must find the exchange closed.
        this.#state = { kind: "failed" };
        const text = textFromPeer(this.mechanism, challenge);
        const { bytes, expectedSignature } = await this.#prove(state, text);
        this.#state = { kind: "waiting for the server's final message", expectedSignature };
        return { kind: "send", bytes };
      }
      case "waiting for the server's final message":
        this.#state = { kind: "failed" };
        this.#verify(textFromPeer(this.mechanism, challenge), state.expectedSignature);
        this.#state = { kind: "complete" };
        return { kind: "complete" };
    }
  }

  async #prove(
    { login, nonce, bare }: Extract<State, { kind: "waiting for the server's first message" }>,
    text: string,
  ): Promise<{ readonly bytes: Uint8Array; readonly expectedSignature: Uint8Array }> {
    const { mechanism } = this;
    const { crypto } = this.#settings;
    const serverFirst = parseServerFirst(mechanism, text);
    this.#requireAcceptable(serverFirst, nonce);
    const saltedPassword = await this.#saltedPassword(login.password, serverFirst);
    const keys = await keysFromSaltedPassword(crypto, mechanism, saltedPassword);
    const withoutProof = clientFinalWithoutProof(serverFirst.nonce);
    const authMessage = `${bare},${text},${withoutProof}`;
    const proof = await clientProof(crypto, mechanism, keys, authMessage);
    const expectedSignature = await serverSignature(crypto, mechanism, keys.serverKey, authMessage);
    return { bytes: bytesFromText(mechanism, formatClientFinal(withoutProof, proof)), expectedSignature };
  }

  #requireAcceptable({ nonce, iterations }: ScramServerFirst, ownNonce: string): void {
    if (!nonce.startsWith(ownNonce) || nonce.length === ownNonce.length) {
      const problem = "the server's nonce does not continue ours, so its answer belongs to another exchange";
      throw new SaslError("SASL_SERVER_NOT_VERIFIED", this.mechanism, problem);
    }
    if (iterations < MIN_SCRAM_ITERATIONS) {
      const problem = `the server asks for ${iterations} iterations; fewer than ${MIN_SCRAM_ITERATIONS} would expose the password`;
      throw new SaslError("SASL_UNACCEPTABLE", this.mechanism, problem);
    }
    const { maxIterations } = this.#settings;
    // Negated, so that a limit of NaN lets nothing pass.
    if (!(iterations <= maxIterations)) {
      const problem = `the server asks for ${iterations} iterations; the limit is ${maxIterations}, raise it if you must`;
      throw new SaslError("SASL_UNACCEPTABLE", this.mechanism, problem);
    }
  }

  #saltedPassword(password: string, { salt, iterations }: ScramServerFirst): Promise<Uint8Array> {
    const { mechanism } = this;
    const { crypto, saltedPasswords } = this.#settings;
    const derive = (): Promise<Uint8Array> => saltedPasswordFromPassword(crypto, mechanism, password, salt, iterations);
    return saltedPasswords?.saltedPassword({ mechanism, password, salt, iterations }, derive) ?? derive();
  }

  #verify(text: string, expectedSignature: Uint8Array): void {
    const final = parseServerFinal(this.mechanism, text);
    if (final.kind === "error") {
      const problem = `the server refused the credentials: ${quotedFromPeer(final.error)}`;
      throw new SaslError("SASL_AUTHENTICATION_FAILED", this.mechanism, problem);
    }
    if (constantTimeEqual(final.signature, expectedSignature)) return;
    const problem = "the server's signature is wrong: it does not know the credentials, and may be somebody in between";
    throw new SaslError("SASL_SERVER_NOT_VERIFIED", this.mechanism, problem);
  }
}
