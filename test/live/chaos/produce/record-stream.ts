// One producer that sends at a steady pace, whatever befalls the cluster.

import { setTimeout as pause } from "node:timers/promises";
import { type ProducerOptions, type ProducerRecord, SendBatchError } from "../../../../src/index.ts";
import type { Dice } from "../../../simulation/world/dice.ts";
import type { LedgerProducer, LedgerTopic } from "../../../support/records-checker/records-ledger.ts";
import type { ChaosProducer } from "./chaos-producer.ts";
import type { Deliveries, Settled } from "./deliveries.ts";

/** As the producer's methods are called: with a callback, a promise per record, a promise per list. */
export type SendStyle = "produce" | "send" | "sendBatch";

export interface RecordStreamInit {
  readonly member: LedgerProducer;
  readonly producer: ChaosProducer;
  /** As it was made; for figures. */
  readonly options: ProducerOptions;
  readonly style: SendStyle;
  readonly topics: readonly LedgerTopic[];
  readonly ratePerSecond: number;
  /** It goes on until it has sent as many, and until it is told to end. */
  readonly least: number;
  /** Whether its latencies count. */
  readonly isPatient: boolean;
  readonly deliveries: Deliveries;
  readonly dice: Dice;
}

const TICK_MS = 5;
const BURST = 500;
const MOST_OUTSTANDING = 20_000;
const MOST_IN_A_LIST = 100;
const KEYS = 1000;
const EXPLICIT = 0.5;
const KEYED = 0.25;

interface Prepared {
  readonly topic: LedgerTopic;
  readonly record: ProducerRecord;
  readonly settled: Settled;
}

export class RecordStream {
  readonly init: RecordStreamInit;
  readonly #outstanding = new Set<Promise<void>>();
  #sent = 0;

  constructor(init: RecordStreamInit) {
    this.init = init;
  }

  get sent(): number {
    return this.#sent;
  }

  async run(isOver: () => boolean): Promise<void> {
    const startedMs = performance.now();
    while (!isOver() || this.#sent < this.init.least) {
      const due = Math.floor(((performance.now() - startedMs) / 1000) * this.init.ratePerSecond) - this.#sent;
      if (due <= 0) await pause(TICK_MS);
      else await this.#send(Math.min(due, BURST));
      if (isOver() && due <= 0 && this.#sent >= this.init.least) return;
    }
  }

  async #send(count: number): Promise<void> {
    this.#sent += count;
    if (this.init.style === "produce") await this.#produce(count);
    else if (this.init.style === "send") await this.#sendEach(count);
    else await this.#sendLists(count);
  }

  async #produce(count: number): Promise<void> {
    const { producer } = this.init;
    for (let index = 0; index < count; index++) {
      const { topic, record, settled } = this.#prepare();
      while (!producer.produce(topic.name, record, settled)) await producer.ready();
    }
  }

  async #sendEach(count: number): Promise<void> {
    const { producer } = this.init;
    for (let index = 0; index < count; index++) {
      const { topic, record, settled } = this.#prepare();
      this.#await(
        producer.send(topic.name, record).then(
          (metadata) => settled(null, metadata),
          (error: unknown) => settled(error, undefined),
        ),
      );
      if (this.#outstanding.size >= MOST_OUTSTANDING) await Promise.race(this.#outstanding);
    }
  }

  async #sendLists(count: number): Promise<void> {
    for (let left = count; left > 0; left -= MOST_IN_A_LIST) {
      const topic = this.init.dice.pick(this.init.topics);
      const list = Array.from({ length: Math.min(left, MOST_IN_A_LIST) }, () => this.#prepare(topic));
      this.#await(sendList(this.init.producer, topic, list));
      if (this.#outstanding.size >= MOST_OUTSTANDING / MOST_IN_A_LIST) await Promise.race(this.#outstanding);
    }
  }

  #await(work: Promise<void>): void {
    const outstanding = work.finally(() => this.#outstanding.delete(outstanding));
    this.#outstanding.add(outstanding);
  }

  #prepare(topic: LedgerTopic = this.init.dice.pick(this.init.topics)): Prepared {
    const { dice, member, deliveries, isPatient } = this.init;
    const isExplicit = dice.chance(EXPLICIT);
    const partition = isExplicit ? dice.integer(topic.partitions) : undefined;
    const id = deliveries.ledger.sent({ producer: member, topic, partition });
    const key = !isExplicit && dice.chance(KEYED / (1 - EXPLICIT)) ? `key-${dice.integer(KEYS)}` : null;
    return {
      topic,
      record: { key, value: deliveries.ledger.value(id), partition },
      settled: deliveries.watch(id, topic, isPatient),
    };
  }
}

async function sendList(producer: ChaosProducer, topic: LedgerTopic, list: readonly Prepared[]): Promise<void> {
  try {
    const records = list.map(({ record }) => record);
    const results = await producer.sendBatch(topic.name, records);
    for (const [index, { settled }] of list.entries()) settled(new Error("nothing was said of it"), results[index]);
  } catch (error) {
    for (const [index, { settled }] of list.entries()) {
      if (error instanceof SendBatchError) settled(errorOf(error, index), error.results[index]);
      else settled(error, undefined);
    }
  }
}

function errorOf({ failures }: SendBatchError, index: number): Error {
  return failures.find((failure) => failure.index === index)?.error ?? new Error("nothing was said of it");
}
