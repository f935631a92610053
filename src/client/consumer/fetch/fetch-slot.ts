import type { KafkaError } from "../../../protocol/index.ts";
import type { AssignedPartition } from "../assignment/assigned-partition.ts";

/** Who is asked while nobody can be. */
export const NOBODY = -1;
const NO_COURSE = -1;

/** What the fetcher keeps of a partition, beside what everybody sees. */
export class FetchSlot {
  readonly partition: AssignedPartition;
  /** Who is asked for it. */
  nodeId: number = NOBODY;
  /** How much of it an answer may bring; grows when not even one batch has room (F7). */
  maxBytes: number;
  /** What its broker has said instead of records, if that was its last word. */
  failure: KafkaError | undefined;
  /** A request beside the session is on its way for it. */
  isOnExpress = false;
  /** In this course nothing is asked before all that was fetched is read. */
  #heldCourse = NO_COURSE;
  /** How its broker saw it last, to notice cheaply that nothing is different. */
  #seenWanted = false;
  #seenCourse = NO_COURSE;
  #seenOffset = -1;
  /** What was asked for beside the session last. */
  #besideCourse = NO_COURSE;
  #besideOffset = -1;

  constructor(partition: AssignedPartition, maxBytes: number) {
    this.partition = partition;
    this.maxBytes = maxBytes;
  }

  /** What comes next of it is an error, which is nobody's concern before the records in front of it are read. */
  hold(): void {
    this.#heldCourse = this.partition.course;
  }

  /**
   * Whether more of it is to be asked for, as far as it alone decides.
   *
   * @param mostBuffered more than this is enough for now
   */
  isFetchable(nowMs: number, mostBuffered: number): boolean {
    const { partition } = this;
    return (
      partition.isAssigned &&
      !partition.isPaused &&
      partition.problem === undefined &&
      partition.whereabouts.kind === "known" &&
      partition.bufferedBytes <= (this.#heldCourse === partition.course ? 0 : mostBuffered) &&
      partition.retryAtMs <= nowMs
    );
  }

  /** Its broker knows it like this. */
  seen(isWanted: boolean): void {
    this.#seenWanted = isWanted;
    this.#seenCourse = this.partition.course;
    this.#seenOffset = this.partition.fetchOffset;
  }

  isAsSeen(isWanted: boolean): boolean {
    const { course, fetchOffset } = this.partition;
    return isWanted === this.#seenWanted && course === this.#seenCourse && fetchOffset === this.#seenOffset;
  }

  /** It is asked for beside the session. */
  leftBeside(): void {
    this.isOnExpress = true;
    this.#besideCourse = this.partition.course;
    this.#besideOffset = this.partition.fetchOffset;
  }

  /** Enough time has passed: the same may be asked beside the session again. */
  forgetBeside(): void {
    this.#besideCourse = NO_COURSE;
  }

  /** It was asked for beside the session in this course: if there is nothing more to be had, as far as we know, the rest has time. */
  get wasBeside(): boolean {
    return this.partition.course === this.#besideCourse;
  }

  /** The same place was. */
  get isBesideInVain(): boolean {
    return this.wasBeside && this.partition.fetchOffset === this.#besideOffset;
  }
}
