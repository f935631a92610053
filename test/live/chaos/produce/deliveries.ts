// Enters into the ledger what becomes of records, and watches how they fail.

import { KafkaError, type RecordMetadata } from "../../../../src/index.ts";
import type { LedgerTopic, RecordsLedger } from "../../../support/records-checker/records-ledger.ts";
import { AckTimes } from "./ack-times.ts";
import { Failures } from "./failures.ts";

/** What became of one record, to whoever has sent it. */
export type Settled = (error: unknown, metadata: RecordMetadata | undefined) => void;

const MOST_VIOLATIONS = 100;

export class Deliveries {
  readonly ledger: RecordsLedger;
  readonly startedMs: number = performance.now();
  /** Of producers that are held to everything and wait as long as it takes. */
  readonly patient: AckTimes = new AckTimes(this.startedMs);
  /** Of all. */
  readonly all: AckTimes = new AckTimes(this.startedMs);
  /** What must not happen, beyond what the log will tell. */
  readonly violations: string[] = [];
  /** How often records failed so, and the first of them. */
  readonly failures: Failures = new Failures();

  constructor(ledger: RecordsLedger) {
    this.ledger = ledger;
  }

  violation(text: string): void {
    if (this.violations.length < MOST_VIOLATIONS) this.violations.push(text);
  }

  /** For a record that is about to be sent. */
  watch(id: number, topic: LedgerTopic, isPatient: boolean): Settled {
    const sentMs = performance.now();
    return (error, metadata) => {
      if (metadata === undefined) this.failed(id, error);
      else this.#acknowledged(id, metadata, topic, isPatient ? [this.all, this.patient] : [this.all], sentMs);
    };
  }

  failed(id: number, error: unknown): void {
    const { ledger } = this;
    if (!(error instanceof KafkaError))
      this.violation(`${ledger.describe(id)}: failed with something that is no KafkaError: ${String(error)}`);
    else if (error.verdict === undefined) this.violation(`${ledger.describe(id)}: failed without a verdict: ${error.message}`);
    const { code, verdict = "possibly persisted" } = error instanceof KafkaError ? error : { code: "(untyped)" };
    const failure = `${code}, ${verdict}`;
    this.failures.add(failure, error);
    ledger.failed(id, verdict);
  }

  #acknowledged(id: number, metadata: RecordMetadata, topic: LedgerTopic, times: readonly AckTimes[], sentMs: number): void {
    const { partition, offset } = metadata;
    if (metadata.topic !== topic.name) this.violation(`${this.ledger.describe(id)}: acknowledged in ${metadata.topic}`);
    const nowMs = performance.now();
    for (const acks of times) acks.acknowledged(`${topic.name}-${partition}`, sentMs, nowMs);
    this.ledger.acknowledged(id, partition, offset);
  }
}
