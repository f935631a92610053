import type { Findings } from "./findings.ts";

/** In each partition the records of one producer lie as they were sent. What lies there twice counts where it lies first. */
export function checkOrder(findings: Findings): void {
  const { ledger, logs, topics, anomalies, allowed } = findings;
  for (const [place, log] of logs.entries()) {
    /** By producer. */
    const latest = new Map<number, number>();
    log.each((offset, id) => {
      const [firstPlace, firstOffset] = findings.placeOf(id);
      if (firstPlace !== place || firstOffset !== offset) return;
      const producer = ledger.producerOf(id);
      const before = latest.get(producer) ?? -1;
      if (before < id) {
        latest.set(producer, id);
        return;
      }
      const topic = topics[place];
      const where = `${topic?.name}-${place - (topic?.firstPartition ?? 0)}@${offset}`;
      const kept = ledger.promisesOf(id).idempotent ? anomalies : allowed;
      kept.add("reordered", () => `${ledger.describe(id)}, lies at ${where} behind record ${before}`);
    });
  }
}
