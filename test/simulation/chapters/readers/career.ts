import type { TopicPartition } from "../../../../src/client/index.ts";
import type { Dice } from "../../world/dice.ts";
import type { World } from "../../world/world.ts";
import { Reader } from "./reader.ts";
import { actOnce, betweenReads, meddle } from "./reader-acts.ts";
import type { ReadingLog } from "./reading-log.ts";
import type { Shelf } from "./shelf.ts";
import { batches, iterate, poll, run, type Way } from "./ways.ts";

export interface CareerInit {
  readonly world: World;
  readonly dice: Dice;
  readonly shelf: Shelf;
  readonly log: ReadingLog;
  readonly topics: readonly string[];
  /** Of the group, if there is one. */
  readonly name: string;
}

const WAYS: readonly (readonly Way[])[] = [[poll], [poll], [iterate], [batches], [run], [poll, iterate, batches, run]];
const MOST_ACTS = 40;
/** How many have somebody else who does something with their consumer while they read. */
const MEDDLING_CHANCE = 0.4;

/** A reader and those who follow him, one after the other, as a process that is restarted. */
export class Career {
  readonly #init: CareerInit;
  readonly #groupId: string | undefined;

  constructor(init: CareerInit) {
    this.#init = init;
    this.#groupId = init.dice.chance(0.5) ? init.name : undefined;
  }

  async live(lastsMs: number): Promise<void> {
    const { world, dice } = this.#init;
    await world.wait(dice.integer(dice.pick([1, 500, lastsMs / 2])));
    const endMs = world.clock.monotonic() + lastsMs;
    for (let left = dice.pick([1, 1, 2, 3]); left > 0; left--) {
      const reader = this.#employ();
      const hisEndMs = left === 1 ? endMs : world.clock.monotonic() + dice.integer(lastsMs);
      await this.#work(reader, Math.min(hisEndMs, endMs));
      if (left > 1) await reader.close(dice);
    }
  }

  #employ(): Reader {
    const { world, dice, shelf, log, topics } = this.#init;
    const reader = new Reader({ world, dice, shelf, log, groupId: this.#groupId });
    const wanted = [...new Set(dice.some(topics, dice.between(1, topics.length)))];
    if (this.#groupId === undefined && dice.chance(0.5)) {
      const isPattern = dice.chance(0.3);
      reader.note(`subscribes to ${isPattern ? "a pattern of " : ""}${wanted.join(", ")}`);
      reader.consumer.subscribe(isPattern ? new RegExp(`^(${wanted.join("|")})$`) : wanted);
      return reader;
    }
    reader.readable = world.broker.topics.filter(({ name }) => wanted.includes(name)).flatMap(partitionsOf);
    reader.assign(this.#groupId === undefined ? reader.drawPlaces(dice) : reader.readable);
    return reader;
  }

  async #work(reader: Reader, endMs: number): Promise<void> {
    const { world, dice } = this.#init;
    const ways = dice.pick(WAYS);
    const mostPauseMs = dice.pick([1, 50, 500]);
    const actChance = dice.pick([0.1, 0.3]);
    let isOver = false;
    const meddling = dice.chance(MEDDLING_CHANCE) ? meddle(reader, dice.fork(), () => isOver) : undefined;
    for (let acts = 0; acts < MOST_ACTS && world.clock.monotonic() < endMs; acts++) {
      const error = await dice.pick(ways)(reader, dice);
      reader.failed(error);
      if (dice.chance(actChance)) await actOnce(betweenReads, reader, dice);
      await world.wait(dice.integer(mostPauseMs + 1));
    }
    isOver = true;
    await meddling;
  }
}

function partitionsOf({
  name: topic,
  partitions,
}: {
  readonly name: string;
  readonly partitions: readonly unknown[];
}): TopicPartition[] {
  return partitions.map((_, partition) => ({ topic, partition }));
}
