import type { SeatInit } from "./seat.ts";

/** G12: nothing is lost yet, and it is nobody's fault but the handler's: he who wrote it has to know before something is. */
export function warnOfStall(
  { groupId, config, telemetry }: Pick<SeatInit, "groupId" | "config" | "telemetry">,
  forMs: number,
): void {
  const { sessionTimeoutMs } = config;
  const stoodStillMs = Math.round(forMs);
  telemetry.warning(
    "EVENT_LOOP_STALLED",
    `group '${groupId}': the event loop stood still for ${stoodStillMs} ms, and no heartbeat was sent; after ${sessionTimeoutMs} ms ` +
      "(sessionTimeoutMs) others get what this consumer holds",
    { stoodStillMs, sessionTimeoutMs },
  );
}
