/** `npm run -s etl -- --records 500000 --seed 1 [--real] [--protocol consumer]`. See README.md. */
import { EmbeddedGround } from "./embedded-ground.ts";
import { checksOf, type EtlCheck, figuresOf } from "./etl-report.ts";
import { type EtlOptions, type EtlResult, runEtl } from "./etl-run.ts";
import { type Options, optionsFromArguments, USAGE, UsageError } from "./options.ts";
import { RealGround } from "./real-ground.ts";

/** So many that each has several in most transactions. */
const KEYS = 1000;

async function main(words: readonly string[]): Promise<void> {
  const options = optionsFromArguments(words);
  if (options === undefined) console.log(USAGE);
  else if (!(await etl(options))) process.exitCode = 1;
}

async function etl(options: Options): Promise<boolean> {
  const { records, seed, protocols, acts, blows, plant, isReal } = options;
  const startedMs = performance.now();
  const wanted = { seed, records: { count: records, keys: KEYS }, protocols, acts, blows, plant };
  const { result, left } = await (isReal ? onRealNodes : inMemory)({ ...wanted, onEvent: (what) => console.log(what) }, seed);
  console.log(`seed ${seed}, ${protocols.join(" > ")}, ${isReal ? "three real nodes" : "in memory, on a held clock"}`);
  for (const line of figuresOf(result)) console.log(line);
  console.log(`on this machine's clock: ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
  const checks = [...checksOf(result), ...left];
  for (const { rule, isKept, figures } of checks) console.log(`${isKept ? "passed" : "FAILED"}: ${rule} (${figures})`);
  const failed = checks.filter(({ isKept }) => !isKept).length;
  console.log(`${checks.length - failed} passed, ${failed} failed`);
  return failed === 0;
}

interface Run {
  readonly result: EtlResult;
  /** What else must hold. */
  readonly left: readonly EtlCheck[];
}

async function inMemory(options: EtlOptions, seed: number): Promise<Run> {
  const ground = await EmbeddedGround.start(seed);
  const result = await ground.when(runEtl(ground, options));
  const wrong = await ground.close();
  const figures = wrong.join("; ") || "0";
  return { result, left: [{ rule: "the cluster has no failure, and nothing is left over", isKept: wrong.length === 0, figures }] };
}

async function onRealNodes(options: EtlOptions): Promise<Run> {
  const ground = await RealGround.start();
  try {
    return { result: await runEtl(ground, options), left: [] };
  } finally {
    await ground.close();
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof UsageError ? `${error.message}\n${USAGE}` : error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
