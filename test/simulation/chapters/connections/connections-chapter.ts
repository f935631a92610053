import { Deadline } from "../../../../src/client/async/deadline.ts";
import type { AdminOptions } from "../../../../src/client/config/admin-config.ts";
import type { BrokerAddress, Lane } from "../../../../src/client/connection/lane.ts";
import { KafkaError, Metadata } from "../../../../src/protocol/index.ts";
import type { Checker } from "../../checkers/checker.ts";
import type { FaultKind } from "../../faults/fault-kind.ts";
import type { Dice } from "../../world/dice.ts";
import { type CallLimits, outcomeText, type SimulatedClient } from "../../world/simulated-client.ts";
import type { World } from "../../world/world.ts";
import { drawAdminOptions, recoveryLimitMs } from "../admin/admin-settings.ts";
import type { Chapter } from "../chapter.ts";
import { PoolClient } from "./pool-client.ts";

const OWN_ANSWER = "an answer belongs to its request, however many are in flight";
const BACK = "after the last fault every connection can be made again";

const LANES: readonly Lane[] = ["main", "main", "fetch", "coordinator"];
const RETRY_PAUSE_MS = 100;
/** Each request asks for other topics, most of which nobody has. */
const MOST_TOPICS = 3;

/** Bare connections with many different requests in flight, so that a mix-up cannot hide behind equal answers. */
export class ConnectionsChapter implements Chapter {
  readonly name = "connections";
  readonly faults: readonly FaultKind[] = [];
  readonly checkers: readonly Checker[] = [];
  #client: SimulatedClient<PoolClient> | undefined;
  #options: AdminOptions = {};
  #asked = 0;

  async live(world: World, dice: Dice): Promise<void> {
    const client = world.addClient("connections", (runtime, clientId) => {
      this.#options = drawAdminOptions(world, dice, clientId);
      world.journal.note(clientId, `is made: ${JSON.stringify(this.#options)}`);
      return new PoolClient(this.#options, runtime);
    });
    this.#client = client;
    const mostPauseMs = dice.pick([30, 300, 2000]);
    for (let bursts = dice.between(3, 9); bursts > 0; bursts--) {
      await world.wait(20 + dice.integer(mostPauseMs));
      const { id, host, port } = dice.pick(world.broker.nodes);
      const address = { nodeId: id, host, port };
      const lane = dice.pick(LANES);
      const limits = { timeoutMs: dice.pick([100, 1000, 10_000]), abortAfterMs: dice.chance(0.1) ? dice.integer(500) : undefined };
      // The next burst may begin while this one is still under way.
      const burst = Promise.all(Array.from({ length: dice.between(1, 6) }, () => this.#ask(world, client, address, lane, limits)));
      if (dice.chance(0.5)) await burst;
    }
  }

  async recover(world: World): Promise<void> {
    const client = this.#client;
    if (client === undefined) return;
    const limitMs = recoveryLimitMs(this.#options);
    for (const { id, host, port } of world.broker.nodes) {
      const end = world.clock.monotonic() + limitMs;
      let problem = "";
      for (;;) {
        const limits = { timeoutMs: Math.max(end - world.clock.monotonic(), 1) };
        const ended = await this.#ask(world, client, { nodeId: id, host, port }, "main", limits);
        if (ended.outcome.kind === "value") break;
        problem = outcomeText(ended.outcome);
        const mayPass = ended.outcome.error instanceof KafkaError && ended.outcome.error.retriable;
        if (!mayPass || world.clock.monotonic() >= end) {
          world.violate(BACK, `${client.clientId} and node ${id}: ${problem}`);
          return;
        }
        await world.wait(RETRY_PAUSE_MS);
      }
    }
  }

  async #ask(world: World, client: SimulatedClient<PoolClient>, address: BrokerAddress, lane: Lane, limits: CallLimits) {
    const number = ++this.#asked;
    const names = Array.from({ length: 1 + (number % MOST_TOPICS) }, (_, index) => `nobody-has-${number}-${index}`);
    const request = { topics: names.map((name) => ({ name })), allowAutoTopicCreation: false };
    const question = { lane, nodeId: address.nodeId, names };
    const ended = await client.call("ask Metadata", question, limits, async ({ pool }, { timeoutMs, signal }) => {
      const deadline = new Deadline(world.clock, timeoutMs, signal);
      const connection = await pool.connection(address, lane, deadline);
      return connection.ask(Metadata, request, deadline);
    });
    const answered = ended.result?.body.topics.map(({ name }) => name);
    if (answered !== undefined && answered.join() !== names.join()) {
      world.violate(OWN_ANSWER, `${ended.title()}: the answer is about ${answered.join()}`);
    }
    return ended;
  }
}
