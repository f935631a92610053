import { describe, expect, it } from "vitest";
import { collectGarbage } from "../../../../test/support/collect-garbage.ts";
import { batchOf, toldOf } from "../../../../test/support/fetched-records.ts";
import { nodeCodecs } from "../../compression/node-codecs.ts";
import { AssignedPartition } from "../assignment/assigned-partition.ts";
import { FetchedPart } from "../records/fetched-part.ts";
import { RecordSettings } from "../records/record-settings.ts";
import { FetchBuffer } from "./fetch-buffer.ts";

const ANSWER_BYTES = 1_000_000;
const settings = new RecordSettings({ checkCrcs: true, codecs: nodeCodecs });
const ignore = (): void => undefined;

function emptyBuffer(): FetchBuffer {
  return new FetchBuffer({ onReadable: ignore, onRoom: ignore });
}

/** What a large answer had of it: little, among much of others. */
function littleOf(partition: AssignedPartition, fetchOffset: number, ...values: readonly string[]): FetchedPart {
  const answer = Buffer.from(new ArrayBuffer(ANSWER_BYTES));
  const batches = Buffer.concat(values.map((value, index) => batchOf(fetchOffset + index, [value])));
  answer.set(batches, ANSWER_BYTES / 2);
  const records = answer.subarray(ANSWER_BYTES / 2, ANSWER_BYTES / 2 + batches.length);
  answers.set(partition, [...(answers.get(partition) ?? []), new WeakRef(answer.buffer)]);
  return new FetchedPart({ partition, course: partition.course, fetchOffset, records, aborted: null, settings });
}

/** Those that littleOf was asked for, in order. */
const answers = new WeakMap<AssignedPartition, readonly WeakRef<ArrayBuffer>[]>();

async function keptAnswers(partition: AssignedPartition): Promise<readonly boolean[]> {
  await collectGarbage();
  return (answers.get(partition) ?? []).map((answer) => answer.deref() !== undefined);
}

function partitions(): readonly [AssignedPartition, AssignedPartition] {
  return [new AssignedPartition("orders", 0), new AssignedPartition("orders", 1)];
}

describe("R2, F29: what waits in the buffer keeps its own bytes, and not the answer that it came in,", () => {
  it("when a function is at work on its partition, or it is paused", async () => {
    for (const why of ["isHeld", "isPaused"] as const) {
      const [partition] = partitions();
      const buffer = emptyBuffer();
      partition[why] = true;
      const part = littleOf(partition, 0, "a", "b");
      buffer.add(part);
      expect(await keptAnswers(partition)).toEqual([false]);
      partition[why] = false;
      buffer.resume(partition);
      expect(buffer.head()?.parts).toEqual([part]);
      expect(await toldOf(part)).toEqual(["0:a", "1:b"]);
    }
  });

  it("when that came later, in the middle of a part", async () => {
    const [partition, other] = partitions();
    const buffer = emptyBuffer();
    const part = littleOf(partition, 0, "a", "b", "c");
    buffer.add(part);
    buffer.add(littleOf(other, 0, "x"));
    await part.next();
    expect(await keptAnswers(partition)).toEqual([true]);
    partition.isHeld = true;
    expect(buffer.head()?.partition).toBe(other);
    expect(await keptAnswers(partition)).toEqual([false]);
    expect(await toldOf(part)).toEqual(["1:b", "2:c"]);
    expect(await keptAnswers(other)).toEqual([true]);
  });

  it("when others have come before it and are not read", async () => {
    const [partition] = partitions();
    const buffer = emptyBuffer();
    const parts = [0, 1, 2, 3].map((offset) => littleOf(partition, offset, `v${offset}`));
    for (const part of parts) buffer.add(part);
    expect(await keptAnswers(partition)).toEqual([true, true, false, false]);
    expect(await Promise.all(parts.map(toldOf))).toEqual([["0:v0"], ["1:v1"], ["2:v2"], ["3:v3"]]);
  });

  it("and goes unread without a copy if it is most of its answer", async () => {
    const [partition] = partitions();
    const buffer = emptyBuffer();
    partition.isHeld = true;
    const bytes = Buffer.from(batchOf(0, ["x".repeat(ANSWER_BYTES)]));
    buffer.add(new FetchedPart({ partition, course: 0, fetchOffset: 0, records: bytes, aborted: null, settings }));
    partition.isHeld = false;
    buffer.resume(partition);
    const [record] = (await buffer.head()?.parts[0]?.next())?.rest() ?? [];
    expect(record?.value).toMatchObject({ buffer: bytes.buffer });
  });
});
