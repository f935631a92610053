/** `npm run -s simulate -- --seeds N [--seed S]`: see README.md. */
import { fileURLToPath } from "node:url";
import { shareOut } from "./crew.ts";
import { type Options, optionsFromArguments, USAGE, UsageError } from "./options.ts";
import { PlantedCopy } from "./plants/planted-copy.ts";
import { type Plant, plants } from "./plants/plants.ts";
import { failureText, Progress } from "./report.ts";
import type { SeedOrder, SeedReport } from "./simulate.ts";

const FOLDER = fileURLToPath(new URL(".", import.meta.url));
/** Every so many seeds one is lived twice. */
const TWICE_EVERY = 50;
const MOST_SEEDS_TO_A_PLANT = 200;
/** After so many seeds a log says how far it is. */
const MILESTONE = 100;

async function main(words: readonly string[]): Promise<void> {
  if (words.includes("--help")) {
    console.log(USAGE);
    return;
  }
  const options = optionsFromArguments(words);
  const isFine = options.prove ? await prove(options) : await simulateSeeds(options);
  if (!isFine) process.exitCode = 1;
}

function ordersFrom({ firstSeed, seeds, journal }: Options): readonly SeedOrder[] {
  return Array.from({ length: seeds }, (_, index) => {
    const seed = firstSeed + index;
    return { seed, twice: seeds === 1 || index % TWICE_EVERY === 0, journal };
  });
}

async function simulateSeeds(options: Options): Promise<boolean> {
  const plant = options.plant === undefined ? undefined : plantNamed(options.plant);
  const copy = plant === undefined ? undefined : new PlantedCopy();
  if (plant !== undefined) copy?.plant(plant);
  const progress = new Progress();
  const total = { passed: 0, failed: 0, calls: 0, requests: 0, simulatedMs: 0 };
  const startedMs = performance.now();
  const onReport = (report: SeedReport): boolean => {
    progress.clear();
    const { seed, violations, journal, calls = 0, requests = 0, simulatedMs = 0 } = report;
    if (journal !== undefined) process.stdout.write(journal);
    if (violations.length > 0) print(report, options);
    total[violations.length > 0 ? "failed" : "passed"]++;
    total.calls += calls;
    total.requests += requests;
    total.simulatedMs += simulatedMs;
    const isMilestone = (total.passed + total.failed) % MILESTONE === 0;
    progress.show(`seed ${seed}: ${total.passed} passed, ${total.failed} failed`, isMilestone);
    return true;
  };
  try {
    await shareOut(ordersFrom(options), { folder: copy?.simulationFolder ?? FOLDER, workers: options.workers, onReport });
  } finally {
    copy?.remove();
  }
  progress.clear();
  const seconds = (performance.now() - startedMs) / 1000;
  if (options.json) console.log(JSON.stringify({ ...total, seconds: Math.round(seconds * 10) / 10 }));
  else {
    const hours = (total.simulatedMs / 3_600_000).toFixed(1);
    console.log(`${total.calls} calls, ${total.requests} journal entries, ${hours} simulated hours in ${seconds.toFixed(1)} s`);
    console.log(`${total.passed} passed, ${total.failed} failed`);
  }
  return total.failed === 0;
}

function print(report: SeedReport, { json, plant }: Options): void {
  const rerun = `npm run -s simulate -- --seed ${report.seed}${plant === undefined ? "" : ` --plant ${plant}`}`;
  if (json) console.log(JSON.stringify({ ...report, journalTail: undefined, journal: undefined, rerun }));
  else process.stdout.write(failureText(report, rerun));
}

/** A net that catches nothing proves nothing: each planted bug must be caught. */
async function prove(options: Options): Promise<boolean> {
  const copy = new PlantedCopy();
  const sound = new SoundSeeds();
  let found = 0;
  try {
    for (const plant of options.plant === undefined ? plants : [plantNamed(options.plant)]) {
      copy.plant(plant);
      const first = await firstFailure(plant, options, copy, sound);
      if (first !== undefined) found++;
      const rule = first?.violations[0]?.rule;
      if (options.json) console.log(JSON.stringify({ plant: plant.name, seed: first?.seed, rule }));
      else if (first === undefined) console.log(`${plant.name}: NOT FOUND in ${MOST_SEEDS_TO_A_PLANT} seeds (${plant.bug})`);
      else console.log(`${plant.name}: found by seed ${first.seed}, "${rule}" (${plant.bug})`);
    }
  } finally {
    copy.remove();
  }
  const missed = (options.plant === undefined ? plants.length : 1) - found;
  if (!options.json) console.log(`${found} planted bugs found, ${missed} missed`);
  return missed === 0;
}

/** The first seed that fails with the bug, and passes without it. */
async function firstFailure(plant: Plant, options: Options, copy: PlantedCopy, sound: SoundSeeds): Promise<SeedReport | undefined> {
  const progress = new Progress();
  const { workers } = options;
  let left = ordersFrom({ ...options, seeds: MOST_SEEDS_TO_A_PLANT, journal: false }).map((order) => ({ ...order, twice: false }));
  try {
    for (;;) {
      let found: SeedReport | undefined;
      const onReport = (report: SeedReport): boolean => {
        progress.show(`${plant.name}: seed ${report.seed}`);
        if (report.violations.length > 0) found = report;
        return found === undefined;
      };
      await shareOut(left, { folder: copy.simulationFolder, workers, onReport });
      if (found === undefined || (await sound.has(found.seed))) return found;
      const { seed } = found;
      left = left.filter((order) => order.seed > seed);
    }
  } finally {
    progress.clear();
  }
}

/** Those that pass without a planted bug. Many bugs are found by the same ones. */
class SoundSeeds {
  readonly #known = new Map<number, boolean>();

  async has(seed: number): Promise<boolean> {
    const known = this.#known.get(seed);
    if (known !== undefined) return known;
    const onReport = ({ violations }: SeedReport): boolean => {
      this.#known.set(seed, violations.length === 0);
      return true;
    };
    await shareOut([{ seed, twice: false, journal: false }], { folder: FOLDER, workers: 1, onReport });
    return this.#known.get(seed) === true;
  }
}

function plantNamed(name: string): Plant {
  const plant = plants.find((one) => one.name === name);
  if (plant === undefined)
    throw new UsageError(`there is no planted bug '${name}'; there are ${plants.map((one) => one.name).join(", ")}`);
  return plant;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof UsageError ? `${error.message}\n${USAGE}` : error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
