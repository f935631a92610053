// Holds what lies in the logs against what producers were told.

import { Anomalies } from "./anomalies.ts";
import { bytes, type Column, doubles, words } from "./column.ts";
import { checkCopies } from "./copies.ts";
import type { Findings } from "./findings.ts";
import { checkOrder } from "./order.ts";
import { PartitionLog } from "./partition-log.ts";
import { ANY_PARTITION, decodeValue, type RecordValue } from "./record-value.ts";
import { type LedgerTopic, OUTCOMES, type RecordsLedger } from "./records-ledger.ts";
import { checkTransactions } from "./transactions.ts";

export type Isolation = "uncommitted" | "committed";

export interface CheckerOptions {
  /** How the logs were read to their ends. Both, unless said otherwise; what was read in no other way cannot be judged in it. */
  readonly isolations?: readonly Isolation[];
  /** Topics whose records were to be copied, each record once; every record that can be seen must have been copied. */
  readonly copied?: readonly LedgerTopic[];
}

export interface Verdict {
  readonly anomalies: Anomalies;
  /** What producers that are not held to it have lost, doubled, reordered. */
  readonly allowed: Anomalies;
  readonly records: number;
  /** Different records that were found. */
  readonly present: number;
  /** Statements about records, transactions and copies that were found to be true. */
  readonly facts: number;
}

const SEEN: Readonly<Record<Isolation, number>> = { uncommitted: 1, committed: 2 };

/** Give it every record of every log, in any order, as often as one likes, and ask for the verdict. */
export class RecordsChecker implements Findings {
  readonly ledger: RecordsLedger;
  readonly logs: readonly PartitionLog[];
  readonly topics: readonly LedgerTopic[];
  readonly anomalies: Anomalies = new Anomalies();
  readonly allowed: Anomalies = new Anomalies();
  readonly #isolations: ReadonlySet<Isolation>;
  readonly #copied: readonly LedgerTopic[];
  readonly #seen: Column = bytes();
  readonly #foundPartition: Column = words();
  readonly #foundOffset: Column = doubles();
  readonly #value: RecordValue = { run: 0, id: 0, topic: 0, partition: 0, producer: 0, transaction: 0 };

  /** The ledger must have all topics by now; its records may still come. */
  constructor(ledger: RecordsLedger, { isolations = ["uncommitted", "committed"], copied = [] }: CheckerOptions = {}) {
    this.ledger = ledger;
    this.topics = ledger.topics.flatMap((topic) => Array.from({ length: topic.partitions }, () => topic));
    this.logs = this.topics.map(() => new PartitionLog());
    this.#isolations = new Set(isolations);
    this.#copied = copied;
  }

