import type { KafkaError } from "../../../protocol/index.ts";
import type { Recipient } from "./recipient.ts";

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
  readonly #recipients: Recipient[] = [];
  readonly #indexes: number[] = [];
  readonly #timestamps: number[] = [];
  readonly #keySizes: number[] = [];
  readonly #valueSizes: number[] = [];

  get size(): number {
    return this.#recipients.length;
  }

  add(recipient: Recipient, index: number, timestamp: number, keySize: number, valueSize: number): void {
    this.#recipients.push(recipient);
    this.#indexes.push(index);
    this.#timestamps.push(timestamp);
    this.#keySizes.push(keySize);
    this.#valueSizes.push(valueSize);
  }

  delivered({ topic, partition, baseOffset, logAppendTimeMs }: BatchPlace): void {
    const { length } = this.#recipients;
    for (let at = 0; at < length; at++) {
      this.#recipients[at]!.delivered({
        topic,
        partition,
        offset: baseOffset < 0 ? -1 : baseOffset + this.#indexes[at]!,
        timestamp: logAppendTimeMs < 0 ? this.#timestamps[at]! : logAppendTimeMs,
        serializedKeySize: this.#keySizes[at]!,
        serializedValueSize: this.#valueSizes[at]!,
      });
    }
  }

  /** @param errorOf of a record, by its place in the batch */
  failed(errorOf: (index: number) => KafkaError): void {
    for (const [at, recipient] of this.#recipients.entries()) recipient.failed(errorOf(this.#indexes[at]!));
  }

  /** Hands those of the records from `first` to `end` over to another batch, where the first of them is record 0. */
  moveTo(other: BatchRecipients, first: number, end: number): void {
    for (const [at, index] of this.#indexes.entries()) {
      if (index < first || index >= end) continue;
      const recipient = this.#recipients[at]!;
      other.add(recipient, index - first, this.#timestamps[at]!, this.#keySizes[at]!, this.#valueSizes[at]!);
    }
  }
}
