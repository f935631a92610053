import { Deadline } from "../../../../src/client/async/deadline.ts";
import type { TopicMetadata } from "../../../../src/client/cluster/metadata-snapshot.ts";
import type { AdminOptions } from "../../../../src/client/config/admin-config.ts";
import { DescribeCluster, Metadata } from "../../../../src/protocol/index.ts";
import type { Checker } from "../../checkers/checker.ts";
import { leadersMoveUnheard } from "../../faults/cluster-faults.ts";
import type { FaultKind } from "../../faults/fault-kind.ts";
import type { Dice } from "../../world/dice.ts";
import { type CallLimits, outcomeText, type SimulatedClient } from "../../world/simulated-client.ts";
import type { World } from "../../world/world.ts";
import { drawAdminOptions, recoveryLimitMs } from "../admin/admin-settings.ts";
import type { Chapter } from "../chapter.ts";
import { ClusterClient } from "./cluster-client.ts";
import { snapshotCheckers } from "./snapshot-checkers.ts";

const RULE = "after the last fault every client's view of the cluster becomes the true one";
const AFTERMATH_MS = 20_000;
const MOST_MOVES = 6;
const LOOKS = [
  { look: "topics", weight: 2 },
  { look: "refresh", weight: 4 },
  { look: "every node", weight: 1 },
  { look: "two questions", weight: 2 },
] as const;

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
    const { faults, stormMs, mostMsBetweenFaults } = world.scenario;
    if (faults > 0 && dice.chance(0.3)) {
      const moves = dice.between(2, MOST_MOVES);
      const leaders = world.faults.rage([leadersMoveUnheard], dice.fork(), moves);
      await this.#askEveryNode(world, client, dice);
      await this.#watch(world, client, dice, { looks: 5 * moves, mostPauseMs: mostMsBetweenFaults / 5 });
      return leaders;
    }
    const looks = dice.between(4, 14);
    const mostPauseMs = dice.chance(0.5) ? (2 * stormMs) / looks : dice.pick([50, 500, 3000]);
    return this.#watch(world, client, dice, { looks, mostPauseMs });
  }

  async #watch(
    world: World,
    client: SimulatedClient<ClusterClient>,
    dice: Dice,
    { looks, mostPauseMs }: { readonly looks: number; readonly mostPauseMs: number },
  ): Promise<void> {
    for (let count = 0; count < looks; count++) {
      await world.wait(10 + dice.integer(mostPauseMs + 1));
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
    const names = dice.chance(0.5) ? world.truth.names : dice.some(world.scenario.topicNames, dice.between(1, 4));
    const limits = drawLimits(dice);
    switch (dice.weighted(LOOKS).look) {
      case "topics":
        await client.call("topics", names, limits, ({ cluster }, options) => cluster.topics(names, deadlineFrom(world, options)));
        return;
      case "refresh":
        await client.call("refresh", names, limits, ({ cluster }, options) =>
          cluster.refresh(deadlineFrom(world, options), names).then(({ topics }) => [...topics.keys()]),
        );
        return;
      case "every node":
        await this.#askEveryNode(world, client, dice);
        return;
      case "two questions":
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

  /** Whoever is connected to several nodes may hear of the cluster from any of them, and not all of them know the same. */
  async #askEveryNode(world: World, client: SimulatedClient<ClusterClient>, dice: Dice): Promise<void> {
    const limits = drawLimits(dice);
    const asking = world.broker.nodes.map(({ id: nodeId }) =>
      client.call("ask Metadata", { nodeId }, limits, ({ cluster }, options) =>
        cluster.ask(Metadata, { topics: [] }, { kind: "node", nodeId }, { deadline: deadlineFrom(world, options) }),
      ),
    );
    await Promise.all(asking);
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

function drawLimits(dice: Dice): CallLimits {
  return { timeoutMs: dice.pick([50, 1000, 6000]), abortAfterMs: dice.chance(0.1) ? dice.integer(1000) : undefined };
}

function deadlineFrom(
  { clock }: World,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal?: AbortSignal },
): Deadline {
  return new Deadline(clock, timeoutMs, signal);
}
