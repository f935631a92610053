/** Table: encryption and authentication. What is not there yet is known all the same, so that nobody believes to be using it. */

import { caKind, securityProtocolKind, tokenProviderKind } from "./security-kinds.ts";
import type { SecurityConfig } from "./security-options.ts";
import { type SettingTable, setting } from "./setting.ts";
import { choice, flag, optional, secret, text } from "./value-kinds.ts";

const NO_SASL = "SASL is not supported yet; so far securityProtocol is PLAINTEXT or SSL";
const NO_OWN_CERTIFICATE = "certificates of our own (mutual TLS) are not supported yet";

export const securitySettings: SettingTable<SecurityConfig> = {
  securityProtocol: setting(securityProtocolKind, {
    fallback: "PLAINTEXT",
    doc: "How to talk to brokers: in the clear or encrypted; the two with SASL are for later.",
    java: ["security.protocol"],
    librdkafka: ["security.protocol"],
    aliases: ["protocol", "ssl", "tls"],
  }),
  sslCafile: setting(optional(text), {
    fallback: undefined,
    doc: "A file with the certificates (PEM) of those who may have signed the brokers'; without it and `sslCa`, those that Node trusts.",
    librdkafka: ["ssl.ca.location"],
  }),
  sslCa: setting(optional(caKind), {
    fallback: undefined,
    doc: "The same as `sslCafile`, as texts (PEM) instead of a file.",
    java: ["ssl.truststore.certificates"],
    librdkafka: ["ssl.ca.pem"],
    aliases: ["ca"],
  }),
  sslCheckHostname: setting(flag, {
    fallback: true,
    doc: "Whether a broker's certificate must be for the host that was connected to.",
    java: ["ssl.endpoint.identification.algorithm"],
    librdkafka: ["ssl.endpoint.identification.algorithm"],
  }),
  sslServerName: setting(optional(text), {
    fallback: undefined,
    doc: "The name to ask brokers for and to find in their certificates, instead of the host's.",
    aliases: ["servername", "sni"],
  }),
  sslCertfile: setting(optional(text), {
    fallback: undefined,
    doc: "A file with our own certificate (PEM), for brokers that want one.",
    librdkafka: ["ssl.certificate.location"],
    notYet: NO_OWN_CERTIFICATE,
  }),
  sslCert: setting(optional(text), {
    fallback: undefined,
    doc: "The same as `sslCertfile`, as a text (PEM).",
    java: ["ssl.keystore.certificate.chain"],
    librdkafka: ["ssl.certificate.pem"],
    notYet: NO_OWN_CERTIFICATE,
  }),
  sslKeyfile: setting(optional(text), {
    fallback: undefined,
    doc: "A file with the private key (PEM) of our own certificate.",
    librdkafka: ["ssl.key.location"],
    notYet: NO_OWN_CERTIFICATE,
  }),
  sslKey: setting(optional(secret), {
    fallback: undefined,
    doc: "The same as `sslKeyfile`, as a text (PEM).",
    java: ["ssl.keystore.key"],
    librdkafka: ["ssl.key.pem"],
    notYet: NO_OWN_CERTIFICATE,
  }),
  sslPassword: setting(optional(secret), {
    fallback: undefined,
    doc: "The password of our private key.",
    java: ["ssl.key.password"],
    librdkafka: ["ssl.key.password"],
    notYet: NO_OWN_CERTIFICATE,
  }),
  sslCrlfile: setting(optional(text), {
    fallback: undefined,
    doc: "A file with certificates (PEM) that are no longer valid.",
    librdkafka: ["ssl.crl.location"],
    notYet: "lists of revoked certificates are not supported yet",
  }),
  sslCiphers: setting(optional(text), {
    fallback: undefined,
    doc: "The ciphers that may be used, in OpenSSL's notation.",
    java: ["ssl.cipher.suites"],
    librdkafka: ["ssl.cipher.suites"],
    notYet: "choosing ciphers is not supported yet; Node's own choice is used",
  }),
  saslMechanism: setting(optional(choice(["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER", "GSSAPI"])), {
    fallback: undefined,
    doc: "How to tell brokers who we are.",
    java: ["sasl.mechanism"],
    librdkafka: ["sasl.mechanisms", "sasl.mechanism"],
    aliases: ["sasl"],
    notYet: NO_SASL,
  }),
  saslPlainUsername: setting(optional(text), {
    fallback: undefined,
    doc: "Our name, for PLAIN and SCRAM.",
    librdkafka: ["sasl.username"],
    aliases: ["username", "saslUsername"],
    notYet: NO_SASL,
  }),
  saslPlainPassword: setting(optional(secret), {
    fallback: undefined,
    doc: "Our password, for PLAIN and SCRAM.",
    librdkafka: ["sasl.password"],
    aliases: ["password", "saslPassword"],
    notYet: NO_SASL,
  }),
  saslKerberosServiceName: setting(optional(text), {
    fallback: undefined,
    doc: "The first part of the brokers' Kerberos principal.",
    java: ["sasl.kerberos.service.name"],
    librdkafka: ["sasl.kerberos.service.name"],
    notYet: NO_SASL,
  }),
  saslKerberosName: setting(optional(text), {
    fallback: undefined,
    doc: "Our own Kerberos principal.",
    librdkafka: ["sasl.kerberos.principal"],
    notYet: NO_SASL,
  }),
  saslKerberosDomainName: setting(optional(text), {
    fallback: undefined,
    doc: "The domain in the brokers' Kerberos principal, instead of the host's name.",
    notYet: NO_SASL,
  }),
  saslOauthTokenProvider: setting(optional(tokenProviderKind), {
    fallback: undefined,
    doc: "Gives the token for OAUTHBEARER.",
    aliases: ["oauthBearerProvider"],
    notYet: NO_SASL,
  }),
};
