/** `npm run -s bench -- produce`: producers beside each other, before the same Apache Kafka. */
import { scratchFolder } from "../../test/support/scratch-folder.ts";
import { type Options, picked } from "../options.ts";
import { type BenchClient, readyClients } from "../real-broker/clients.ts";
import { withStage } from "../real-broker/stage.ts";
import { writeValues } from "../real-broker/values.ts";
import { type ClientMeasured, clientResultLine, ratiosLine, type UnavailableLine } from "../summary.ts";
import type { Outcome } from "../tables.ts";
import { measureProduce, type ProduceJob } from "./measure-produce.ts";
import { type ProduceCase, produceCases, produceSuite } from "./produce-suite.ts";

const FULL = { warmUpMs: 400, measureMs: 800 };
const QUICK = { warmUpMs: 300, measureMs: 500 };

export async function runProduce(options: Options, progress: (text: string) => void): Promise<Outcome> {
  const suite = produceSuite.name;
  const cases: readonly ProduceCase[] = picked("case", produceCases, options.cases);
  const unavailable: UnavailableLine[] = [];
  const clients = await readyClients(produceSuite, "produce", options, unavailable);
  if (clients.length === 0) return { results: [], unavailable, ratios: { suite, ratios: {} } };
  const jobs: ProduceJob[] = [];
  for (const it of cases) {
    for (const client of clients) {
      const lack = client.lacks(it.codec);
      if (lack === undefined) jobs.push({ case: it, client, runs: [] });
      else unavailable.push({ suite, case: it.name, client: client.name, unavailable: lack });
    }
  }
  const failed = await measureAll(jobs, clients, options, progress);
  progress("");
  for (const [{ case: it, client }, problem] of failed)
    unavailable.push({ suite, case: it.name, client: client.name, unavailable: problem });
  const measured: readonly ClientMeasured[] = jobs.filter((job) => !failed.has(job));
  const results = measured.map((job) => clientResultLine(suite, job));
  return { results, unavailable, ratios: ratiosLine(produceSuite, results) };
}

async function measureAll(
  jobs: readonly ProduceJob[],
  clients: readonly BenchClient[],
  { quick, runs }: Options,
  progress: (text: string) => void,
): Promise<ReadonlyMap<ProduceJob, string>> {
  const folder = scratchFolder();
  const files = new Map<number, string>();
  for (const { case: it } of jobs) files.set(it.valueBytes, files.get(it.valueBytes) ?? writeValues(folder.path, it.valueBytes));
  const valuesFile = (valueBytes: number): string => files.get(valueBytes) ?? "";
  try {
    return await withStage(clients, (stage) =>
      measureProduce({ jobs, runs, stage, valuesFile, progress, ...(quick ? QUICK : FULL) }),
    );
  } finally {
    folder.remove();
  }
}
