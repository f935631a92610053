/** Runs every case with every client, several times: each run in a process of its own, in shuffled order, all on the same topics. */
import { type ClientRun, field, namedSettings, outputOf, runFromFields } from "../real-broker/client-process.ts";
import type { BenchClient } from "../real-broker/clients.ts";
import { inRounds, warmBroker } from "../real-broker/rounds.ts";
import type { Stage } from "../real-broker/stage.ts";
import { fillBacklog, PACED_PARTITION, requireBeside } from "./backlog.ts";
import { type ConsumeCase, type DataSet, readsWhatWasWritten } from "./consume-suite.ts";
import type { DataTopic } from "./data-topics.ts";
import { runIdle } from "./measure-idle.ts";
import { PacedWriter } from "./paced-writer.ts";

export interface ConsumeJob {
  readonly case: ConsumeCase;
  readonly client: BenchClient;
  readonly runs: ClientRun[];
}

export interface ConsumePlan {
  readonly jobs: readonly ConsumeJob[];
  readonly runs: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  readonly stage: Stage;
  readonly topicOf: (data: DataSet) => DataTopic | undefined;
  readonly progress: (text: string) => void;
}

/**
 * The machine stands still now and then, for all, and has better and worse minutes: one more or less of them must not decide over p99. So
 * `latency` is measured longer than the others, and several times a round, each at another time of it.
 */
const LATENCY_FACTOR = 3;
const LATENCY_RUNS_A_ROUND = 2;
/**
 * And what was written while the reader was starting has to be behind it. What compiles while it runs takes its time at that pace: with 4 s
 * before the first look V8 is at it on the second core still, 300 us of processor time for a record instead of 160.
 */
const LATENCY_WARM_UP_FACTOR = 9;

/** What a pass over a topic read of each partition, from its beginning, and what its looks at the values add up to. */
interface PassRead {
  readonly counts: readonly number[];
  readonly sum: number;
}

/** What went wrong, by job: such a job is not reported. */
export async function measureConsume(plan: ConsumePlan): Promise<ReadonlyMap<ConsumeJob, string>> {
  const once = (job: ConsumeJob): Promise<ClientRun> => {
    if (job.case.style === "idle") return runIdle(plan.stage, job);
    return readsWhatWasWritten(job.case) ? runOnce(plan, job) : runLatency(plan, job);
  };
  const busy = plan.jobs.filter(({ case: it }) => it.style !== "idle");
  await warmBroker(busy, { runOnce: once });
  return inRounds({
    ...plan,
    jobs: plan.jobs.flatMap((job) => Array.from({ length: job.case.style === "latency" ? LATENCY_RUNS_A_ROUND : 1 }, () => job)),
    nameOf: (job) => `${job.case.name} ${job.client.name}`,
    runOnce: async (job) => {
      job.runs.push(await once(job));
    },
  });
}

async function runOnce(plan: ConsumePlan, job: ConsumeJob): Promise<ClientRun> {
  const topic = plan.topicOf(job.case.data);
  if (topic === undefined) throw new Error("its topic was not written");
  const { run, passes } = await readBy(plan, job, topic.name, topic.data.records);
  const last = passes.length - 1;
  for (const [index, { counts, sum }] of passes.entries()) {
    const records = total(counts);
    // The last ends when the time is over.
    if (records > topic.data.records || (index < last && records < topic.data.records))
      throw new Error(`${records} records were read of the ${topic.data.records} in the topic`);
    requireSum(sum, topic.sumOf(counts), records);
  }
  requireCount(run, passes);
  return run;
}

async function runLatency(plan: ConsumePlan, job: ConsumeJob): Promise<ClientRun> {
  const { topics, bootstrapServers } = plan.stage;
  const { data, recordsPerSecond: perSecond = 0, state } = job.case;
  const [topic = ""] = await topics.create(1, data.partitions);
  if (state !== undefined) await fillBacklog(bootstrapServers, topic);
  const place = state === undefined ? {} : { partition: PACED_PARTITION };
  const writer = new PacedWriter(bootstrapServers, topic, { valueBytes: data.valueBytes, perSecond, ...place });
  try {
    const { run, passes, fields } = await readBy(plan, job, topic, 0);
    const sent = await writer.stop();
    for (const { counts, sum } of passes) {
      const records = total(counts);
      if (records > sent) throw new Error(`${records} records were read, and ${sent} were sent`);
      requireSum(sum, writer.sumOf(records), records);
    }
    requireCount(run, passes);
    if (state !== undefined) requireBeside(state, fields);
    return run;
  } finally {
    await writer.stop();
    await topics.remove(topic);
  }
}

async function readBy(
  plan: ConsumePlan,
  { case: it, client }: ConsumeJob,
  topic: string,
  records: number,
): Promise<{ readonly run: ClientRun; readonly passes: readonly PassRead[]; readonly fields: unknown }> {
  const { bootstrapServers, environment } = plan.stage;
  const isLatency = !readsWhatWasWritten(it);
  const settings = {
    bootstrap: bootstrapServers,
    topic,
    partitions: it.data.partitions,
    records,
    style: it.style,
    valueBytes: it.data.valueBytes,
    warmUpMs: plan.warmUpMs * client.warmUpFactor * (isLatency ? LATENCY_WARM_UP_FACTOR : 1),
    measureMs: plan.measureMs * (isLatency ? LATENCY_FACTOR : 1),
    perSecond: it.recordsPerSecond ?? 0,
    state: it.state ?? "",
  };
  const [command, ...args] = client.command;
  const printed = await outputOf(command, [...args, ...namedSettings(settings)], { ...environment, ...client.environment });
  const fields: unknown = JSON.parse(printed);
  return { run: runFromFields(fields), passes: passesFromFields(fields), fields };
}

function passesFromFields(printed: unknown): readonly PassRead[] {
  const passes = field(printed, "passes");
  if (!Array.isArray(passes) || passes.length === 0) throw new Error("it printed no passes");
  return passes.map((pass: unknown) => {
    const counts = field(pass, "counts");
    const sum = field(pass, "sum");
    if (!Array.isArray(counts) || typeof sum !== "number") throw new Error("it printed a pass without counts and sum");
    return { counts: counts.map(Number), sum };
  });
}

function requireSum(sum: number, expected: number, records: number): void {
  if (sum !== expected)
    throw new Error(`the values of ${records} records add up to ${sum}, and those that were sent to ${expected}`);
}

/** What is measured is part of what was read. */
function requireCount(run: ClientRun, passes: readonly PassRead[]): void {
  const read = passes.reduce((sum, { counts }) => sum + total(counts), 0);
  if (run.records <= 0 || run.records > read) throw new Error(`${run.records} records were measured, and ${read} were read`);
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
