import { Cluster } from "../../../../src/client/cluster/cluster.ts";
import { type AdminOptions, resolveAdminConfig } from "../../../../src/client/config/admin-config.ts";
import { clusterSettingsFrom, connectionSettingsFrom } from "../../../../src/client/config/core-settings.ts";
import { ConnectionPool } from "../../../../src/client/connection/connection-pool.ts";
import { ClosedError } from "../../../../src/client/errors.ts";
import type { Runtime } from "../../../../src/client/runtime.ts";
import { silentTelemetry } from "../../../../src/client/telemetry/silent.ts";

/** What all clients stand on, and nothing on top of it: its view of the cluster can be looked at. */
export class ClusterClient {
  readonly cluster: Cluster;
  readonly #pool: ConnectionPool;

  constructor(options: AdminOptions, runtime: Runtime) {
    const config = resolveAdminConfig(options);
    const telemetry = silentTelemetry;
    this.#pool = new ConnectionPool({ settings: connectionSettingsFrom(config, undefined), runtime, telemetry });
    this.cluster = new Cluster({ settings: clusterSettingsFrom(config), pool: this.#pool, runtime, telemetry });
  }

  close(): Promise<void> {
    const reason = new ClosedError("the client");
    this.cluster.close(reason);
    this.#pool.close(reason);
    return Promise.resolve();
  }
}
