import type { SecurityProtocol } from "./security-options.ts";
import type { Reading, ValueKind } from "./setting.ts";
import { callable, choice, mustBe } from "./value-kinds.ts";

const protocols = choice<SecurityProtocol>(["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]);

export const securityProtocolKind: ValueKind<SecurityProtocol> = {
  ...protocols,
  read: (value) => {
    const reading = protocols.read(value);
    if (!("value" in reading) || !reading.value.startsWith("SASL_")) return reading;
    return { problem: `cannot be ${reading.value}: SASL is not supported yet; so far it is PLAINTEXT or SSL` };
  },
};

/** One text or several, each with at least one certificate in it. */
export const caKind: ValueKind<readonly string[]> = {
  type: "string | string[]",
  read: readCa,
  fromText: (text) => text,
};

export const tokenProviderKind: ValueKind<() => string | Promise<string>> = callable(
  "a function",
  (value): value is () => string | Promise<string> => typeof value === "function",
);

function readCa(value: unknown): Reading<readonly string[]> {
  const given: readonly unknown[] = Array.isArray(value) ? value : [value];
  const texts = given.filter((one) => typeof one === "string");
  if (texts.length === 0 || texts.length < given.length)
    return mustBe(
      "certificates as text (PEM), or a list of those",
      Array.isArray(value) ? value : typeof value === "string" ? "" : value,
    );
  if (!texts.every(holdsCertificate)) {
    return {
      problem: "must be certificates as text (PEM, with -----BEGIN CERTIFICATE-----); the name of a file goes into sslCafile",
    };
  }
  return { value: Object.freeze(texts) };
}

export function holdsCertificate(pem: string): boolean {
  return pem.includes("-----BEGIN CERTIFICATE-----") || pem.includes("-----BEGIN TRUSTED CERTIFICATE-----");
}
