/** Runs every case with every client, several times: each run in a process of its own and into a topic of its own, in shuffled order. */

import { type ClientRun, namedSettings, numberField, outputOf, runFromFields } from "../real-broker/client-process.ts";
import type { BenchClient } from "../real-broker/clients.ts";
import { inRounds, warmBroker } from "../real-broker/rounds.ts";
import type { Stage } from "../real-broker/stage.ts";
import { OUTSTANDING, PARTITIONS, type ProduceCase, RECORDS_PER_SECOND } from "./produce-suite.ts";

export interface ProduceRun extends ClientRun {
  /** Everything that was acknowledged, the warm-up included. */
  readonly sent: number;
}

export interface ProduceJob {
  readonly case: ProduceCase;
  readonly client: BenchClient;
  readonly runs: ProduceRun[];
}

export interface ProducePlan {
  readonly jobs: readonly ProduceJob[];
  readonly runs: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  readonly stage: Stage;
  /** By the size of a value. */
  readonly valuesFile: (valueBytes: number) => string;
  readonly progress: (text: string) => void;
}

/** What went wrong, by job: such a job is not reported. */
export async function measureProduce(plan: ProducePlan): Promise<ReadonlyMap<ProduceJob, string>> {
  let topics: string[] = [];
  const once = (job: ProduceJob): Promise<ProduceRun> => runOnce(plan, job, topics.pop() ?? "");
  const beforeRound = async ({ length }: { readonly length: number }): Promise<void> => {
    topics = await plan.stage.topics.create(length, PARTITIONS);
  };
  await warmBroker(plan.jobs, { beforeRound, runOnce: once });
  return inRounds({
    ...plan,
    nameOf: (job) => `${job.case.name} ${job.client.name}`,
    beforeRound,
    runOnce: async (job) => {
      job.runs.push(await once(job));
    },
  });
}

async function runOnce(plan: ProducePlan, { case: it, client }: ProduceJob, topic: string): Promise<ProduceRun> {
  const { topics, bootstrapServers, environment } = plan.stage;
  try {
    const settings = {
      bootstrap: bootstrapServers,
      topic,
      partitions: PARTITIONS,
      style: it.style,
      codec: it.codec,
      valuesFile: plan.valuesFile(it.valueBytes),
      valueBytes: it.valueBytes,
      warmUpMs: plan.warmUpMs * client.warmUpFactor,
      measureMs: plan.measureMs,
      outstanding: OUTSTANDING,
      perSecond: RECORDS_PER_SECOND,
    };
    const [command, ...args] = client.command;
    const printed = await outputOf(command, [...args, ...namedSettings(settings)], { ...environment, ...client.environment });
    const run = sentFromFields(JSON.parse(printed));
    const logged = await topics.records(topic);
    if (logged !== run.sent) throw new Error(`${run.sent} records were acknowledged, and ${logged} are in the log`);
    return run;
  } finally {
    await topics.remove(topic);
  }
}

export function sentFromFields(printed: unknown): ProduceRun {
  return { ...runFromFields(printed), sent: numberField(printed, "sent") };
}
