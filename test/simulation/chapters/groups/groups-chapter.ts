import type { Checker } from "../../checkers/checker.ts";
import type { FaultKind } from "../../faults/fault-kind.ts";
import type { Dice } from "../../world/dice.ts";
import type { World } from "../../world/world.ts";
import type { Chapter } from "../chapter.ts";
import type { LateBatches } from "../producers/late-batches.ts";
import { Scribe } from "../readers/scribe.ts";
import { copiedOnce } from "./copied-once.ts";
import { GroupBook } from "./group-book.ts";
import { groupFaults } from "./group-faults.ts";
import { GroupLife } from "./group-life.ts";
import { copyOf, drawGroupPlan } from "./group-plan.ts";
import { forwardCommits, processedFirst } from "./group-rules.ts";

const TOPICS = ["herd", "flock"];
const GROUP = "shepherds";
const MOST_OWN_FAULTS = 10;
/** Rebalances take their time, however short the storm. */
const SHORTEST_LIFE_MS = 3000;
const LONGEST_LIFE_MS = 40_000;
/** For somebody to be away for longer than a session, twice, and for others to take over meanwhile. */
const SHORTEST_LIFE_OF_STRAYS_MS = 25_000;
/** Records at once, so that there are more behind the one in hand. */
const MANY: readonly [number, number] = [12, 24];

/** Members that come, go, stand still and die, while what their group reads is written. */
export class GroupsChapter implements Chapter {
  readonly name = "groups";
  readonly faults: readonly FaultKind[] = groupFaults(GROUP);
  readonly checkers: readonly Checker[];
  readonly #books: GroupBook[] = [];
  readonly #lives: GroupLife[] = [];
  #records = 0;

  constructor(late: LateBatches) {
    this.checkers = [forwardCommits(this.#books), processedFirst(this.#books), copiedOnce(this.#books, late)];
  }

  prepare(world: World): Promise<void> {
    const dice = world.forkDice();
    const topics = TOPICS.slice(0, dice.pick([1, 1, 2])).map((name) => ({ name, partitions: dice.between(1, 4) }));
    const plan = drawGroupPlan(world, dice, topics, GROUP);
    for (const { name, partitions } of topics) {
      world.broker.createTopic(name, partitions);
      if (plan.copies) world.broker.createTopic(copyOf(name), partitions);
    }
    world.journal.note("groups", `${JSON.stringify(plan)}`);
    const book = new GroupBook(plan);
    this.#books.push(book);
    this.#lives.push(new GroupLife(world, dice.fork(), book));
    return Promise.resolve();
  }

  async live(world: World, dice: Dice): Promise<void> {
    const strays = this.#books.some(({ plan }) => plan.strays);
    const [leastMs, mostMs] = [strays ? SHORTEST_LIFE_OF_STRAYS_MS : SHORTEST_LIFE_MS, dice.pick([10_000, LONGEST_LIFE_MS])];
    const lastsMs = dice.between(leastMs, strays ? LONGEST_LIFE_MS : mostMs);
    const isHard = world.scenario.faults > 0 && dice.chance(0.5);
    const own = isHard ? [world.faults.rage(this.faults, dice.fork(), dice.between(2, MOST_OWN_FAULTS))] : [];
    const scribes = this.#books.flatMap(({ plan }) =>
      plan.topics.map((topic) => this.#write(world, dice.fork(), topic, lastsMs, strays)),
    );
    await Promise.all([...this.#lives.map((life) => life.live(lastsMs)), ...scribes, ...own]);
  }

  async recover(world: World): Promise<void> {
    const dice = world.forkDice();
    for (const life of this.#lives) await life.recover(dice.fork());
  }

  async #write(
    world: World,
    dice: Dice,
    topic: { readonly name: string; readonly partitions: number },
    lastsMs: number,
    strays: boolean,
  ): Promise<void> {
    const ids = dice.pick([[undefined], [undefined], [`keeper-of-${topic.name}`], [`keeper-of-${topic.name}`, undefined]]);
    const bursts = dice.between(5, strays ? 10 : 25);
    const number = (): number => ++this.#records;
    const scribes = ids.map((transactionalId) => {
      const { name, partitions } = topic;
      const scribe = new Scribe({
        world,
        dice: dice.fork(),
        topic: name,
        partitions,
        transactionalId,
        number,
        ...(strays && { burst: MANY }),
      });
      return scribe.work(bursts, Math.round((2 * lastsMs) / bursts));
    });
    await Promise.all(scribes);
  }
}
