/** `npm run -s bench -- groups`: how long partitions are not read when members die, close and are restarted. */
import { type Options, picked } from "../options.ts";
import { type BenchClient, readyClients } from "../real-broker/clients.ts";
import { type Stage, withStage } from "../real-broker/stage.ts";
import { groupsResultLine, ratiosLine, type UnavailableLine } from "../summary.ts";
import type { Outcome } from "../tables.ts";
import { HEARTBEAT_MS, SESSION_MS } from "./group-scene.ts";
import { type GroupsCase, groupsCases, groupsSuite } from "./groups-suite.ts";
import { type GroupsJob, measureGroups } from "./measure-groups.ts";

/** KIP-848: there the broker says what the members of a classic group say themselves. */
const PROPERTIES: Readonly<Record<string, string>> = {
  "group.consumer.min.session.timeout.ms": String(SESSION_MS),
  "group.consumer.session.timeout.ms": String(SESSION_MS),
  "group.consumer.min.heartbeat.interval.ms": String(HEARTBEAT_MS),
  "group.consumer.heartbeat.interval.ms": String(HEARTBEAT_MS),
};

const FULL = { takeOver: { members: 5, partitions: 10 }, restarts: { members: 10, partitions: 20 } };
const QUICK = { takeOver: { members: 3, partitions: 6 }, restarts: { members: 4, partitions: 8 } };

export async function runGroups(options: Options, progress: (text: string) => void): Promise<Outcome> {
  const suite = groupsSuite.name;
  const unavailable: UnavailableLine[] = [];
  const clients = await readyClients(groupsSuite, "groups", options, unavailable);
  const jobs = jobsOf(picked("case", groupsCases, options.cases), clients);
  if (jobs.length === 0) return { results: [], unavailable, ratios: { suite, ratios: {} } };
  const sizes = options.quick ? QUICK : FULL;
  const work = (stage: Stage) => measureGroups({ jobs, runs: options.runs, stage, progress, ...sizes });
  const failed = await withStage(clients, work, PROPERTIES);
  progress("");
  for (const [{ case: it, client }, problem] of failed)
    unavailable.push({ suite, case: it.name, client: client.name, unavailable: problem });
  const results = jobs.filter((job) => !failed.has(job)).map((job) => groupsResultLine(suite, job));
  return { results, unavailable, ratios: ratiosLine(groupsSuite, results) };
}

function jobsOf(cases: readonly GroupsCase[], clients: readonly BenchClient[]): readonly GroupsJob[] {
  return cases.flatMap((it) =>
    clients.filter(({ name }) => it.clients.includes(name)).map((client) => ({ case: it, client, runs: [] })),
  );
}
