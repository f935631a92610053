import { IllegalStateError } from "../errors.ts";
import { acknowledgeCode } from "./acknowledge-type.ts";
import type { Acknowledgement } from "./acknowledgement.ts";
import type { HandedRecords } from "./handed-records.ts";

/** Where a record stands: a record itself, or the error of one that could not be read. */
export interface RecordPlace {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** What the user has got, and the brokers have not been told of. */
export class InHand {
  #hands: HandedRecords[] = [];

  get hasUndecided(): boolean {
    return this.#hands.some(({ hasUndecided }) => hasUndecided);
  }

  add(hand: HandedRecords): void {
    if (!hand.isEmpty) this.#hands.push(hand);
  }

  acknowledge({ topic, partition, offset }: RecordPlace, type: unknown): void {
    const code = acknowledgeCode(type);
    for (const hand of this.#hands) {
      const { lease } = hand;
      if (lease.partition === partition && lease.topic === topic && hand.decide(offset, code)) return;
    }
    throw new IllegalStateError(
      `acknowledge: offset ${offset} of topic '${topic}' partition ${partition} is not of the last poll, or is acknowledged already`,
    );
  }

  /** @param accepts what is undecided is accepted; otherwise it stays in hand */
  take(accepts: boolean): readonly Acknowledgement[] {
    const taken: Acknowledgement[] = [];
    const left: HandedRecords[] = [];
    for (const hand of this.#hands) {
      if (accepts) hand.acceptAll();
      const { acknowledgements, rest } = hand.take();
      taken.push(...acknowledgements);
      if (rest !== undefined) left.push(rest);
    }
    this.#hands = left;
    return taken;
  }
}
