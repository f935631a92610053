import type { KafkaError } from "../../../protocol/index.ts";
import type { OffsetReset } from "../../config/consumer-options.ts";

/** Where reading is to begin when no offset says it. */
export type ResetTarget = Exclude<OffsetReset, "none">;

/**
 * What is known of where to read.
 *
 * - `unknown`: nobody has said; what the group has committed counts, else the policy.
 * - `resetting`: at one end of the log, or at a time, which its leader is asked for.
 * - `validating`: known, but the leader is another one: is that place still in its log (KIP-320)?
 * - `known`
 */
export type Whereabouts =
  | { readonly kind: "unknown" }
  | { readonly kind: "resetting"; readonly to: ResetTarget }
  | { readonly kind: "validating"; readonly leaderEpoch: number }
  | { readonly kind: "known" };

const UNKNOWN: Whereabouts = Object.freeze({ kind: "unknown" });
const KNOWN: Whereabouts = Object.freeze({ kind: "known" });
const NO_EPOCH = -1;

/** A replica that the leader has named as nearer (KIP-392), and until when (monotonic) it is asked. */
export interface PreferredReplica {
  readonly nodeId: number;
  readonly untilMs: number;
}

/**
 * A partition that this consumer reads: how far it was read, how far it was fetched. What is fetched ahead of the reader belongs to a
 * _course_: when reading goes on elsewhere (a seek, a reset, the end of the assignment), the course changes, and whatever was asked for
 * or arrived under the old one is nobody's any more.
 */
export class AssignedPartition {
  readonly topic: string;
  readonly partition: number;
  isAssigned = true;
  isPaused = false;
  /** A handler is at work on records of it: the next ones wait, to keep their order. */
  isHeld = false;
  /** The group wants it back: who is at work on records of it finishes the one in hand. */
  isLeaving = false;
  course = 0;
  /** The next offset to be handed out; -1 while it is not known. Leader epoch of the record before it, -1 for unknown. */
  offset = -1;
  epoch: number = NO_EPOCH;
  /** The next offset to be fetched, behind all that is buffered, and the epoch of the record before it. */
  fetchOffset = -1;
  fetchEpoch: number = NO_EPOCH;
  /** The epoch of the leader that the fetch offset was found in, or validated against; -1 for unknown. */
  leaderEpoch: number = NO_EPOCH;
  /** Fetched and not handed out: kept by the buffer. */
  bufferedBytes = 0;
  /** The first offset that was handed out and is perhaps not processed yet. */
  unprocessedFrom: number | undefined;
  highWatermark: number | undefined;
  lastStableOffset: number | undefined;
  logStartOffset: number | undefined;
  preferredReplica: PreferredReplica | undefined;
  /** What the reader has to be told first. Until then nothing is looked up or fetched. */
  problem: KafkaError | undefined;
  /** Neither looked up nor fetched before (monotonic), after so many failures in a row. */
  retryAtMs = 0;
  failures = 0;
  #whereabouts: Whereabouts = UNKNOWN;
  readonly #onCourseLeft: (partition: AssignedPartition) => void;

  /** @param onCourseLeft what is buffered of it has become useless */
  constructor(topic: string, partition: number, onCourseLeft: (partition: AssignedPartition) => void = () => undefined) {
    this.topic = topic;
    this.partition = partition;
    this.#onCourseLeft = onCourseLeft;
  }

  get whereabouts(): Whereabouts {
    return this.#whereabouts;
  }

  /** Whether records of it may be handed out. */
  get isReadable(): boolean {
    return !this.isPaused && !this.isHeld;
  }

  /** The next offset to be handed out. */
  get position(): number | undefined {
    return this.offset < 0 ? undefined : this.offset;
  }

  /** As far as everything is processed. */
  get processedOffset(): number | undefined {
    return this.unprocessedFrom ?? this.position;
  }

  /** The user says that he has processed everything before; while a function is at work on it, its end alone counts. */
  processedTo(offset: number): void {
    if (this.isHeld || this.unprocessedFrom === undefined || offset <= this.unprocessedFrom) return;
    this.unprocessedFrom = offset < this.offset ? offset : undefined;
  }

  /** Reading goes on there: the user says so, or the leader was asked. */
  moveTo(offset: number, epoch: number = NO_EPOCH): void {
    this.#leaveCourse();
    this.#whereabouts = KNOWN;
    this.offset = offset;
    this.epoch = epoch;
    this.fetchOffset = offset;
    this.fetchEpoch = epoch;
    this.leaderEpoch = NO_EPOCH;
    this.unprocessedFrom = undefined;
  }

  /** Where it goes on is to be looked up. */
  reset(to: ResetTarget): void {
    this.#forgetOffset();
    this.#whereabouts = Object.freeze({ kind: "resetting", to });
  }

  /** As when it was assigned. */
  forget(): void {
    this.#forgetOffset();
    this.#whereabouts = UNKNOWN;
  }

  /** There is another leader: before anything is fetched from it, it is asked whether it has that place. What is buffered stays. */
  validate(leaderEpoch: number): void {
    if (this.offset >= 0) this.#whereabouts = Object.freeze({ kind: "validating", leaderEpoch });
  }

  validated(leaderEpoch: number): void {
    this.leaderEpoch = leaderEpoch;
    this.#whereabouts = KNOWN;
  }

  /** Records up to there were handed out, the last of them of this epoch. */
  advance(offset: number, epoch: number): void {
    this.offset = offset;
    if (epoch !== NO_EPOCH) this.epoch = epoch;
  }

  /** So much was fetched. */
  fetched(nextOffset: number, epoch: number): void {
    this.fetchOffset = nextOffset;
    if (epoch !== NO_EPOCH) this.fetchEpoch = epoch;
  }

  /** What was fetched ahead is of no use: it is fetched again, from where the reader is. */
  rewind(): void {
    this.#leaveCourse();
    this.fetchOffset = this.offset;
    this.fetchEpoch = this.epoch;
  }

  unassign(): void {
    this.#leaveCourse();
    this.isAssigned = false;
  }

  #forgetOffset(): void {
    this.#leaveCourse();
    this.offset = -1;
    this.epoch = NO_EPOCH;
    this.fetchOffset = -1;
    this.fetchEpoch = NO_EPOCH;
    this.leaderEpoch = NO_EPOCH;
    this.unprocessedFrom = undefined;
  }

  #leaveCourse(): void {
    this.course++;
    this.problem = undefined;
    this.retryAtMs = 0;
    this.failures = 0;
    this.#onCourseLeft(this);
  }
}
