// What must not be, counted by its name.

/** Each with what it means; README.md says more. */
export const ANOMALIES = {
  lost: "acknowledged, and not in the log",
  doubled: "one record at two offsets",
  reordered: "a record lies behind one that its producer has sent later",
  "ack-offset-mismatch": "another record, or none, lies where this one was acknowledged",
  misrouted: "in a topic or partition that it was not sent to",
  corrupt: "not the bytes that were sent",
  unknown: "in the log, and never sent",
  "inconsistent-offsets": "two records at one offset",
  "np-but-present": "failed as not persisted, and is in the log",
  "callback-count": "not exactly one answer to a send",
  "callback-order": "answered before an earlier record of the same partition",
  hidden: "in the log, and never shown to those who read what is committed",
  "aborted-visible": "of a transaction that was aborted or never ended, and shown as committed",
  "torn-transaction": "a transaction of which only a part is shown as committed",
  "eos-copy": "an input that was not copied exactly once and in order",
} as const;

export type AnomalyKind = keyof typeof ANOMALIES;

export interface Anomaly<Kind extends string = AnomalyKind> {
  readonly kind: Kind;
  readonly what: string;
}

const MOST_TOLD = 20;

/** Counts all, tells the first of each kind. */
export class Anomalies<Kind extends string = AnomalyKind> {
  readonly counts: Map<Kind, number> = new Map();
  readonly told: Anomaly<Kind>[] = [];

  add(kind: Kind, describe: () => string): void {
    const count = (this.counts.get(kind) ?? 0) + 1;
    this.counts.set(kind, count);
    if (count <= MOST_TOLD) this.told.push({ kind, what: describe() });
  }

  addAll(others: Anomalies<Kind>): void {
    for (const [kind, count] of others.counts) this.counts.set(kind, (this.counts.get(kind) ?? 0) + count);
    this.told.push(...others.told);
  }

  get total(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }
}
