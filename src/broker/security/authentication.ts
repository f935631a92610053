import {
  ApiVersions,
  type ErrorName,
  SaslAuthenticate,
  SaslError,
  SaslHandshake,
  type SaslIdentity,
  type SaslServerExchange,
} from "../../protocol/index.ts";
import type { Handler } from "../api-handler.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { refusalText } from "./refusal-text.ts";
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

interface Authenticated {
  readonly kind: "authenticated";
  readonly user: string;
  readonly mechanism: SaslMechanism;
  /** After this the client has to authenticate again (KIP-368); infinite when it never has to. */
  readonly untilMs: number;
}

type State =
  | { readonly kind: "open" }
  | { readonly kind: "waiting for a mechanism"; readonly hasVersions: boolean }
  | {
      readonly kind: "exchanging";
      readonly mechanism: SaslMechanism;
      readonly exchange: SaslServerExchange;
      /** After SaslHandshake v0 tokens come as frames without a Kafka header. */
      readonly isRaw: boolean;
      /** Who it was before, when the client authenticates again. */
      readonly before: Authenticated | undefined;
    }
  | Authenticated
  | { readonly kind: "failed"; readonly reason: string };

/** Why a request is not carried out. It ends the connection, and is answered with `answer` before if that is given. */
export interface Objection {
  readonly reason: string;
  readonly answer?: ErrorName;
}

/** What SaslHandshake comes to. */
export interface MechanismChoice {
  readonly error?: ErrorName;
  readonly mechanisms: readonly SaslMechanism[];
  /** Set when the connection ends with this, and why. */
  readonly endsWith?: string;
  /** The connection ends without the answer. */
  readonly isSilent?: boolean;
}

/** What SaslAuthenticate comes to. */
export interface AuthenticationStep {
  readonly error?: ErrorName;
  readonly message?: string;
  readonly bytes: Uint8Array;
  /** 0 for "as long as you like". */
  readonly sessionLifetimeMs: number;
}

const NOTHING: Uint8Array = new Uint8Array(0);
/** `sasl.server.max.receive.size`: of a request, before it is known who sends it. */
const MOST_BYTES_FROM_STRANGERS = 524_288;
/** Nobody may authenticate again more often. */
const LEAST_REAUTHENTICATION_INTERVAL_MS = 1000;

/** Who a connection's client is, and how far it has got in proving it. What it may do at which time is as in Apache Kafka 4.3. */
export class Authentication {
  readonly #init: AuthenticationInit;
  #state: State;
  #reauthenticatedAtMs = Number.NEGATIVE_INFINITY;

  constructor(init: AuthenticationInit) {
    this.#init = init;
    this.#state = init.sasl === undefined ? { kind: "open" } : { kind: "waiting for a mechanism", hasVersions: false };
  }

  /** E.g. `User:alice`. */
  get principal(): string {
    const state = this.#state;
    if (state.kind === "authenticated") return `User:${state.user}`;
    return state.kind === "open" && this.#init.peerName !== undefined ? `User:${this.#init.peerName}` : "User:ANONYMOUS";
  }

  /** Whether the client has proved who it is. */
  get isComplete(): boolean {
    return this.#state.kind === "authenticated";
  }

  get takesRawTokens(): boolean {
    return this.#state.kind === "exchanging" && this.#state.isRaw;
  }

  /** To be asked before a request is decoded. */
  objectionToSize(bytes: number): Objection | undefined {
    const { kind } = this.#state;
    if (kind === "open" || kind === "authenticated" || bytes <= MOST_BYTES_FROM_STRANGERS) return undefined;
    return { reason: `sent ${bytes} bytes before it authenticated, which is more than ${MOST_BYTES_FROM_STRANGERS}` };
  }

