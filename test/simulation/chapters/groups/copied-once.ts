import type { Checker } from "../../checkers/checker.ts";
import type { World } from "../../world/world.ts";
import { decidedLog, NO_TRANSACTION_HANGS } from "../producers/decided-log.ts";
import type { LateBatches } from "../producers/late-batches.ts";
import { finalLog, placeInWorld } from "../readers/read-truth.ts";
import { textOf } from "../readers/shelf.ts";
import type { GroupBook, PlaceBook } from "./group-book.ts";
import { copyOf } from "./group-plan.ts";

const ONCE_AND_IN_ORDER = "what a group copies in transactions is there once, in order, and nothing is left out";

/** Exactly once, whoever was stalled, killed or thrown out in the middle of a transaction. */
export function copiedOnce(books: readonly GroupBook[], late: LateBatches): Checker {
  return {
    rule: ONCE_AND_IN_ORDER,
    watch: (world) => ({
      atRest: async () => {
        for (const book of books)
          if (book.plan.copies) for (const place of book.places.values()) await checkCopies(world, late, book.plan.id, place);
      },
    }),
  };
}

async function checkCopies(world: World, late: LateBatches, group: string, { topic, partition, end }: PlaceBook): Promise<void> {
  const due = (await finalLog(world, topic, partition)).filter(({ isCommitted }) => isCommitted);
  const copies = await copiesIn(world, late, copyOf(topic), partition);
  const wanted = due.map(({ offset }) => offset);
  const at = copies.findIndex((offset, index) => offset !== wanted[index]);
  // What was written after everything had been read may be copied, too.
  if (at === -1 && copies.length >= wanted.filter((offset) => offset < end).length) return;
  const index = at === -1 ? copies.length : at;
  const said = `${group} in ${topic}-${partition}: copy ${index} of ${copies.length} is that of ${copies[index] ?? "nothing"}`;
  world.violate(ONCE_AND_IN_ORDER, `${said}, and should be that of ${wanted[index] ?? "nothing"}`);
}

/** What came late was meant to be aborted, and is there once more. */
async function copiesIn(world: World, late: LateBatches, topic: string, partition: number): Promise<readonly number[]> {
  const place = placeInWorld(world, topic, partition);
  if (place === undefined) return [];
  const { batches, hanging } = await decidedLog(world, late, place);
  if (hanging !== undefined) world.violate(NO_TRANSACTION_HANGS, hanging);
  return batches
    .filter(({ fate, isLate }) => fate === "committed" && !isLate)
    .flatMap(({ batch }) => batch.records().map(({ value }) => Number(textOf(value))));
}
