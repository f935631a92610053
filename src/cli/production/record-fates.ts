import type { KafkaError, OnDelivery, RecordMetadata } from "../../index.ts";

/** Who is told what became of a record. */
export interface RecordFate {
  readonly onDelivery: OnDelivery;
  /** The record was not taken: nobody will be told of it. */
  giveBack(): void;
}

/**
 * Callbacks that know the line of their record. They are used again: as many as there is room for records live for as long as those wait,
 * which is long enough for V8 to take them for old; a new one for each record would fill its memory with what it seldom looks through.
 */
export class RecordFates {
  readonly #free: Fate[] = [];
  readonly #onTold: OnTold;

  constructor(onTold: OnTold) {
    this.#onTold = onTold;
  }

  of(line: number): RecordFate {
    const fate = this.#free.pop() ?? new Fate(this.#free, this.#onTold);
    fate.line = line;
    return fate;
  }
}

type OnTold = (line: number, error: KafkaError | null, metadata: RecordMetadata | undefined) => void;

class Fate implements RecordFate {
  line = 0;
  readonly onDelivery: OnDelivery;
  readonly #free: Fate[];

  constructor(free: Fate[], onTold: OnTold) {
    this.#free = free;
    this.onDelivery = (error, metadata) => {
      const { line } = this;
      this.giveBack();
      onTold(line, error, metadata);
    };
  }

  giveBack(): void {
    this.#free.push(this);
  }
}