  /** A record that somebody has read. */
  saw(isolation: Isolation, topic: LedgerTopic, partition: number, offset: number, bytesOfValue: Uint8Array): void {
    const { ledger, anomalies } = this;
    const value = this.#value;
    if (!decodeValue(bytesOfValue, value)) {
      const text = (): string => JSON.stringify(Buffer.from(bytesOfValue).toString("latin1"));
      anomalies.add("corrupt", () => `at ${topic.name}-${partition}@${offset}: ${text()}`);
      return;
    }
    const { id, run } = value;
    if (run !== ledger.run || id >= ledger.records) {
      anomalies.add("unknown", () => `at ${topic.name}-${partition}@${offset}: record ${id} of run ${run}`);
      return;
    }
    this.#place(isolation, topic, partition, offset, id);
    if (this.#isAsSent(value)) return;
    anomalies.add(
      "corrupt",
      () => `at ${topic.name}-${partition}@${offset}: not the value that was made for ${ledger.describe(id)}`,
    );
  }

  isVisible(id: number): boolean {
    return (this.#seen.at(id) & SEEN.committed) !== 0;
  }

  isPresent(id: number): boolean {
    return this.#seen.at(id) !== 0;
  }

  placeOf(id: number): readonly [partition: number, offset: number] {
    return [this.#foundPartition.at(id), this.#foundOffset.at(id)];
  }

  /** Once, after everything was seen. */
  verdict(): Verdict {
    const { ledger, anomalies, allowed } = this;
    let present = 0;
    let facts = 0;
    for (let id = 0; id < ledger.records; id++) {
      if (this.isPresent(id)) present++;
      if (this.#checkOutcome(id)) facts++;
    }
    checkOrder(this);
    if (this.#isolations.has("committed")) facts += checkTransactions(this);
    facts += checkCopies(this, this.#copied);
    anomalies.addAll(ledger.anomalies);
    return { anomalies, allowed, records: ledger.records, present, facts };
  }

  #place(isolation: Isolation, topic: LedgerTopic, partition: number, offset: number, id: number): void {
    const { ledger, anomalies } = this;
    const seen = this.#seen.at(id);
    this.#seen.set(id, seen | SEEN[isolation]);
    const wanted = ledger.partitionOf(id);
    const place = topic.firstPartition + partition;
    const log = this.logs[place];
    if (log === undefined || ledger.topicOf(id) !== topic.index || (wanted !== ANY_PARTITION && wanted !== partition))
      anomalies.add("misrouted", () => `${ledger.describe(id)}, lies at ${topic.name}-${partition}@${offset}`);
    const there = log?.at(offset) ?? -1;
    if (there === id) return;
    if (there >= 0) {
      const names = (): string => `record ${there}, and ${ledger.describe(id)}`;
      anomalies.add("inconsistent-offsets", () => `at ${topic.name}-${partition}@${offset}: ${names()}`);
      return;
    }
    log?.put(offset, id);
    if (seen === 0) this.#foundAt(id, place, offset);
    else this.#foundAgain(id, place, offset);
  }

  #foundAt(id: number, place: number, offset: number): void {
    this.#foundPartition.set(id, place);
    this.#foundOffset.set(id, offset);
  }

  #foundAgain(id: number, place: number, offset: number): void {
    const { ledger, anomalies, allowed } = this;
    const [firstPlace, firstOffset] = this.placeOf(id);
    const doubled = ledger.promisesOf(id).idempotent ? anomalies : allowed;
    const places = (): string => `${this.#nameOf(firstPlace)}@${firstOffset} and at ${this.#nameOf(place)}@${offset}`;
    doubled.add("doubled", () => `${ledger.describe(id)}, lies at ${places()}`);
    if (firstPlace === place && firstOffset > offset) this.#foundAt(id, place, offset);
  }

  #isAsSent({ id, topic, partition, producer, transaction }: RecordValue): boolean {
    const { ledger } = this;
    return (
      ledger.topicOf(id) === topic &&
      ledger.partitionOf(id) === partition &&
      ledger.producerOf(id) === producer &&
      ledger.transactionOf(id) === transaction
    );
  }

  /** Whether what its producer was told is so. */
  #checkOutcome(id: number): boolean {
    const { ledger, anomalies } = this;
    const outcome = ledger.outcomeOf(id);
    if (outcome === OUTCOMES.acknowledged) return this.#checkAcknowledged(id);
    if (outcome === OUTCOMES.notPersisted && this.isPresent(id)) {
      anomalies.add("np-but-present", () => `${ledger.describe(id)}, lies at ${this.#whereIs(id)}`);
      return false;
    }
    if (outcome === OUTCOMES.unanswered && !ledger.isAbandoned(id)) {
      anomalies.add("callback-count", () => ledger.describe(id));
      return false;
    }
    return outcome === OUTCOMES.notPersisted;
  }

  #checkAcknowledged(id: number): boolean {
    const { ledger, anomalies, allowed } = this;
    if (!this.isPresent(id)) {
      if (!this.#mustBeThere(id)) return false;
      const lost = ledger.promisesOf(id).acks === "all" ? anomalies : allowed;
      lost.add("lost", () => ledger.describe(id));
      return false;
    }
    const offset = ledger.ackOffsetOf(id);
    const place = (ledger.topics[ledger.topicOf(id)]?.firstPartition ?? 0) + ledger.ackPartitionOf(id);
    const [found] = this.placeOf(id);
    const isThere = offset < 0 ? found === place : this.logs[place]?.at(offset) === id;
    if (!isThere) anomalies.add("ack-offset-mismatch", () => `${ledger.describe(id)}, lies at ${this.#whereIs(id)}`);
    return isThere;
  }

  /** Those who read what is committed never see the rest. */
  #mustBeThere(id: number): boolean {
    if (this.#isolations.has("uncommitted")) return true;
    const transaction = this.ledger.transactionOf(id);
    return transaction === 0 || this.ledger.endOf(transaction) === "committed";
  }

  #whereIs(id: number): string {
    const [place, offset] = this.placeOf(id);
    return `${this.#nameOf(place)}@${offset}`;
  }

  #nameOf(place: number): string {
    const topic = this.topics[place];
    return topic === undefined ? "a partition that there is not" : `${topic.name}-${place - topic.firstPartition}`;
  }
}
