import { describe, expect, it } from "vitest";
import { type AdminOptions, resolveAdminConfig } from "./admin-config.ts";
import { resolveConsumerConfig } from "./consumer-config.ts";
import { clusterSettingsFrom, connectionSettingsFrom, metricsSettingsFrom } from "./core-settings.ts";

/** Every number another one, so that none can stand in for its neighbour. */
const options: AdminOptions = {
  bootstrapServers: "a:1",
  clientId: "me",
  apiVersion: "2.8",
  requestTimeoutMs: 1001,
  defaultApiTimeoutMs: 1002,
  bootstrapTimeoutMs: 1003,
  retryBackoffMs: 104,
  retryBackoffMaxMs: 1005,
  reconnectBackoffMs: 106,
  reconnectBackoffMaxMs: 1007,
  socketConnectionSetupTimeoutMs: 108,
  socketConnectionSetupTimeoutMaxMs: 1009,
  connectionsMaxIdleMs: 1010,
  metadataMaxAgeMs: 1011,
  metadataRecoveryStrategy: "none",
  metadataRecoveryRebootstrapTriggerMs: 1012,
  metadataClusterCheckEnable: false,
  clientDnsLookup: "resolve_canonical_bootstrap_servers_only",
  maxInFlightRequestsPerConnection: 13,
  receiveMessageMaxBytes: 1014,
  metricsEnabled: false,
  metricsNumSamples: 15,
  metricsSampleWindowMs: 1016,
};

describe("what connections and the cluster get of a configuration", () => {
  const config = resolveAdminConfig(options);

  it("connections", () => {
    const tls = { ca: undefined, checkHostname: true, serverName: undefined };
    expect(connectionSettingsFrom(config, tls)).toEqual({
      clientId: "me",
      tls,
      apiVersion: "2.8",
      requestTimeoutMs: 1001,
      setupTimeoutMs: 108,
      setupTimeoutMaxMs: 1009,
      reconnectBackoffMs: 106,
      reconnectBackoffMaxMs: 1007,
      connectionsMaxIdleMs: 1010,
      maxInFlightRequests: 13,
      maxResponseBytes: 1014,
      clusterCheck: false,
    });
  });

  it("the cluster", () => {
    expect(clusterSettingsFrom(config)).toEqual({
      bootstrapServers: [{ host: "a", port: 1 }],
      clientDnsLookup: "resolve_canonical_bootstrap_servers_only",
      bootstrapTimeoutMs: 1003,
      metadataMaxAgeMs: 1011,
      retryBackoffMs: 104,
      retryBackoffMaxMs: 1005,
      defaultApiTimeoutMs: 1002,
      metadataRecoveryStrategy: "none",
      rebootstrapTriggerMs: 1012,
      allowAutoCreateTopics: false,
    });
    expect(clusterSettingsFrom(resolveConsumerConfig({})).allowAutoCreateTopics).toBe(true);
  });

  it("metrics", () => {
    expect(metricsSettingsFrom(config)).toEqual({ enabled: false, numSamples: 15, sampleWindowMs: 1016 });
  });
});
