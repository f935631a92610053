// Copies one partition, exactly once: records and the offset up to which they were read, in one transaction.

import { setTimeout as pause } from "node:timers/promises";
import type { Dice } from "../../../simulation/world/dice.ts";
import type { LedgerTopic } from "../../../support/records-checker/records-ledger.ts";
import { drawFate } from "./transaction-writer.ts";
import type { TransactionalProducer } from "./transactional-producer.ts";

export interface CopierInit {
  readonly producer: TransactionalProducer;
  readonly from: LedgerTopic;
  readonly to: LedgerTopic;
  readonly partition: number;
  readonly group: string;
  /** Where the group goes on according to its coordinator. */
  readonly committedOffset: () => Promise<number | undefined>;
  readonly dice: Dice;
}

/** A record that may be copied: it is committed. */
export interface Input {
  readonly offset: number;
  readonly id: number;
}

const MOST_RECORDS = 100;
const IDLE_MS = 20;

export class Copier {
  readonly init: CopierInit;
  readonly #inputs: Input[] = [];
  /** Of the first input that is not copied. */
  #next = 0;

  constructor(init: CopierInit) {
    this.init = init;
  }

  /** Somebody else reads. */
  readonly take = (input: Input): void => {
    this.#inputs.push(input);
  };

  /** Until that record is copied, as soon as it is known. */
  async run(last: () => number | undefined, isCancelled: () => boolean): Promise<void> {
    for (;;) {
      const copied = this.#inputs[this.#next - 1];
      if (isCancelled() || (copied !== undefined && copied.id === last())) return;
      const inputs = this.#inputs.slice(this.#next, this.#next + this.init.dice.between(1, MOST_RECORDS));
      if (inputs.length === 0) await pause(IDLE_MS);
      else await this.#copy(inputs);
    }
  }

  async #copy(inputs: readonly Input[]): Promise<void> {
    const { producer, from, to, partition, group, dice } = this.init;
    const records = inputs.map(({ id }) => ({ topic: to, partition, copyOf: id }));
    const offset = (inputs.at(-1)?.offset ?? -1) + 1;
    const offsets = [{ topic: from.name, partition, offset }];
    const { end } = await producer.transact({ records, offsets: { group, offsets } }, drawFate(dice));
    if (end === "committed") this.#next += inputs.length;
    else if (end === "unknown") await this.#goOnAsCommitted();
  }

  /** Where the group must be once all is copied. */
  get position(): number {
    return (this.#inputs[this.#next - 1]?.offset ?? -1) + 1;
  }

  /** As after a restart. */
  async #goOnAsCommitted(): Promise<void> {
    await this.init.producer.ready();
    const committed = (await this.init.committedOffset()) ?? 0;
    const next = this.#inputs.findIndex(({ offset }) => offset >= committed);
    this.#next = next < 0 ? this.#inputs.length : next;
  }
}
