import type { Anomalies } from "./anomalies.ts";
import type { PartitionLog } from "./partition-log.ts";
import type { LedgerTopic, RecordsLedger } from "./records-ledger.ts";

/** What the checks share: where records were found. */
export interface Findings {
  readonly ledger: RecordsLedger;
  /** By the number of the partition, through all topics. */
  readonly logs: readonly PartitionLog[];
  /** Topics of partitions. */
  readonly topics: readonly LedgerTopic[];
  readonly anomalies: Anomalies;
  readonly allowed: Anomalies;
  isVisible(id: number): boolean;
  isPresent(id: number): boolean;
  /** Partition, numbered through, and lowest offset at which it was found. */
  placeOf(id: number): readonly [partition: number, offset: number];
}
