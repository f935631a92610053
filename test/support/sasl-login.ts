// Logging in at an embedded broker: with the protocol's own client exchanges, or token by token.

import type { EmbeddedBroker } from "../../src/broker/index.ts";
import { nodeScramCrypto } from "../../src/broker/security/node-scram-crypto.ts";
import { errorCode, PlainClientExchange, type SaslClientExchange, ScramClientExchange } from "../../src/protocol/index.ts";
import type { BrokerClient } from "./broker-client.ts";

export const USERS = { alice: "alice-secret", bob: "bob-secret" } as const;
export const PASSWORD_MECHANISMS = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] as const;

export type PasswordMechanism = (typeof PASSWORD_MECHANISMS)[number];

/** PLAIN's only message. */
export function plainToken(user: string, password: string): Uint8Array {
  return Buffer.from(`\0${user}\0${password}`);
}

export function exchangeOf(mechanism: PasswordMechanism, username: string, password: string): SaslClientExchange {
  if (mechanism === "PLAIN") return new PlainClientExchange({ username, password });
  return new ScramClientExchange({ mechanism, crypto: nodeScramCrypto, username, password });
}

export interface SaslChoice {
  readonly error: string;
  readonly mechanisms: readonly string[];
}

export async function choose(client: BrokerClient, mechanism: string, version = 1): Promise<SaslChoice> {
  const { errorCode: code, mechanisms } = await client.ask("SaslHandshake", { mechanism }, version);
  return { error: errorCode(code).name, mechanisms };
}

export interface SaslAnswer {
  readonly error: string;
  readonly errorMessage: string | null;
  readonly sessionLifetimeMs: number;
  readonly bytes: Buffer;
}

export async function sendToken(client: BrokerClient, authBytes: Uint8Array, version = 2): Promise<SaslAnswer> {
  const answer = await client.ask("SaslAuthenticate", { authBytes }, version);
  const { errorMessage, sessionLifetimeMs } = answer;
  return { error: errorCode(answer.errorCode).name, errorMessage, sessionLifetimeMs, bytes: Buffer.from(answer.authBytes) };
}

export interface LoginOutcome extends Omit<SaslAnswer, "bytes"> {
  /** Whether the server proved itself as well. */
  readonly isComplete: boolean;
}

/** The whole of a client's login: handshake, and tokens until one side is content or refuses. */
export async function logIn(client: BrokerClient, exchange: SaslClientExchange, version = 2): Promise<LoginOutcome> {
  await choose(client, exchange.mechanism);
  let token = await exchange.initial();
  for (;;) {
    const { bytes, ...answer } = await sendToken(client, token, version);
    if (answer.error !== "NONE") return { ...answer, isComplete: exchange.isComplete };
    const step = await exchange.respond(bytes);
    if (step.kind === "complete") return { ...answer, isComplete: exchange.isComplete };
    token = step.bytes;
  }
}

export async function nodeCount(client: BrokerClient): Promise<number> {
  return (await client.ask("Metadata", { topics: [] })).brokers.length;
}

/** Why the broker closed the first connection that it closed. */
export async function closeReason({ journal }: EmbeddedBroker): Promise<string> {
  return (await journal.waitFor(({ kind }) => kind === "disconnect")).text ?? "";
}
