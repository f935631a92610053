/**
 * The four messages of SCRAM (RFC 5802 chapter 7; Kafka's extension `tokenauth` is KIP-48's):
 *
 *     client first   n,,n=USER,r=CLIENT-NONCE[,tokenauth=true]
 *     server first   r=CLIENT-NONCE+SERVER-NONCE,s=SALT,i=ITERATIONS
 *     client final   c=biws,r=CLIENT-NONCE+SERVER-NONCE,p=PROOF
 *     server final   v=SIGNATURE   or   e=ERROR
 *
 * Attributes stand in exactly this order. Extensions that we do not know may follow and mean nothing to us, except `m`, which
 * says "fail unless you know this". Parsing throws SaslError, whose text names the attribute and never quotes it.
 */
import { base64FromBytes, bytesFromBase64 } from "./base64.ts";
import { SaslError } from "./sasl-error.ts";
import { saslNameFromText, textFromSaslName } from "./sasl-text.ts";

/** "No channel binding, and acting as nobody else": what Kafka's clients always send. */
export const GS2_HEADER = "n,,";

/** SCRAM's own attributes: among the extensions, one of these is a repetition or out of place. */
const RESERVED_ATTRIBUTES: ReadonlySet<string> = new Set("anmrcsipve");

/** PBKDF2 implementations count in an int32. */
const MAX_INT32 = 2 ** 31 - 1;

export interface ScramClientFirst {
  /** `n,,`, perhaps with `y` or an authorization id; comes back, encoded, as `c=`. */
  readonly gs2Header: string;
  /** Empty unless the client asked to act as somebody. */
  readonly authorizationId: string;
  readonly username: string;
  readonly nonce: string;
  readonly extensions: ReadonlyMap<string, string>;
  /** The part that both sides sign. */
  readonly bare: string;
}

export interface ScramServerFirst {
  readonly nonce: string;
  readonly salt: Uint8Array;
  readonly iterations: number;
}

export interface ScramClientFinal {
  readonly channelBinding: Uint8Array;
  readonly nonce: string;
  readonly proof: Uint8Array;
  /** The part that both sides sign. */
  readonly withoutProof: string;
}

export type ScramServerFinal =
  | { readonly kind: "signature"; readonly signature: Uint8Array }
  | { readonly kind: "error"; readonly error: string };

/** The signed part of the client's first message; GS2_HEADER goes in front of it. */
export function clientFirstBare(username: string, nonce: string, isDelegationToken: boolean): string {
  return `n=${saslNameFromText(username)},r=${nonce}${isDelegationToken ? ",tokenauth=true" : ""}`;
}

export function parseClientFirst(mechanism: string, text: string): ScramClientFirst {
  const message = "the client's first message";
  const match = /^(?<flag>[^,]*),(?<authorization>[^,]*),(?<bare>.*)$/su.exec(text)?.groups;
  if (match === undefined) throw malformed(mechanism, message, "has no GS2 header");
  const { flag = "", authorization = "", bare = "" } = match;
  if (flag.startsWith("p="))
    throw new SaslError("SASL_UNACCEPTABLE", mechanism, `${message} asks for channel binding, which Kafka has not`);
  if (flag !== "n" && flag !== "y") throw malformed(mechanism, message, "has no GS2 flag");
  const authorizationId = authorization === "" ? "" : textFromSaslName(authorization.slice(2));
  if (authorizationId === undefined || (authorization !== "" && !authorization.startsWith("a="))) {
    throw malformed(mechanism, message, "has an authorization id that cannot be read");
  }
  const attributes = new AttributeReader(mechanism, message, bare);
  const username = textFromSaslName(attributes.take("n"));
  if (username === undefined) throw malformed(mechanism, message, "has a user name that cannot be read");
  const nonce = attributes.takeNonce();
  return {
    gs2Header: `${flag},${authorization},`,
    authorizationId,
    username,
    nonce,
    extensions: attributes.takeExtensions(),
    bare,
  };
}

export function formatServerFirst({ nonce, salt, iterations }: ScramServerFirst): string {
  return `r=${nonce},s=${base64FromBytes(salt)},i=${iterations}`;
}

