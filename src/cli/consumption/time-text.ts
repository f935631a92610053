/** Later than this no JavaScript date is. */
const LATEST_MS = 8_640_000_000_000_000;

/** A record's timestamp for people. */
export function timeText(timestampMs: number): string {
  if (timestampMs < 0) return "no time";
  return timestampMs <= LATEST_MS ? new Date(timestampMs).toISOString() : `@${timestampMs}`;
}
