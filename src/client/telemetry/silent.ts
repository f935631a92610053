import type { Telemetry } from "./telemetry.ts";

const nothing = (): void => undefined;

/** For parts that are used alone, as in tests. */
export const silentTelemetry: Telemetry = Object.freeze({
  connecting: nothing,
  connected: nothing,
  connectFailed: nothing,
  disconnected: nothing,
  requestSent: nothing,
  responseReceived: nothing,
  requestFailed: nothing,
  metadataUpdated: nothing,
  metadataFailed: nothing,
  rebootstrapping: nothing,
  warning: nothing,
});
