/**
 * One run of one case by one client, in a process of its own: `node worker.mjs CASE_FILE CASE WARMUP_MS MEASURE_MS`. Prints one
 * JSON object. The first iteration is the cold start; then the case runs until it is warm, then it is measured.
 */
import { pathToFileURL } from "node:url";

const [, , caseFile, caseName, warmUpMs, measureMs] = process.argv;
const MIN_ITERATIONS = 5;

const { cases } = await import(pathToFileURL(caseFile).href);
const { run, digest } = await cases[caseName]();

const coldStart = performance.now();
const expected = await run();
const coldMs = performance.now() - coldStart;

await iterate(Number(warmUpMs), []);
const iterationMs = [];
const cpuBefore = process.cpuUsage();
await iterate(Number(measureMs), iterationMs);
const cpu = process.cpuUsage(cpuBefore);
const peakRssKb = process.resourceUsage().maxRSS;

const report = {
  node: process.version,
  coldMs,
  iterationMs,
  cpuMs: (cpu.user + cpu.system) / 1000,
  peakRssMb: peakRssKb / 1024,
  sum: expected,
  digest: await digest(),
};
process.stdout.write(`${JSON.stringify(report)}\n`);

async function iterate(durationMs, times) {
  const until = performance.now() + durationMs;
  for (let count = 0; count < MIN_ITERATIONS || performance.now() < until; count++) {
    const start = performance.now();
    const result = run();
    // Awaited only where the client itself is asynchronous.
    const sum = typeof result === "number" ? result : await result;
    times.push(performance.now() - start);
    if (sum !== expected) throw new Error(`iteration ${count} of ${caseName} came to ${sum}, the first one to ${expected}`);
  }
}
