// What administrators do. To add a call, write it into the table at the end.

import type { Admin } from "../../../../src/client/index.ts";
import type { Dice } from "../../world/dice.ts";
import type { CallLimits, SimulatedClient } from "../../world/simulated-client.ts";
import type { World } from "../../world/world.ts";
import { Expectations } from "./admin-expectations.ts";
import type { KnownOffsets } from "./known-offsets.ts";

/** Who acts, on what. */
export interface Stage {
  readonly world: World;
  readonly client: SimulatedClient<Admin>;
  readonly dice: Dice;
  readonly limits: CallLimits;
  readonly offsets: KnownOffsets;
}

export interface Act {
  readonly name: string;
  readonly weight: number;
  act(stage: Stage): Promise<void>;
}

function someTopics({ world, dice }: Stage, most: number): readonly string[] {
  return dice.some(world.scenario.topicNames, dice.between(1, most));
}

async function createTopics(stage: Stage): Promise<void> {
  const { world, client, dice, limits } = stage;
  const validateOnly = dice.chance(0.1);
  const topics = someTopics(stage, 3).map((name) => ({
    name,
    numPartitions: dice.between(1, 5),
    replicationFactor: dice.between(1, Math.min(3, world.scenario.nodes)),
  }));
  const ended = await client.call("createTopics", { topics, validateOnly }, limits, (admin, options) =>
    admin.createTopics(topics, { ...options, validateOnly }),
  );
  const expectations = new Expectations(world, ended, "byController");
  if (ended.outcome.kind === "error") {
    for (const { name } of topics.slice(0, 1)) expectations.error(ended.outcome.error, { topic: name });
  }
  const results = ended.result ?? [];
  if (ended.result !== undefined) expectSameItems(expectations, topics, results);
  for (const { name, error, topicId, numPartitions } of results) {
    if (error !== undefined) {
      expectations.error(error, { topic: name });
      continue;
    }
    const wanted = topics.find((topic) => topic.name === name)?.numPartitions;
    expectations.expect(numPartitions === undefined || numPartitions === wanted, () => `${name} has ${numPartitions} partitions`);
    if (validateOnly) continue;
    const made = expectations.existed(name, topicId);
    expectations.expect(
      made.some(({ partitions }) => partitions === wanted),
      () => `${name} never had ${wanted} partitions`,
    );
    // It came to be in this call: before, there was none, or another one.
    const isNew = new Set(expectations.states(name).map((state) => state?.id)).size > 1;
    expectations.expect(isNew, () => `${name} was there before, and nobody made another`);
  }
}

async function deleteTopics(stage: Stage): Promise<void> {
  const { world, client, limits } = stage;
  const names = someTopics(stage, 2);
  const ended = await client.call("deleteTopics", names, limits, (admin, options) => admin.deleteTopics(names, options));
  const expectations = new Expectations(world, ended, "byController");
  if (ended.outcome.kind === "error") expectations.error(ended.outcome.error, { topic: names[0] ?? "" });
  if (ended.result !== undefined)
    expectSameItems(
      expectations,
      names.map((name) => ({ name })),
      ended.result,
    );
  for (const { name = "", error } of ended.result ?? []) {
    if (error !== undefined) expectations.error(error, { topic: name });
    else {
      const ids = new Set(expectations.states(name).map((state) => state?.id));
      expectations.expect(ids.size > 1, () => `${name} was not deleted`);
    }
  }
}

async function createPartitions(stage: Stage): Promise<void> {
  const { world, client, dice, limits } = stage;
  const wanted = Object.fromEntries(someTopics(stage, 2).map((name) => [name, dice.between(1, 7)]));
  const ended = await client.call("createPartitions", wanted, limits, (admin, options) => admin.createPartitions(wanted, options));
  const expectations = new Expectations(world, ended, "byController");
  const about = (name: string) => ({ topic: name, total: wanted[name] ?? 0 });
  if (ended.outcome.kind === "error") expectations.error(ended.outcome.error, about(Object.keys(wanted)[0] ?? ""));
  if (ended.result !== undefined)
    expectSameItems(
      expectations,
      Object.keys(wanted).map((name) => ({ name })),
      ended.result,
    );
  for (const { name, error } of ended.result ?? []) {
    if (error !== undefined) expectations.error(error, about(name));
    else {
      const states = expectations.existed(name, undefined);
      const hasThem = states.some(({ partitions }) => partitions === wanted[name]);
      expectations.expect(hasThem, () => `${name} never had ${wanted[name]} partitions`);
    }
  }
}

