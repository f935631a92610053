/** Runs every job once a round, in an order shuffled anew each time, so that a disturbance of the machine does not hit one client only. */
import { shuffled } from "../measure.ts";

export interface Rounds<J> {
  readonly jobs: readonly J[];
  readonly runs: number;
  readonly nameOf: (job: J) => string;
  /** What all runs of a round need and nobody shall wait for in between. */
  readonly beforeRound?: (jobs: readonly J[]) => Promise<void>;
  readonly runOnce: (job: J) => Promise<void>;
  readonly progress: (text: string) => void;
}

/** Of the broker. */
const WARM_UP_RUNS = 3;

/** What went wrong, by job: such a job is not reported. */
export async function inRounds<J>({
  jobs,
  runs,
  nameOf,
  beforeRound,
  runOnce,
  progress,
}: Rounds<J>): Promise<ReadonlyMap<J, string>> {
  const failed = new Map<J, string>();
  let done = 0;
  for (let round = 1; round <= runs; round++) {
    await beforeRound?.(jobs);
    for (const job of shuffled(jobs)) {
      progress(`${++done}/${jobs.length * runs} ${nameOf(job)}`);
      if (failed.has(job)) continue;
      try {
        await runOnce(job);
      } catch (error) {
        failed.set(job, error instanceof Error ? error.message : String(error));
      }
    }
  }
  return failed;
}

/** The first runs would pay for the broker's own warm-up: some of the jobs, for nothing. What goes wrong here does so again, and is reported then. */
export async function warmBroker<J>(
  jobs: readonly J[],
  { beforeRound, runOnce }: Pick<Rounds<J>, "beforeRound"> & { readonly runOnce: (job: J) => Promise<unknown> },
): Promise<void> {
  const some = shuffled(jobs).slice(0, WARM_UP_RUNS);
  await beforeRound?.(some);
  for (const job of some) await runOnce(job).catch(() => undefined);
}
