import type { TopicPartition } from "../../../../src/client/index.ts";
import type { Dice } from "../../world/dice.ts";
import type { World } from "../../world/world.ts";
import { type Place, Reader } from "./reader.ts";
import type { ReadingLog } from "./reading-log.ts";
import { Shelf } from "./shelf.ts";
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
const COMMIT_MS = 5000;

interface Act {
  readonly weight: number;
  readonly name: string;
  /** Only with a group. */
  readonly isCommit?: true;
  readonly act: (reader: Reader, place: Place, dice: Dice) => unknown;
}

/** What readers do besides reading. */
const ACTS: readonly Act[] = [
  {
    name: "seek",
    weight: 4,
    act: (reader, place, dice) => {
      const end = Shelf.endOf(reader.world, place.topic, place.partition);
      reader.seek(place, dice.integer(end + 1));
    },
  },
  { name: "seek to the beginning", weight: 2, act: (reader, place) => reader.seekToBeginning([place]) },
  { name: "seek to the end", weight: 0.5, act: (reader, place) => reader.seekToEnd(place) },
  { name: "pause", weight: 1.5, act: (reader, place) => reader.consumer.pause(place) },
  { name: "resume", weight: 3, act: ({ consumer }) => consumer.resume(...consumer.paused()) },
  { name: "position", weight: 3, act: (reader, place) => reader.checkPosition(place) },
  { name: "keep", weight: 1, act: (reader) => reader.checkKept() },
  { name: "wakeup", weight: 0.3, act: ({ consumer }) => consumer.wakeup() },
  {
    name: "commit",
    weight: 3,
    isCommit: true,
    act: (reader) => {
      // The positions, whether that is processed or not: he says so.
      reader.comes();
      return reader.client.call("commit", {}, { timeoutMs: COMMIT_MS }, (consumer, options) => consumer.commit(undefined, options));
    },
  },
  {
    name: "commit asynchronously",
    weight: 2,
    isCommit: true,
    act: (reader) => {
      reader.note("commits, and goes on");
      reader.comes();
      reader.consumer.commitAsync(undefined, () => undefined);
    },
  },
];

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
    const all = world.broker.topics.filter(({ name }) => wanted.includes(name)).flatMap(partitionsOf);
    const places = this.#groupId === undefined ? dice.some(all, dice.between(1, all.length)) : all;
    reader.note(`is assigned ${places.map(({ topic, partition }) => `${topic}-${partition}`).join(", ")}`);
    reader.consumer.assign(places);
    for (const place of places) reader.placeOf(place);
    return reader;
  }

  async #work(reader: Reader, endMs: number): Promise<void> {
    const { world, dice } = this.#init;
    const ways = dice.pick(WAYS);
    const mostPauseMs = dice.pick([1, 50, 500]);
    const actChance = dice.pick([0.1, 0.3]);
    for (let acts = 0; acts < MOST_ACTS && world.clock.monotonic() < endMs; acts++) {
      const error = await dice.pick(ways)(reader, dice);
      reader.failed(error);
      if (dice.chance(actChance)) await this.#act(reader);
      await world.wait(dice.integer(mostPauseMs + 1));
    }
  }

  async #act(reader: Reader): Promise<void> {
    const { dice } = this.#init;
    const places = reader.consumer.assignment();
    const acts = ACTS.filter(({ isCommit }) => isCommit !== true || reader.groupId !== undefined);
    const { act } = dice.weighted(acts);
    if (places.length > 0) await act(reader, reader.placeOf(dice.pick(places)), dice);
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
