import { bytes, type Column } from "./column.ts";
import type { Findings } from "./findings.ts";
import type { PartitionLog } from "./partition-log.ts";
import type { LedgerTopic } from "./records-ledger.ts";

/**
 * Each record that is shown in a copied topic has one copy that is shown; in every partition the copies of one partition lie in the
 * order of what they are copies of. Returns how many records were copied so.
 */
export function checkCopies(findings: Findings, copied: readonly LedgerTopic[]): number {
  const { ledger, logs, anomalies } = findings;
  if (copied.length === 0) return 0;
  const copies = bytes();
  for (const log of logs) checkOrderOfCopies(findings, log, copies);
  let exact = 0;
  for (const topic of copied) {
    for (const log of logs.slice(topic.firstPartition, topic.firstPartition + topic.partitions)) {
      log.each((_, id) => {
        if (!findings.isVisible(id)) return;
        const count = copies.at(id);
        if (count === 1) exact++;
        else anomalies.add("eos-copy", () => `${ledger.describe(id)}, was copied ${count} times`);
      });
    }
  }
  return exact;
}

/** And counts them. */
function checkOrderOfCopies(findings: Findings, log: PartitionLog, copies: Column): void {
  const { ledger, anomalies } = findings;
  /** By the partition that was copied: the latest offset. */
  const latest = new Map<number, number>();
  log.each((_, id) => {
    const input = ledger.copyOf(id);
    if (input < 0 || !findings.isVisible(id)) return;
    copies.set(input, Math.min(copies.at(input) + 1, 255));
    if (!findings.isVisible(input)) {
      anomalies.add("eos-copy", () => `${ledger.describe(id)}, is a copy of what is not shown: ${ledger.describe(input)}`);
      return;
    }
    const [place, offset] = findings.placeOf(input);
    const before = latest.get(place) ?? -1;
    if (offset > before) latest.set(place, offset);
    else anomalies.add("eos-copy", () => `${ledger.describe(id)}, lies behind a copy of a later record than ${input}`);
  });
}
