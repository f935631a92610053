// What producers have sent, and what they were told became of it.

import { Anomalies } from "./anomalies.ts";
import { bytes, type Column, doubles, shorts, words } from "./column.ts";
import { ANY_PARTITION, encodeValue } from "./record-value.ts";

export interface LedgerTopic {
  readonly index: number;
  readonly name: string;
  readonly partitions: number;
  /** Partitions of all topics are numbered through; this is the number of partition 0. */
  readonly firstPartition: number;
}

/** What a producer is held to. */
export interface ProducerPromises {
  /** Nothing doubled, nothing out of order; true unless said otherwise. What others do of it is counted apart. */
  readonly idempotent?: boolean;
  /** With "all", what is acknowledged is not lost. With less, a loss is counted apart. "all" unless said otherwise. */
  readonly acks?: "all" | 0 | 1;
  /** Answers are heard one by one, and so in their order; true unless said otherwise. */
  readonly answersInOrder?: boolean;
}

export interface LedgerProducer {
  readonly index: number;
  readonly name: string;
  readonly promises: Required<ProducerPromises>;
}

export interface SentRecord {
  readonly producer: LedgerProducer;
  readonly topic: LedgerTopic;
  /** Left out where the producer is to choose. */
  readonly partition?: number | undefined;
  /** As `begin` has given it. */
  readonly transaction?: number | undefined;
  /** The number of the record that it is a copy of. */
  readonly copyOf?: number | undefined;
}

export type FailedVerdict = "not persisted" | "possibly persisted";
/** `open`: nobody has asked for its end. `unknown`: somebody has asked to commit it, and was not told what came of it. */
export type TransactionEnd = "open" | "committed" | "aborted" | "unknown";

export const OUTCOMES = { unanswered: 0, acknowledged: 1, notPersisted: 2, possiblyPersisted: 3 } as const;
const TRANSACTION_ENDS: readonly TransactionEnd[] = ["open", "committed", "aborted", "unknown"];
const MOST_RECORDS = 0xffff_fffe;

export class RecordsLedger {
  readonly topics: LedgerTopic[] = [];
  readonly producers: LedgerProducer[] = [];
  readonly run: number;
  /** What was wrong already when it was entered. */
  readonly anomalies: Anomalies = new Anomalies();
  readonly #topic: Column = shorts();
  readonly #partition: Column = shorts();
  readonly #producer: Column = words();
  readonly #transaction: Column = words();
  /** Plus one. */
  readonly #copyOf: Column = words();
  readonly #outcome: Column = bytes();
  readonly #ackPartition: Column = shorts();
  readonly #ackOffset: Column = doubles();
  readonly #transactionEnds: Column = bytes();
  readonly #abandoned = new Set<number>();
  /** The latest record that was answered, plus one: by producer, by partition. */
  readonly #answered: Column[] = [];
  readonly #counts = [0, 0, 0, 0];
  #records = 0;
  #transactions = 0;
  #partitions = 0;

  /** `run` tells the records of this ledger from those of others in the same log. */
  constructor(run = 1) {
    this.run = run;
  }

