/** What the samples of a run say: whether memory stays where it is, and within its bounds. */

export interface Sample {
  readonly minute: number;
  /** After a collection. */
  readonly heapUsed: number;
  readonly external: number;
  readonly arrayBuffers: number;
  readonly rss: number;
  /** The memory that kept records stand in, and how many they are. */
  readonly pinnedBytes: number;
  readonly keptRecords: number;
  readonly readers: readonly ReaderSample[];
}

export interface ReaderSample {
  readonly name: string;
  /** In bytes: the most that was seen since the sample before. */
  readonly mostBuffered: number;
  readonly bound: number;
  /** Handed out since the beginning. */
  readonly records: number;
  readonly problem: string | undefined;
}

export interface Finding {
  readonly rule: string;
  readonly isKept: boolean;
  readonly figures: string;
}

/** What a heap may grow by in any case: code that is compiled late, caches. */
const HEAP_GROWTH_A_MINUTE = 40_000;
/** How far samples lie apart without anything growing: it hides in a short run, and is nothing in a long one. */
const HEAP_NOISE = 600_000;
/** Memory outside of the heap comes and goes with what is buffered. */
const BUFFERS_GROWTH_A_MINUTE = 200_000;
/** Beside what is buffered: what is being decompressed, or was handed out last; and what belongs to no reader, such as code. */
const AT_WORK_A_READER = 8 * 1024 * 1024;
const BEYOND_READERS = 8 * 1024 * 1024;
/** Memory of up to so much stays together: it is not worth a copy. */
const MOST_PINNED_A_RECORD = 65_536;
const FEWEST_SAMPLES = 8;

export function findingsOf(samples: readonly Sample[]): readonly Finding[] {
  // In the first half things find their size.
  const half = samples.slice(Math.floor(samples.length / 2));
  const last = samples.at(-1);
  if (last === undefined || half.length < FEWEST_SAMPLES)
    return [{ rule: "there are enough samples to judge", isKept: false, figures: `${samples.length}` }];
  const minutes = last.minute - (half[0]?.minute ?? 0);
  const names = last.readers.map(({ name }) => name);
  return [
    heapIsFlat(half, minutes),
    buffersAreFlat(half, minutes, last),
    outsideIsBounded(samples, last),
    keptRecordsKeepLittle(samples),
    ...names.flatMap((name) => ofReader(name, samples, half)),
  ];
}

function heapIsFlat(half: readonly Sample[], minutes: number): Finding {
  const most = HEAP_GROWTH_A_MINUTE + HEAP_NOISE / minutes;
  const slope = slopeOf(half, ({ heapUsed }) => heapUsed);
  return {
    rule: "the heap does not grow",
    isKept: slope <= most,
    figures: `${inKb(slope)} a minute in the last ${minutes.toFixed(1)} minutes, ${inKb(most)} allowed; ${rangeOf(half, ({ heapUsed }) => heapUsed)}`,
  };
}

function buffersAreFlat(half: readonly Sample[], minutes: number, { readers }: Sample): Finding {
  // All that may be buffered may come, or go, while one looks.
  const swing = readers.reduce((sum, { bound }) => sum + bound, 0) / 2;
  const most = BUFFERS_GROWTH_A_MINUTE + swing / minutes;
  const slope = slopeOf(half, ({ external }) => external);
  return {
    rule: "memory outside of the heap does not grow",
    isKept: slope <= most,
    figures: `${inKb(slope)} a minute, ${inKb(most)} allowed; ${rangeOf(half, ({ external }) => external)}`,
  };
}

function outsideIsBounded(samples: readonly Sample[], { readers }: Sample): Finding {
  const bounds = readers.reduce((sum, { bound }) => sum + bound + AT_WORK_A_READER, 0);
  const most = bounds + BEYOND_READERS;
  const seen = Math.max(...samples.map(({ arrayBuffers, pinnedBytes }) => arrayBuffers - pinnedBytes));
  return {
    rule: "memory outside of the heap is what may be buffered, and what is at work",
    isKept: seen <= most,
    figures: `${inMb(seen)} at most, ${inMb(most)} allowed`,
  };
}

function keptRecordsKeepLittle(samples: readonly Sample[]): Finding {
  const perRecord = Math.max(...samples.map(({ pinnedBytes, keptRecords }) => pinnedBytes / Math.max(1, keptRecords)));
  const kept = Math.max(...samples.map(({ keptRecords }) => keptRecords));
  return {
    rule: "a kept record keeps its batch, and not its answer",
    isKept: kept > 0 && perRecord <= MOST_PINNED_A_RECORD,
    figures: `${inKb(perRecord)} each at most, ${inKb(MOST_PINNED_A_RECORD)} allowed; ${kept} were kept`,
  };
}

function ofReader(name: string, samples: readonly Sample[], half: readonly Sample[]): readonly Finding[] {
  const all = samples.flatMap(({ readers }) => readers.filter((it) => it.name === name));
  const bound = all.at(-1)?.bound ?? 0;
  const mostBuffered = Math.max(...all.map((it) => it.mostBuffered));
  const problem = all.find((it) => it.problem !== undefined)?.problem;
  const read = (of: readonly Sample[]): number => of.at(-1)?.readers.find((it) => it.name === name)?.records ?? 0;
  const recently = read(half) - read(half.slice(0, 1));
  return [
    {
      rule: `${name}: what is buffered is within its bound`,
      isKept: mostBuffered > 0 && mostBuffered <= bound,
      figures: `${inMb(mostBuffered)} at most, ${inMb(bound)} allowed`,
    },
    {
      rule: `${name}: reads on, in order`,
      isKept: problem === undefined && recently > 0,
      figures: problem ?? `${read(samples)} records, ${recently} of them in the second half`,
    },
  ];
}

/** Least squares; a minute. */
export function slopeOf(samples: readonly Sample[], of: (sample: Sample) => number): number {
  const meanMinute = mean(samples.map(({ minute }) => minute));
  const meanValue = mean(samples.map(of));
  let above = 0;
  let below = 0;
  for (const sample of samples) {
    above += (sample.minute - meanMinute) * (of(sample) - meanValue);
    below += (sample.minute - meanMinute) ** 2;
  }
  return below === 0 ? 0 : above / below;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function rangeOf(samples: readonly Sample[], of: (sample: Sample) => number): string {
  const values = samples.map(of);
  return `${inMb(Math.min(...values))} to ${inMb(Math.max(...values))}`;
}

function inKb(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} KB`;
}

function inMb(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
