import type { AssignedPartition } from "../assignment/assigned-partition.ts";
import type { RecordRun } from "./consumer-records.ts";
import type { AnyRecord } from "./typed.ts";

/** A run, and where its partition is when it has been handed out. */
export interface TakenRun extends RecordRun {
  readonly course: number;
  epoch: number;
}

/** Records on their way from the buffer to whoever asked for them. Until they are handed out no position has moved. */
export class Taken {
  readonly records: AnyRecord[] = [];
  readonly runs: TakenRun[] = [];

  /** Everything from `start` on is of this partition, which then goes on there. Nothing is, if only what nobody sees lay in between. */
  note(partition: AssignedPartition, start: number, nextOffset: number, epoch: number): void {
    const last = this.runs.at(-1);
    const end = this.records.length;
    if (last !== undefined && last.partition === partition && last.course === partition.course) {
      last.end = end;
      last.nextOffset = nextOffset;
      last.epoch = epoch;
    } else this.runs.push({ partition, course: partition.course, start, end, nextOffset, epoch });
  }

  /**
   * Now they are handed out: positions move. What nobody wants any more, for its partition was sought or taken away while its records
   * were made, is left out; what was paused is fetched again when it is resumed.
   */
  deliver(): void {
    const kept = this.runs.filter((run) => isWanted(run));
    if (kept.length < this.runs.length) this.#keepOnly(kept);
    for (const { partition, start, end, nextOffset, epoch } of this.runs) {
      if (start < end) partition.unprocessedFrom ??= this.records[start]?.offset;
      if (nextOffset > partition.offset) partition.advance(nextOffset, epoch);
    }
  }

  /** Nobody gets them: they are fetched again. */
  giveBack(): void {
    for (const { partition, course } of this.runs) if (course === partition.course) partition.rewind();
    this.runs.length = 0;
    this.records.length = 0;
  }

  #keepOnly(kept: readonly TakenRun[]): void {
    const records: AnyRecord[] = [];
    const runs = kept.map((run) => {
      const start = records.length;
      for (let at = run.start; at < run.end; at++) records.push(this.records[at]!);
      return { ...run, start, end: records.length };
    });
    this.records.splice(0, this.records.length, ...records);
    this.runs.splice(0, this.runs.length, ...runs);
  }
}

function isWanted({ partition, course }: TakenRun): boolean {
  if (course !== partition.course) return false;
  if (!partition.isPaused) return true;
  partition.rewind();
  return false;
}
