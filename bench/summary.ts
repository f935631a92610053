/** From runs to the lines that the runner prints. DESIGN.md fixes their form. */
import type { AdminSteps, LoadRun } from "./broker/load.ts";
import type { GroupsRun } from "./groups/measure-groups.ts";
import type { Measured, Run } from "./measure.ts";
import type { ClientRun } from "./real-broker/client-process.ts";
import type { Case, Suite } from "./suites.ts";

export interface ResultLine {
  readonly suite: string;
  readonly case: string;
  readonly client: string;
  readonly clientVersion: string;
  /** Where brokers are compared; the client is the load generator then. */
  readonly broker?: string;
  readonly brokerVersion?: string;
  readonly node?: string;
  /** Records, calls or topics; the median of all runs, like everything below. Of groups there is none. */
  readonly perSecond?: number;
  /** Of the slowest and of the fastest run: how much the median can be trusted. */
  readonly perSecondRange?: readonly [slowest: number, fastest: number];
  readonly mbPerSecond?: number;
  /** CPU seconds (all threads, garbage collection included) for a million records or calls; of the broker where brokers are compared. */
  readonly cpuSecondsPerMillion?: number;
  /** Of clients that have nothing to do: of one core. `perSecond` is then how many of them a core can carry. */
  readonly cpuPercent?: number;
  readonly peakRssMb?: number;
  /** Percentiles of one warm iteration (one frame, one batch, one call), of a record's way to its acknowledgement, or to its reader. */
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  /** Of clients for Node.js that talk to a broker: by how much the event loop was late. */
  readonly loopDelayP99Ms?: number;
  /** The first iteration in a new process, which the others leave out. */
  readonly coldMs?: number;
  /** Of `admin/…`: the steps that it consists of. */
  readonly createMs?: number;
  readonly describeMs?: number;
  readonly metadataMs?: number;
  /** Of groups: for how long a partition was not read, of all gaps of all runs. */
  readonly gapMs?: number;
  readonly worstGapMs?: number;
  readonly gaps?: number;
  /** Of restarts: the gaps that are more than the writer's pace, of all partitions, added up, in a run. */
  readonly unreadSeconds?: number;
  /** How many generations the group went through in a run, how often all of it stood still, and the longest of those. */
  readonly rebalances?: number;
  readonly pauses?: number;
  readonly worstPauseMs?: number;
  /** Records that were handled again, in a run. */
  readonly repeated?: number;
  readonly runs: number;
}

export interface UnavailableLine {
  readonly suite: string;
  /** Undefined: none of its cases. */
  readonly case?: string;
  readonly client: string;
  readonly broker?: string;
  readonly unavailable: string;
}

