/**
 * The published producer benchmark of @platformatic/kafka: `node worker.mjs name=value…`.
 *
 * `form=as-published`: all clients in this process, one after the other, each send awaited before the next; acks 0.
 * `form=honest`: one client, warmed up, acks all, keys that decide the partition, many sends outstanding.
 *
 * Prints a JSON array with a run for each client.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { DELAY_RESOLUTION_MS, loopDelayP99, peakRssMb, percentile, planFromArguments } from "../own-process/process.mjs";
import { keepSending } from "../produce/styles.mjs";

const settings = planFromArguments(process.argv.slice(2), []);
const { clients, form } = settings;
const plan = {
  bootstrap: settings.bootstrap,
  topic: settings.topic,
  form,
  acks: form === "honest" ? -1 : 0,
  recordsPerSend: Number(settings.recordsPerSend),
};
const sends = Number(settings.sends);
const outstanding = Number(settings.outstanding);

const runs = [];
for (const name of clients.split(",")) runs.push({ client: name, ...(await (form === "honest" ? honest : asPublished)(name)) });
process.stdout.write(`${JSON.stringify(runs)}\n`);
process.exit();

/** One sample a send, as the original's tracker: its operations a second are the inverse of the mean. */
async function asPublished(name) {
  const client = await connect(name);
  const times = [];
  const cpuBefore = process.cpuUsage();
  for (let index = 0; index < sends; index++) {
    const start = performance.now();
    await client.send(index);
    times.push(performance.now() - start);
  }
  const cpu = process.cpuUsage(cpuBefore);
  await client.close();
  const seconds = times.reduce((sum, time) => sum + time, 0) / 1000;
  return { ...report(sends, seconds, cpu, times), sent: sends * plan.recordsPerSend };
}

async function honest(name) {
  const start = performance.now();
  const client = await connect(name);
  await client.send(0);
  const coldMs = performance.now() - start;
  const indexes = Array.from({ length: sends }, (_, index) => index);
  const warm = await keepSending(client, indexes, { outstanding }, Number(settings.warmUpMs));
  const delays = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  delays.enable();
  const cpuBefore = process.cpuUsage();
  const { records, seconds, latencies } = await keepSending(client, indexes, { outstanding }, Number(settings.measureMs));
  const cpu = process.cpuUsage(cpuBefore);
  delays.disable();
  const rssMb = peakRssMb();
  await client.close();
  return {
    ...report(records, seconds, cpu, latencies),
    coldMs,
    peakRssMb: rssMb,
    loopDelayP99Ms: loopDelayP99(delays),
    sent: (1 + warm.records + records) * plan.recordsPerSend,
  };
}

async function connect(name) {
  const module = await import(`./${name.replace("@", "").replaceAll("/", "-")}.mjs`);
  return module.connect(plan);
}

function report(count, seconds, cpu, times) {
  return {
    runtime: process.version,
    records: count * plan.recordsPerSend,
    seconds,
    cpuSeconds: (cpu.user + cpu.system) / 1e6,
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
  };
}
