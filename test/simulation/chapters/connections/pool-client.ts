import { type AdminOptions, resolveAdminConfig } from "../../../../src/client/config/admin-config.ts";
import { connectionSettingsFrom } from "../../../../src/client/config/core-settings.ts";
import { ConnectionPool } from "../../../../src/client/connection/connection-pool.ts";
import { ClosedError } from "../../../../src/client/errors.ts";
import type { Runtime } from "../../../../src/client/runtime.ts";
import { silentTelemetry } from "../../../../src/client/telemetry/silent.ts";

/** Connections, and nothing on top of them: no retries, no view of the cluster. */
export class PoolClient {
  readonly pool: ConnectionPool;

  constructor(options: AdminOptions, runtime: Runtime) {
    const settings = connectionSettingsFrom(resolveAdminConfig(options), undefined);
    this.pool = new ConnectionPool({ settings, runtime, telemetry: silentTelemetry });
  }

  close(): Promise<void> {
    this.pool.close(new ClosedError("the client"));
    return Promise.resolve();
  }
}
