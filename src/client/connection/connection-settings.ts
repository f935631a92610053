import type { KafkaRelease } from "../../protocol/index.ts";
import type { TlsSettings } from "./transport.ts";

/** What connections need to know of the configuration. Names and defaults are those of docs/configuration.md. */
export interface ConnectionSettings {
  readonly clientId: string;
  readonly tls: TlsSettings | undefined;
  /** `auto`: ask each broker. A release: take its table, and ask nobody. */
  readonly apiVersion: "auto" | KafkaRelease;
  readonly requestTimeoutMs: number;
  readonly setupTimeoutMs: number;
  readonly setupTimeoutMaxMs: number;
  readonly reconnectBackoffMs: number;
  readonly reconnectBackoffMaxMs: number;
  readonly connectionsMaxIdleMs: number;
  readonly maxInFlightRequests: number;
  readonly maxResponseBytes: number;
  /** Whether ApiVersions tells brokers of 4.4 and newer which cluster and node we mean to talk to (KIP-1242). */
  readonly clusterCheck: boolean;
}
