/** Runs every case against every broker, several times: each run with a fresh broker and a fresh load generator, in shuffled order. */
import { shuffled } from "../measure.ts";
import type { UnavailableLine } from "../summary.ts";
import type { BrokerCase } from "./broker-suite.ts";
import type { ReadyBroker } from "./brokers.ts";
import type { Load, LoadGenerator, LoadRun } from "./load.ts";

export interface BrokerJob {
  readonly case: BrokerCase;
  readonly client: LoadGenerator;
  readonly broker: ReadyBroker;
  readonly runs: LoadRun[];
}

export interface BrokerMeasuring {
  readonly cases: readonly BrokerCase[];
  readonly clients: readonly LoadGenerator[];
  readonly brokers: readonly ReadyBroker[];
  readonly runs: number;
  readonly quick: boolean;
  readonly progress: (text: string) => void;
}

export interface BrokerMeasurement {
  readonly measured: readonly BrokerJob[];
  readonly failed: readonly UnavailableLine[];
}

export async function measureBrokers(plan: BrokerMeasuring): Promise<BrokerMeasurement> {
  const jobs = plan.cases.flatMap((it) =>
    plan.clients.flatMap((client) => plan.brokers.map((broker): BrokerJob => ({ case: it, client, broker, runs: [] }))),
  );
  const failed = new Map<BrokerJob, string>();
  let done = 0;
  for (let round = 1; round <= plan.runs; round++) {
    for (const job of shuffled(jobs)) {
      plan.progress(`${++done}/${jobs.length * plan.runs} ${job.case.name} ${job.broker.name}`);
      if (failed.has(job)) continue;
      try {
        job.runs.push(await runOnce(job, plan.quick ? job.case.quickLoad : job.case.load));
      } catch (error) {
        failed.set(job, error instanceof Error ? error.message : String(error));
      }
    }
  }
  return {
    measured: jobs.filter((job) => !failed.has(job)),
    failed: [...failed].map(([{ case: it, client, broker }, problem]) => ({
      suite: "broker",
      case: it.name,
      client: client.name,
      broker: broker.name,
      unavailable: problem,
    })),
  };
}

async function runOnce({ client, broker }: BrokerJob, load: Load): Promise<LoadRun> {
  const running = await broker.start();
  let run: LoadRun;
  try {
    run = await client.run(load, running);
  } catch (error) {
    // What went wrong inside the broker, if it says so, is behind what the client says.
    const inside = await running.stop().then(() => "", String);
    throw new Error([error instanceof Error ? error.message : String(error), inside].filter((text) => text !== "").join("; "));
  }
  await running.stop();
  return run;
}