export interface RatiosLine {
  readonly suite: string;
  /** Per case and peer (a client, or a broker): kafkawire's perSecond divided by theirs. */
  readonly ratios: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

const OWN = "kafkawire";

export function resultLine(suite: Suite, measured: Measured): ResultLine {
  const { case: it, client, runs } = measured;
  const speeds = runs.map((run) => (run.iterationMs.length * it.unitsPerIteration) / seconds(run));
  const perSecond = median(speeds);
  const percentile = (fraction: number) => median(runs.map((run) => percentileOf(run.iterationMs, fraction)));
  return {
    suite: suite.name,
    case: it.name,
    client: client.name,
    clientVersion: client.version,
    node: runs[0]?.node ?? "",
    perSecond: rounded(perSecond),
    perSecondRange: [rounded(Math.min(...speeds)), rounded(Math.max(...speeds))],
    mbPerSecond: rounded((perSecond / it.unitsPerIteration) * (it.bytesPerIteration / 1e6)),
    cpuSecondsPerMillion: rounded(median(runs.map((run) => (run.cpuMs * 1000) / (run.iterationMs.length * it.unitsPerIteration)))),
    peakRssMb: rounded(median(runs.map((run) => run.peakRssMb))),
    p50Ms: rounded(percentile(0.5)),
    p99Ms: rounded(percentile(0.99)),
    coldMs: rounded(median(runs.map((run) => run.coldMs))),
    runs: runs.length,
  };
}

/** kafkawire beside each peer that was measured with it, in the same case or in the peers' own that it is held against. */
export function ratiosLine(suite: Suite, lines: readonly ResultLine[]): RatiosLine {
  const ratios: Record<string, Record<string, number>> = {};
  for (const own of lines.filter((line) => line.client === OWN)) {
    const { against = own.case } = suite.cases.find(({ name }) => name === own.case) ?? {};
    const peers = lines.filter((line) => line.case === against && line.client !== OWN);
    ratios[own.case] = Object.fromEntries(
      peers.flatMap((peer) => {
        const ratio = speedOf(own) / speedOf(peer);
        return Number.isFinite(ratio) ? [[peer.client, rounded(ratio)]] : [];
      }),
    );
  }
  return { suite: suite.name, ratios };
}

/** A gap half as long is twice as fast, and so is who leaves partitions unread for half as long; where there was none, nothing can be said. */
function speedOf({ perSecond, unreadSeconds, gapMs = Number.NaN }: ResultLine): number {
  return perSecond ?? 1 / (unreadSeconds ?? gapMs);
}

export interface ClientMeasured {
  readonly case: Case;
  readonly client: { readonly name: string; readonly version: string };
  readonly runs: readonly ClientRun[];
}

export function clientResultLine(suite: string, { case: it, client, runs }: ClientMeasured): ResultLine {
  const speeds = runs.map(({ records, seconds: time }) => records / time);
  const perSecond = median(speeds);
  const runtime = runs[0]?.runtime ?? "";
  const known = (name: "coldMs" | "peakRssMb" | "p50Ms" | "p99Ms" | "loopDelayP99Ms") => {
    const values = runs.flatMap((run) => run[name] ?? []);
    return values.length > 0 && { [name]: rounded(median(values)) };
  };
  return {
    suite,
    case: it.name,
    client: client.name,
    clientVersion: client.version,
    ...(runtime.startsWith("v") && { node: runtime }),
    perSecond: rounded(perSecond),
    perSecondRange: [rounded(Math.min(...speeds)), rounded(Math.max(...speeds))],
    ...(it.bytesPerIteration > 0 && { mbPerSecond: rounded((perSecond * it.bytesPerIteration) / 1e6) }),
    cpuSecondsPerMillion: rounded(median(runs.map(({ cpuSeconds, records }) => (cpuSeconds * 1e6) / records))),
    ...known("peakRssMb"),
    ...known("p50Ms"),
    ...known("p99Ms"),
    ...known("loopDelayP99Ms"),
    ...known("coldMs"),
    runs: runs.length,
  };
}

/** Of runs whose records are seconds of one client. */
export function idleResultLine(suite: string, measured: ClientMeasured): ResultLine {
  const { runs } = measured;
  const { cpuSecondsPerMillion: _, ...line } = clientResultLine(suite, measured);
  const carried = runs.map(({ records, cpuSeconds }) => records / cpuSeconds);
  return {
    ...line,
    perSecond: rounded(median(carried)),
    perSecondRange: [rounded(Math.min(...carried)), rounded(Math.max(...carried))],
    cpuPercent: rounded(median(runs.map(({ cpuSeconds, seconds: time }) => (100 * cpuSeconds) / time))),
  };
}

export interface GroupsMeasured {
  readonly case: Case;
  readonly client: { readonly name: string; readonly version: string };
  readonly runs: readonly GroupsRun[];
}

export function groupsResultLine(suite: string, { case: it, client, runs }: GroupsMeasured): ResultLine {
  const gaps = runs.flatMap(({ gapsMs }) => gapsMs);
  const pauses = runs.flatMap(({ pausesMs }) => pausesMs ?? []);
  const counts = runs.flatMap(({ rebalances }) => rebalances ?? []);
  const isRestart = counts.length > 0;
  return {
    suite,
    case: it.name,
    client: client.name,
    clientVersion: client.version,
    ...(gaps.length > 0 && { gapMs: rounded(median(gaps)), worstGapMs: rounded(Math.max(...gaps)) }),
    gaps: gaps.length,
    ...(isRestart && {
      unreadSeconds: rounded(median(runs.map(({ unreadMs = 0 }) => unreadMs / 1000))),
      rebalances: median(counts),
      pauses: median(runs.map(({ pausesMs }) => pausesMs?.length ?? 0)),
      worstPauseMs: rounded(Math.max(0, ...pauses)),
    }),
    repeated: median(runs.map((run) => run.repeated)),
    runs: runs.length,
  };
}

export interface MeasuredBroker {
  readonly suite: string;
  readonly case: Case;
  readonly client: { readonly name: string; readonly version: string };
  readonly broker: { readonly name: string; readonly version: string };
  readonly runs: readonly LoadRun[];
}

export function brokerResultLine({ suite, case: it, client, broker, runs }: MeasuredBroker): ResultLine {
  const speeds = runs.map(({ units, seconds: time }) => units / time);
  const perSecond = median(speeds);
  const cpu = runs.flatMap(({ units, brokerCpuSeconds }) =>
    brokerCpuSeconds === undefined ? [] : [(brokerCpuSeconds * 1e6) / units],
  );
  const rss = runs.flatMap(({ peakRssMb }) => peakRssMb ?? []);
  const steps = runs.flatMap((run) => run.steps ?? []);
  const step = (name: keyof AdminSteps) => rounded(median(steps.map((one) => one[name])));
  return {
    suite,
    case: it.name,
    client: client.name,
    clientVersion: client.version,
    broker: broker.name,
    brokerVersion: broker.version,
    perSecond: rounded(perSecond),
    perSecondRange: [rounded(Math.min(...speeds)), rounded(Math.max(...speeds))],
    ...(it.bytesPerIteration > 0 && { mbPerSecond: rounded((perSecond / it.unitsPerIteration) * (it.bytesPerIteration / 1e6)) }),
    ...(cpu.length > 0 && { cpuSecondsPerMillion: rounded(median(cpu)) }),
    ...(rss.length > 0 && { peakRssMb: rounded(median(rss)) }),
    ...(steps.length > 0 && {
      createMs: step("createMs"),
      describeMs: step("describeMs"),
      metadataMs: step("metadataMs"),
    }),
    runs: runs.length,
  };
}

/** The embedded broker beside each other broker, under the load of the same client. */
export function brokerRatios(suite: string, lines: readonly ResultLine[]): RatiosLine {
  const ratios: Record<string, Record<string, number>> = {};
  for (const own of lines.filter((line) => line.broker === OWN)) {
    const peers = lines.filter((line) => line.case === own.case && line.client === own.client && line.broker !== OWN);
    ratios[own.case] = Object.fromEntries(peers.map((peer) => [peer.broker ?? "", rounded(speedOf(own) / speedOf(peer))]));
  }
  return { suite, ratios };
}

function seconds(run: Run): number {
  return run.iterationMs.reduce((sum, ms) => sum + ms, 0) / 1000;
}

function median(values: readonly number[]): number {
  return percentileOf(values, 0.5);
}

function percentileOf(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))] ?? Number.NaN;
}

/** Three digits are more than a shared machine can tell; whole numbers stay whole. */
function rounded(value: number): number {
  return value >= 1000 ? Math.round(value) : Number(value.toPrecision(3));
}
