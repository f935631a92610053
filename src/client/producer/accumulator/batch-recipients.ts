import type { KafkaError } from "../../../protocol/index.ts";
import { type OnThrown, type Told, tellDelivered, tellFailed } from "./recipient.ts";

/** Where a batch was written. */
export interface BatchPlace {
  readonly topic: string;
  readonly partition: number;
  /** Of the first record; -1 when it is not known. */
  readonly baseOffset: number;
  /** -1 where the records' own timestamps stand. */
  readonly logAppendTimeMs: number;
}

/** Who waits for the records of one batch. Columns, not objects: there is one entry for each record that was sent. */
export class BatchRecipients {
  readonly #recipients: Told[] = [];
  readonly #timestamps: number[] = [];
  readonly #keySizes: number[] = [];
  readonly #valueSizes: number[] = [];
  /** Which records they are; undefined as long as they are all of them, from the first on. */
  #indexes: number[] | undefined;

  get size(): number {
    return this.#recipients.length;
  }

  add(recipient: Told, index: number, timestamp: number, keySize: number, valueSize: number): void {
    if (this.#indexes === undefined && index !== this.#recipients.length) this.#indexes = [...this.#recipients.keys()];
    this.#indexes?.push(index);
    this.#recipients.push(recipient);
    this.#timestamps.push(timestamp);
    this.#keySizes.push(keySize);
    this.#valueSizes.push(valueSize);
  }

  delivered({ topic, partition, baseOffset, logAppendTimeMs }: BatchPlace, onThrown: OnThrown): void {
    const { length } = this.#recipients;
    for (let at = 0; at < length; at++) {
      const metadata = {
        topic,
        partition,
        offset: baseOffset < 0 ? -1 : baseOffset + this.#indexOf(at),
        timestamp: logAppendTimeMs < 0 ? this.#timestamps[at]! : logAppendTimeMs,
        serializedKeySize: this.#keySizes[at]!,
        serializedValueSize: this.#valueSizes[at]!,
      };
      tellDelivered(this.#recipients[at]!, metadata, onThrown);
    }
  }

  /** @param errorOf of a record, by its place in the batch */
  failed(errorOf: (index: number) => KafkaError, onThrown: OnThrown): void {
    for (const [at, recipient] of this.#recipients.entries()) tellFailed(recipient, errorOf(this.#indexOf(at)), onThrown);
  }

  /** Hands those of the records from `first` to `end` over to another batch, where the first of them is record 0. */
  moveTo(other: BatchRecipients, first: number, end: number): void {
    for (const [at, recipient] of this.#recipients.entries()) {
      const index = this.#indexOf(at);
      if (index < first || index >= end) continue;
      other.add(recipient, index - first, this.#timestamps[at]!, this.#keySizes[at]!, this.#valueSizes[at]!);
    }
  }

  #indexOf(at: number): number {
    return this.#indexes === undefined ? at : this.#indexes[at]!;
  }
}
