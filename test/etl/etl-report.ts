/** What a run has come to, for people, and whether that is as it must be. */
import type { EtlAnomaly } from "./etl-checker.ts";
import type { EtlResult } from "./etl-run.ts";

export interface EtlCheck {
  readonly rule: string;
  readonly isKept: boolean;
  readonly figures: string;
}

const RULES: Readonly<Record<EtlAnomaly, string>> = {
  lost: "nothing is lost",
  doubled: "nothing is doubled",
  reordered: "the records of a key stay in order",
  strange: "nothing comes that was not sent",
};

export function checksOf(result: EtlResult): readonly EtlCheck[] {
  const { findings, failures, reports, acts } = result;
  const aborted = sum(reports.map((report) => report.aborted));
  const rebalances = sum(reports.map((report) => report.rebalances));
  return [
    ...findings.map(({ anomaly, count, examples }) => ({
      rule: RULES[anomaly],
      isKept: count === 0,
      figures: [String(count), ...examples].join("; "),
    })),
    { rule: "nobody fails in any other way", isKept: failures.length === 0, figures: failures.join("; ") || "0" },
    {
      rule: "it was not easy",
      isKept: aborted > 0 && rebalances > 0 && acts > 0,
      figures: `${acts} acts, ${aborted} aborted transactions, ${rebalances} rebalances`,
    },
  ];
}

export function figuresOf({ arrived, members, reports, acts, blows, tookMs }: EtlResult): readonly string[] {
  const of = (field: "committed" | "aborted" | "renewed" | "rebalances"): number => sum(reports.map((report) => report[field]));
  const troubles = new Map<string, number>();
  for (const report of reports)
    for (const [code, count] of Object.entries(report.troubles)) troubles.set(code, (troubles.get(code) ?? 0) + count);
  const named = [...troubles].map(([code, count]) => `${count} × ${code}`).join(", ");
  const seconds = tookMs / 1000;
  return [
    `${arrived} records in ${seconds.toFixed(1)} s (${Math.round(arrived / seconds)} a second)`,
    `${members} members, to whom ${acts} things happened; ${blows} blows to brokers`,
    `of those who could tell: ${of("committed")} transactions committed, ${of("aborted")} aborted; ${of("rebalances")} rebalances`,
    `begun anew: ${of("renewed")}${named === "" ? "" : ` (${named})`}`,
  ];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
