/** What connections and the cluster take of a client's configuration. */
import type { ClusterSettings } from "../cluster/cluster-settings.ts";
import type { ConnectionSettings } from "../connection/connection-settings.ts";
import type { TlsSettings } from "../connection/transport.ts";
import type { MetricsSettings } from "../telemetry/metrics/metrics-registry.ts";
import type { ConnectionConfig } from "./common-options.ts";

/** `tls` comes from `loadTls`, which reads files. */
export function connectionSettingsFrom(config: ConnectionConfig, tls: TlsSettings | undefined): ConnectionSettings {
  return Object.freeze({
    clientId: config.clientId,
    tls,
    apiVersion: config.apiVersion,
    requestTimeoutMs: config.requestTimeoutMs,
    setupTimeoutMs: config.socketConnectionSetupTimeoutMs,
    setupTimeoutMaxMs: config.socketConnectionSetupTimeoutMaxMs,
    reconnectBackoffMs: config.reconnectBackoffMs,
    reconnectBackoffMaxMs: config.reconnectBackoffMaxMs,
    connectionsMaxIdleMs: config.connectionsMaxIdleMs,
    maxInFlightRequests: config.maxInFlightRequestsPerConnection,
    maxResponseBytes: config.receiveMessageMaxBytes,
    clusterCheck: config.metadataClusterCheckEnable,
  });
}

/** Clients without the option (Admin) never create topics by asking for them. */
export function clusterSettingsFrom(config: ConnectionConfig & { readonly allowAutoCreateTopics?: boolean }): ClusterSettings {
  return Object.freeze({
    bootstrapServers: config.bootstrapServers,
    clientDnsLookup: config.clientDnsLookup,
    bootstrapTimeoutMs: config.bootstrapTimeoutMs,
    metadataMaxAgeMs: config.metadataMaxAgeMs,
    retryBackoffMs: config.retryBackoffMs,
    retryBackoffMaxMs: config.retryBackoffMaxMs,
    defaultApiTimeoutMs: config.defaultApiTimeoutMs,
    metadataRecoveryStrategy: config.metadataRecoveryStrategy,
    rebootstrapTriggerMs: config.metadataRecoveryRebootstrapTriggerMs,
    allowAutoCreateTopics: config.allowAutoCreateTopics ?? false,
  });
}

/** For a client's telemetry, beside its `logger` and `logLevel`. */
export function metricsSettingsFrom(config: ConnectionConfig): MetricsSettings {
  return Object.freeze({
    enabled: config.metricsEnabled,
    numSamples: config.metricsNumSamples,
    sampleWindowMs: config.metricsSampleWindowMs,
  });
}
