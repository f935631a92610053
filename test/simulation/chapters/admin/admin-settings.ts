import type { AdminOptions } from "../../../../src/client/config/admin-config.ts";
import type { Dice } from "../../world/dice.ts";
import type { World } from "../../world/world.ts";

/** Where nobody listens. */
const DEAD_SERVER = "127.0.0.1:1";

/** Options as unlike each other as users' are. */
export function drawAdminOptions({ broker, scenario }: World, dice: Dice, clientId: string): AdminOptions {
  const servers = broker.bootstrapServers.split(",");
  const requestTimeoutMs = dice.pick([300, 1000, 3000, 10_000, 30_000]);
  const retryBackoffMs = dice.pick([20, 50, 100, 300]);
  const reconnectBackoffMs = dice.pick([20, 50, 100]);
  const socketConnectionSetupTimeoutMs = dice.pick([500, 2000, 10_000]);
  return {
    clientId,
    bootstrapServers: [...dice.some(servers, dice.between(1, servers.length)), ...(dice.chance(0.2) ? [DEAD_SERVER] : [])],
    apiVersion: dice.chance(0.9) ? "auto" : scenario.release,
    requestTimeoutMs,
    defaultApiTimeoutMs: requestTimeoutMs + dice.pick([0, 5000, 60_000]),
    bootstrapTimeoutMs: dice.pick([1000, 5000, 30_000]),
    retryBackoffMs,
    retryBackoffMaxMs: dice.pick([500, 1000, 5000]),
    reconnectBackoffMs,
    reconnectBackoffMaxMs: dice.pick([300, 2000, 10_000]),
    socketConnectionSetupTimeoutMs,
    socketConnectionSetupTimeoutMaxMs: socketConnectionSetupTimeoutMs * dice.pick([1, 3]),
    connectionsMaxIdleMs: requestTimeoutMs + dice.pick([1, 1000, 540_000]),
    metadataMaxAgeMs: dice.pick([1000, 5000, 60_000, 300_000]),
    metadataRecoveryStrategy: dice.chance(0.8) ? "rebootstrap" : "none",
    metadataRecoveryRebootstrapTriggerMs: dice.pick([2000, 20_000, 300_000]),
    maxInFlightRequestsPerConnection: dice.pick([1, 2, 5, 100]),
  };
}

/** How long finding back may take after the last fault: one round of whatever the client may be waiting for, and some. */
export function recoveryLimitMs(options: AdminOptions): number {
  const { requestTimeoutMs = 0, reconnectBackoffMaxMs = 0, retryBackoffMaxMs = 0, socketConnectionSetupTimeoutMaxMs = 0 } = options;
  return 2 * (requestTimeoutMs + 2 * reconnectBackoffMaxMs + 2 * retryBackoffMaxMs + socketConnectionSetupTimeoutMaxMs) + SLACK_MS;
}

/** The longest throttle times a few. */
const SLACK_MS = 15_000;
