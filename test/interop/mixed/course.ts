// What happens to a mixed group: one after the other leads, while the others join, leave and are killed.

import type { MixedClient } from "./mixed-clients.ts";
import type { MixedGroup } from "./mixed-group.ts";

/**
 * The first of the clients leads first and is there at the end. How many rebalances there were: after each of them everything was somebody's,
 * and everybody was at work.
 */
export async function runCourse(group: MixedGroup, clients: readonly MixedClient[], atLeast: number): Promise<number> {
  const course = new Course(group, clients);
  try {
    await group.begin();
    for (let leader = 0; course.rebalances < atLeast; leader++) {
      await course.ledBy(clients[leader % clients.length]!, clients[(leader + 1) % clients.length]!);
    }
    // Who is last sees to it that everything is read.
    await course.alone(clients[0]!);
    await group.finish();
    await course.leaveAll();
  } finally {
    await group.end();
  }
  return course.rebalances;
}

class Course {
  readonly #group: MixedGroup;
  readonly #clients: readonly MixedClient[];
  rebalances = 0;

  constructor(group: MixedGroup, clients: readonly MixedClient[]) {
    this.#group = group;
    this.#clients = clients;
  }

  /** A member of that client is alone first, so it leads those who come; somebody is killed, and somebody comes in the same rebalance. */
  async ledBy(leader: MixedClient, victim: MixedClient): Promise<void> {
    await this.alone(leader);
    const others = this.#clients.filter((client) => client !== leader);
    for (const other of others) await this.#rebalanced(() => this.#group.join(other));
    await this.#rebalanced(() => this.#group.join(leader));
    const [leaver] = others.filter((client) => client !== victim);
    if (leaver !== undefined) await this.#rebalanced(() => this.#leave(leaver));
    await this.#rebalanced(async () => {
      await this.#group.kill(victim);
      await this.#group.join(leaver ?? victim);
    });
    await this.#rebalanced(() => this.#group.join(victim));
  }

  /** One member of that client stays, or is the first; all others leave at once. */
  async alone(client: MixedClient): Promise<void> {
    if (this.#group.membersOf(client).length === 0) await this.#rebalanced(() => this.#group.join(client));
    const [keeps] = this.#group.membersOf(client);
    if (this.#group.size === 1) return;
    await this.#rebalanced(() => this.#leaveAll((name) => name !== keeps));
  }

  leaveAll(): Promise<void> {
    return this.#leaveAll(() => true);
  }

  async #leaveAll(isMeant: (name: string) => boolean): Promise<void> {
    const leavers = this.#clients.flatMap((client) =>
      this.#group
        .membersOf(client)
        .filter(isMeant)
        .map((name) => this.#group.leave(client, name)),
    );
    await Promise.all(leavers);
  }

  async #leave(client: MixedClient): Promise<void> {
    const [name] = this.#group.membersOf(client);
    if (name !== undefined) await this.#group.leave(client, name);
  }

  async #rebalanced(change: () => Promise<unknown>): Promise<void> {
    await change();
    await this.#group.untilShared();
    this.rebalances++;
  }
}
