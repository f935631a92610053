// A checker that finds nothing proves nothing: copies of what was read from the logs are falsified, and each must be found out.

import type { AnomalyKind } from "../../../support/records-checker/anomalies.ts";
import { ANY_PARTITION, decodeValue, encodeValue } from "../../../support/records-checker/record-value.ts";
import { type Isolation, RecordsChecker } from "../../../support/records-checker/records-checker.ts";
import { type LedgerTopic, OUTCOMES, type RecordsLedger } from "../../../support/records-checker/records-ledger.ts";

/** A record as it was read. */
export interface ReadRecord {
  readonly isolation: Isolation;
  readonly topic: LedgerTopic;
  readonly partition: number;
  readonly offset: number;
  readonly value: Uint8Array;
}

type Emit = (record: ReadRecord) => void;
/** Is given each record that is read, in the order of offsets, and hands on what the checker is to see. */
type Falsify = (record: ReadRecord, id: number, emit: Emit) => void;

interface Plant {
  readonly kind: AnomalyKind;
  readonly name: string;
  /** Whether it can befall that record. */
  readonly suits: (ledger: RecordsLedger, id: number) => boolean;
  readonly falsify: (ledger: RecordsLedger, victim: number) => Falsify;
}

/** Far behind whatever a run writes. */
const FAR = 1e9;

const PLANTS: readonly Plant[] = [
  { kind: "lost", name: "a record taken out", suits: isPlain, falsify: (_, victim) => insteadOf(victim, () => undefined) },
  {
    kind: "doubled",
    name: "a record put in again at another offset",
    suits: isPlain,
    falsify: (_, victim) =>
      insteadOf(victim, (record, emit) => {
        emit(record);
        emit({ ...record, offset: record.offset + FAR });
      }),
  },
  { kind: "reordered", name: "two records of one producer exchanged", suits: isPlain, falsify: exchange },
  {
    kind: "ack-offset-mismatch",
    name: "a record put at another offset",
    suits: isPlain,
    falsify: (_, victim) => insteadOf(victim, (record, emit) => emit({ ...record, offset: record.offset + FAR })),
  },
  {
    kind: "misrouted",
    name: "a record put into another partition",
    suits: (ledger, id) => isPlain(ledger, id) && ledger.partitionOf(id) !== ANY_PARTITION,
    falsify: (_, victim) =>
      insteadOf(victim, (record, emit) => {
        const partition = (record.partition + 1) % record.topic.partitions;
        emit({ ...record, partition, offset: record.offset + FAR });
      }),
  },
  {
    kind: "corrupt",
    name: "a byte changed",
    suits: isPlain,
    falsify: (_, victim) =>
      insteadOf(victim, (record, emit) => {
        const value = Uint8Array.from(record.value);
        value[9] = value[9] === 0x41 ? 0x42 : 0x41;
        emit({ ...record, value });
      }),
  },
  {
    kind: "unknown",
    name: "a record of somebody else",
    suits: isPlain,
    falsify: (ledger, victim) =>
      insteadOf(victim, (record, emit) => {
        emit(record);
        const fields = { id: victim, topic: 0, partition: 0, producer: 0, transaction: 0 };
        emit({ ...record, offset: record.offset + FAR, value: Buffer.from(encodeValue({ ...fields, run: ledger.run + 1 })) });
      }),
  },
  {
    kind: "inconsistent-offsets",
    name: "another record shown to those who read what is committed",
    suits: (ledger, id) => id > 0 && isPlain(ledger, id),
    falsify: (ledger, victim) =>
      insteadOf(victim, (record, emit) => {
        emit(record.isolation === "committed" ? { ...record, value: Buffer.from(ledger.value(victim - 1)) } : record);
      }),
  },
  {
    kind: "hidden",
    name: "a record kept from those who read what is committed",
    suits: isPlain,
    falsify: (_, victim) => insteadOf(victim, (record, emit) => (record.isolation === "committed" ? undefined : emit(record))),
  },
  {
    kind: "np-but-present",
    name: "a record put in that failed as not persisted",
    suits: (ledger, id) => ledger.outcomeOf(id) === OUTCOMES.notPersisted && ledger.transactionOf(id) === 0,
    falsify: putIn,
  },
  {
    kind: "aborted-visible",
    name: "a record of an aborted transaction shown as committed",
    suits: (ledger, id) => isWrittenIn(ledger, id, "aborted"),
    falsify: (_, victim) =>
      insteadOf(victim, (record, emit) => {
        emit(record);
        emit({ ...record, isolation: "committed" });
      }),
  },
  {
    kind: "torn-transaction",
    name: "a record of a committed transaction kept back",
    suits: (ledger, id) => isWrittenIn(ledger, id, "committed"),
    falsify: (_, victim) => insteadOf(victim, (record, emit) => (record.isolation === "committed" ? undefined : emit(record))),
  },
  {
    kind: "eos-copy",
    name: "a copy taken out",
    suits: (ledger, id) => isWrittenIn(ledger, id, "committed") && ledger.copyOf(id) >= 0,
    falsify: (_, victim) => insteadOf(victim, () => undefined),
  },
];

