import type { KafkaRelease } from "../../protocol/index.ts";
import type { Logger, LogLevel } from "../telemetry/logger.ts";
import type { ServerAddress } from "./bootstrap-servers.ts";
import type { Resolved } from "./setting.ts";

/** Options that every client has. Leaving one out, or giving undefined, takes its default; docs/configuration.md lists them all. */
export interface ConnectionOptions {
  /** Where to ask for the cluster: `host`, `host:port` or `[::1]:9092`, several with commas between or as a list; one that answers is enough. */
  readonly bootstrapServers?: string | readonly string[] | undefined;
  /** The name under which brokers know this client: in their logs, quotas and metrics. */
  readonly clientId?: string | undefined;
  /** Which release of Kafka the brokers are taken for; `'auto'` asks each of them. */
  readonly apiVersion?: "auto" | KafkaRelease | `${KafkaRelease}.${number}` | readonly number[] | undefined;
  /** How long a request may wait for its answer. */
  readonly requestTimeoutMs?: number | undefined;
  /** How long a call may take in all, with its retries, unless it is given a time of its own. */
  readonly defaultApiTimeoutMs?: number | undefined;
  /** How long the first connection to the cluster may take, before the call that needed it fails with a BootstrapError. */
  readonly bootstrapTimeoutMs?: number | undefined;
  /** The pause before a request that failed is sent again; it doubles with every failure. */
  readonly retryBackoffMs?: number | undefined;
  /** The longest pause between two tries of a request. */
  readonly retryBackoffMaxMs?: number | undefined;
  /** The pause before connecting again to a broker that could not be reached; it doubles with every failure. */
  readonly reconnectBackoffMs?: number | undefined;
  /** The longest pause between two tries to connect to a broker. */
  readonly reconnectBackoffMaxMs?: number | undefined;
  /** How long connecting may take, the TLS handshake included; it doubles with every failure. */
  readonly socketConnectionSetupTimeoutMs?: number | undefined;
  /** The longest that connecting may take, however often it has failed. */
  readonly socketConnectionSetupTimeoutMaxMs?: number | undefined;
  /** After how long without use a connection is closed. */
  readonly connectionsMaxIdleMs?: number | undefined;
  /** After how long what is known of the cluster is asked for again, although nothing seems to have changed. */
  readonly metadataMaxAgeMs?: number | undefined;
  /** Whether to begin again with the bootstrap servers when none of the brokers known from metadata can be reached (KIP-899). */
  readonly metadataRecoveryStrategy?: "rebootstrap" | "none" | undefined;
  /** After how long without fresh metadata to begin again with the bootstrap servers (KIP-1102). */
  readonly metadataRecoveryRebootstrapTriggerMs?: number | undefined;
  /** Whether to tell brokers of 4.4 and newer which cluster and node is meant, so that a wrong one refuses (KIP-1242). */
  readonly metadataClusterCheckEnable?: boolean | undefined;
  /** Whether to try all addresses of a name in turn, or to replace each bootstrap server by the canonical names of its addresses first. */
  readonly clientDnsLookup?: "use_all_dns_ips" | "resolve_canonical_bootstrap_servers_only" | undefined;
  /** How many requests may wait for their answers on one connection. */
  readonly maxInFlightRequestsPerConnection?: number | undefined;
  /** The largest answer that is accepted; one that announces to be larger ends its connection. */
  readonly receiveMessageMaxBytes?: number | undefined;
  /** Where to log what happens, such as `console`; without it and `logLevel` nothing is logged. */
  readonly logger?: Logger | undefined;
  /** How important an event has to be to be logged; without a `logger`, this logs to the standard error output. */
  readonly logLevel?: LogLevel | undefined;
  /** Whether requests and connections are counted for `metrics()`. */
  readonly metricsEnabled?: boolean | undefined;
  /** How many windows rates and averages are taken over. */
  readonly metricsNumSamples?: number | undefined;
  /** How long such a window is. */
  readonly metricsSampleWindowMs?: number | undefined;
  /** Never settable: the size of the socket's send buffer. */
  readonly sendBufferBytes?: number | undefined;
  /** Never settable: the size of the socket's receive buffer. */
  readonly receiveBufferBytes?: number | undefined;
}

export type ConnectionConfig = Resolved<
  ConnectionOptions,
  {
    readonly bootstrapServers: readonly ServerAddress[];
    readonly apiVersion: "auto" | KafkaRelease;
    readonly logger: Logger | undefined;
    readonly logLevel: LogLevel | undefined;
    readonly sendBufferBytes: number | undefined;
    readonly receiveBufferBytes: number | undefined;
  }
>;
