import { GROUP_ANOMALIES } from "./anomalies.ts";
import type { ConsumeChaosResult } from "./consume-chaos.ts";
import type { GroupVerdict } from "./group-checker.ts";

/** What must be found in the control groups. */
const PLANTED = { careless: "ahead", leaping: "skipped" } as const;
/** Of a kind. */
const MOST_SCENES = 3;

/** What a run has shown, line by line; the last one says how many passed. */
export function figuresOf(result: ConsumeChaosResult): readonly string[] {
  const { records, blows, acts, verdicts, notes } = result;
  const violations = violationsOf(result);
  const proofs = proofsOf(result);
  const missed = proofs.filter(({ isFound }) => !isFound).length;
  const facts = verdicts.reduce((sum, verdict) => sum + verdict.facts - verdict.anomalies.total, 0);
  const failures = verdicts.reduce((sum, { anomalies }) => sum + anomalies.total, 0) + result.violations.length + missed;
  return [
    `${records} records, read by ${verdicts.length} groups`,
    ...verdicts.map((verdict) => groupLine(verdict, notes)),
    `blows: ${listed(countsOf(blows.map(({ name }) => name)))}`,
    `members: ${listed(acts)}`,
    `noted: ${listed(new Map([...notes].filter(([what]) => !what.endsWith(": rebalanced"))))}`,
    ...proofs.map(({ isFound, what }) => `  ${isFound ? "found" : "NOT FOUND"}: ${what}`),
    ...violations.map((violation) => `  VIOLATION: ${violation}`),
    ...verdicts.flatMap(sceneLines),
    ...(result.kept === undefined ? [] : [`journals, commits and events are in ${result.kept}`]),
    `${facts + proofs.length - missed} passed, ${failures} failed`,
  ];
}

export function isPassed(result: ConsumeChaosResult): boolean {
  return violationsOf(result).length === 0 && proofsOf(result).every(({ isFound }) => isFound);
}

export function violationsOf({ verdicts, violations }: ConsumeChaosResult): readonly string[] {
  return [...violations, ...verdicts.flatMap(anomalyLines)];
}

interface ControlProof {
  readonly isFound: boolean;
  readonly what: string;
}

export function proofsOf({ controls }: ConsumeChaosResult): readonly ControlProof[] {
  return Object.entries(PLANTED).flatMap(([name, kind]) => {
    const verdict = controls.find(({ group }) => group === name);
    if (verdict === undefined) return [];
    const first = verdict.anomalies.told.find((anomaly) => anomaly.kind === kind)?.what ?? "nothing";
    const count = verdict.anomalies.counts.get(kind) ?? 0;
    return [{ isFound: count > 0, what: `${name}: ${count} ${kind}: ${first}` }];
  });
}

/** What happened around the first of each kind. */
function sceneLines({ group, anomalies, scenes }: GroupVerdict): readonly string[] {
  return [...anomalies.counts.keys()].flatMap((kind) =>
    anomalies.told
      .filter((anomaly) => anomaly.kind === kind && scenes.has(anomaly.what))
      .slice(0, MOST_SCENES)
      .flatMap(({ what }) => [`  ${group}: ${kind}: ${what}`, ...(scenes.get(what) ?? []).map((line) => `    ${line}`)]),
  );
}

function groupLine({ group, handed, doubles, ownerships, commits }: GroupVerdict, notes: ReadonlyMap<string, number>): string {
  const rebalances = notes.get(`${group}: rebalanced`) ?? 0;
  const doubled = `${doubles} of them again that were not committed`;
  return `  ${group}: ${handed} handed out, ${doubled}; ${rebalances} rebalances of members, ${ownerships} ownerships, ${commits} commits`;
}

function anomalyLines({ group, anomalies }: GroupVerdict): readonly string[] {
  const counts = [...anomalies.counts].map(([kind, times]) => `${group}: ${times} ${kind} (${GROUP_ANOMALIES[kind]})`);
  return [...counts, ...anomalies.told.map(({ kind, what }) => `${group}: ${kind}: ${what}`)];
}

function countsOf(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

function listed(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([name, times]) => `${times} ${name}`).join(", ") || "none";
}
