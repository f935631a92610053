import type { AssignedPartition } from "../assignment/assigned-partition.ts";
import type { AnyRecord } from "./typed.ts";

/** Records that lie together in a log: lazy, or made already. */
export interface RecordsOfBatch extends Iterable<AnyRecord> {
  readonly count: number;
  readonly firstOffset: number;
  /** Of the batch in the log: it may have no record there any more. */
  readonly lastOffset: number;
  at(index: number): AnyRecord | undefined;
}

/** A batch that was handed out. */
export interface HandedBatch {
  readonly partition: AssignedPartition;
  /** In which it was read: in any other it is nobody's. */
  readonly course: number;
  readonly nextOffset: number;
  readonly leaderEpoch: number;
  readonly records: RecordsOfBatch;
}

/** What deserializers have made of a batch, or of its beginning. */
export class TakenRecords implements RecordsOfBatch {
  readonly lastOffset: number;
  readonly #records: readonly AnyRecord[];

  constructor(records: readonly AnyRecord[], nextOffset: number) {
    this.#records = records;
    this.lastOffset = nextOffset - 1;
  }

  get count(): number {
    return this.#records.length;
  }

  get firstOffset(): number {
    return this.#records[0]?.offset ?? this.lastOffset + 1;
  }

  at(index: number): AnyRecord | undefined {
    return this.#records.at(index);
  }

  [Symbol.iterator](): Iterator<AnyRecord> {
    return this.#records[Symbol.iterator]();
  }
}
