import { ACKNOWLEDGE_RENEW, type KafkaError } from "../../protocol/index.ts";
import type { AcknowledgementResult } from "./acknowledgement-result.ts";
import type { HandedRecords } from "./handed-records.ts";
import type { Lease } from "./lease.ts";
import type { OffsetRun } from "./offset-runs.ts";

/** What one broker is to be told of records that it has locked, and what becomes of that. */
export class Acknowledgement {
  readonly lease: Lease;
  readonly runs: readonly OffsetRun[];
  /** Those that somebody had in hand. */
  readonly offsets: readonly number[];
  /** What is handed out again when the broker has renewed the locks. */
  readonly renewed: HandedRecords | undefined;
  /** Undefined when the broker has taken it; never rejects. */
  readonly outcome: Promise<KafkaError | undefined>;
  #settle: (error: KafkaError | undefined) => void = () => undefined;

  constructor(lease: Lease, runs: readonly OffsetRun[], offsets: readonly number[], renewed?: HandedRecords) {
    this.lease = lease;
    this.runs = runs;
    this.offsets = offsets;
    this.renewed = renewed;
    this.outcome = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  get isRenewal(): boolean {
    return this.runs.some(({ type }) => type === ACKNOWLEDGE_RENEW);
  }

  /** Counts once. */
  settle(error: KafkaError | undefined): void {
    this.#settle(error);
  }

  result(error: KafkaError | undefined): AcknowledgementResult {
    const { lease, offsets } = this;
    return { topic: lease.topic, partition: lease.partition, offsets, error };
  }
}
