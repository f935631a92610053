import { Secret } from "../secret.ts";
import type { Conversion } from "./property-row.ts";

const MODULES: ReadonlySet<string> = new Set([
  "org.apache.kafka.common.security.plain.PlainLoginModule",
  "org.apache.kafka.common.security.scram.ScramLoginModule",
]);

/**
 * Java's `sasl.jaas.config`: `org.apache.kafka.common.security.plain.PlainLoginModule required username="alice" password="secret";`
 * Nothing of it is repeated in a problem: there is a password in it.
 */
export function jaasConversion(text: string): Conversion {
  const match = /^\s*([\w.$]+)\s+(?:required|requisite|sufficient|optional)\b(.*);\s*$/is.exec(text);
  const module = match?.[1];
  if (module === undefined) return { problem: 'is not of the form: MODULE required username="…" password="…";' };
  if (!MODULES.has(module))
    return { problem: "names a login module other than PlainLoginModule or ScramLoginModule; its options have no counterpart" };
  const values = new Map<string, string>();
  for (const [, name = "", inQuotes, bare] of (match?.[2] ?? "").matchAll(/(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s";]+))/g)) {
    values.set(name, inQuotes?.replaceAll(/\\(.)/gs, "$1") ?? bare ?? "");
  }
  const [username, password] = [values.get("username"), values.get("password")];
  if (username === undefined || password === undefined) return { problem: "lacks a username or a password" };
  return {
    options: [
      ["saslPlainUsername", username],
      ["saslPlainPassword", new Secret(password)],
    ],
  };
}
