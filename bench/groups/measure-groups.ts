/** What happens to a group, and how long its partitions were not read. */
import type { BenchClient } from "../real-broker/clients.ts";
import { inRounds } from "../real-broker/rounds.ts";
import type { Stage } from "../real-broker/stage.ts";
import { longGaps, partitionGaps, pauses, repeated, requireAll, takeOverGaps } from "./gaps.ts";
import { GroupScene } from "./group-scene.ts";
import type { GroupsCase } from "./groups-suite.ts";

/** Of one run of one case by one client. */
export interface GroupsRun {
  readonly gapsMs: readonly number[];
  readonly repeated: number;
  /** Of restarts: for how long partitions were not read, added up, generations that the group went through, and when all of it stood still. */
  readonly unreadMs?: number;
  readonly rebalances?: number;
  readonly pausesMs?: readonly number[];
}

export interface GroupsJob {
  readonly case: GroupsCase;
  readonly client: BenchClient;
  readonly runs: GroupsRun[];
}

export interface GroupsPlan {
  readonly jobs: readonly GroupsJob[];
  readonly runs: number;
  readonly stage: Stage;
  readonly progress: (text: string) => void;
  /** Of groups one of whose members goes, and of those that are restarted. */
  readonly takeOver: GroupSize;
  readonly restarts: GroupSize;
}

interface GroupSize {
  readonly members: number;
  readonly partitions: number;
}

const RUNS_PER_RESTART = 2;
/** A gap has to be over to be seen. */
const AFTERWARDS_MS = 500;

/** What went wrong, by job: such a job is not reported. */
export function measureGroups(plan: GroupsPlan): Promise<ReadonlyMap<GroupsJob, string>> {
  return inRounds({
    ...plan,
    nameOf: ({ case: it, client }) => `${it.name} ${client.name}`,
    runOnce: async (job) => {
      const { event } = job.case;
      const isTakeOver = event === "death" || event === "close";
      // They see ten members go, and take their time.
      if (!isTakeOver && job.runs.length * RUNS_PER_RESTART >= plan.runs) return;
      job.runs.push(await (isTakeOver ? takeOver(plan, job) : restarts(plan, job)));
    },
  });
}

async function takeOver({ stage, takeOver: size }: GroupsPlan, { case: { mode, event }, client }: GroupsJob): Promise<GroupsRun> {
  const scene = await GroupScene.open({ stage, client, mode, ...size, isStatic: false });
  try {
    const [victim] = scene.members;
    if (victim === undefined) throw new Error("there is no member");
    const partitions = scene.partitionsOf(victim);
    scene.without(victim);
    await (event === "death" ? victim.kill() : victim.close());
    await scene.settled();
    const others = scene.members.flatMap(({ handled }) => handled);
    requireAll(scene.handled);
    return { gapsMs: takeOverGaps(victim.handled, others, partitions), repeated: repeated(scene.handled) };
  } finally {
    await scene.close();
  }
}

async function restarts({ stage, restarts: size }: GroupsPlan, { case: { mode, event }, client }: GroupsJob): Promise<GroupsRun> {
  const scene = await GroupScene.open({ stage, client, mode, ...size, isStatic: event === "static" });
  try {
    const { generation } = scene;
    const begunMs: number[] = [];
    for (let index = 0; index < size.members; index++) {
      begunMs.push(Date.now());
      await scene.restart(index);
    }
    await scene.settled();
    const { handled } = scene;
    const toMs = Date.now() - AFTERWARDS_MS;
    requireAll(handled);
    const gapsMs = partitionGaps(handled, begunMs, toMs);
    return {
      gapsMs,
      unreadMs: longGaps(gapsMs).reduce((sum, gapMs) => sum + gapMs, 0),
      repeated: repeated(handled),
      rebalances: scene.generation - generation,
      pausesMs: pauses(handled, begunMs[0] ?? toMs, toMs),
    };
  } finally {
    await scene.close();
  }
}
