import { describe, expect, it } from "vitest";
import { batchesOf, batchOf, recordsOf } from "../../../../test/support/fetched-records.ts";
import type { CompressionName } from "../../../protocol/index.ts";
import { nodeCodecs } from "../../compression/node-codecs.ts";
import { AssignedPartition } from "../assignment/assigned-partition.ts";
import { AnswerMemory } from "./answer-memory.ts";
import { FetchedPart } from "./fetched-part.ts";
import { RecordSettings } from "./record-settings.ts";

interface Answer {
  readonly parts: readonly FetchedPart[];
  /** 0 once it went back. */
  readonly size: () => number;
}

/** An answer of several partitions in one piece of memory, as it comes from a socket. */
function answerOf(...partitions: readonly (readonly Uint8Array[])[]): Answer {
  const contents = partitions.map((batches) => Buffer.concat(batches));
  const frame = new Uint8Array(contents.reduce((size, { length }) => size + length, 0));
  const memory = new AnswerMemory(frame);
  const settings = new RecordSettings({ checkCrcs: true, codecs: nodeCodecs });
  let start = 0;
  const parts = contents.map((content, index) => {
    frame.set(content, start);
    const records = frame.subarray(start, start + content.length);
    start += content.length;
    const partition = new AssignedPartition("orders", index);
    return new FetchedPart({ partition, course: partition.course, fetchOffset: 0, records, aborted: null, settings, memory });
  });
  memory.done();
  return { parts, size: () => frame.length };
}

/** Four batches of 20 KB. */
function fourBatches(compression: CompressionName = "none"): Uint8Array[] {
  return [0, 20, 40, 60].map((baseOffset) => batchOf(baseOffset, valuesFrom(baseOffset), { compression }));
}

function valuesFrom(offset: number): string[] {
  return Array.from({ length: 20 }, (_, index) => `${offset + index} `.repeat(1000 / `${offset + index} `.length));
}

async function valuesOf(part: FetchedPart): Promise<string[]> {
  return (await recordsOf(part)).map(({ value }) => (value instanceof Uint8Array ? Buffer.from(value).toString() : ""));
}

const EVERYTHING = [0, 20, 40, 60].flatMap(valuesFrom);

describe("the memory of an answer", () => {
  it("goes back when everything in it was read, and not before; records that were handed out keep their bytes", async () => {
    const { parts, size } = answerOf(fourBatches(), fourBatches());
    const [first, second] = parts;
    const records = await recordsOf(first!);
    expect(size()).toBeGreaterThan(160_000);
    expect(await valuesOf(second!)).toEqual(EVERYTHING);
    expect(size()).toBe(0);
    expect(records.map(({ value }) => (value instanceof Uint8Array ? Buffer.from(value).toString() : ""))).toEqual(EVERYTHING);
  });

  it("goes back when what is left of it has moved to memory of its own, which can be read as ever (R2)", async () => {
    const { parts, size } = answerOf(fourBatches(), fourBatches(), fourBatches());
    for (const part of parts.slice(1)) part.standAlone();
    await batchesOf(parts[0]!);
    expect(size()).toBe(0);
    expect(await valuesOf(parts[1]!)).toEqual(EVERYTHING);
  });

  it("stays where a partition's part was thrown away: whoever decompresses it may not have ended", async () => {
    const { parts, size } = answerOf(fourBatches(), fourBatches());
    await batchesOf(parts[0]!);
    expect(size()).toBeGreaterThan(160_000);
  });

  it("stays when records that stand in it were handed out: a batch that is most of it is not copied", async () => {
    const large = batchOf(
      0,
      Array.from({ length: 100 }, () => "x".repeat(1000)),
    );
    const { parts, size } = answerOf([large]);
    expect((await valuesOf(parts[0]!))[99]).toBe("x".repeat(1000));
    expect(size()).toBe(large.length);
  });

  it("stays when there are compressed batches in it, which refer to it", async () => {
    const { parts, size } = answerOf(fourBatches(), fourBatches("gzip"));
    for (const part of parts) expect(await valuesOf(part)).toEqual(EVERYTHING);
    expect(size()).toBeGreaterThan(80_000);
  });

  it("is left to the collector when there is little of it", async () => {
    const { parts, size } = answerOf([batchOf(0, ["a"]), batchOf(1, ["b"])]);
    expect(await valuesOf(parts[0]!)).toEqual(["a", "b"]);
    expect(size()).toBeGreaterThan(0);
  });
});
