import { AuthenticationError, ConnectionError } from "../errors.ts";

const UNTRUSTED: ReadonlySet<string> = new Set([
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "CERT_UNTRUSTED",
  "CERT_REJECTED",
  "INVALID_CA",
  "CERT_SIGNATURE_FAILURE",
  "CERT_CHAIN_TOO_LONG",
  "PATH_LENGTH_EXCEEDED",
  "INVALID_PURPOSE",
]);

/** What OpenSSL says of a first record that is none of TLS. */
const NO_TLS: ReadonlySet<string> = new Set([
  "ERR_SSL_WRONG_VERSION_NUMBER",
  "ERR_SSL_PACKET_LENGTH_TOO_LONG",
  "ERR_SSL_UNKNOWN_PROTOCOL",
  "ERR_SSL_HTTP_REQUEST",
]);

/** What a failed handshake means, in the user's terms (C27, C28). `error` is what the machine said. */
export function tlsFailure(error: Error, broker: string): AuthenticationError | ConnectionError {
  const code = codeOf(error);
  const said = error.message;
  if (UNTRUSTED.has(code)) {
    const advice = "give the certificate of its authority as sslCafile, if you trust it";
    return new AuthenticationError(`no authority that we trust has signed its certificate (${said}); ${advice}`, {
      broker,
      cause: error,
    });
  }
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID") {
    const problem = code === "CERT_HAS_EXPIRED" ? "has expired" : "is not valid yet; is this machine's clock right?";
    return new AuthenticationError(`its certificate ${problem} (${said})`, { broker, cause: error });
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return new AuthenticationError(`its certificate is for somebody else: ${said}`, { broker, cause: error });
  }
  if (NO_TLS.has(code)) {
    const problem = `it does not speak TLS on this port (${said}); use its TLS port, or securityProtocol PLAINTEXT or SASL_PLAINTEXT`;
    return new ConnectionError(problem, { broker, phase: "tls", retriable: false, cause: error });
  }
  return alertFailure(error, broker) ?? certificateFailure(error, broker) ?? brokenHandshake(error, broker);
}

/**
 * With TLS 1.3 a broker can refuse our certificate, or the lack of one, after the handshake has ended for us: the alert then comes
 * instead of the first answer. Undefined if there is no alert among the causes.
 */
export function alertFailure(error: unknown, broker: string): AuthenticationError | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    const code = codeOf(cause);
    if (!/^ERR_SSL_.*ALERT/.test(code)) continue;
    const isOwn = code.includes("CERTIFICATE") ? "; it wants a certificate of ours that it trusts" : "";
    return new AuthenticationError(`it refused our side of TLS: ${cause.message}${isOwn}`, { broker, cause });
  }
  return undefined;
}

/** Revoked, or whatever else OpenSSL finds with a certificate. */
function certificateFailure(error: Error, broker: string): AuthenticationError | undefined {
  if (!/^(CERT|CRL|ERR_TLS_CERT)_/.test(codeOf(error))) return undefined;
  return new AuthenticationError(`its certificate was not accepted: ${error.message}`, { broker, cause: error });
}

function brokenHandshake(error: Error, broker: string): ConnectionError {
  const isGone = codeOf(error) === "ECONNRESET";
  const hint = isGone ? "; a broker that expects plaintext on this port hangs up like this" : "";
  return new ConnectionError(`the TLS handshake failed: ${error.message}${hint}`, { broker, phase: "tls", cause: error });
}

function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : "";
}
