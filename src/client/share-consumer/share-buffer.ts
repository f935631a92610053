import type { KafkaError } from "../../protocol/index.ts";
import type { AcquiredPart } from "./acquired-part.ts";
import type { HandedRecords } from "./handed-records.ts";
import { isHeld, type Lease } from "./lease.ts";

export interface Taken {
  readonly hands: readonly HandedRecords[];
  readonly count: number;
  /** Instead of records. */
  readonly problem: KafkaError | undefined;
}

/** Records whose lock ran out, or whose session ended, before anybody asked for them: others get them, or we, again. */
export type OnExpired = (lease: Lease) => void;

/** What is locked for us and not handed out: parts of answers, and records whose locks were renewed. */
export class ShareBuffer {
  readonly #onExpired: OnExpired;
  #parts: AcquiredPart[] = [];
  #renewed: HandedRecords[] = [];

  constructor(onExpired: OnExpired) {
    this.#onExpired = onExpired;
  }

  get isEmpty(): boolean {
    return this.#parts.length === 0 && this.#renewed.length === 0;
  }

  get bytes(): number {
    return this.#parts.reduce((sum, { sizeInBytes }) => sum + sizeInBytes, 0);
  }

  add(part: AcquiredPart): void {
    this.#parts.push(part);
  }

  renewed(hand: HandedRecords): void {
    this.#renewed.push(hand);
  }

  /** Renewed ones before anything else; then up to so many records, and no further than something is wrong. */
  async take(most: number, nowMs: number): Promise<Taken> {
    const hands: HandedRecords[] = [];
    let count = 0;
    const renewed = this.#renewed;
    this.#renewed = [];
    for (const hand of renewed) {
      if (!this.#isStillHeld(hand.lease, nowMs)) continue;
      hands.push(hand);
      count += hand.records.length;
    }
    if (count > 0) return { hands, count, problem: undefined };
    for (let part = this.#parts[0]; part !== undefined && count < most; part = this.#parts[0]) {
      if (!this.#isStillHeld(part.lease, nowMs)) {
        this.#remove(part);
        continue;
      }
      const { hand, problem } = await part.take(most - count, count === 0);
      if (part.isDone) this.#remove(part);
      hands.push(hand);
      count += hand.records.length;
      if (problem !== undefined || part.hasFailed) return { hands, count, problem };
    }
    return { hands, count, problem: undefined };
  }

  /** What is not wanted any more, to be delivered to others. */
  giveBack(isUnwanted: (lease: Lease) => boolean): readonly HandedRecords[] {
    const unwanted = this.#parts.filter(({ lease }) => isUnwanted(lease));
    for (const part of unwanted) this.#remove(part);
    return unwanted.map((part) => part.giveBack());
  }

  clear(): void {
    this.#parts = [];
    this.#renewed = [];
  }

  #isStillHeld(lease: Lease, nowMs: number): boolean {
    if (isHeld(lease, nowMs)) return true;
    this.#onExpired(lease);
    return false;
  }

  #remove(part: AcquiredPart): void {
    const index = this.#parts.indexOf(part);
    if (index >= 0) this.#parts.splice(index, 1);
  }
}
