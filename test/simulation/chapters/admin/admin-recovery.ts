import type { Admin } from "../../../../src/client/index.ts";
import { KafkaError } from "../../../../src/protocol/index.ts";
import { outcomeText, type SimulatedClient } from "../../world/simulated-client.ts";
import type { World } from "../../world/world.ts";
import type { KnownOffsets } from "./known-offsets.ts";

const RULE = "after the last fault every client finds back, and sees what is true";

/** What was on its way when the faults ended (the longest delay that they have) has been carried out then. */
const AFTERMATH_MS = 20_000;

const RETRY_PAUSE_MS = 100;

/** One client, after the last fault. */
export class Recovery {
  readonly #world: World;
  readonly #client: SimulatedClient<Admin>;
  readonly #offsets: KnownOffsets;
  readonly #limits: { readonly timeoutMs: number };

  constructor(world: World, client: SimulatedClient<Admin>, offsets: KnownOffsets, recoveryMs: number) {
    this.#world = world;
    this.#client = client;
    this.#offsets = offsets;
    this.#limits = { timeoutMs: recoveryMs };
  }

  async check(): Promise<void> {
    await this.#findBack();
    await this.#world.wait(AFTERMATH_MS);
    const cluster = await this.#ask("describeCluster", (admin, options) => admin.describeCluster(options));
    this.#expect(
      cluster?.brokers.map(({ nodeId }) => nodeId).sort((one, other) => one - other),
      this.#world.broker.nodes.map(({ id }) => id),
    );
    const topics = this.#world.broker.topics.filter(({ name }) => !name.startsWith("__"));
    const names = topics.map(({ name }) => name).sort();
    this.#expect(await this.#ask("listTopics", (admin, options) => admin.listTopics(options)), names);
    if (names.length === 0) return;
    const described = await this.#ask("describeTopics", (admin, options) => admin.describeTopics(names, options));
    // Where others write, nobody here knows the ends.
    const quiet = topics.filter(({ name }) => this.#world.scenario.topicNames.includes(name));
    const offsets = await this.#ask("listOffsets", (admin, options) =>
      admin.listOffsets(
        quiet.flatMap(({ name, partitions }) =>
          partitions.map((_, partition) => ({ topic: name, partition, at: "latest" as const })),
        ),
        options,
      ),
    );
    this.#expect(
      offsets?.map(({ topic, partition, offset }) => `${topic}-${partition} ${offset}`),
      quiet.flatMap(({ name, id, partitions }) =>
        partitions.map((_, partition) => `${name}-${partition} ${this.#offsets.end(id, partition)}`),
      ),
    );
    const hasEpochs = described?.some((topic) => topic.partitions?.some(({ leaderEpoch }) => leaderEpoch >= 0));
    const leadership = (leaderId: number, leaderEpoch: number): string =>
      hasEpochs ? `${leaderId}@${leaderEpoch}` : `${leaderId}`;
    this.#expect(
      described?.map(({ name, partitions }) => [name, partitions?.map((one) => leadership(one.leaderId, one.leaderEpoch))]),
      names.map((name) => [
        name,
        topics.find((topic) => topic.name === name)?.partitions.map((one) => leadership(one.leaderId, one.leaderEpoch)),
      ]),
    );
  }

  /** Fails no longer than its settings explain. A bootstrap that is granted less than a backoff may fail several times. */
  async #findBack(): Promise<void> {
    const { clock } = this.#world;
    const end = clock.monotonic() + this.#limits.timeoutMs;
    for (;;) {
      const limits = { timeoutMs: Math.max(end - clock.monotonic(), 1) };
      const ended = await this.#client.call("describeCluster", "(recovery)", limits, (admin, options) =>
        admin.describeCluster(options),
      );
      // What a fault has sent may still be on its way, and may be such that trying again makes no sense.
      if (ended.outcome.kind === "value" || !(ended.outcome.error instanceof KafkaError && ended.outcome.error.retriable)) return;
      if (clock.monotonic() >= end) {
        this.#world.violate(RULE, `${ended.title()}: ${outcomeText(ended.outcome)}`);
        return;
      }
      await this.#world.wait(RETRY_PAUSE_MS);
    }
  }

  async #ask<T>(
    method: string,
    run: (admin: Admin, options: { readonly timeoutMs: number }) => Promise<T>,
  ): Promise<T | undefined> {
    const ended = await this.#client.call(method, "(recovery)", this.#limits, run);
    if (ended.outcome.kind === "error") this.#world.violate(RULE, `${ended.title()}: ${outcomeText(ended.outcome)}`);
    return ended.result;
  }

  /** What the client sees, and what is there; nothing where the question has failed already. */
  #expect(seen: unknown, there: unknown): void {
    if (seen === undefined || JSON.stringify(seen) === JSON.stringify(there)) return;
    this.#world.violate(RULE, `${this.#client.clientId} sees ${JSON.stringify(seen)}, there is ${JSON.stringify(there)}`);
  }
}
