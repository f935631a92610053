import { afterEach, describe, expect, it } from "vitest";
import { BrokerClient } from "../../test/support/broker-client.ts";
import { batchOf } from "../../test/support/produce.ts";
import { EmbeddedBroker, HeldClock } from "./index.ts";
import { type Random, seededRandom } from "./random.ts";

const open: EmbeddedBroker[] = [];

afterEach(async () => {
  for (const broker of open.splice(0)) await broker.close();
});

const TOPIC = "orders";
const NODES = 3;

/** A cluster's life under bad weather: clients that produce, fetch and commit, nodes that go and come, faults that strike. */
async function life(
  seed: number,
): Promise<{ readonly journal: string; readonly failures: readonly Error[]; readonly timers: number }> {
  const clock = new HeldClock();
  const random = seededRandom(seed + 1);
  const broker = await EmbeddedBroker.start({ nodes: NODES, transport: "memory", clock, seed, topics: { [TOPIC]: 4 } });
  open.push(broker);
  broker.network.weather = { latencyMs: [0, 20], splitChance: 0.2, cutChance: 0.01 };
  broker.faults.failNext({ api: "Produce", error: "NOT_ENOUGH_REPLICAS", skip: 3, times: 2 });
  broker.faults.disconnect({ api: "Fetch", afterApply: true, skip: 10, times: 3 });
  broker.faults.dribble({ api: "Metadata", bytes: 3, everyMs: 1, times: 2 });
  const clients = Array.from({ length: 5 }, (_, index) => clientLife(broker, clock, random, `client-${index}`));
  const done = Promise.all([...clients, nodesLife(broker, clock, random)]);
  let isDone = false;
  const finished = done.then(() => {
    isDone = true;
  });
  await clock.runUntil(() => isDone, 600_000);
  await finished;
  const journal = broker.journal.text();
  await broker.close();
  // What was on its way when the broker closed arrives; then nothing may be left that would ever fire.
  await clock.advance(1000);
  return { journal, failures: broker.failures, timers: clock.pendingTimers };
}

function wait(clock: HeldClock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.schedule(ms, resolve);
  });
}

async function clientLife(broker: EmbeddedBroker, clock: HeldClock, random: Random, clientId: string): Promise<void> {
  for (let round = 0; round < 25; round++) {
    await wait(clock, random.integer(50));
    try {
      const client = await BrokerClient.connect(broker, { node: 1 + random.integer(NODES), clientId });
      await act(client, random);
      client.close();
    } catch {
      // Refused or cut: that is the weather. What matters is that it is the same in the next run.
    }
  }
}

async function act(client: BrokerClient, random: Random): Promise<void> {
  const { topics } = await client.ask("Metadata", { topics: [{ name: TOPIC }] });
  const { topicId = "" } = topics[0] ?? {};
  const partition = random.integer(4);
  const records = batchOf(`value ${random.integer(1000)}`);
  await client.ask("Produce", {
    acks: -1,
    timeoutMs: 100,
    topicData: [{ topicId, partitionData: [{ index: partition, records }] }],
  });
  const partitions = [{ partition, fetchOffset: 0, partitionMaxBytes: 1000 }];
  await client.ask("Fetch", {
    maxWaitMs: random.integer(100),
    minBytes: 1 + random.integer(5000),
    topics: [{ topicId, partitions }],
  });
  await client.ask("FindCoordinator", { keyType: 0, coordinatorKeys: [`group-${random.integer(3)}`] });
  await client.ask("JoinGroup", {
    groupId: `group-${random.integer(3)}`,
    protocolType: "consumer",
    sessionTimeoutMs: 6000,
    rebalanceTimeoutMs: 6000,
    protocols: [{ name: "range", metadata: new Uint8Array(3) }],
  });
  await client.ask("InitProducerId", { transactionalId: null, transactionTimeoutMs: 1000 });
}

async function nodesLife(broker: EmbeddedBroker, clock: HeldClock, random: Random): Promise<void> {
  for (let round = 0; round < 6; round++) {
    await wait(clock, 100 + random.integer(200));
    const node = 1 + random.integer(NODES);
    await broker.stopNode(node);
    await wait(clock, random.integer(200));
    await broker.startNode(node);
    broker.truncate({ topic: TOPIC, partition: random.integer(4) }, 0);
  }
}

describe("a simulated cluster", () => {
  it.each([1, 2, 3, 4, 5])("lives the same life twice from the seed %i: the same journal, byte for byte", async (seed) => {
    const one = await life(seed);
    expect(one.failures).toEqual([]);
    expect(one.journal.length).toBeGreaterThan(20_000);
    expect(one.timers).toBe(0);
    expect((await life(seed)).journal).toBe(one.journal);
  });

  it("lives another life from another seed", async () => {
    expect((await life(6)).journal).not.toBe((await life(7)).journal);
  });
});
