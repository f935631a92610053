/**
 * One run of one case by one client for Node.js, in a process of its own: `node worker.mjs CLIENT_FILE name=value…`. Connects, has one
 * record acknowledged (the cold start), warms up, measures, and prints one JSON object.
 */
import { readFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { pathToFileURL } from "node:url";
import { DELAY_RESOLUTION_MS, loopDelayP99, peakRssMb, percentile, planFromArguments } from "../own-process/process.mjs";
import { bulk, keepPace, keepSending } from "./styles.mjs";

const [, , clientFile, ...settings] = process.argv;
const numbers = ["valueBytes", "warmUpMs", "measureMs", "outstanding", "perSecond", "partitions"];
const plan = planFromArguments(settings, numbers);
const styles = { bulk, send: keepSending, latency: keepPace };

const values = readValues();
const style = styles[plan.style];
const { connect } = await import(pathToFileURL(clientFile).href);

const start = performance.now();
const client = await connect(plan);
await client.send(values[0]);
const coldMs = performance.now() - start;

let sent = 1;
sent += (await style(client, values, plan, plan.warmUpMs)).records;
const delays = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
delays.enable();
const cpuBefore = process.cpuUsage();
const { records, seconds, latencies } = await style(client, values, plan, plan.measureMs);
const cpu = process.cpuUsage(cpuBefore);
delays.disable();
sent += records;
const rssMb = peakRssMb();
await client.close();

const report = {
  runtime: process.version,
  coldMs,
  sent,
  records,
  seconds,
  cpuSeconds: (cpu.user + cpu.system) / 1e6,
  peakRssMb: rssMb,
  loopDelayP99Ms: loopDelayP99(delays),
  ...(latencies && { p50Ms: percentile(latencies, 0.5), p99Ms: percentile(latencies, 0.99) }),
};
process.stdout.write(`${JSON.stringify(report)}\n`);
// A client that keeps a timer or a thread must not keep us.
process.exit();

/** One value a line, all of the same size. */
function readValues() {
  const bytes = readFileSync(plan.valuesFile);
  const stride = plan.valueBytes + 1;
  // A copy each: views of one big buffer would lie side by side in memory, which an application's values do not.
  return Array.from({ length: bytes.length / stride }, (_, index) =>
    Buffer.from(bytes.subarray(index * stride, index * stride + plan.valueBytes)),
  );
}
