import type { Dice } from "../../world/dice.ts";
import type { Place, Reader } from "./reader.ts";
import { Shelf } from "./shelf.ts";

export interface ReaderAct {
  readonly weight: number;
  readonly name: string;
  /** Only with a group. */
  readonly isCommit?: true;
  /** Only for those that were assigned partitions. */
  readonly isAssign?: true;
  readonly act: (reader: Reader, place: Place, dice: Dice) => unknown;
}

const COMMIT_MS = 5000;

const seeks: readonly ReaderAct[] = [
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
];

const common: readonly ReaderAct[] = [
  { name: "pause", weight: 1.5, act: (reader, place) => reader.pause(place) },
  { name: "resume", weight: 3, act: (reader) => reader.resume() },
  { name: "keep", weight: 1, act: (reader) => reader.checkKept() },
  { name: "wakeup", weight: 0.3, act: ({ consumer }) => consumer.wakeup() },
  { name: "assign", weight: 1, isAssign: true, act: (reader, _, dice) => reader.assign(reader.drawPlaces(dice)) },
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

const commit: ReaderAct = {
  name: "commit",
  weight: 3,
  isCommit: true,
  act: (reader) => {
    // The positions, whether that is processed or not: he says so.
    reader.comes();
    return reader.client.call("commit", {}, { timeoutMs: COMMIT_MS }, (consumer, options) => consumer.commit(undefined, options));
  },
};

/** What readers do between reading and reading. */
export const betweenReads: readonly ReaderAct[] = [
  ...seeks,
  ...common,
  commit,
  { name: "position", weight: 3, act: (reader, place) => reader.checkPosition(place) },
];

/** What somebody else does with the same consumer while it reads. */
export const duringReads: readonly ReaderAct[] = [
  ...seeks,
  ...common,
  commit,
  // By the time it is told, more may have been given.
  { name: "position", weight: 1, act: (reader, place) => reader.position(place) },
];

/** One of these acts, on a partition of the reader's. */
export async function actOnce(acts: readonly ReaderAct[], reader: Reader, dice: Dice): Promise<void> {
  const possible = acts.filter(({ isCommit, isAssign }) => {
    if (isCommit === true && reader.groupId === undefined) return false;
    return isAssign !== true || reader.isAssigned;
  });
  const { act } = dice.weighted(possible);
  const places = reader.consumer.assignment();
  if (places.length > 0) await act(reader, reader.placeOf(dice.pick(places)), dice);
}

/** Until it is over. */
export async function meddle(reader: Reader, dice: Dice, isOver: () => boolean): Promise<void> {
  const mostPauseMs = dice.pick([5, 50, 500]);
  for (;;) {
    await reader.world.wait(dice.integer(mostPauseMs + 1));
    if (isOver()) return;
    await actOnce(duringReads, reader, dice);
  }
}
