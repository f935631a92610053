import { ANOMALIES } from "../../../support/records-checker/anomalies.ts";
import type { ProduceChaosResult } from "./produce-chaos.ts";
import type { RecordStream } from "./record-stream.ts";
import type { TransactionalProducer } from "./transactional-producer.ts";

/** What a run has shown, line by line; the last one says how many passed. */
export function figuresOf(result: ProduceChaosResult): readonly string[] {
  const { ledger, verdict, blows, streams, transactional, sentForMs, deliveries, proofs } = result;
  const missed = proofs.filter(({ isFound }) => !isFound).length;
  const violations = violationsOf(result);
  const count = (outcome: "acknowledged" | "notPersisted" | "possiblyPersisted"): number => ledger.countOf(outcome);
  const doubts = `${count("notPersisted")} not persisted, ${count("possiblyPersisted")} possibly persisted`;
  const streamed = streams.reduce((sum, { sent }) => sum + sent, 0);
  return [
    `${ledger.records} records: ${count("acknowledged")} acknowledged, ${doubts}; ${verdict.present} in the logs`,
    `${streamed} of them by streams in ${(sentForMs / 1000).toFixed(1)} s, ${Math.round((streamed * 1000) / sentForMs)} a second`,
    ...deliveries.failures.lines().map((line) => `  ${line}`),
    ...streams.map(streamLine),
    ...latencyLines(result),
    `blows: ${blowCounts(result)}; each with the longest time without any acknowledgement:`,
    ...blows.map(({ what, struckMs, healedMs }) => `  ${what}: ${deliveries.all.longestGapMs(struckMs, healedMs)} ms`),
    ...transactional.flatMap(transactionLines),
    `the producer that is not idempotent: ${[...verdict.allowed.counts].map(([kind, times]) => `${times} ${kind}`).join(", ") || "nothing doubled"}`,
    ...proofs.map(({ kind, plant, isFound, what }) => `  ${isFound ? "found" : "NOT FOUND"}: ${plant}: ${kind}: ${what}`),
    ...violations.map((violation) => `  VIOLATION: ${violation}`),
    `${verdict.facts + proofs.length - missed} passed, ${verdict.anomalies.total + deliveries.violations.length + missed} failed`,
  ];
}

export function violationsOf({ deliveries, verdict }: ProduceChaosResult): readonly string[] {
  const counts = [...verdict.anomalies.counts].map(([kind, times]) => `${times} ${kind} (${ANOMALIES[kind]})`);
  return [...deliveries.violations, ...counts, ...verdict.anomalies.told.map(({ kind, what }) => `${kind}: ${what}`)];
}

function streamLine({ init, sent }: RecordStream): string {
  const { name } = init.member;
  const { compression = "none", lingerMs, batchSize } = init.options;
  const retried = init.producer.metrics()["producer-metrics"]?.["record-retry-total"] ?? 0;
  return `  ${name} (${compression}, linger ${lingerMs} ms, batches of ${batchSize}): ${sent} sent, ${retried} retried`;
}

function latencyLines({ deliveries }: ProduceChaosResult): readonly string[] {
  const { patient, all } = deliveries;
  const ms = (share: number): string => patient.quantile(share).toFixed(patient.quantile(share) < 10 ? 1 : 0);
  const { partition, ms: longest } = all.longestOfPartition;
  return [
    `ms until acknowledged: p50 ${ms(0.5)}, p90 ${ms(0.9)}, p99 ${ms(0.99)}, slowest ${Math.round(patient.slowestMs)}`,
    `longest time that a partition acknowledged nothing: ${Math.round(longest)} ms (${partition})`,
  ];
}

function blowCounts({ blows }: ProduceChaosResult): string {
  const counts = new Map<string, number>();
  for (const { name } of blows) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, times]) => `${times} ${name}`).join(", ") || "none";
}

function transactionLines({ init, ends, troubles, takenOver }: TransactionalProducer): readonly string[] {
  const { committed, aborted, unknown } = ends;
  return [
    `  ${init.member.name}: ${committed} transactions committed, ${aborted} aborted, ${unknown} unknown, taken over ${Math.max(0, takenOver)} times`,
    ...troubles.lines().map((line) => `    ${line}`),
  ];
}