  addTopic(name: string, partitions: number): LedgerTopic {
    const topic = { index: this.topics.length, name, partitions, firstPartition: this.#partitions };
    this.#partitions += partitions;
    this.topics.push(topic);
    return topic;
  }

  addProducer(name: string, promises: ProducerPromises = {}): LedgerProducer {
    const { idempotent = true, acks = "all", answersInOrder = idempotent } = promises;
    const producer = { index: this.producers.length, name, promises: { idempotent, acks, answersInOrder } };
    this.producers.push(producer);
    this.#answered.push(words());
    return producer;
  }

  /** A transaction's number. */
  begin(): number {
    return ++this.#transactions;
  }

  ended(transaction: number, end: TransactionEnd): void {
    this.#transactionEnds.set(transaction, TRANSACTION_ENDS.indexOf(end));
  }

  /**
   * The number of a record, to be asked for before it is sent. Each producer must send in the order of these numbers. A record that was
   * refused and not taken may be offered again under its number, before its producer sends another one.
   */
  sent({ producer, topic, partition = ANY_PARTITION, transaction = 0, copyOf }: SentRecord): number {
    const id = this.#records++;
    if (id > MOST_RECORDS) throw new RangeError("a ledger has no room for so many records");
    this.#topic.set(id, topic.index);
    this.#partition.set(id, partition);
    this.#producer.set(id, producer.index);
    this.#transaction.set(id, transaction);
    if (copyOf !== undefined) this.#copyOf.set(id, copyOf + 1);
    this.#outcome.set(id, OUTCOMES.unanswered);
    this.#counts[OUTCOMES.unanswered] = (this.#counts[OUTCOMES.unanswered] ?? 0) + 1;
    return id;
  }

  /** What the record must carry. */
  value(id: number): string {
    const [topic, partition, producer] = [this.#topic.at(id), this.#partition.at(id), this.#producer.at(id)];
    return encodeValue({ run: this.run, id, topic, partition, producer, transaction: this.#transaction.at(id) });
  }

  /** The offset is -1 where the producer does not know it. */
  acknowledged(id: number, partition: number, offset: number): void {
    if (!this.#answer(id, OUTCOMES.acknowledged, partition)) return;
    this.#ackPartition.set(id, partition);
    this.#ackOffset.set(id, offset);
  }

  failed(id: number, verdict: FailedVerdict): void {
    this.#answer(id, verdict === "not persisted" ? OUTCOMES.notPersisted : OUTCOMES.possiblyPersisted, this.#partition.at(id));
  }

  /** It is gone without an answer to what it had sent: as when its process is killed. */
  abandon(producer: LedgerProducer): void {
    this.#abandoned.add(producer.index);
  }

  get records(): number {
    return this.#records;
  }

  get transactions(): number {
    return this.#transactions;
  }

  get partitions(): number {
    return this.#partitions;
  }

  countOf(outcome: keyof typeof OUTCOMES): number {
    return this.#counts[OUTCOMES[outcome]] ?? 0;
  }

  topicOf(id: number): number {
    return this.#topic.at(id);
  }

  /** `ANY_PARTITION` where the producer was to choose. */
  partitionOf(id: number): number {
    return this.#partition.at(id);
  }

  producerOf(id: number): number {
    return this.#producer.at(id);
  }

  promisesOf(id: number): Required<ProducerPromises> {
    return this.producers[this.#producer.at(id)]?.promises ?? { idempotent: true, acks: "all", answersInOrder: true };
  }

  isAbandoned(id: number): boolean {
    return this.#abandoned.has(this.#producer.at(id));
  }

  transactionOf(id: number): number {
    return this.#transaction.at(id);
  }

  endOf(transaction: number): TransactionEnd {
    return TRANSACTION_ENDS[this.#transactionEnds.at(transaction)] ?? "open";
  }

  /** -1 if it is no copy. */
  copyOf(id: number): number {
    return this.#copyOf.at(id) - 1;
  }

  outcomeOf(id: number): number {
    return this.#outcome.at(id);
  }

  ackPartitionOf(id: number): number {
    return this.#ackPartition.at(id);
  }

  ackOffsetOf(id: number): number {
    return this.#ackOffset.at(id);
  }

  /** For people. */
  describe(id: number): string {
    const topic = this.topics[this.#topic.at(id)]?.name ?? "a topic unknown";
    const partition = this.#partition.at(id);
    const transaction = this.#transaction.at(id);
    const where = partition === ANY_PARTITION ? topic : `${topic}-${partition}`;
    const what = `record ${id} of ${this.producers[this.#producer.at(id)]?.name} to ${where}`;
    const inTransaction = transaction === 0 ? "" : ` in transaction ${transaction} (${this.endOf(transaction)})`;
    return `${what}${inTransaction}, ${this.#answerText(id, topic)}`;
  }

  #answerText(id: number, topic: string): string {
    const outcome = this.#outcome.at(id);
    if (outcome === OUTCOMES.acknowledged) return `acknowledged at ${topic}-${this.#ackPartition.at(id)}@${this.#ackOffset.at(id)}`;
    if (outcome === OUTCOMES.notPersisted) return "failed as not persisted";
    return outcome === OUTCOMES.possiblyPersisted ? "failed as possibly persisted" : "not answered";
  }

  /** False if it was answered before. */
  #answer(id: number, outcome: number, partition: number): boolean {
    const before = this.#outcome.at(id);
    if (before !== OUTCOMES.unanswered || id >= this.#records) {
      this.anomalies.add("callback-count", () => `${this.describe(id)}, was answered once more`);
      return false;
    }
    this.#outcome.set(id, outcome);
    this.#counts[before] = (this.#counts[before] ?? 0) - 1;
    this.#counts[outcome] = (this.#counts[outcome] ?? 0) + 1;
    if (partition !== ANY_PARTITION) this.#heard(id, partition);
    return true;
  }

  #heard(id: number, partition: number): void {
    const topic = this.topics[this.#topic.at(id)];
    const answered = this.#answered[this.#producer.at(id)];
    if (topic === undefined || answered === undefined || !this.promisesOf(id).answersInOrder) return;
    if (!(partition < topic.partitions)) return;
    const place = topic.firstPartition + partition;
    const latest = answered.at(place) - 1;
    if (latest > id) this.anomalies.add("callback-order", () => `${this.describe(id)}, was answered after record ${latest}`);
    else answered.set(place, id + 1);
  }
}
