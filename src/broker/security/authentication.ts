import { type ErrorName, SaslAuthenticate, SaslError, type SaslIdentity, type SaslServerExchange } from "../../protocol/index.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { Handler } from "../api-handler.ts";
import type { ClientConnection } from "../network/client-connection.ts";
import { newServerExchange } from "./sasl-exchanges.ts";
import { offeredMechanisms, type SaslMechanism } from "./sasl-mechanisms.ts";
import type { SaslOptions } from "./sasl-options.ts";

export interface AuthenticationInit {
  readonly cluster: Cluster;
  /** Undefined where nobody has to authenticate. */
  readonly sasl: SaslOptions | undefined;
  /** The subject of the client's certificate. */
  readonly peerName: string | undefined;
}

interface Exchange {
  readonly mechanism: SaslMechanism;
  readonly exchange: SaslServerExchange;
  /** After SaslHandshake v0 tokens come as frames without a Kafka header. */
  readonly isRaw: boolean;
}

type State =
  | { readonly kind: "open" }
  | { readonly kind: "waiting for a mechanism" }
  | ({ readonly kind: "exchanging"; readonly before: Authenticated | undefined } & Exchange)
  | Authenticated
  | { readonly kind: "failed" };

interface Authenticated {
  readonly kind: "authenticated";
  readonly user: string;
  readonly mechanism: SaslMechanism;
  /** When the client has to authenticate again (KIP-368). */
  readonly untilMs: number;
}

/** What SaslAuthenticate answers. */
export interface AuthenticationStep {
  readonly error?: ErrorName;
  readonly message?: string;
  readonly bytes: Uint8Array;
  /** 0 for "as long as you like". */
  readonly sessionLifetimeMs: number;
}

const FRAME_PREFIX = 4;
const NOTHING: Uint8Array = new Uint8Array(0);

/** Who a connection's client is, and how far it has got in proving it. */
export class Authentication {
  readonly #init: AuthenticationInit;
  #state: State;

  constructor(init: AuthenticationInit) {
    this.#init = init;
    this.#state = init.sasl === undefined ? { kind: "open" } : { kind: "waiting for a mechanism" };
  }

  /** E.g. `User:alice`. */
  get principal(): string {
    const state = this.#state;
    if (state.kind === "authenticated") return `User:${state.user}`;
    if (state.kind === "exchanging" && state.before !== undefined) return `User:${state.before.user}`;
    return state.kind === "open" && this.#init.peerName !== undefined ? `User:${this.#init.peerName}` : "User:ANONYMOUS";
  }

  get takesRawTokens(): boolean {
    return this.#state.kind === "exchanging" && this.#state.isRaw;
  }

  get mechanisms(): readonly SaslMechanism[] {
    return this.#init.sasl === undefined ? [] : offeredMechanisms(this.#init.sasl);
  }

  /** Why this request may not be carried out, which closes the connection; undefined when it may. */
  objectionTo(handler: Handler, nowMs: number): string | undefined {
    const state = this.#state;
    if (state.kind === "waiting for a mechanism" && handler.api.key === SaslAuthenticate.key)
      return "sent a token before it chose a mechanism";
    if (state.kind === "open" || handler.beforeAuthentication) return undefined;
    if (state.kind !== "authenticated") return `asked for ${handler.api.name} before it authenticated`;
    return nowMs < state.untilMs ? undefined : "its authentication has expired";
  }

  /** SaslHandshake: the client chooses a mechanism. Undefined when the exchange may begin. */
  choose(name: string, isRaw: boolean): ErrorName | undefined {
    const { sasl, cluster } = this.#init;
    const state = this.#state;
    if (sasl === undefined || state.kind === "exchanging" || state.kind === "failed") return "ILLEGAL_SASL_STATE";
    const mechanism = this.mechanisms.find((known) => known === name);
    const before = state.kind === "authenticated" ? state : undefined;
    // KIP-368: who authenticates again does it in the same way.
    if (mechanism === undefined || (before !== undefined && before.mechanism !== mechanism)) {
      this.#state = { kind: "failed" };
      return "UNSUPPORTED_SASL_MECHANISM";
    }
    this.#state = { kind: "exchanging", mechanism, exchange: newServerExchange(mechanism, sasl, cluster), isRaw, before };
    return undefined;
  }

  /** SaslAuthenticate: the next token of the exchange. */
  async authenticate(token: Uint8Array): Promise<AuthenticationStep> {
    const state = this.#state;
    if (state.kind !== "exchanging") {
      return {
        error: "ILLEGAL_SASL_STATE",
        message: "SaslAuthenticate request received after successful authentication",
        bytes: NOTHING,
        sessionLifetimeMs: 0,
      };
    }
    try {
      const step = await state.exchange.evaluate(token);
      if (step.kind === "challenge") return { bytes: step.bytes, sessionLifetimeMs: 0 };
      return { bytes: step.bytes, sessionLifetimeMs: this.#accept(step.identity, state.mechanism, state.before) };
    } catch (error) {
      if (!(error instanceof SaslError)) throw error;
      this.#state = { kind: "failed" };
      return { error: "SASL_AUTHENTICATION_FAILED", message: problemToTell(error), bytes: NOTHING, sessionLifetimeMs: 0 };
    }
  }

  /** A token in a frame of its own; what a mechanism refuses closes the connection, for there is no answer to say it in. */
  async takeToken(connection: ClientConnection, frame: Uint8Array): Promise<void> {
    const { error, bytes } = await this.authenticate(frame.subarray(FRAME_PREFIX));
    if (error !== undefined) return connection.destroy("authentication failed");
    const answer = new Uint8Array(FRAME_PREFIX + bytes.length);
    new DataView(answer.buffer).setInt32(0, bytes.length);
    answer.set(bytes, FRAME_PREFIX);
    connection.write(answer);
  }

  /** @returns how long the session holds, in milliseconds */
  #accept({ user, expiresAtMs }: SaslIdentity, mechanism: SaslMechanism, before: Authenticated | undefined): number {
    if (before !== undefined && before.user !== user) {
      throw new SaslError("SASL_AUTHENTICATION_FAILED", mechanism, "Cannot change principals during re-authentication");
    }
    const { sasl, cluster } = this.#init;
    const nowMs = cluster.clock.now();
    const lifetimeMs = Math.min(sasl?.maxReauthMs ?? Number.POSITIVE_INFINITY, (expiresAtMs ?? Number.POSITIVE_INFINITY) - nowMs);
    this.#state = { kind: "authenticated", user, mechanism, untilMs: nowMs + lifetimeMs };
    return Number.isFinite(lifetimeMs) ? Math.max(1, lifetimeMs) : 0;
  }
}

/** Kafka tells nobody what is wrong with a message that breaks the grammar; only PLAIN's are so simple that it does. */
function problemToTell({ code, mechanism, problem }: SaslError): string {
  if (code !== "SASL_MALFORMED" || mechanism === "PLAIN") return problem;
  return `Authentication failed during authentication due to invalid credentials with SASL mechanism ${mechanism}`;
}
