import type { TopicPartition } from "../../../../src/client/index.ts";
import type { Checker } from "../../checkers/checker.ts";
import type { FaultKind } from "../../faults/fault-kind.ts";
import { nearbyFollowers } from "../../faults/nearby-followers.ts";
import { readFaults } from "../../faults/read-faults.ts";
import type { Dice } from "../../world/dice.ts";
import type { World } from "../../world/world.ts";
import { recoveryLimitMs } from "../admin/admin-settings.ts";
import type { Chapter } from "../chapter.ts";
import { decidedLog } from "../producers/decided-log.ts";
import type { LateBatches } from "../producers/late-batches.ts";
import type { RecordBook } from "../producers/record-book.ts";
import { Career } from "./career.ts";
import { placeInWorld } from "./read-truth.ts";
import type { Reader } from "./reader.ts";
import { exactReading, honestCommits } from "./reader-checkers.ts";
import { longestWaitMs } from "./reader-settings.ts";
import { ReadingLog } from "./reading-log.ts";
import { SCRIBE_ID, Scribe } from "./scribe.ts";
import { SHELF, Shelf } from "./shelf.ts";
import { pollOnce } from "./ways.ts";

const BACK = "after the last fault a reader reads everything that is there";
const MOST_OWN_FAULTS = 8;
const RETRY_PAUSE_MS = 200;
const WAIT_MS = 300;
/** Whoever reads what is committed waits for transactions that nobody ends. */
const LONGEST_TRANSACTION_MS = 75_000;

/** Consumers that read what producers write, while logs are cut, leaders move, and answers come late or damaged. */
export class ReadersChapter implements Chapter {
  readonly name = "readers";
  readonly faults: readonly FaultKind[];
  readonly checkers: readonly Checker[];
  readonly #book: RecordBook;
  readonly #late: LateBatches;
  readonly #shelf = new Shelf();
  readonly #log = new ReadingLog();
  #records = 0;

