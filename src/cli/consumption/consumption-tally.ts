import type { ReadRecord } from "./record-writer.ts";

/** What was read. */
export class ConsumptionTally {
  /** Read, whether they were wanted or not. */
  records = 0;
  /** Of their keys and values. */
  bytes = 0;
  /** Printed. */
  printed = 0;

  read({ serializedKeySize, serializedValueSize }: ReadRecord): void {
    this.records++;
    this.bytes += Math.max(0, serializedKeySize) + Math.max(0, serializedValueSize);
  }
}
