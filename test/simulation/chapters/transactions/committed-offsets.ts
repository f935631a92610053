import { advertisedVersions, apis } from "../../../../src/protocol/index.ts";
import { BrokerClient } from "../../../support/broker-client.ts";
import type { World } from "../../world/world.ts";

const WITH_RECORDS = "offsets count if and only if their transaction does";
/** The last version that asks for one group. */
const OFFSET_FETCH_OF_ONE = 7;

/** Where groups go on, as their transactions have said. Each group has one partition, and offsets that grow with every transaction. */
export class CommittedOffsets {
  readonly topic: string;
  /** By group: what has certainly been committed, the latest; and what may have been. */
  readonly #groups = new Map<string, { next: number; committed: number; readonly unknown: Set<number> }>();

  constructor(topic: string) {
    this.topic = topic;
  }

  /** An offset that nobody has committed before. */
  next(group: string): number {
    return ++this.#of(group).next;
  }

  ended(group: string, offset: number, end: "committed" | "unknown"): void {
    const known = this.#of(group);
    if (end === "unknown") known.unknown.add(offset);
    else known.committed = Math.max(known.committed, offset);
  }

  async check(world: World): Promise<void> {
    for (const [group, { committed, unknown }] of this.#groups) {
      const offset = await this.#read(world, group);
      if (offset === committed || (offset > committed && unknown.has(offset))) continue;
      const may = [...unknown].filter((one) => one > committed);
      world.violate(
        WITH_RECORDS,
        `${group} is at ${offset}; ${committed} was committed, ${may.join(", ") || "nothing else"} may have been`,
      );
    }
  }

  #of(group: string): { next: number; committed: number; readonly unknown: Set<number> } {
    const known = this.#groups.get(group) ?? { next: 0, committed: -1, unknown: new Set<number>() };
    this.#groups.set(group, known);
    return known;
  }

  async #read({ broker, clock, scenario }: World, group: string): Promise<number> {
    const newest = advertisedVersions(scenario.release).get(apis.OffsetFetch.key)?.[1] ?? 0;
    const client = await BrokerClient.connect(broker, { node: broker.coordinatorOf("group", group), clientId: "reader" });
    const asked = { groupId: group, topics: [{ name: this.topic, partitionIndexes: [0] }] };
    const fetching = client.ask("OffsetFetch", asked, Math.min(newest, OFFSET_FETCH_OF_ONE));
    await clock.advance(0);
    const { topics } = await fetching;
    client.close();
    await clock.advance(0);
    const found = topics[0]?.partitions[0];
    if (found === undefined || found.errorCode !== 0) throw new Error(`the offset of ${group} cannot be read: ${found?.errorCode}`);
    return Number(found.committedOffset);
  }
}
