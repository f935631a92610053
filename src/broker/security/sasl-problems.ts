import { isRecord, unknownNames } from "../untyped.ts";
import { type SaslMechanism, saslMechanisms } from "./sasl-mechanisms.ts";
import type { SaslOptions } from "./sasl-options.ts";

const OPTIONS: Readonly<Record<keyof SaslOptions, true>> = { users: true, mechanisms: true, verifyToken: true, maxReauthMs: true };

/** What is wrong with these options. Passwords are never repeated. */
export function* saslProblems(sasl: SaslOptions): Iterable<string> {
  if (!isRecord(sasl)) {
    yield "sasl must be an object";
    return;
  }
  const { users = {}, mechanisms, verifyToken, maxReauthMs } = sasl;
  yield* unknownNames(sasl, Object.keys(OPTIONS), (name) => `sasl has no option '${name}'`);
  if (!isRecord(users)) yield "users of sasl must be an object: passwords by name";
  else for (const [user, password] of Object.entries(users)) yield* userProblems(user, password);
  if (verifyToken !== undefined && typeof verifyToken !== "function") yield "verifyToken of sasl must be a function";
  if (mechanisms !== undefined) yield* mechanismProblems(mechanisms, verifyToken !== undefined);
  if (maxReauthMs !== undefined && !(Number.isSafeInteger(maxReauthMs) && maxReauthMs > 0)) {
    yield `maxReauthMs of sasl must be a whole number from 1, not ${String(maxReauthMs)}`;
  }
}

function* userProblems(user: string, password: unknown): Iterable<string> {
  if (user === "" || user.includes("\0")) yield "a user of sasl has a name that no client can send";
  // Neither an empty one nor one with NUL or half a surrogate pair fits into PLAIN's message.
  else if (typeof password !== "string" || password === "" || /[\0\p{Surrogate}]/u.test(password)) {
    yield `user ${JSON.stringify(user)} of sasl has a password that no client can send`;
  }
}

function* mechanismProblems(mechanisms: readonly SaslMechanism[], verifiesTokens: boolean): Iterable<string> {
  const isList: boolean = Array.isArray(mechanisms);
  if (!isList || mechanisms.length === 0) {
    yield "mechanisms of sasl must be a list with something in it";
    return;
  }
  for (const name of mechanisms) {
    if (!saslMechanisms.includes(name)) yield `there is no mechanism ${String(name)}; there are ${saslMechanisms.join(", ")}`;
  }
  if (mechanisms.includes("OAUTHBEARER") && !verifiesTokens) yield "OAUTHBEARER needs verifyToken";
}
