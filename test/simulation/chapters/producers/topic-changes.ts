// What happens to the topics that producers write to.

import { Admin } from "../../../../src/client/index.ts";
import type { FaultKind } from "../../faults/fault-kind.ts";
import type { Dice } from "../../world/dice.ts";
import type { World } from "../../world/world.ts";
import { drawAdminOptions } from "../admin/admin-settings.ts";
import { FLEETING, MOST_PARTITIONS, type RecordBook } from "./record-book.ts";

/** Gone for a while, and then another one under the same name. */
export const recreateFleetingTopic: FaultKind = {
  name: "written topic deleted",
  weight: 2,
  strike: ({ broker }, dice) => {
    if (!broker.topics.some(({ name }) => name === FLEETING)) return undefined;
    const partitions = dice.between(1, 4);
    broker.deleteTopic(FLEETING);
    const end = (): void => {
      // Somebody who asked for it may have had it made already.
      if (!broker.topics.some(({ name }) => name === FLEETING)) broker.createTopic(FLEETING, partitions);
    };
    return { text: `until it is made again with ${partitions} partitions`, end };
  },
};

/** Topics get more partitions while they are written to. */
export async function growTopics(world: World, dice: Dice, book: RecordBook): Promise<void> {
  if (!dice.chance(0.3)) return;
  const client = world.addClient("admin", (runtime, clientId) => new Admin(drawAdminOptions(world, dice, clientId), runtime));
  await world.wait(dice.integer(dice.pick([100, 3000, 10_000])));
  const wanted = Object.fromEntries(book.lasting.map(({ name }) => [name, dice.between(2, MOST_PARTITIONS)]));
  await client.call("createPartitions", wanted, { timeoutMs: 15_000 }, (admin, options) => admin.createPartitions(wanted, options));
}
