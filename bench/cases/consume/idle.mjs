/**
 * Consumers that have nothing to read, in a process of their own: `node idle.mjs CLIENT_FILE name=value…`. When all of them have read what
 * their topic had, and some time has passed, the processor's time is measured; prints one JSON object.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { peakRssMb, planFromArguments } from "../own-process/process.mjs";

/** Connecting at once, hundreds would only wait for each other. */
const AT_ONCE = 10;

const [, , clientFile, ...settings] = process.argv;
const plan = planFromArguments(settings, ["partitions", "consumers", "settleMs", "measureMs"]);
const { startIdle } = await import(pathToFileURL(clientFile).href);

const startedAt = performance.now();
for (let first = 0; first < plan.consumers; first += AT_ONCE) {
  const length = Math.min(AT_ONCE, plan.consumers - first);
  await Promise.all(Array.from({ length }, (_, index) => readAll(first + index)));
}
const coldMs = performance.now() - startedAt;
await sleep(plan.settleMs);
const from = performance.now();
const cpu = process.cpuUsage();
await sleep(plan.measureMs);
const { user, system } = process.cpuUsage(cpu);
const seconds = (performance.now() - from) / 1000;
const report = { runtime: process.version, coldMs, seconds, cpuSeconds: (user + system) / 1e6, peakRssMb: peakRssMb() };
process.stdout.write(`${JSON.stringify(report)}\n`);
process.exit();

/** Resolves when the consumer has had a record of every partition: it is where nothing more comes. */
function readAll(index) {
  return new Promise((resolve, reject) => {
    const missing = new Set(Array.from({ length: plan.partitions }, (_, partition) => partition));
    const onRecord = (partition) => {
      missing.delete(partition);
      if (missing.size === 0) resolve();
    };
    startIdle(plan, index, onRecord).catch(reject);
  });
}