export interface Proof {
  readonly kind: AnomalyKind;
  readonly plant: string;
  readonly isFound: boolean;
  /** What the checker has said, or why nothing could be planted. */
  readonly what: string;
}

interface Planted {
  readonly plant: Plant;
  readonly checker: RecordsChecker;
  readonly falsify: Falsify;
}

export class Tampering {
  readonly #planted: Planted[] = [];
  readonly #unsuited: Plant[] = [];
  readonly #value = { run: 0, id: 0, topic: 0, partition: 0, producer: 0, transaction: 0 };

  /** Once all is sent, and before the logs are read. */
  constructor(ledger: RecordsLedger, copied: readonly LedgerTopic[]) {
    for (const plant of PLANTS) {
      const victim = victimOf(ledger, plant);
      if (victim === undefined) this.#unsuited.push(plant);
      else this.#planted.push({ plant, checker: new RecordsChecker(ledger, { copied }), falsify: plant.falsify(ledger, victim) });
    }
  }

  saw(record: ReadRecord): void {
    const id = decodeValue(record.value, this.#value) ? this.#value.id : -1;
    for (const { falsify, checker } of this.#planted) {
      falsify(record, id, ({ isolation, topic, partition, offset, value }) =>
        checker.saw(isolation, topic, partition, offset, value),
      );
    }
  }

  proofs(): readonly Proof[] {
    const proofs = this.#planted.map(({ plant: { kind, name }, checker }) => {
      const { anomalies } = checker.verdict();
      const found = anomalies.told.find((anomaly) => anomaly.kind === kind);
      return {
        kind,
        plant: name,
        isFound: found !== undefined,
        what: found?.what ?? `only ${[...anomalies.counts.keys()].join(", ")}`,
      };
    });
    // A run in which nothing failed has nothing to plant such a thing with.
    const unsuited = this.#unsuited.map(({ kind, name }) => ({ kind, plant: name, isFound: false, what: "no record suits it" }));
    return [...proofs, ...unsuited];
  }
}

/** The first from the middle on, where there is one before and one behind it; else the first of all. */
function victimOf(ledger: RecordsLedger, { suits }: Plant): number | undefined {
  const middle = ledger.records >> 1;
  for (let step = 0; step < ledger.records; step++) {
    const id = (middle + step) % ledger.records;
    if (suits(ledger, id)) return id;
  }
  return undefined;
}

/** Acknowledged, of no transaction, by a producer that is held to everything. */
function isPlain(ledger: RecordsLedger, id: number): boolean {
  const isAcknowledged = ledger.outcomeOf(id) === OUTCOMES.acknowledged && ledger.ackOffsetOf(id) >= 0;
  return isAcknowledged && ledger.transactionOf(id) === 0 && ledger.promisesOf(id).idempotent;
}

function isWrittenIn(ledger: RecordsLedger, id: number, end: "committed" | "aborted"): boolean {
  const transaction = ledger.transactionOf(id);
  return transaction > 0 && ledger.endOf(transaction) === end && ledger.outcomeOf(id) === OUTCOMES.acknowledged;
}

function insteadOf(victim: number, replace: (record: ReadRecord, emit: Emit) => void): Falsify {
  return (record, id, emit) => {
    if (id === victim) replace(record, emit);
    else emit(record);
  };
}

/** The victim and the next record of its producer in its partition change places. */
function exchange(ledger: RecordsLedger, victim: number): Falsify {
  let held: ReadRecord | undefined;
  return (record, id, emit) => {
    if (id === victim) {
      held = { ...record, value: Uint8Array.from(record.value) };
      return;
    }
    const isNext = id >= 0 && ledger.producerOf(id) === ledger.producerOf(victim);
    if (held === undefined || !isNext || held.topic !== record.topic || held.partition !== record.partition) {
      emit(record);
      return;
    }
    emit({ ...held, value: record.value });
    emit({ ...record, value: held.value });
    held = undefined;
  };
}

/** Where the records of its topic lie that are read. */
function putIn(ledger: RecordsLedger, victim: number): Falsify {
  let isDone = false;
  const topic = ledger.topicOf(victim);
  const wanted = ledger.partitionOf(victim);
  return (record, _, emit) => {
    emit(record);
    if (isDone || record.topic.index !== topic || (wanted !== ANY_PARTITION && wanted !== record.partition)) return;
    emit({ ...record, offset: record.offset + FAR, value: Buffer.from(ledger.value(victim)) });
    isDone = true;
  };
}