/** Whether the number of iterations is acceptable is for the caller to say: here it only has to be a number. */
export function parseServerFirst(mechanism: string, text: string): ScramServerFirst {
  const message = "the server's first message";
  const attributes = new AttributeReader(mechanism, message, text);
  const nonce = attributes.takeNonce();
  const salt = attributes.takeBytes("s");
  const iterations = attributes.take("i");
  if (!/^[1-9][0-9]{0,9}$/.test(iterations) || Number(iterations) > MAX_INT32) {
    throw malformed(mechanism, message, "has an attribute i that is no positive 32-bit number");
  }
  attributes.takeExtensions();
  return { nonce, salt, iterations: Number(iterations) };
}

/** The signed part of the client's final message; `formatClientFinal` adds the proof. */
export function clientFinalWithoutProof(nonce: string): string {
  return `c=${base64FromBytes(new TextEncoder().encode(GS2_HEADER))},r=${nonce}`;
}

export function formatClientFinal(withoutProof: string, proof: Uint8Array): string {
  return `${withoutProof},p=${base64FromBytes(proof)}`;
}

export function parseClientFinal(mechanism: string, text: string): ScramClientFinal {
  const message = "the client's final message";
  // The proof is always last, and base64 has no comma.
  const end = text.lastIndexOf(",");
  const withoutProof = text.slice(0, Math.max(end, 0));
  const attributes = new AttributeReader(mechanism, message, withoutProof);
  const channelBinding = attributes.takeBytes("c");
  const nonce = attributes.takeNonce();
  attributes.takeExtensions();
  const proof = new AttributeReader(mechanism, message, text.slice(end + 1)).takeBytes("p");
  return { channelBinding, nonce, proof, withoutProof };
}

export function formatServerFinal(final: ScramServerFinal): string {
  return final.kind === "error" ? `e=${final.error}` : `v=${base64FromBytes(final.signature)}`;
}

export function parseServerFinal(mechanism: string, text: string): ScramServerFinal {
  const attributes = new AttributeReader(mechanism, "the server's final message", text);
  const final: ScramServerFinal = text.startsWith("e=")
    ? { kind: "error", error: attributes.take("e") }
    : { kind: "signature", signature: attributes.takeBytes("v") };
  attributes.takeExtensions();
  return final;
}

/** Takes a message apart at its commas; values never contain one. */
class AttributeReader {
  readonly #mechanism: string;
  readonly #message: string;
  readonly #parts: readonly string[];
  #position = 0;

  constructor(mechanism: string, message: string, text: string) {
    this.#mechanism = mechanism;
    this.#message = message;
    this.#parts = text.split(",");
  }

  /** The value of the next attribute, which has to be this one. */
  take(name: string): string {
    const part = this.#parts[this.#position++] ?? "";
    if (part.startsWith("m=")) this.#refuseMandatoryExtension();
    if (!part.startsWith(`${name}=`)) throw this.#malformed(`has no attribute ${name} where it belongs`);
    const value = part.slice(name.length + 1);
    if (value === "" || value.includes("\0")) throw this.#malformed(`has an empty or broken attribute ${name}`);
    return value;
  }

  takeNonce(): string {
    const nonce = this.take("r");
    if (!/^[\x21-\x7e]+$/.test(nonce)) throw this.#malformed("has a nonce with characters that are not printable ASCII");
    return nonce;
  }

  takeBytes(name: string): Uint8Array {
    const bytes = bytesFromBase64(this.take(name));
    if (bytes === undefined) throw this.#malformed(`has an attribute ${name} that is not canonical base64`);
    return bytes;
  }

  /** What is left. */
  takeExtensions(): ReadonlyMap<string, string> {
    const extensions = new Map<string, string>();
    for (const part of this.#parts.slice(this.#position)) {
      if (part.startsWith("m=")) this.#refuseMandatoryExtension();
      const { name, value } = /^(?<name>[A-Za-z]+)=(?<value>[^\0]+)$/u.exec(part)?.groups ?? {};
      if (name === undefined || value === undefined || RESERVED_ATTRIBUTES.has(name)) {
        throw this.#malformed("has something after its attributes that is no extension");
      }
      if (extensions.has(name)) throw this.#malformed("has the same extension twice");
      extensions.set(name, value);
    }
    return extensions;
  }

  #refuseMandatoryExtension(): never {
    throw new SaslError("SASL_UNACCEPTABLE", this.#mechanism, `${this.#message} demands an extension (m=) that is unknown here`);
  }

  #malformed(problem: string): SaslError {
    return malformed(this.#mechanism, this.#message, problem);
  }
}

function malformed(mechanism: string, message: string, problem: string): SaslError {
  return new SaslError("SASL_MALFORMED", mechanism, `${message} ${problem}`);
}
