import type { Checker } from "../../checkers/checker.ts";
import type { World } from "../../world/world.ts";
import { takesLateBatches } from "../producers/late-batches.ts";
import { finalLog } from "../readers/read-truth.ts";
import type { GroupBook, PlaceBook } from "./group-book.ts";
import { copyOf } from "./group-plan.ts";

const ONCE_AND_IN_ORDER = "what a group copies in transactions is there once, in order, and nothing is left out";

/** Exactly once, whoever was stalled, killed or thrown out in the middle of a transaction. */
export function copiedOnce(books: readonly GroupBook[]): Checker {
  return {
    rule: ONCE_AND_IN_ORDER,
    watch: (world) => ({
      atRest: async () => {
        for (const book of books)
          if (book.plan.copies) for (const place of book.places.values()) await checkCopies(world, book.plan.id, place);
      },
    }),
  };
}

async function checkCopies(world: World, group: string, { topic, partition, end }: PlaceBook): Promise<void> {
  const due = await committedIn(world, topic, partition);
  const there = (await committedIn(world, copyOf(topic), partition)).map(({ text }) => Number(text));
  const copies = takesLateBatches(world) ? [...new Set(there)] : there;
  const wanted = due.map(({ offset }) => offset);
  const at = copies.findIndex((offset, index) => offset !== wanted[index]);
  // What was written after everything had been read may be copied, too.
  if (at === -1 && copies.length >= wanted.filter((offset) => offset < end).length) return;
  const index = at === -1 ? copies.length : at;
  const said = `${group} in ${topic}-${partition}: copy ${index} of ${copies.length} is that of ${copies[index] ?? "nothing"}`;
  world.violate(ONCE_AND_IN_ORDER, `${said}, and should be that of ${wanted[index] ?? "nothing"}`);
}

async function committedIn(world: World, topic: string, partition: number): Promise<readonly { offset: number; text: string }[]> {
  return (await finalLog(world, topic, partition)).filter(({ isCommitted }) => isCommitted);
}
