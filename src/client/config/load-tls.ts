import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { TlsSettings } from "../connection/transport.ts";
import { ConfigError } from "../errors.ts";
import type { SecurityConfig } from "./security-options.ts";
import { quoted } from "./show-value.ts";

const CERTIFICATE = /-----BEGIN (?:TRUSTED )?CERTIFICATE-----[^-]*-----END (?:TRUSTED )?CERTIFICATE-----/g;

type TlsConfig = Pick<SecurityConfig, "securityProtocol" | "sslCafile" | "sslCa" | "sslCheckHostname" | "sslServerName">;

/**
 * What connections need for TLS, its files read and checked; undefined without TLS. Called before the first connection, because
 * constructors do no I/O.
 *
 * @throws ConfigError that names the file, or the option, that cannot be used.
 */
export async function loadTls(config: TlsConfig): Promise<TlsSettings | undefined> {
  if (!config.securityProtocol.endsWith("SSL")) return undefined;
  const fromFile = config.sslCafile === undefined ? undefined : [await readCertificates(config.sslCafile)];
  for (const text of config.sslCa ?? []) checkCertificates(text, "sslCa");
  return Object.freeze({ ca: fromFile ?? config.sslCa, checkHostname: config.sslCheckHostname, serverName: config.sslServerName });
}

async function readCertificates(file: string): Promise<string> {
  const where = `sslCafile ${quoted(file)}`;
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ConfigError([`${where} cannot be read: ${why}`], { cause: error });
  }
  checkCertificates(text, where);
  return text;
}

/** OpenSSL would skip what it cannot read, and every handshake would then fail for a reason that nobody connects with the file. */
function checkCertificates(text: string, where: string): void {
  const certificates = text.match(CERTIFICATE) ?? [];
  if (certificates.length === 0) {
    throw new ConfigError([
      `${where} holds no certificate in PEM form (-----BEGIN CERTIFICATE-----); a Java key store has to be exported first`,
    ]);
  }
  for (const [index, certificate] of certificates.entries()) {
    try {
      new X509Certificate(certificate);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new ConfigError([`${where}: certificate ${index + 1} of ${certificates.length} cannot be read: ${why}`], {
        cause: error,
      });
    }
  }
}
