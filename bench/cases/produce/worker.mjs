/**
 * One run of one case by one client for Node.js, in a process of its own: `node worker.mjs CLIENT_FILE name=value…`. Connects, has one
 * record acknowledged (the cold start), warms up, measures, and prints one JSON object.
 */
import { closeSync, openSync, readSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { pathToFileURL } from "node:url";
import { DELAY_RESOLUTION_MS, loopDelayP99, peakRssMb, percentile, planFromArguments } from "../own-process/process.mjs";
import { bulk, keepPace, keepSending } from "./styles.mjs";

const [, , clientFile, ...settings] = process.argv;
const numbers = ["valueBytes", "warmUpMs", "measureMs", "outstanding", "perSecond", "partitions"];
const plan = planFromArguments(settings, numbers);
const styles = { bulk, send: keepSending, latency: keepPace };

const PIECE_BYTES = 65_536;

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

/** One value a line, all of the same size. Read in pieces: what the whole file takes is not to be counted as the client's. */
function readValues() {
  const file = openSync(plan.valuesFile);
  const stride = plan.valueBytes + 1;
  const piece = Buffer.alloc(stride * Math.ceil(PIECE_BYTES / stride));
  const values = [];
  for (let read = readSync(file, piece); read > 0; read = readSync(file, piece)) {
    if (read % stride !== 0) throw new Error(`${plan.valuesFile} does not consist of values of ${plan.valueBytes} bytes`);
    // A copy each: views of one big buffer would lie side by side in memory, which an application's values do not.
    for (let at = 0; at < read; at += stride) values.push(Buffer.from(piece.subarray(at, at + plan.valueBytes)));
  }
  closeSync(file);
  return values;
}
