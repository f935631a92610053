import type { Secret } from "./secret.ts";
import type { Resolved } from "./setting.ts";

export type SecurityProtocol = "PLAINTEXT" | "SSL" | "SASL_PLAINTEXT" | "SASL_SSL";
export type SaslMechanism = "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512" | "OAUTHBEARER" | "GSSAPI";

/** Options that say how connections are encrypted, and who we are. Every client has them. */
export interface SecurityOptions {
  /** How to talk to brokers: in the clear or encrypted; the two with SASL are for later. */
  readonly securityProtocol?: SecurityProtocol | Lowercase<SecurityProtocol> | undefined;
  /** A file with the certificates (PEM) of those who may have signed the brokers'; without it and `sslCa`, those that Node trusts. */
  readonly sslCafile?: string | undefined;
  /** The same as `sslCafile`, as texts (PEM) instead of a file. */
  readonly sslCa?: string | readonly string[] | undefined;
  /** Whether a broker's certificate must be for the host that was connected to. */
  readonly sslCheckHostname?: boolean | undefined;
  /** The name to ask brokers for and to find in their certificates, instead of the host's. */
  readonly sslServerName?: string | undefined;
  /** A file with our own certificate (PEM), for brokers that want one. */
  readonly sslCertfile?: string | undefined;
  /** The same as `sslCertfile`, as a text (PEM). */
  readonly sslCert?: string | undefined;
  /** A file with the private key (PEM) of our own certificate. */
  readonly sslKeyfile?: string | undefined;
  /** The same as `sslKeyfile`, as a text (PEM). */
  readonly sslKey?: string | Secret | undefined;
  /** The password of our private key. */
  readonly sslPassword?: string | Secret | undefined;
  /** A file with certificates (PEM) that are no longer valid. */
  readonly sslCrlfile?: string | undefined;
  /** The ciphers that may be used, in OpenSSL's notation. */
  readonly sslCiphers?: string | undefined;
  /** How to tell brokers who we are. */
  readonly saslMechanism?: SaslMechanism | undefined;
  /** Our name, for PLAIN and SCRAM. */
  readonly saslPlainUsername?: string | undefined;
  /** Our password, for PLAIN and SCRAM. */
  readonly saslPlainPassword?: string | Secret | undefined;
  /** The first part of the brokers' Kerberos principal. */
  readonly saslKerberosServiceName?: string | undefined;
  /** Our own Kerberos principal. */
  readonly saslKerberosName?: string | undefined;
  /** The domain in the brokers' Kerberos principal, instead of the host's name. */
  readonly saslKerberosDomainName?: string | undefined;
  /** Gives the token for OAUTHBEARER. */
  readonly saslOauthTokenProvider?: (() => string | Promise<string>) | undefined;
}

export type SecurityConfig = Resolved<
  SecurityOptions,
  {
    readonly securityProtocol: SecurityProtocol;
    readonly sslCafile: string | undefined;
    readonly sslCa: readonly string[] | undefined;
    readonly sslServerName: string | undefined;
    readonly sslCertfile: string | undefined;
    readonly sslCert: string | undefined;
    readonly sslKeyfile: string | undefined;
    readonly sslKey: Secret | undefined;
    readonly sslPassword: Secret | undefined;
    readonly sslCrlfile: string | undefined;
    readonly sslCiphers: string | undefined;
    readonly saslMechanism: SaslMechanism | undefined;
    readonly saslPlainUsername: string | undefined;
    readonly saslPlainPassword: Secret | undefined;
    readonly saslKerberosServiceName: string | undefined;
    readonly saslKerberosName: string | undefined;
    readonly saslKerberosDomainName: string | undefined;
    readonly saslOauthTokenProvider: (() => string | Promise<string>) | undefined;
  }
>;
