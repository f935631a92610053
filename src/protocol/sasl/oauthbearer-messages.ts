/**
 * The messages of OAUTHBEARER (RFC 7628, KIP-255, extensions KIP-342):
 *
 *     client   n,,^Aauth=Bearer TOKEN^Akey=value^A^A
 *     server   nothing when satisfied, else {"status":"invalid_token", …}
 *     client   ^A   after such an error, whereupon the server fails the exchange
 *
 * A token or a value with a ^A in it could add pairs of its own; so both are held to their grammar on the way out as well.
 */
import { SaslError } from "./sasl-error.ts";
import { bytesFromText, quotedFromPeer, textFromPeer, textFromSaslName } from "./sasl-text.ts";

export const OAUTHBEARER = "OAUTHBEARER";

const SEPARATOR = "\u0001";
const TOKEN = /^[-._~+/A-Za-z0-9]+=*$/;
const EXTENSION_NAME = /^[A-Za-z]+$/;
/** RFC 7628 also has line breaks here, which we take from others (as Java does) but never send: they end up in logs. */
const EXTENSION_VALUE = /^[\t\x20-\x7e]+$/;
const EXTENSION_VALUE_OF_OTHERS = /^[\t\r\n\x20-\x7e]+$/;

/** What the client presents. */
export interface BearerCredentials {
  readonly token: string;
  /** Names of letters only, other than `auth`; values of printable ASCII. */
  readonly extensions: ReadonlyMap<string, string>;
}

/** As parsed by a server; the authorization id is empty unless the client asked to act as somebody. */
export interface BearerRequest extends BearerCredentials {
  readonly authorizationId: string;
}

/** Why a server refuses a token. */
export interface BearerRefusal {
  /** A word such as `invalid_token` or `insufficient_scope`. */
  readonly status: string;
  readonly scope?: string;
  readonly openidConfiguration?: string;
}

/** The byte with which a client acknowledges a refusal. */
export function refusalAcknowledgement(): Uint8Array {
  return Uint8Array.of(1);
}

/** Throws SASL_INVALID_CREDENTIALS for a token or extension that the grammar cannot hold. */
export function bytesFromBearerCredentials({ token, extensions }: BearerCredentials): Uint8Array {
  if (!TOKEN.test(token))
    throw unusable("the token is empty or has characters that a bearer token cannot have (a line break, a space?)");
  let text = `n,,${SEPARATOR}auth=Bearer ${token}${SEPARATOR}`;
  for (const [name, value] of extensions) {
    if (!EXTENSION_NAME.test(name)) throw unusable("an extension's name is not made of letters A to Z only");
    if (name === "auth") throw unusable('an extension must not be called "auth", which is where the token goes');
    if (!EXTENSION_VALUE.test(value))
      throw unusable(`the value of extension ${name} is empty or has characters that are not printable ASCII`);
    text += `${name}=${value}${SEPARATOR}`;
  }
  return bytesFromText(OAUTHBEARER, text + SEPARATOR);
}

export function bearerRequestFromBytes(bytes: Uint8Array): BearerRequest {
  const [header, ...rest] = textFromPeer(OAUTHBEARER, bytes).split(SEPARATOR);
  const authorizationId = authorizationIdFromHeader(header ?? "");
  if (rest.length < 2 || rest.pop() !== "" || rest.pop() !== "") throw malformed("it does not end in two separators");
  const pairs = new Map<string, string>();
  for (const pair of rest) {
    const at = pair.indexOf("=");
    const name = pair.slice(0, Math.max(at, 0));
    const value = pair.slice(at + 1);
    if (!EXTENSION_NAME.test(name) || !EXTENSION_VALUE_OF_OTHERS.test(value)) throw malformed("one of its pairs is not key=value");
    if (pairs.has(name)) throw malformed("it has the same key twice");
    pairs.set(name, value);
  }
  const token = tokenFromAuth(pairs.get("auth"));
  pairs.delete("auth");
  return { authorizationId, token, extensions: pairs };
}

function authorizationIdFromHeader(header: string): string {
  if (header === "n,,") return "";
  const name = header.startsWith("n,a=") && header.endsWith(",") ? textFromSaslName(header.slice(4, -1)) : undefined;
  if (name === undefined) throw malformed("its GS2 header is not n,,");
  return name;
}

function tokenFromAuth(auth: string | undefined): string {
  if (auth === undefined) throw malformed("it has no auth key");
  const [scheme, token, ...more] = auth.split(/ +/);
  if (scheme?.toLowerCase() !== "bearer" || more.length > 0) throw malformed("its auth value is not Bearer and a token");
  if (token === undefined || !TOKEN.test(token)) throw malformed("its token has characters that a bearer token cannot have");
  return token;
}

/** The JSON of a refusal, in the order in which Kafka writes it. */
export function textFromBearerRefusal({ status, scope, openidConfiguration }: BearerRefusal): string {
  return JSON.stringify({ status, scope, "openid-configuration": openidConfiguration });
}

/**
 * What a server's refusal says, fit for an error message: escaped, capped, and with the token taken out should the server
 * have repeated it. Anything counts as a refusal, JSON or not.
 */
export function reasonFromRefusal(bytes: Uint8Array, token: string): string {
  const text = textFromPeer(OAUTHBEARER, bytes);
  // Other text is not quoted: it may repeat the token, escaped in ways that no search would find.
  const status = statusFromJson(text)?.replaceAll(token, "[redacted]");
  return status === undefined ? `an answer of ${bytes.length} bytes` : quotedFromPeer(status);
}

function statusFromJson(text: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // Not JSON: the caller shows the text as it is.
  }
  if (typeof value !== "object" || value === null || !("status" in value) || typeof value.status !== "string") return undefined;
  const scope = "scope" in value && typeof value.scope === "string" ? `, scope ${value.scope}` : "";
  return `${value.status}${scope}`;
}

function unusable(problem: string): SaslError {
  return new SaslError("SASL_INVALID_CREDENTIALS", OAUTHBEARER, problem);
}

function malformed(problem: string): SaslError {
  return new SaslError("SASL_MALFORMED", OAUTHBEARER, `Invalid OAUTHBEARER client first message: ${problem}`);
}
