import type { DealtBlow } from "../dealer.ts";
import type { AdminChaosResult } from "./admin-chaos.ts";
import { CHANGES } from "./caller.ts";
import type { CallRecord } from "./watched-calls.ts";

/** What a run has shown, line by line; the last one says how many passed. */
export function figuresOf({ calls, blows, topics, verdict }: AdminChaosResult): readonly string[] {
  const { records } = calls;
  const violations = violationsOf({ calls, verdict });
  const succeeded = records.filter(({ ending }) => ending === "succeeded").length;
  const cancelled = records.filter(({ ending }) => ending === "cancelled").length;
  const beyond = Math.max(...records.map(({ elapsedMs, timeoutMs }) => elapsedMs - timeoutMs));
  const states = ["there", "gone", "doubtful"].map((state) => `${topics.filter((topic) => topic.state === state).length} ${state}`);
  return [
    `${records.length} calls: ${succeeded} succeeded, ${records.length - succeeded - cancelled} failed, ${cancelled} cancelled by their callers`,
    ...failureLines(records),
    `ms: ${spread(records)}`,
    `ms while all was well: ${spread(records.filter((record) => !isDuring(record, blows)))}`,
    `ended at the latest ${Math.round(beyond)} ms after the deadline`,
    `${blows.length} blows, each with the longest time without any success, and without any successful change:`,
    ...blows.map((blow) => `  ${blow.what}: ${longestGapMs(records, blow)} ms, ${longestGapMs(records.filter(isChange), blow)} ms`),
    `topics: ${states.join(", ")}; ${verdict.facts} facts found as acknowledged, ${verdict.echoes.length} undone by echoes`,
    ...verdict.echoes.map((echo) => `  echo: ${echo}`),
    ...violations.map((violation) => `  VIOLATION: ${violation}`),
    `${records.length + verdict.facts - calls.violations.length} passed, ${violations.length} failed`,
  ];
}

export function violationsOf({ calls, verdict }: Pick<AdminChaosResult, "calls" | "verdict">): readonly string[] {
  return [...calls.violations, ...verdict.violations];
}

function failureLines(records: readonly CallRecord[]): readonly string[] {
  const counts = new Map<string, Map<string, number>>();
  for (const { kind, ending } of records) {
    if (typeof ending === "string") continue;
    const kinds = counts.get(ending.code) ?? new Map<string, number>();
    counts.set(ending.code, kinds.set(kind, (kinds.get(kind) ?? 0) + 1));
  }
  const sum = (kinds: ReadonlyMap<string, number>): number => [...kinds.values()].reduce((total, count) => total + count, 0);
  return [...counts]
    .sort(([, one], [, other]) => sum(other) - sum(one))
    .map(([code, kinds]) => `  ${code}: ${sum(kinds)} (${[...kinds].map(([kind, count]) => `${kind} ${count}`).join(", ")})`);
}

function spread(records: readonly CallRecord[]): string {
  const sorted = records.map(({ elapsedMs }) => elapsedMs).sort((one, other) => one - other);
  const at = (share: number): number => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return `p50 ${at(0.5)}, p99 ${at(0.99)}, slowest ${at(1)}`;
}

function isDuring({ startedMs, elapsedMs }: CallRecord, blows: readonly DealtBlow[]): boolean {
  return blows.some(({ struckMs, healedMs }) => startedMs <= healedMs && startedMs + elapsedMs >= struckMs);
}

function isChange({ kind }: CallRecord): boolean {
  return CHANGES.has(kind);
}

function longestGapMs(records: readonly CallRecord[], { struckMs, healedMs }: DealtBlow): number {
  const ends = records
    .filter(({ ending }) => ending === "succeeded")
    .map(({ startedMs, elapsedMs }) => startedMs + elapsedMs)
    .filter((endMs) => endMs > struckMs && endMs < healedMs)
    .sort((one, other) => one - other);
  const times = [struckMs, ...ends, healedMs];
  return Math.round(Math.max(...times.slice(1).map((time, index) => time - (times[index] ?? time))));
}
