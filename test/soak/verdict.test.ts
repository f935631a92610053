import { describe, expect, it } from "vitest";
import { boundOf } from "./bound.ts";
import { findingsOf, type ReaderSample, type Sample, slopeOf } from "./verdict.ts";

const MEBIBYTE = 1_048_576;
const SAMPLES = 180;
/** Made up: what chance would do to samples, the same in every run. */
const swing = (index: number): number => Math.sin(index * 12.9898) * 300_000;

type Change = (sample: Sample, index: number) => Partial<Sample>;

/** Half an hour in which nothing is wrong, unless it is made so. */
function halfAnHour(change: Change = () => ({})): readonly Sample[] {
  return Array.from({ length: SAMPLES }, (_, index) => {
    const reader: ReaderSample = {
      name: "poll",
      mostBuffered: 4 * MEBIBYTE,
      bound: 5 * MEBIBYTE,
      records: index * 1000,
      problem: undefined,
    };
    const sample: Sample = {
      minute: (index * 30) / SAMPLES,
      // It grows as long as the program is new to it.
      heapUsed: 20e6 + Math.min(index, SAMPLES / 4) * 50_000 + swing(index),
      external: 40e6 + swing(index) * 20,
      arrayBuffers: 10e6 + swing(index) * 20,
      rss: 200e6,
      pinnedBytes: 5e6,
      keptRecords: 200,
      readers: [reader],
    };
    return { ...sample, ...change(sample, index) };
  });
}

function broken(samples: readonly Sample[]): readonly string[] {
  return findingsOf(samples)
    .filter(({ isKept }) => !isKept)
    .map(({ rule }) => rule);
}

const withReader = (sample: Sample, change: Partial<ReaderSample>): Partial<Sample> => ({
  readers: sample.readers.map((reader) => ({ ...reader, ...change })),
});

describe("the judge of a long run", () => {
  it("finds nothing where memory only swings, and has found its size in the first half", () => {
    expect(broken(halfAnHour())).toEqual([]);
  });

  it("finds a heap that grows by 100 KB a minute among swings of 600 KB", () => {
    const leak: Change = ({ heapUsed, minute }) => ({ heapUsed: heapUsed + minute * 100_000 });
    expect(broken(halfAnHour(leak))).toEqual(["the heap does not grow"]);
  });

  it("finds memory that grows outside of the heap, in its bounds still", () => {
    const leak: Change = ({ external, minute }) => ({ external: external + minute * 1e6 });
    expect(broken(halfAnHour(leak))).toEqual(["memory outside of the heap does not grow"]);
  });

  it("finds more memory outside of the heap than may be buffered, if only for a moment", () => {
    const peak: Change = ({ arrayBuffers }, index) => ({ arrayBuffers: index === 7 ? 60e6 : arrayBuffers });
    expect(broken(halfAnHour(peak))).toEqual(["memory outside of the heap is what may be buffered, and what is at work"]);
  });

  it("finds a byte too much in the buffers, once", () => {
    const overrun: Change = (sample, index) => (index === 7 ? withReader(sample, { mostBuffered: 5 * MEBIBYTE + 1 }) : {});
    expect(broken(halfAnHour(overrun))).toEqual(["poll: what is buffered is within its bound"]);
  });

  it("finds kept records that keep their answers, and does not take none for an answer", () => {
    const rule = "a kept record keeps its batch, and not its answer";
    expect(broken(halfAnHour(() => ({ pinnedBytes: 200 * 65_537 })))).toEqual([rule]);
    expect(broken(halfAnHour(() => ({ pinnedBytes: 0, keptRecords: 0 })))).toEqual([rule]);
  });

  it("finds who reads nothing any more, has nothing buffered, or failed", () => {
    const standing: Change = (sample, index) => (index > 50 ? withReader(sample, { records: 50_000 }) : {});
    const failing: Change = (sample, index) => (index > 170 ? withReader(sample, { problem: "it has stopped reading" }) : {});
    expect(broken(halfAnHour(standing))).toEqual(["poll: reads on, in order"]);
    expect(broken(halfAnHour(failing))).toEqual(["poll: reads on, in order"]);
    expect(broken(halfAnHour((sample) => withReader(sample, { mostBuffered: 0 })))).toEqual([
      "poll: what is buffered is within its bound",
    ]);
  });

  it("does not judge by a few samples", () => {
    expect(broken([])).toEqual(["there are enough samples to judge"]);
    expect(broken(halfAnHour().slice(0, 14))).toEqual(["there are enough samples to judge"]);
  });

  it("measures a slope by least squares", () => {
    expect(
      slopeOf(
        halfAnHour(({ minute }) => ({ heapUsed: 7 + 3 * minute })),
        ({ heapUsed }) => heapUsed,
      ),
    ).toBeCloseTo(3, 6);
  });
});

describe("the bound of what a consumer buffers", () => {
  const limits = { fetchMaxBytes: 4 * MEBIBYTE, maxPartitionFetchBytes: MEBIBYTE };

  it("is two answers' worth of each partition while these are few, and fetchMaxBytes and an answer when they are many", () => {
    const bounds = [1, 2, 3, 100].map((partitions) => Math.round(boundOf(limits, partitions, 0) / MEBIBYTE));
    expect(bounds).toEqual([2, 4, 5, 5]);
  });

  it("has room for paused partitions on top, and for a batch that is larger than an answer may be", () => {
    expect(boundOf(limits, 7, 2) / MEBIBYTE).toBeCloseTo(9, 2);
    const tiny = { fetchMaxBytes: 65_536, maxPartitionFetchBytes: 65_536 };
    expect(boundOf(tiny, 7, 0)).toBe(3 * 65_536 + 2 * (1_048_588 - 65_536));
  });
});
