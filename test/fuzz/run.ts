/**
 * npx tsx test/fuzz/run.ts --seconds 20 --seed 1 [--target request]   fuzzes all targets, or one
 * npx tsx test/fuzz/run.ts --target request --input 00000004…         runs one input again
 */
import { parseArgs } from "node:util";
import { Coverage } from "./coverage.ts";
import type { FuzzResult } from "./fuzzer.ts";
import type { Target } from "./target.ts";

/** Of each target, so many findings are shown. */
const MOST_SHOWN = 5;

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "20" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    target: { type: "string" },
    input: { type: "string" },
  },
});

// What is measured is imported after the counting has begun.
const coverage = new Coverage((url) => url.includes("/src/protocol/"));
const { targets } = await import("./targets.ts");
const { fuzz, problemOf } = await import("./fuzzer.ts");

const wanted = targets.filter(({ name }) => values.target === undefined || name === values.target);
if (wanted.length === 0) throw new Error(`no target '${values.target}'; there are ${targets.map(({ name }) => name).join(", ")}`);
if (values.input === undefined) await fuzzAll(wanted, Number(values.seconds), Number(values.seed));
else await runAgain(wanted[0]!, Buffer.from(values.input, "hex"));
coverage.stop();

async function fuzzAll(all: readonly Target[], seconds: number, seed: number): Promise<void> {
  console.log(`seed ${seed}, ${all.length} targets, ${seconds} seconds`);
  let inputs = 0;
  let failed = 0;
  for (const target of all) {
    const until = performance.now() + (seconds * 1000) / all.length;
    const result = await fuzz(target, coverage, { seed, isDone: () => performance.now() > until });
    show(result);
    inputs += result.inputs;
    failed += result.findings.length;
  }
  console.log(`${inputs - failed} passed, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
}

function show({ target, inputs, findings, seeds, seedBlocks, newBlocks, kept, slowestMs }: FuzzResult): void {
  const blocks = `${seedBlocks} blocks from ${seeds} seeds, ${newBlocks} more from ${kept} kept`;
  console.log(`${target.padEnd(26)}${String(inputs).padStart(8)} inputs, ${blocks}, slowest ${slowestMs.toFixed(1)} ms`);
  for (const { hex, problem } of findings.slice(0, MOST_SHOWN)) console.log(`  FAILED ${target} --input ${hex}\n    ${problem}`);
  if (findings.length > MOST_SHOWN) console.log(`  and ${findings.length - MOST_SHOWN} more`);
}

async function runAgain(target: Target, input: Uint8Array): Promise<void> {
  const { problem, ms } = await problemOf(target, input);
  console.log(`${target.name}: ${problem ?? "nothing wrong"} (${ms.toFixed(1)} ms)`);
  if (problem !== undefined) process.exitCode = 1;
}
