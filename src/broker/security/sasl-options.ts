import type { SaslMechanism } from "./sasl-mechanisms.ts";

/** How clients prove who they are. */
export interface SaslOptions {
  /** Passwords by user name, for PLAIN and both SCRAM mechanisms. */
  readonly users?: Readonly<Record<string, string>>;
  /** What is offered; by default PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512, and OAUTHBEARER if there is a check for tokens. */
  readonly mechanisms?: readonly SaslMechanism[];
  /** Checks a bearer token: who it stands for, and until when; undefined or a thrown error refuses it. */
  readonly verifyToken?: (token: string) => VerifiedToken | undefined | Promise<VerifiedToken | undefined>;
  /** How long an authentication holds (`connections.max.reauth.ms`, KIP-368); forever unless said otherwise. */
  readonly maxReauthMs?: number;
}

export interface VerifiedToken {
  readonly user: string;
  readonly expiresAtMs?: number;
}
