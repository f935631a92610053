/** What the cluster needs to know of the configuration. Names and defaults are those of docs/configuration.md. */
export interface ClusterSettings {
  /** `host:port`, parsed; never empty. */
  readonly bootstrapServers: readonly { readonly host: string; readonly port: number }[];
  readonly clientDnsLookup: "use_all_dns_ips" | "resolve_canonical_bootstrap_servers_only";
  readonly bootstrapTimeoutMs: number;
  readonly metadataMaxAgeMs: number;
  readonly retryBackoffMs: number;
  readonly retryBackoffMaxMs: number;
  /** What a public call may take in all, unless it says otherwise. */
  readonly defaultApiTimeoutMs: number;
  /** KIP-899/1102. */
  readonly metadataRecoveryStrategy: "rebootstrap" | "none";
  readonly rebootstrapTriggerMs: number;
  readonly allowAutoCreateTopics: boolean;
}
