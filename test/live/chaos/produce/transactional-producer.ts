// A transactional producer that always knows what became of its transactions, or that nobody can know.

import { setTimeout as pause } from "node:timers/promises";
import { KafkaError, type OffsetToCommit } from "../../../../src/index.ts";
import type { Dice } from "../../../simulation/world/dice.ts";
import type { LedgerProducer, LedgerTopic } from "../../../support/records-checker/records-ledger.ts";
import type { ChaosProducer } from "./chaos-producer.ts";
import type { Deliveries } from "./deliveries.ts";
import { Failures } from "./failures.ts";

export interface TransactionalWork {
  readonly records: readonly TransactionalRecord[];
  readonly offsets?: { readonly group: string; readonly offsets: readonly OffsetToCommit[] };
}

export interface TransactionalRecord {
  readonly topic: LedgerTopic;
  readonly partition: number;
  readonly copyOf?: number;
}

/** `vanish`: the producer is dropped in the middle of it, as when its process dies. */
export type Fate = "commit" | "abort" | "vanish";
export type KnownEnd = "committed" | "aborted" | "unknown";

export interface TransactionalProducerInit {
  readonly member: LedgerProducer;
  /** With always the same transactional id. */
  readonly make: () => ChaosProducer;
  readonly deliveries: Deliveries;
  readonly dice: Dice;
}

export interface Transacted {
  readonly end: KnownEnd;
  /** The numbers of the records, in their order. */
  readonly ids: readonly number[];
}

const TIMEOUT_MS = 5000;
const IMPATIENT_MS = 300;
const IMPATIENT = 0.1;
const WAITS_FOR_RECORDS = 0.5;
const MOST_ATTEMPTS = 12;
const RETRY_MS = 100;
const GIVEN_UP_MS = 120_000;

export class TransactionalProducer {
  readonly init: TransactionalProducerInit;
  #producer: ChaosProducer | undefined;
  /** How often it went wrong so. */
  readonly troubles: Failures = new Failures();
  readonly ends = { committed: 0, aborted: 0, unknown: 0 };
  /** Producers that took over from one that was dropped. */
  takenOver = -1;

  constructor(init: TransactionalProducerInit) {
    this.init = init;
  }

  /** What was open before is over when this resolves: one way or the other. */
  async ready(): Promise<ChaosProducer> {
    const untilMs = performance.now() + GIVEN_UP_MS;
    while (this.#producer === undefined) {
      const producer = this.init.make();
      try {
        await producer.initTransactions({ timeoutMs: TIMEOUT_MS });
        this.#producer = producer;
        this.takenOver++;
      } catch (error) {
        this.#trouble("initTransactions", error);
        await producer.close({ timeoutMs: 0 });
        if (performance.now() > untilMs) throw error;
        await pause(RETRY_MS);
      }
    }
    return this.#producer;
  }

  async transact(work: TransactionalWork, fate: Fate): Promise<Transacted> {
    const { ledger } = this.init.deliveries;
    const producer = await this.ready();
    const transaction = ledger.begin();
    const settled: Promise<void>[] = [];
    const ids: number[] = [];
    let end: KnownEnd;
    try {
      producer.beginTransaction();
      for (const record of work.records) {
        const id = ledger.sent({ ...record, producer: this.init.member, transaction });
        ids.push(id);
        settled.push(this.#send(producer, id, record));
      }
      if (work.offsets !== undefined)
        await producer.sendOffsetsToTransaction(work.offsets.offsets, work.offsets.group, this.#options());
      end = await this.#end(producer, fate, settled);
    } catch (error) {
      this.#trouble("send", error);
      end = await this.#abort(producer);
    }
    await Promise.all(settled);
    ledger.ended(transaction, end);
    this.ends[end]++;
    return { end, ids };
  }

  async close(): Promise<void> {
    await this.#producer?.close({ timeoutMs: TIMEOUT_MS });
  }

  #send(producer: ChaosProducer, id: number, { topic, partition }: TransactionalRecord): Promise<void> {
    const { deliveries } = this.init;
    const settled = deliveries.watch(id, topic, false);
    return producer.send(topic.name, { partition, value: deliveries.ledger.value(id) }).then(
      (metadata) => settled(null, metadata),
      (error: unknown) => settled(error, undefined),
    );
  }

  async #end(producer: ChaosProducer, fate: Fate, settled: readonly Promise<void>[]): Promise<KnownEnd> {
    if (fate === "commit") return this.#commit(producer);
    if (this.init.dice.chance(WAITS_FOR_RECORDS)) await Promise.all(settled);
    if (fate === "abort") return this.#abort(producer);
    await this.#drop(producer);
    return "aborted";
  }

  /** Asks until it is told, or until it can only be dropped: then the coordinator may have decided for it. */
  async #commit(producer: ChaosProducer): Promise<KnownEnd> {
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      try {
        await producer.commitTransaction(this.#options());
        return "committed";
      } catch (error) {
        this.#trouble("commitTransaction", error);
        if (error instanceof KafkaError && error.abortable) return this.#abort(producer);
        if (!(error instanceof KafkaError) || error.fatal) break;
        await pause(RETRY_MS);
      }
    }
    await this.#drop(producer);
    return "unknown";
  }

  /** Nobody has asked to commit it, so it is aborted now, by its successor, or in the end for its age. */
  async #abort(producer: ChaosProducer): Promise<"aborted"> {
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      try {
        await producer.abortTransaction(this.#options());
        return "aborted";
      } catch (error) {
        this.#trouble("abortTransaction", error);
        if (!(error instanceof KafkaError) || error.fatal) break;
        await pause(RETRY_MS);
      }
    }
    await this.#drop(producer);
    return "aborted";
  }

  async #drop(producer: ChaosProducer): Promise<void> {
    if (this.#producer === producer) this.#producer = undefined;
    await producer.close({ timeoutMs: 0 });
  }

  #options(): { readonly timeoutMs: number } {
    return { timeoutMs: this.init.dice.chance(IMPATIENT) ? IMPATIENT_MS : TIMEOUT_MS };
  }

  #trouble(what: string, error: unknown): void {
    const { deliveries, member } = this.init;
    if (!(error instanceof KafkaError)) deliveries.violation(`${member.name}: ${what} failed with no KafkaError: ${String(error)}`);
    const { code, severity } = error instanceof KafkaError ? error : { code: "(untyped)" };
    const trouble = `${what} ${code}${severity === undefined ? "" : ` (${severity})`}`;
    this.troubles.add(trouble, error);
  }
}
