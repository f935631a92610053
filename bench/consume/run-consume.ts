/** `npm run -s bench -- consume`: consumers beside each other, before the same Apache Kafka and the same topics. */
import { scratchFolder } from "../../test/support/scratch-folder.ts";
import { type Options, picked } from "../options.ts";
import { type BenchClient, OWN, readyClients } from "../real-broker/clients.ts";
import { type Stage, withStage } from "../real-broker/stage.ts";
import { readValues, writeValues } from "../real-broker/values.ts";
import { clientResultLine, idleResultLine, ratiosLine, type UnavailableLine } from "../summary.ts";
import type { Outcome } from "../tables.ts";
import { type ConsumeCase, consumeCases, consumeSuite, type DataSet, readsWhatWasWritten } from "./consume-suite.ts";
import { type DataTopic, fillTopic } from "./data-topics.ts";
import { type ConsumeJob, measureConsume } from "./measure-consume.ts";

const FULL = { warmUpMs: 500, measureMs: 2_000, dataDividedBy: 1 };
const QUICK = { warmUpMs: 300, measureMs: 700, dataDividedBy: 4 };

export async function runConsume(options: Options, progress: (text: string) => void): Promise<Outcome> {
  const suite = consumeSuite.name;
  const unavailable: UnavailableLine[] = [];
  const clients = await readyClients(consumeSuite, "consume", options, unavailable);
  const jobs = jobsOf(picked("case", consumeCases, options.cases), clients, unavailable);
  if (jobs.length === 0) return { results: [], unavailable, ratios: { suite, ratios: {} } };
  const { dataDividedBy, ...duration } = options.quick ? QUICK : FULL;
  const failed = await withStage(clients, async (stage) => {
    const topics = await fillTopics(stage, jobs, dataDividedBy, progress);
    const topicOf = (data: DataSet): DataTopic | undefined => topics.get(data);
    return measureConsume({ jobs, runs: options.runs, stage, topicOf, progress, ...duration });
  });
  progress("");
  for (const [{ case: it, client }, problem] of failed)
    unavailable.push({ suite, case: it.name, client: client.name, unavailable: problem });
  const results = jobs
    .filter((job) => !failed.has(job))
    .map((job) => (job.case.style === "idle" ? idleResultLine : clientResultLine)(suite, job));
  return { results, unavailable, ratios: ratiosLine(consumeSuite, results) };
}

/** kafkawire has cases of its own, the peers have theirs, `latency` is everybody's, and the rest says whose it is. */
function jobsOf(
  cases: readonly ConsumeCase[],
  clients: readonly BenchClient[],
  unavailable: UnavailableLine[],
): readonly ConsumeJob[] {
  const jobs: ConsumeJob[] = [];
  for (const it of cases) {
    const isTheirs = ({ name }: BenchClient): boolean =>
      it.clients?.includes(name) ?? (it.style === "latency" || (it.style === "bulk") === (name !== OWN));
    for (const client of clients.filter(isTheirs)) {
      const lack = client.lacks(it.data.codec);
      if (lack === undefined) jobs.push({ case: it, client, runs: [] });
      else unavailable.push({ suite: consumeSuite.name, case: it.name, client: client.name, unavailable: lack });
    }
  }
  return jobs;
}

async function fillTopics(
  stage: Stage,
  jobs: readonly ConsumeJob[],
  dividedBy: number,
  progress: (text: string) => void,
): Promise<ReadonlyMap<DataSet, DataTopic>> {
  const folder = scratchFolder();
  try {
    const values = new Map<number, readonly Buffer[]>();
    const topics = new Map<DataSet, DataTopic>();
    const dataSets = new Set(jobs.filter(({ case: it }) => readsWhatWasWritten(it)).map(({ case: it }) => it.data));
    for (const data of dataSets) {
      const { valueBytes, codec, partitions } = data;
      const records = data.records / dividedBy;
      progress(`writing ${records} records of ${valueBytes} bytes, ${codec}, ${partitions} partitions`);
      const known = values.get(valueBytes) ?? readValues(writeValues(folder.path, valueBytes), valueBytes);
      values.set(valueBytes, known);
      topics.set(data, await fillTopic(stage, { ...data, records }, known));
    }
    return topics;
  } finally {
    folder.remove();
  }
}
