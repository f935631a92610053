/**
 * `npm run conformance`: the fixtures in this repository. With `-- --full`: all fixtures, made anew by Apache Kafka's own classes,
 * the schema files of their jars, random messages of ours that Kafka reads, and random groups that both assign (`--seed N` repeats a run).
 */
import { generateFullSet } from "../oracle/fixture-sets.ts";
import { isOracleAvailable } from "../support/oracle.ts";
import { scratchFolder } from "../support/scratch-folder.ts";
import { type Chapter, fixtureChapters, oracleChapters } from "./chapters.ts";
import { Tally } from "./tally.ts";

/** More than this many failures have one cause; the rest is only counted. */
const SHOWN_FAILURES = 40;

async function run(chapters: readonly Chapter[], tally: Tally): Promise<void> {
  for (const { name, run: check } of chapters) {
    const before = tally.passed + tally.failures.length;
    const startedAt = performance.now();
    await check(tally);
    if (tally.passed + tally.failures.length === before) tally.fail(name, new Error("nothing was checked"));
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    console.log(`${name}: ${tally.passed + tally.failures.length - before} checks, ${seconds} s`);
  }
}

async function runFull(tally: Tally): Promise<void> {
  const seedAt = process.argv.indexOf("--seed");
  const seed = seedAt < 0 ? Date.now() % 1_000_000 : Number(process.argv[seedAt + 1]);
  const scratch = scratchFolder();
  try {
    await generateFullSet(scratch.path);
    await run([...fixtureChapters(scratch.path), ...oracleChapters(seed)], tally);
  } finally {
    scratch.remove();
  }
}

const tally = new Tally();
const isFull = process.argv.includes("--full") && isOracleAvailable();
await (isFull ? runFull(tally) : run(fixtureChapters(), tally));
for (const failure of tally.failures.slice(0, SHOWN_FAILURES)) console.log(`FAILED ${failure}`);
console.log(`${tally.passed} passed, ${tally.failures.length} failed`);
process.exitCode = tally.failures.length === 0 ? 0 : 1;