  /** Undefined when the request may be carried out. */
  objectionTo({ api: { key, name } }: Handler): Objection | undefined {
    const state = this.#state;
    switch (state.kind) {
      case "open":
        return undefined;
      case "waiting for a mechanism":
        if (key === SaslHandshake.key || (key === ApiVersions.key && !state.hasVersions)) return undefined;
        if (key === ApiVersions.key) return { reason: "asked for ApiVersions again before it authenticated" };
        if (key === SaslAuthenticate.key) return { reason: "sent a token before it chose a mechanism" };
        return { reason: `asked for ${name} before it authenticated` };
      case "exchanging":
        if (key === SaslAuthenticate.key) return undefined;
        return { reason: `asked for ${name} while it authenticated`, answer: "ILLEGAL_SASL_STATE" };
      case "authenticated":
        if (this.#now() <= state.untilMs || (key === SaslHandshake.key && this.#mayAuthenticateAgain(state))) return undefined;
        return { reason: "its authentication has expired" };
      case "failed":
        return { reason: state.reason };
    }
  }

  /** ApiVersions was answered: before authentication that happens once. */
  versionsAreKnown(): void {
    if (this.#state.kind === "waiting for a mechanism") this.#state = { kind: "waiting for a mechanism", hasVersions: true };
  }

  /** SaslHandshake: the client chooses a mechanism, for the first time or to authenticate again (KIP-368). */
  choose(name: string, isRaw: boolean): MechanismChoice {
    const { sasl, cluster } = this.#init;
    const state = this.#state;
    const before = state.kind === "authenticated" ? state : undefined;
    if (sasl === undefined || (before !== undefined && !this.#mayAuthenticateAgain(before))) {
      return { error: "ILLEGAL_SASL_STATE", mechanisms: [] };
    }
    if (before !== undefined) this.#reauthenticatedAtMs = this.#now();
    const mechanisms = offeredMechanisms(sasl);
    const mechanism = mechanisms.find((known) => known === name);
    if (mechanism === undefined) {
      const endsWith = this.#fail(`chose the mechanism ${JSON.stringify(name.slice(0, 40))}, which is not offered`);
      return { error: "UNSUPPORTED_SASL_MECHANISM", mechanisms, endsWith, isSilent: before !== undefined };
    }
    // Kafka notices with the next message only.
    if (before !== undefined && before.mechanism !== mechanism) {
      this.#fail(`chose ${mechanism} to authenticate again, but is known by ${before.mechanism}`);
      return { mechanisms };
    }
    this.#state = { kind: "exchanging", mechanism, exchange: newServerExchange(mechanism, sasl, cluster), isRaw, before };
    return { mechanisms };
  }

  /** SaslAuthenticate: the next token of the exchange. */
  async authenticate(token: Uint8Array): Promise<AuthenticationStep> {
    const state = this.#state;
    if (state.kind !== "exchanging") {
      const message = "SaslAuthenticate request received after successful authentication";
      return { error: "ILLEGAL_SASL_STATE", message, bytes: NOTHING, sessionLifetimeMs: 0 };
    }
    const { mechanism, before } = state;
    try {
      const step = await state.exchange.evaluate(token);
      if (step.kind === "challenge") return { bytes: step.bytes, sessionLifetimeMs: 0 };
      return { bytes: step.bytes, sessionLifetimeMs: this.#accept(step.identity, mechanism, before) };
    } catch (error) {
      if (!(error instanceof SaslError)) throw error;
      const message = refusalText(error, before !== undefined);
      this.#fail(message);
      return { error: "SASL_AUTHENTICATION_FAILED", message, bytes: NOTHING, sessionLifetimeMs: 0 };
    }
  }

  /** @returns how long the session holds, in milliseconds */
  #accept({ user, expiresAtMs }: SaslIdentity, mechanism: SaslMechanism, before: Authenticated | undefined): number {
    if (before !== undefined && before.user !== user) {
      const problem = `Cannot change principals during re-authentication from User.${before.user}: User.${user}`;
      throw new SaslError("SASL_AUTHENTICATION_FAILED", mechanism, problem);
    }
    const nowMs = this.#now();
    const maxReauthMs = this.#init.sasl?.maxReauthMs ?? Number.POSITIVE_INFINITY;
    const lifetimeMs = Math.max(0, Math.min(maxReauthMs, (expiresAtMs ?? Number.POSITIVE_INFINITY) - nowMs));
    this.#state = { kind: "authenticated", user, mechanism, untilMs: nowMs + lifetimeMs };
    return Number.isFinite(lifetimeMs) ? lifetimeMs : 0;
  }

  #mayAuthenticateAgain({ untilMs }: Authenticated): boolean {
    return Number.isFinite(untilMs) && this.#now() - this.#reauthenticatedAtMs >= LEAST_REAUTHENTICATION_INTERVAL_MS;
  }

  #fail(reason: string): string {
    this.#state = { kind: "failed", reason };
    return reason;
  }

  #now(): number {
    return this.#init.cluster.clock.now();
  }
}
