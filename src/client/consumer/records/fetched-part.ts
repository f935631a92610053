import { BatchScan, type KafkaError } from "../../../protocol/index.ts";
import { UnreadableRecordsError } from "../../errors.ts";
import type { AssignedPartition } from "../assignment/assigned-partition.ts";
import type { AbortedTransaction } from "./aborted-transactions.ts";
import type { AnswerMemory } from "./answer-memory.ts";
import { BatchOpener } from "./batch-opener.ts";
import { FetchedBatch } from "./fetched-batch.ts";
import { bufferOf } from "./record-parts.ts";
import type { RecordSettings } from "./record-settings.ts";
import { UnfoldingBatch, UnfoldingBatches } from "./unfolding-batches.ts";

export interface FetchedPartInit {
  readonly partition: AssignedPartition;
  readonly course: number;
  /** What was asked for: records before are left out. */
  readonly fetchOffset: number;
  /** A view into the answer's frame. */
  readonly records: Uint8Array;
  /** Null when everything is read, also what is not committed. */
  readonly aborted: readonly AbortedTransaction[] | null;
  readonly settings: RecordSettings;
  readonly memory?: AnswerMemory | undefined;
}

/** What one answer had of a partition. Only the batches' headers are looked at before somebody reads. */
export class FetchedPart {
  readonly partition: AssignedPartition;
  readonly course: number;
  readonly fetchOffset: number;
  readonly sizeInBytes: number;
  /** Behind the last complete batch; the fetch offset when there is none, or none that goes beyond it. */
  readonly nextOffset: number;
  /** Of the last complete batch; -1 for unknown. */
  readonly nextEpoch: number;
  /** There is no complete batch in it, but perhaps the beginning of one. */
  readonly isEmpty: boolean;
  /** A batch ends where none can end: what comes before is delivered, then `next` throws it. */
  readonly problem: KafkaError | undefined;
  readonly #settings: RecordSettings;
  readonly #opener: BatchOpener;
  readonly #batches: UnfoldingBatches;
  /** What `next` has promised. */
  #underway: Promise<FetchedBatch | undefined> | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor({ partition, course, fetchOffset, records: bytes, aborted, settings, memory }: FetchedPartInit) {
    const records = bufferOf(bytes);
    const { topic, partition: number } = partition;
    const place = { topic, partition: number, fetchOffset };
    const end = endOf(records, place);
    this.partition = partition;
    this.course = course;
    this.fetchOffset = fetchOffset;
    this.sizeInBytes = records.length;
    this.nextOffset = end.nextOffset;
    this.nextEpoch = end.epoch;
    this.isEmpty = end.isEmpty;
    this.problem = end.problem;
    this.#settings = settings;
    this.#opener = new BatchOpener({ topic, partition: number, fetchOffset, records, aborted, settings, memory });
    this.#batches = new UnfoldingBatches(this.#opener);
  }

  /** Nobody knows when it is read: it is not to keep the rest of its answer, which may be a thousand times as large (R2). */
  standAlone(): void {
    this.#opener.standAlone();
  }

  /**
   * The next batch with records to deliver; undefined behind the last one: then the partition goes on at `nextOffset`. A promise only
   * where decompressing goes on elsewhere. Once it has failed, it always does.
   *
   * @throws UnreadableRecordsError, or rejects with it
   */
  next(): FetchedBatch | undefined | Promise<FetchedBatch | undefined> {
    if (this.#underway !== undefined) return this.#underway;
    if (this.#failure !== undefined) throw this.#failure.error;
    try {
      const next = this.#step();
      if (!(next instanceof UnfoldingBatch)) return next;
      this.#underway = this.#later(next);
      return this.#underway;
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }

  async #later(first: UnfoldingBatch): Promise<FetchedBatch | undefined> {
    try {
      for (let next: FetchedBatch | UnfoldingBatch | undefined = first; ; ) {
        if (!(next instanceof UnfoldingBatch)) return next;
        await next.underway;
        next = this.#deliverable(next) ?? this.#step();
      }
    } catch (error) {
      this.#failure = { error };
      throw error;
    } finally {
      this.#underway = undefined;
    }
  }

  /** The next batch to deliver, or one before it that is still to be waited for. */
  #step(): FetchedBatch | UnfoldingBatch | undefined {
    for (;;) {
      const next = this.#batches.next();
      if (next === undefined || !next.isReady) return next;
      const batch = this.#deliverable(next);
      if (batch !== undefined) return batch;
    }
  }

  #deliverable({ opened, failure }: UnfoldingBatch): FetchedBatch | undefined {
    const { partition, course } = this;
    const { batch, fromOffset, lastOffset, leaderEpoch } = opened;
    if (failure === undefined) {
      // Each by its name: a spread costs as much as all the rest that is done for a batch.
      return FetchedBatch.open({ partition, course, batch, fromOffset, lastOffset, leaderEpoch, settings: this.#settings });
    }
    const { topic, partition: number } = partition;
    const place = { topic, partition: number, offset: fromOffset, nextOffset: lastOffset + 1 };
    throw new UnreadableRecordsError({ ...place, cause: failure.cause });
  }
}

interface PartEnd {
  readonly nextOffset: number;
  readonly epoch: number;
  readonly isEmpty: boolean;
  readonly problem: KafkaError | undefined;
}

/** Looks at the batches' headers. */
function endOf(
  records: Buffer,
  place: { readonly topic: string; readonly partition: number; readonly fetchOffset: number },
): PartEnd {
  const scan = new BatchScan(records);
  let nextOffset = place.fetchOffset;
  let epoch = -1;
  let isEmpty = true;
  try {
    while (scan.next()) {
      nextOffset = Math.max(nextOffset, scan.lastOffset + 1);
      epoch = scan.leaderEpoch;
      isEmpty = false;
    }
  } catch (cause) {
    const problem = new UnreadableRecordsError({ ...place, offset: nextOffset, nextOffset: undefined, cause });
    return { nextOffset, epoch, isEmpty, problem };
  }
  return { nextOffset, epoch, isEmpty, problem: undefined };
}
