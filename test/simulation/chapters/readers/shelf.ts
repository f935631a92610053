// The topics that readers read: those of the producers, and one of their own, whose log may be cut and whose beginning deleted.

import { Admin } from "../../../../src/client/index.ts";
import { isSince, type KafkaRelease } from "../../../../src/protocol/index.ts";
import { moveLeaderOf } from "../../faults/cluster-faults.ts";
import type { Dice } from "../../world/dice.ts";
import type { World } from "../../world/world.ts";
import { drawAdminOptions } from "../admin/admin-settings.ts";
import { LogHistory, type LogRecord } from "./log-history.ts";

export const SHELF = "shelf";
/** Readers tell a cut log by the epochs of its leaders (KIP-320), which they believe from Metadata v9 on. */
export const FIRST_RELEASE_WITH_DIVERGENCE: KafkaRelease = "2.4";

/** What becomes of the shelf while it is read: the only one whose records are ever taken away. */
export class Shelf {
  partitions = 0;
  readonly #histories: LogHistory[] = [];

  open(world: World, dice: Dice): void {
    this.partitions = dice.between(1, 3);
    world.broker.createTopic(SHELF, this.partitions);
    for (let partition = 0; partition < this.partitions; partition++) this.#histories.push(new LogHistory());
  }

  /** Undefined of topics from which nothing is ever taken. */
  historyOf(topic: string, partition: number): LogHistory | undefined {
    return topic === SHELF ? this.#histories[partition] : undefined;
  }

  /** An unclean election loses the end of a log, and the next leader writes something else there. Gives the partition. */
  cut(world: World, dice: Dice): number {
    const partition = dice.integer(this.partitions);
    const records = recordsOf(world, partition);
    const last = records.at(-1);
    const history = this.#histories[partition];
    if (last === undefined || history === undefined) return partition;
    const first = records[0]?.offset ?? 0;
    const offset = Math.max(first + 1, last.offset + 1 - dice.integer(dice.pick([3, 10, 40])));
    const place = { topic: SHELF, partition };
    if (dice.chance(0.7)) moveLeaderOf(world, place, dice);
    world.broker.truncate(place, offset);
    // Only whole batches are left.
    history.cut(records, (recordsOf(world, partition).at(-1)?.offset ?? -1) + 1);
    world.truth.look();
    world.journal.note("faults", `${SHELF}-${partition} is cut at ${offset}; it ended at ${last.offset + 1}`);
    return partition;
  }

  async deleteRecords(world: World, dice: Dice): Promise<void> {
    const partition = dice.integer(this.partitions);
    const records = recordsOf(world, partition);
    const history = this.#histories[partition];
    if (records.length === 0 || history === undefined) return;
    const { offset } = dice.pick(records);
    history.deleted(records, offset);
    const client = world.addClient("admin", (runtime, clientId) => new Admin(drawAdminOptions(world, dice, clientId), runtime));
    const what = [{ topic: SHELF, partition, offset }];
    await client.call("deleteRecords", what, { timeoutMs: 10_000 }, (admin, options) => admin.deleteRecords(what, options));
    await client.close();
  }

  /** Also of a reader that seeks: which offsets there may be. */
  static endOf(world: World, topic: string, partition: number): number {
    const known = world.broker.topics.find(({ name }) => name === topic)?.partitions.length ?? 0;
    return partition < known ? (world.broker.records(topic, partition).at(-1)?.offset ?? -1) + 1 : 0;
  }
}

export function detectsCuts({ scenario }: World): boolean {
  return isSince(scenario.release, FIRST_RELEASE_WITH_DIVERGENCE);
}

export function recordsOf(world: World, partition: number, topic: string = SHELF): LogRecord[] {
  return world.broker.records(topic, partition).map(({ offset, value }) => ({ offset, text: textOf(value) }));
}

export function textOf(value: Uint8Array | string | null): string {
  return typeof value === "string" ? value : Buffer.from(value ?? new Uint8Array()).toString();
}
