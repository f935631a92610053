import type { AssignedPartition } from "../assignment/assigned-partition.ts";
import type { FetchedBatch } from "../records/fetched-batch.ts";
import type { FetchedPart } from "../records/fetched-part.ts";

/** What came of an opening that took its time: the next batch, or none, which is the end of the part. */
export class OpenedLater {
  readonly batch: FetchedBatch | undefined;

  constructor(batch: FetchedBatch | undefined) {
    this.batch = batch;
  }
}

/** A partition that has so many parts waiting is behind the others that came in their answers. */
const MOST_IN_THEIR_ANSWERS = 2;

/** What is buffered of one partition, in the order of its log. Never empty while it is in the buffer. */
export class Backlog {
  readonly partition: AssignedPartition;
  readonly parts: FetchedPart[] = [];
  /** The batch that is being read, of the first part. */
  batch: FetchedBatch | undefined;
  /** Another thread is making the next one. */
  opening: Promise<void> | undefined;
  /** It is made, and nobody has come for it. */
  opened: OpenedLater | undefined;

  constructor(partition: AssignedPartition) {
    this.partition = partition;
  }
}

export interface FetchBufferInit {
  /** There is something to read that was not there before. */
  readonly onReadable: () => void;
  /** Some of it was read, or thrown away: there may be room for more. */
  readonly onRoom: (partition: AssignedPartition) => void;
  /** All of it was read. */
  readonly onRead?: ((part: FetchedPart) => void) | undefined;
}

/**
 * What was fetched and not read yet. Partitions take turns, a part (what one answer had of a partition) at a time, so that none of them
 * starves the others; what belongs to one that is paused, or has a handler at work, is kept aside.
 */
export class FetchBuffer {
  readonly #init: FetchBufferInit;
  /** The first one has its turn. */
  readonly #turns = new Map<AssignedPartition, Backlog>();
  readonly #aside = new Map<AssignedPartition, Backlog>();
  #bytes = 0;
  /** Of `#turns`; asking a Map for its first key costs more than a record. */
  #head: Backlog | undefined;

  constructor(init: FetchBufferInit) {
    this.#init = init;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(part: FetchedPart): void {
    const { partition, sizeInBytes } = part;
    if (part.course !== partition.course) return;
    const known = this.#turns.get(partition) ?? this.#aside.get(partition);
    const backlog = known ?? new Backlog(partition);
    if (!partition.isReadable || backlog.parts.length >= MOST_IN_THEIR_ANSWERS) part.standAlone();
    backlog.parts.push(part);
    partition.bufferedBytes += sizeInBytes;
    this.#bytes += sizeInBytes;
    if (known === undefined) (partition.isReadable ? this.#turns : this.#aside).set(partition, backlog);
    if (partition.isReadable) this.#init.onReadable();
  }

  /** Whose turn it is. */
  head(): Backlog | undefined {
    if (this.#head?.partition.isReadable === true) return this.#head;
    this.#head = undefined;
    for (const [partition, backlog] of this.#turns) {
      if (partition.isReadable) {
        this.#head = backlog;
        break;
      }
      this.#turns.delete(partition);
      this.#aside.set(partition, backlog);
      for (const part of backlog.parts) part.standAlone();
    }
    return this.#head;
  }

  /** If it is readable again, the partition goes on where it was. */
  resume(partition: AssignedPartition): void {
    const backlog = this.#aside.get(partition);
    if (backlog === undefined || !partition.isReadable) return;
    this.#aside.delete(partition);
    this.#turns.set(partition, backlog);
    this.#init.onReadable();
  }

  /** The first part of it is read: it is another partition's turn. */
  finishPart(backlog: Backlog): void {
    const { partition, parts } = backlog;
    const part = parts.shift();
    if (part !== undefined) {
      this.#forget(partition, part.sizeInBytes);
      this.#init.onRead?.(part);
    }
    this.#turns.delete(partition);
    this.#head = undefined;
    if (parts.length > 0) this.#turns.set(partition, backlog);
    this.#init.onRoom(partition);
  }

  /** Something is wrong with it: others are not to wait behind it. */
  yieldTurn({ partition }: Backlog): void {
    const backlog = this.#turns.get(partition);
    if (backlog === undefined) return;
    this.#turns.delete(partition);
    this.#turns.set(partition, backlog);
    this.#head = undefined;
  }

  /** Nothing of it is of use any more. */
  drop(partition: AssignedPartition): void {
    const backlog = this.#turns.get(partition) ?? this.#aside.get(partition);
    if (backlog === undefined) return;
    for (const { sizeInBytes } of backlog.parts) this.#forget(partition, sizeInBytes);
    backlog.parts.length = 0;
    backlog.batch = undefined;
    backlog.opened = undefined;
    this.#turns.delete(partition);
    this.#aside.delete(partition);
    this.#head = undefined;
    this.#init.onRoom(partition);
  }

  #forget(partition: AssignedPartition, bytes: number): void {
    partition.bufferedBytes -= bytes;
    this.#bytes -= bytes;
  }
}