  constructor(book: RecordBook, late: LateBatches) {
    this.#book = book;
    this.#late = late;
    this.faults = readFaults;
    this.checkers = [exactReading(this.#shelf, this.#log), honestCommits(this.#log)];
  }

  prepare(world: World): Promise<void> {
    this.#shelf.open(world, world.forkDice());
    return Promise.resolve();
  }

  async live(world: World, dice: Dice): Promise<void> {
    const lastsMs = dice.between(500, world.scenario.stormMs + 1000);
    const readers = Array.from({ length: dice.pick([1, 1, 1, 2]) }, (_, index) =>
      this.#career(world, dice.fork(), index).live(lastsMs),
    );
    const scribes = this.#scribes(world, dice.fork(), lastsMs);
    const isSpread = world.scenario.faults > 0 && dice.chance(0.5);
    if (isSpread) await world.faults.strike(nearbyFollowers, dice.fork(), lastsMs);
    const isHard = world.scenario.faults > 0 && dice.chance(0.4);
    const own = isHard ? [world.faults.rage(readFaults, dice.fork(), dice.between(2, MOST_OWN_FAULTS))] : [];
    await Promise.all([...readers, ...scribes, ...own, this.#disturb(world, dice.fork(), lastsMs)]);
  }

  async recover(world: World): Promise<void> {
    const open = this.#log.readers.filter(({ client }) => !client.isClosing);
    await Promise.all(open.map((reader) => this.#catchUp(world, reader, world.forkDice())));
  }

  #career(world: World, dice: Dice, index: number): Career {
    const topics = [...this.#book.lasting.map(({ name }) => name), SHELF, SHELF];
    return new Career({ world, dice, shelf: this.#shelf, log: this.#log, topics, name: `club-${index}` });
  }

  #scribes(world: World, dice: Dice, lastsMs: number): readonly Promise<void>[] {
    const ids = dice.pick([[SCRIBE_ID], [SCRIBE_ID], [undefined], [SCRIBE_ID, undefined]]);
    return ids.map((transactionalId) => {
      const own = dice.fork();
      const bursts = dice.between(4, 16);
      const mostPauseMs = own.chance(0.5) ? (2 * lastsMs) / bursts : own.pick([1, 20, 200]);
      return this.#scribe(world, own, transactionalId).work(bursts, Math.round(mostPauseMs));
    });
  }

  #scribe(world: World, dice: Dice, transactionalId: string | undefined): Scribe {
    const { partitions } = this.#shelf;
    return new Scribe({ world, dice, topic: SHELF, partitions, transactionalId, number: () => ++this.#records });
  }

  /** In some lives the shelf loses records, at its end or at its beginning. */
  async #disturb(world: World, dice: Dice, lastsMs: number): Promise<void> {
    if (world.scenario.faults === 0 || dice.chance(0.5)) return;
    const kinds = dice.pick([["cut"], ["cut"], ["deleted"], ["cut", "deleted"]] as const);
    for (let left = dice.between(1, 4); left > 0; left--) {
      await world.wait(dice.integer(lastsMs / 2 + 1));
      if (dice.pick(kinds) === "deleted") await this.#shelf.deleteRecords(world, dice);
      else await this.#cut(world, dice);
    }
  }

  /** Where the log ends then, the next leader's records may be there before readers have heard of him. */
  async #cut(world: World, dice: Dice): Promise<void> {
    const partition = this.#shelf.cut(world, dice);
    if (dice.chance(0.3)) return;
    const usurper = this.#scribe(world, dice, undefined);
    await usurper.fill(partition, dice.between(1, 12));
  }

  async #catchUp(world: World, reader: Reader, dice: Dice): Promise<void> {
    const { options } = reader;
    const patienceMs = reader.isCommitted ? LONGEST_TRANSACTION_MS : 0;
    const limitMs = recoveryLimitMs(options) + 2 * longestWaitMs(options) + patienceMs + (options.metadataMaxAgeMs ?? 0);
    const end = world.clock.monotonic() + limitMs;
    reader.resume();
    const goals = this.#goals(world, reader);
    for (let left: readonly string[] = ["everything"]; left.length > 0; ) {
      const { count, error } = await pollOnce(reader, { timeoutMs: WAIT_MS });
      reader.failed(error);
      // As long as something comes there may be more.
      if (count > 0 && world.clock.monotonic() <= end) continue;
      left = await behind(reader, goals);
      if (left.length > 0 && world.clock.monotonic() > end)
        left = await behind(reader, await reachable(world, this.#late, reader, goals));
      if (left.length > 0 && world.clock.monotonic() > end) {
        world.violate(BACK, `${reader.client.clientId} has not read ${left.join(", ")} within ${limitMs} ms`);
        return;
      }
      if (left.length > 0) await world.wait(RETRY_PAUSE_MS);
    }
    await reader.close(dice);
  }

  /** By partition: where its log ends now. */
  #goals(world: World, { consumer, isCommitted }: Reader): ReadonlyMap<TopicPartition, number> {
    const topics = new Set(consumer.subscription());
    const followed = world.broker.topics
      .filter(({ name }) => topics.has(name))
      .flatMap(({ name: topic, partitions }) => partitions.map((_, partition) => ({ topic, partition })));
    const places = followed.length > 0 ? followed : consumer.assignment();
    const goalOf = ({ topic, partition }: TopicPartition): number => {
      // Where the mark of a transaction was cut off, it stays open for ever, and nobody who waits for its end gets any further.
      if (isCommitted && this.#shelf.historyOf(topic, partition)?.wasCut === true) return 0;
      return Shelf.endOf(world, topic, partition);
    };
    return new Map(places.map((place) => [place, goalOf(place)]));
  }
}

/** Where a late batch leaves a transaction open that nobody ends, nobody who waits for its end gets any further. */
async function reachable(
  world: World,
  late: LateBatches,
  { isCommitted }: Reader,
  goals: ReadonlyMap<TopicPartition, number>,
): Promise<ReadonlyMap<TopicPartition, number>> {
  if (!isCommitted) return goals;
  const lowered = new Map<TopicPartition, number>();
  for (const [place, goal] of goals) lowered.set(place, Math.min(goal, await heldBackAt(world, late, place)));
  return lowered;
}

async function heldBackAt(world: World, late: LateBatches, { topic, partition }: TopicPartition): Promise<number> {
  const place = placeInWorld(world, topic, partition);
  if (place === undefined) return Number.POSITIVE_INFINITY;
  const { found, hanging } = await decidedLog(world, late, place);
  return hanging === undefined ? Number(found.lastStableOffset) : Number.POSITIVE_INFINITY;
}

async function behind(reader: Reader, goals: ReadonlyMap<TopicPartition, number>): Promise<readonly string[]> {
  const left: string[] = [];
  const assigned = new Set(reader.consumer.assignment().map(({ topic, partition }) => `${topic}-${partition}`));
  for (const [{ topic, partition }, goal] of goals) {
    const name = `${topic}-${partition}`;
    const { next = -1 } = reader.places.get(name) ?? {};
    if (next >= goal && goal > 0) continue;
    const position = assigned.has(name) ? await reader.position({ topic, partition }) : undefined;
    if (position === undefined || position < goal) left.push(`${name} up to ${goal} (is at ${position ?? "?"})`);
  }
  return left;
}
