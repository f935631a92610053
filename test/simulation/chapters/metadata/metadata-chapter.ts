import { Deadline } from "../../../../src/client/async/deadline.ts";
import type { TopicMetadata } from "../../../../src/client/cluster/metadata-snapshot.ts";
import type { AdminOptions } from "../../../../src/client/config/admin-config.ts";
import { DescribeCluster, Metadata } from "../../../../src/protocol/index.ts";
import type { Checker } from "../../checkers/checker.ts";
import type { FaultKind } from "../../faults/fault-kind.ts";
import type { Dice } from "../../world/dice.ts";
import { outcomeText, type SimulatedClient } from "../../world/simulated-client.ts";
import type { World } from "../../world/world.ts";
import { drawAdminOptions, recoveryLimitMs } from "../admin/admin-settings.ts";
import type { Chapter } from "../chapter.ts";
import { ClusterClient } from "./cluster-client.ts";
import { snapshotCheckers } from "./snapshot-checkers.ts";

const RULE = "after the last fault every client's view of the cluster becomes the true one";
const AFTERMATH_MS = 20_000;

/** A client that does nothing but look at the cluster: its view must be true, and never go back. */
export class MetadataChapter implements Chapter {
  readonly name = "metadata";
  readonly faults: readonly FaultKind[] = [];
  readonly checkers: readonly Checker[];
  readonly #clients: SimulatedClient<ClusterClient>[] = [];
  #options: AdminOptions = {};

  constructor() {
    this.checkers = snapshotCheckers(this.#clients);
  }

  async live(world: World, dice: Dice): Promise<void> {
    const client = world.addClient("metadata", (runtime, clientId) => {
      this.#options = drawAdminOptions(world, dice, clientId);
      world.journal.note(clientId, `is made: ${JSON.stringify(this.#options)}`);
      return new ClusterClient(this.#options, runtime);
    });
    this.#clients.push(client);
    const looks = dice.between(4, 14);
    const mostPauseMs = dice.pick([50, 500, 3000]);
    for (let count = 0; count < looks; count++) {
      await world.wait(10 + dice.integer(mostPauseMs));
      await this.#look(world, client, dice);
    }
  }

  async recover(world: World): Promise<void> {
    await world.wait(AFTERMATH_MS);
    const names = world.broker.topics.map(({ name }) => name);
    for (const client of this.#clients) {
      const limits = { timeoutMs: recoveryLimitMs(this.#options) };
      const ended = await client.call("refresh", "(recovery)", limits, ({ cluster }, options) =>
        cluster.refresh(deadlineFrom(world, options), names).then(({ topics }) => [...topics.values()]),
      );
      if (ended.result === undefined) world.violate(RULE, `${ended.title()}: ${outcomeText(ended.outcome)}`);
      else this.#compare(world, client.clientId, ended.result);
    }
  }

  async #look(world: World, client: SimulatedClient<ClusterClient>, dice: Dice): Promise<void> {
    const names = dice.some(world.scenario.topicNames, dice.between(1, 4));
    const limits = {
      timeoutMs: dice.pick([50, 1000, 6000]),
      abortAfterMs: dice.chance(0.1) ? dice.integer(1000) : undefined,
    };
    switch (dice.integer(3)) {
      case 0:
        await client.call("topics", names, limits, ({ cluster }, options) => cluster.topics(names, deadlineFrom(world, options)));
        return;
      case 1:
        await client.call("refresh", names, limits, ({ cluster }, options) =>
          cluster.refresh(deadlineFrom(world, options), names).then(({ topics }) => [...topics.keys()]),
        );
        return;
      default:
        // Two different questions on one connection: neither may get the other's answer.
        await Promise.all([
          client.call("ask DescribeCluster", {}, limits, ({ cluster }, options) =>
            cluster.ask(DescribeCluster, {}, { kind: "controller" }, { deadline: deadlineFrom(world, options) }),
          ),
          client.call("ask Metadata", {}, limits, ({ cluster }, options) =>
            cluster.ask(Metadata, { topics: [] }, { kind: "any" }, { deadline: deadlineFrom(world, options) }),
          ),
        ]);
    }
  }

  #compare(world: World, clientId: string, seen: readonly TopicMetadata[]): void {
    for (const { name, id, partitions } of world.broker.topics) {
      const topic = seen.find((one) => one.name === name);
      // Without ids nobody can tell a topic from its successor, whose epochs begin anew: until they are as high, they look old.
      if (topic !== undefined && topic.topicId === undefined && world.truth.idsOf(name).length > 1) continue;
      const leaders = topic?.partitions.map(({ leaderId }) => leaderId).join();
      const isTrue = leaders === partitions.map(({ leaderId }) => leaderId).join() && (topic?.topicId ?? id) === id;
      if (!isTrue) world.violate(RULE, `${clientId}: ${name} (${topic?.topicId}) has the leaders ${leaders}`);
    }
  }
}

function deadlineFrom(
  { clock }: World,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal?: AbortSignal },
): Deadline {
  return new Deadline(clock, timeoutMs, signal);
}
