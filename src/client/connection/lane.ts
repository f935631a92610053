/**
 * A broker answers one request of a connection at a time. What may take long has a connection of its own, so that nothing waits
 * behind it: long polls for records (`fetch`), and joining a group (`coordinator`), which waits for all others to come; what is
 * committed meanwhile, and saying goodbye, does not. Records that are wanted while a long poll for others waits come on a fourth one
 * (`express`).
 */
export type Lane = "main" | "fetch" | "express" | "coordinator";

/** A broker to connect to. */
export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
  /** -1 for a bootstrap server. */
  readonly nodeId: number;
  /** What to dial when the name has been resolved already; `host` is then what a certificate must be for. */
  readonly address?: string;
}
