import { UsageError } from "../usage-error.ts";

/** Where in a topic reading begins or ends, as it is said on the command line. */
export type Place =
  | { readonly kind: "beginning" }
  | { readonly kind: "end" }
  /** An offset, the same in every partition. */
  | { readonly kind: "offset"; readonly offset: number }
  /** So many records before the end of each partition. */
  | { readonly kind: "before the end"; readonly records: number }
  /** The first record of that time or later. */
  | { readonly kind: "time"; readonly timestampMs: number };

const UNITS_MS: ReadonlyMap<string, number> = new Map([
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
]);

/**
 * `beginning`, `end`, `42`, `-10`, `@1700000000000`, `15m` (ago), `2026-05-01`, `2026-05-01T12:00:00Z`.
 *
 * @param option whose value it is
 * @throws UsageError for anything else
 */
export function placeFrom(option: string, text: string, nowMs: number): Place {
  if (text === "beginning" || text === "end") return { kind: text };
  if (/^-?\d+$/.test(text)) return offsetFrom(option, text);
  const timestampMs = timeFrom(text, nowMs);
  if (timestampMs !== undefined) return { kind: "time", timestampMs };
  throw new UsageError(
    `${option} takes beginning, end, an offset, -N (N before the end), a time (2026-05-01T12:00:00Z, @MILLISECONDS) or how long ago (15m), not '${text}'`,
  );
}

function offsetFrom(option: string, text: string): Place {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new UsageError(`${option}: there is no offset ${text}`);
  return text.startsWith("-") ? { kind: "before the end", records: -value } : { kind: "offset", offset: value };
}

function timeFrom(text: string, nowMs: number): number | undefined {
  const [, milliseconds] = /^@(\d{1,15})$/.exec(text) ?? [];
  if (milliseconds !== undefined) return Number(milliseconds);
  const [, count, unit = ""] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  if (count !== undefined) return Math.max(0, nowMs - Number(count) * (UNITS_MS.get(unit) ?? 0));
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) || time < 0 ? undefined : time;
}
