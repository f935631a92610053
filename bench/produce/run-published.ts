/** `npm run -s bench -- published`: the published producer benchmark of @platformatic/kafka, in both forms. */
import { join } from "node:path";
import { type Options, picked } from "../options.ts";
import { benchDirectory } from "../peers.ts";
import { namedSettings, outputOf } from "../real-broker/client-process.ts";
import { type BenchClient, readyClients } from "../real-broker/clients.ts";
import { inRounds } from "../real-broker/rounds.ts";
import { type Stage, withStage } from "../real-broker/stage.ts";
import { clientResultLine, ratiosLine, type UnavailableLine } from "../summary.ts";
import type { Outcome } from "../tables.ts";
import { type ProduceRun, sentFromFields } from "./measure-produce.ts";
import { PARTITIONS } from "./produce-suite.ts";
import { type PublishedCase, publishedCases, publishedSuite, RECORDS } from "./published-suite.ts";

interface Job {
  readonly case: PublishedCase;
  /** One of them, or all in one process. */
  readonly clients: readonly BenchClient[];
}

interface Measured {
  readonly case: PublishedCase;
  readonly client: BenchClient;
  readonly runs: ProduceRun[];
}

const WORKER = join(benchDirectory, "cases", "published", "worker.mjs");
const FULL = { warmUpMs: 400, measureMs: 1000, sendsDividedBy: 1 };
const QUICK = { warmUpMs: 300, measureMs: 500, sendsDividedBy: 10 };
/** With acks=0, the last records are still on their way when the client has closed. */
const ARRIVAL_MS = 10_000;

export async function runPublished(options: Options, progress: (text: string) => void): Promise<Outcome> {
  const suite = publishedSuite.name;
  const cases: readonly PublishedCase[] = picked("case", publishedCases, options.cases);
  const unavailable: UnavailableLine[] = [];
  const clients = await readyClients(publishedSuite, "produce", options, unavailable);
  if (clients.length === 0) return { results: [], unavailable, ratios: { suite, ratios: {} } };
  const measured = cases.flatMap((it) => clients.map((client): Measured => ({ case: it, client, runs: [] })));
  const jobs = cases.flatMap((it): Job[] =>
    it.form === "as-published" ? [{ case: it, clients }] : clients.map((client) => ({ case: it, clients: [client] })),
  );
  const failed = await withStage(clients, (stage) => {
    let topics: string[] = [];
    return inRounds({
      jobs,
      runs: options.runs,
      progress,
      nameOf: (job) => `${job.case.name} ${job.clients.map(({ name }) => name).join(", ")}`,
      beforeRound: async ({ length }) => {
        topics = await stage.topics.create(length, PARTITIONS);
      },
      runOnce: async (job) => {
        const runs = await runOnce(job, stage, topics.pop() ?? "", options.quick);
        for (const { client, run } of runs) runsOf(measured, job.case, client)?.push(run);
      },
    });
  });
  progress("");
  for (const [job, problem] of failed)
    for (const { name } of job.clients) unavailable.push({ suite, case: job.case.name, client: name, unavailable: problem });
  const broken = [...failed.keys()].flatMap((job) => job.clients.map((client) => runsOf(measured, job.case, client.name)));
  const results = measured.filter(({ runs }) => !broken.includes(runs)).map((it) => clientResultLine(suite, it));
  return { results, unavailable, ratios: ratiosLine(publishedSuite, results) };
}

function runsOf(measured: readonly Measured[], it: PublishedCase, client: string): ProduceRun[] | undefined {
  return measured.find((one) => one.case === it && one.client.name === client)?.runs;
}

async function runOnce(
  { case: it, clients }: Job,
  stage: Stage,
  topic: string,
  quick: boolean,
): Promise<{ readonly client: string; readonly run: ProduceRun }[]> {
  const { sendsDividedBy, ...duration } = quick ? QUICK : FULL;
  try {
    const settings = {
      clients: clients.map(({ name }) => name).join(","),
      bootstrap: stage.bootstrapServers,
      topic,
      form: it.form,
      recordsPerSend: it.recordsPerSend,
      outstanding: it.outstanding,
      sends: RECORDS / it.recordsPerSend / sendsDividedBy,
      ...duration,
    };
    const [node] = clients[0]?.command ?? [process.execPath];
    const environment = Object.assign({}, stage.environment, ...clients.map((client) => client.environment));
    const printed: unknown = JSON.parse(await outputOf(node, [WORKER, ...namedSettings(settings)], environment));
    if (!Array.isArray(printed)) throw new Error("the worker printed no list of runs");
    const runs = printed.map((fields: unknown) => ({ client: nameOf(fields), run: sentFromFields(fields) }));
    const sent = runs.reduce((sum, { run }) => sum + run.sent, 0);
    const logged = await stage.topics.arrived(topic, sent, ARRIVAL_MS);
    if (logged !== sent) throw new Error(`${sent} records were sent, and ${logged} are in the log`);
    return runs;
  } finally {
    await stage.topics.remove(topic);
  }
}

function nameOf(fields: unknown): string {
  return typeof fields === "object" && fields !== null && "client" in fields ? String(fields.client) : "";
}
