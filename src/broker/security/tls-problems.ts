import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import type { TlsOptions } from "../network/tcp-transport.ts";
import { isRecord, unknownNames } from "../untyped.ts";

const OPTIONS: Readonly<Record<keyof TlsOptions, true>> = { key: true, cert: true, clientCa: true };

/** What is wrong with these options, so that no client is the first to find out. Keys are never repeated. */
export function* tlsProblems(tls: TlsOptions | true): Iterable<string> {
  if (tls === true) return;
  if (!isRecord(tls)) {
    yield "tls must be true, or an object with key and cert";
    return;
  }
  yield* unknownNames(tls, Object.keys(OPTIONS), (name) => `tls has no option '${name}'`);
  const key = read(() => createPrivateKey(tls.key));
  const certificate = read(() => new X509Certificate(tls.cert));
  if (key === undefined) yield "key of tls must be a private key in PEM, without a passphrase";
  if (certificate === undefined) yield "cert of tls must be a certificate in PEM";
  if (key !== undefined && certificate?.checkPrivateKey(key) === false) yield "key of tls does not belong to its cert";
  const { clientCa } = tls;
  if (clientCa !== undefined && read(() => new X509Certificate(clientCa)) === undefined) {
    yield "clientCa of tls must be a certificate in PEM";
  }
}

function read<Value extends KeyObject | X509Certificate>(make: () => Value): Value | undefined {
  try {
    return make();
  } catch {
    // OpenSSL's words for it tell nobody anything.
    return undefined;
  }
}
