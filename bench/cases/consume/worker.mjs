/**
 * One run of one case by one client for Node.js, in a process of its own: `node worker.mjs CLIENT_FILE name=value…`. Reads until it is warm
 * and measured, and prints one JSON object: the figures, and for every pass what it read.
 */
import { pathToFileURL } from "node:url";
import { loopDelayP99, peakRssMb, percentile, planFromArguments } from "../own-process/process.mjs";
import { Clock, LatencyPass, Pass } from "./reading.mjs";

const [, , clientFile, ...settings] = process.argv;
const plan = planFromArguments(settings, ["partitions", "records", "valueBytes", "warmUpMs", "measureMs", "perSecond"]);
const { read } = await import(pathToFileURL(clientFile).href);

const clock = new Clock(plan);
const passes = [];
let latencies = [];
let beside;
while (!clock.isOver) {
  const isPaced = plan.style === "latency" || plan.style === "beside";
  const pass = isPaced ? new LatencyPass(plan, clock) : new Pass(plan, clock);
  await read(plan, pass, passes.length);
  if (pass.problem !== undefined) throw new Error(pass.problem);
  passes.push(pass.result);
  latencies = pass.latencies ?? [];
  beside = pass.beside;
}
const report = {
  runtime: process.version,
  coldMs: clock.coldMs,
  records: clock.records,
  seconds: clock.seconds,
  cpuSeconds: clock.cpuSeconds,
  peakRssMb: peakRssMb(),
  loopDelayP99Ms: loopDelayP99(clock.delays),
  ...(latencies.length > 0 && { p50Ms: percentile(latencies, 0.5), p99Ms: percentile(latencies, 0.99) }),
  passes,
  ...(beside !== undefined && { beside }),
};
process.stdout.write(`${JSON.stringify(report)}\n`);
// A client that keeps a timer or a thread must not keep us.
process.exit();
