/** `npm run -s soak -- consume --minutes 30`: slow readers for long, and what becomes of memory. See README.md. */
import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { collectGarbage } from "../support/collect-garbage.ts";
import { Keeper } from "./keeper.ts";
import { type Options, optionsFromArguments, type Plant, USAGE, UsageError } from "./options.ts";
import { Reader, type SoakRecord } from "./reader.ts";
import { plansOf } from "./readers.ts";
import { startSupply } from "./supply.ts";
import { findingsOf, type Sample } from "./verdict.ts";

const MINUTE_MS = 60_000;
const SAMPLE_MS = 3000;
/** What is buffered is looked at more often than a collection can be afforded. */
const LOOK_MS = 200;
/** `overrun`: so many times what it may. */
const TOO_MUCH = 4;
/** `pin`: the size of an answer. */
const ANSWER_BYTES = 1_000_000;

async function main(words: readonly string[]): Promise<void> {
  const options = optionsFromArguments(words);
  if (options === undefined) console.log(USAGE);
  else if (!(await soak(options))) process.exitCode = 1;
}

async function soak({ minutes, seed, plant, samplesFile }: Options): Promise<boolean> {
  await using supply = await startSupply(seed);
  const keeper = new Keeper(() => (plant === "pin" ? Buffer.alloc(ANSWER_BYTES) : undefined));
  const readers = readersOf(supply.bootstrapServers, keeper, plant);
  for (const reader of readers) reader.start();
  const samples: Sample[] = [];
  const beganAt = performance.now();
  try {
    while (performance.now() - beganAt < minutes * MINUTE_MS) {
      const mostBuffered = await watchBuffers(readers);
      await collectGarbage();
      const sample = sampleOf((performance.now() - beganAt) / MINUTE_MS, { readers, keeper, mostBuffered });
      samples.push(sample);
      if (samplesFile !== undefined) appendFileSync(samplesFile, `${JSON.stringify(sample)}\n`);
      tell(samples);
    }
  } finally {
    await Promise.all(readers.map((reader) => reader.close()));
  }
  const findings = findingsOf(samples);
  for (const { rule, isKept, figures } of findings) console.log(`${isKept ? "passed" : "FAILED"}: ${rule} (${figures})`);
  const failed = findings.filter(({ isKept }) => !isKept).length;
  console.log(`${findings.length - failed} passed, ${failed} failed`);
  return failed === 0;
}

function readersOf(bootstrapServers: string, keeper: Keeper, plant: Plant | undefined): readonly Reader[] {
  const leaked: SoakRecord[] = [];
  return plansOf(keeper).map((plan) => {
    const asking = plant === "overrun" && plan.name === "run" ? TOO_MUCH : 1;
    const leaks = plant === "leak" && plan.name === "paused";
    return new Reader(bootstrapServers, plan, asking, (record) => {
      if (leaks) leaked.push(record);
    });
  });
}

/** For a while; returns the most that each of them had. */
async function watchBuffers(readers: readonly Reader[]): Promise<ReadonlyMap<Reader, number>> {
  const most = new Map<Reader, number>();
  const until = performance.now() + SAMPLE_MS;
  while (performance.now() < until) {
    for (const reader of readers) most.set(reader, Math.max(most.get(reader) ?? 0, reader.bufferedBytes));
    await sleep(LOOK_MS);
  }
  return most;
}

interface Watched {
  readonly readers: readonly Reader[];
  readonly keeper: Keeper;
  readonly mostBuffered: ReadonlyMap<Reader, number>;
}

function sampleOf(minute: number, { readers, keeper, mostBuffered }: Watched): Sample {
  const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage();
  const { pinnedBytes, count: keptRecords } = keeper;
  const ofReaders = readers.map((reader) => {
    const { name, bound, records, problem } = reader;
    return { name, bound, records, problem, mostBuffered: mostBuffered.get(reader) ?? 0 };
  });
  return { minute, heapUsed, external, arrayBuffers, rss, pinnedBytes, keptRecords, readers: ofReaders };
}

/** Once a minute. */
function tell(samples: readonly Sample[]): void {
  const [before, last] = samples.slice(-2);
  if (before === undefined || last === undefined || Math.floor(before.minute) === Math.floor(last.minute)) return;
  const { minute, heapUsed, external, rss, readers } = last;
  const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  const buffered = readers.map(({ name, mostBuffered, records }) => `${name} ${mb(mostBuffered)}, ${records}`).join("; ");
  console.log(
    `minute ${minute.toFixed(0)}: heap ${mb(heapUsed)}, outside ${mb(external)}, rss ${mb(rss)}; buffered, read: ${buffered}`,
  );
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof UsageError ? `${error.message}\n${USAGE}` : error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