async function listTopics({ world, client, limits }: Stage): Promise<void> {
  const ended = await client.call("listTopics", {}, limits, (admin, options) => admin.listTopics(options));
  const expectations = new Expectations(world, ended, "byAnyNode");
  if (ended.outcome.kind === "error") expectations.error(ended.outcome.error);
  if (ended.result === undefined) return;
  const listed = new Set(ended.result);
  for (const name of new Set([...listed, ...world.scenario.topicNames])) {
    const states = expectations.states(name);
    const couldBe = states.some((state) => (state !== undefined) === listed.has(name));
    expectations.expect(couldBe, () => `${name} is ${listed.has(name) ? "" : "not "}in the list`);
  }
}

async function describeTopics(stage: Stage): Promise<void> {
  const { world, client, limits } = stage;
  const names = someTopics(stage, 4);
  const ended = await client.call("describeTopics", names, limits, (admin, options) => admin.describeTopics(names, options));
  const expectations = new Expectations(world, ended, "byAnyNode");
  if (ended.outcome.kind === "error") expectations.error(ended.outcome.error, { topic: names[0] ?? "" });
  if (ended.result !== undefined)
    expectSameItems(
      expectations,
      names.map((name) => ({ name })),
      ended.result,
    );
  for (const topic of ended.result ?? []) {
    if (topic.error !== undefined) {
      expectations.error(topic.error, { topic: topic.name ?? "" });
      continue;
    }
    const states = expectations.existed(topic.name, topic.topicId);
    const counts = states.map(({ partitions }) => partitions);
    expectations.expect(
      counts.includes(topic.partitions.length),
      () => `${topic.name} never had ${topic.partitions.length} partitions`,
    );
    for (const { partition, leaderId, leaderEpoch } of topic.partitions) {
      if (leaderEpoch < 0) continue;
      const didLead = states.some(({ id }) => world.truth.wasLeader(leaderId, id, partition, leaderEpoch));
      expectations.expect(didLead, () => `node ${leaderId} never led ${topic.name}-${partition} in epoch ${leaderEpoch}`);
    }
  }
}

async function listOffsets(stage: Stage): Promise<void> {
  const { world, client, dice, limits, offsets } = stage;
  const queries = someTopics(stage, 3).flatMap((topic) =>
    dice.some([0, 1, 2, 3, 4], dice.between(1, 3)).map((partition) => ({ topic, partition, at: "latest" as const })),
  );
  const ended = await client.call("listOffsets", queries, limits, (admin, options) => admin.listOffsets(queries, options));
  const expectations = new Expectations(world, ended, "byAnyNode");
  const [first] = queries;
  if (ended.outcome.kind === "error" && first !== undefined) expectations.error(ended.outcome.error, first);
  const places = (items: readonly { topic: string; partition: number }[]) =>
    items.map(({ topic, partition }) => ({ name: `${topic}-${partition}` }));
  if (ended.result !== undefined) expectSameItems(expectations, places(queries), places(ended.result));
  for (const { topic, partition, error, offset } of ended.result ?? []) {
    if (error !== undefined) {
      expectations.error(error, { topic, partition });
      continue;
    }
    const possible = expectations
      .existed(topic, undefined)
      .filter(({ partitions }) => partition < partitions)
      .map(({ id }) => offsets.end(id, partition));
    expectations.expect(
      possible.includes(offset),
      () => `${topic}-${partition} ends at ${possible.join(" or ")}, not at ${offset}`,
    );
  }
}

async function describeCluster({ world, client, limits }: Stage): Promise<void> {
  const ended = await client.call("describeCluster", {}, limits, (admin, options) => admin.describeCluster(options));
  const expectations = new Expectations(world, ended, "byAnyNode");
  if (ended.outcome.kind === "error") expectations.error(ended.outcome.error);
  if (ended.result === undefined) return;
  const { clusterId, brokers } = ended.result;
  expectations.expect(
    clusterId === undefined || clusterId === world.broker.clusterId,
    () => `the cluster is not called ${clusterId}`,
  );
  for (const { nodeId, host, port } of brokers) {
    const isNode = world.broker.nodes.some((node) => node.id === nodeId && node.host === host && node.port === port);
    expectations.expect(isNode, () => `there is no node ${nodeId} at ${host}:${port}`);
  }
}

/** One result per item, in the order that was asked for. */
function expectSameItems(
  expectations: Expectations,
  asked: readonly { readonly name: string }[],
  results: readonly { readonly name?: string | undefined }[],
): void {
  const [wanted, got] = [asked.map(({ name }) => name).join(), results.map(({ name }) => name).join()];
  expectations.expect(wanted === got, () => `asked for ${wanted}, and the results are for ${got}`);
}

export const adminActs: readonly Act[] = [
  { name: "createTopics", weight: 4, act: createTopics },
  { name: "deleteTopics", weight: 2, act: deleteTopics },
  { name: "createPartitions", weight: 2, act: createPartitions },
  { name: "listTopics", weight: 3, act: listTopics },
  { name: "describeTopics", weight: 5, act: describeTopics },
  { name: "listOffsets", weight: 6, act: listOffsets },
  { name: "describeCluster", weight: 3, act: describeCluster },
];
