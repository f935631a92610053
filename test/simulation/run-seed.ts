import type { Chapter } from "./chapters/chapter.ts";
import { makeChapters } from "./chapters/chapters.ts";
import { errorText } from "./world/simulated-client.ts";
import { type Violation, World } from "./world/world.ts";

/** What one seed came to. */
export interface SeedResult {
  readonly seed: number;
  /** The first broken rules; none when the seed passed. */
  readonly violations: readonly Violation[];
  readonly simulatedMs: number;
  readonly journalItems: number;
  readonly calls: number;
  /** Made when it is asked for: it takes longer than the run. */
  readonly journalText: () => string;
}

const MOST_LIFE_MS = 1_800_000;
const MOST_RECOVERY_MS = 300_000;
const MOST_CLOSING_MS = 10_000;
/** What is still on its way then (the longest delay that faults have) arrives, and transactions that nobody ends are aborted. */
const REST_MS = 35_000;

/** Lives the life that the seed decides. Only one at a time in a process: unhandled rejections would have no address. */
export async function runSeed(seed: number): Promise<SeedResult> {
  const chapters = makeChapters();
  const world = await World.begin(seed, chapters);
  const onRejection = (reason: unknown): void => {
    world.violate("every rejection is handled", reason instanceof Error ? (reason.stack ?? reason.message) : errorText(reason));
  };
  process.on("unhandledRejection", onRejection);
  try {
    await live(world, chapters);
    await rest(world);
  } finally {
    process.off("unhandledRejection", onRejection);
  }
  return {
    seed,
    violations: [...world.violations],
    simulatedMs: world.clock.monotonic(),
    journalItems: world.journal.length,
    calls: world.calls,
    journalText: () => world.journal.text(),
  };
}

async function live(world: World, chapters: readonly Chapter[]): Promise<void> {
  for (const chapter of chapters) await chapter.prepare?.(world);
  world.broker.network.weather = world.scenario.weather;
  world.journal.note(
    "scenario",
    JSON.stringify(world.scenario, (_, value: unknown) => (value instanceof Map ? [...value] : value)),
  );
  const lives = chapters.flatMap((chapter) => chapter.live?.(world, world.forkDice()) ?? []);
  const rage = world.faults.rage(
    chapters.flatMap(({ faults }) => faults),
    world.forkDice(),
  );
  await world.until("the life of the clients", Promise.all([...lives, rage]), MOST_LIFE_MS);
  await world.faults.end();
  if (world.violations.length > 0) return;
  const recoveries = chapters.flatMap((chapter) => chapter.recover?.(world) ?? []);
  await world.until("the recovery after the last fault", Promise.all(recoveries), MOST_RECOVERY_MS);
}

/** Everything is closed; nothing may be left. */
async function rest(world: World): Promise<void> {
  const { clock, broker, clients } = world;
  const { length } = world.violations;
  const wasFine = length === 0;
  const closing = Promise.all(clients.map((client) => client.close()));
  if (wasFine) await world.until("closing all clients", closing, MOST_CLOSING_MS);
  await world.pass(REST_MS);
  if (wasFine && world.violations.length === 0) await world.atRest();
  await broker.close();
  await world.pass(1000);
  if (wasFine && clock.pendingTimers > 0)
    world.violate("nothing is left after close", `${clock.pendingTimers} timers wait of nobody`);
  if (wasFine) return;
  // Of a run that is broken already, only the first reasons count.
  closing.catch(() => undefined);
  world.violations.length = length;
}
