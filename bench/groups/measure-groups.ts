/** What happens to a group, and how long its partitions were not read. */
import { setTimeout as pause } from "node:timers/promises";
import type { BenchClient } from "../real-broker/clients.ts";
import { inRounds } from "../real-broker/rounds.ts";
import type { Stage } from "../real-broker/stage.ts";
import { longGaps, partitionGaps, pauses, repeated, requireAll, takeOverGaps } from "./gaps.ts";
import { GroupScene, HEARTBEAT_MS } from "./group-scene.ts";
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
/** How many members of a group go, one after the other, each when the group is settled again. Deaths take a session. */
const GOERS = { death: 1, close: 3 } as const;
/** A gap has to be over to be seen. */
const AFTERWARDS_MS = 500;

/** What went wrong, by job: such a job is not reported. */
export function measureGroups(plan: GroupsPlan): Promise<ReadonlyMap<GroupsJob, string>> {
  return inRounds({
    ...plan,
    nameOf: ({ case: it, client }) => `${it.name} ${client.name}`,
    runOnce: async (job) => {
      const { event } = job.case;
      if (event === "death" || event === "close") job.runs.push(await takeOver(plan, job, event));
      // They see ten members go, and take their time.
      else if (job.runs.length * RUNS_PER_RESTART < plan.runs) job.runs.push(await restarts(plan, job));
    },
  });
}

async function takeOver({ stage, takeOver: size }: GroupsPlan, job: GroupsJob, event: keyof typeof GOERS): Promise<GroupsRun> {
  const { client, case: it } = job;
  const scene = await GroupScene.open({ stage, client, mode: it.mode, ...size, isStatic: false });
  try {
    const gapsMs: number[] = [];
    for (let goer = 0; goer < GOERS[event]; goer++) gapsMs.push(...(await oneGoes(scene, event)));
    requireAll(scene.handled);
    return { gapsMs, repeated: repeated(scene.handled) };
  } finally {
    await scene.close();
  }
}

/** For how long its partitions were not read. */
async function oneGoes(scene: GroupScene, event: keyof typeof GOERS): Promise<readonly number[]> {
  const [goer] = scene.members;
  if (goer === undefined) throw new Error("there is no member");
  // The scene is settled some heartbeats after the last rebalance, with which all of them began: whoever goes does so at any time between two.
  await pause(Math.random() * HEARTBEAT_MS);
  const partitions = scene.partitionsOf(goer);
  scene.without(goer);
  await (event === "death" ? goer.kill() : goer.close());
  await scene.settled();
  const others = scene.members.flatMap(({ handled }) => handled);
  return takeOverGaps(goer.handled, others, partitions);
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
