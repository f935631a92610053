// What goes wrong with the cluster itself: nodes, leaders, topics, clocks, the network.

import type { TopicPartition } from "../../../src/client/index.ts";
import type { Dice } from "../world/dice.ts";
import { drawWeather } from "../world/scenario.ts";
import { FAST_SOCKETS, type World } from "../world/world.ts";
import type { FaultKind, StruckFault } from "./fault-kind.ts";

const MOST_JUMP_MS = 90_000_000;
const MOST_MOVED = 8;

async function stopNode(world: World, dice: Dice): Promise<StruckFault | undefined> {
  const { broker } = world;
  const running = broker.nodes.filter(({ isRunning }) => isRunning);
  if (running.length === 0) return undefined;
  const { id } = dice.pick(running);
  await broker.stopNode(id);
  return { text: `node ${id} is down`, end: () => broker.startNode(id) };
}

async function stopAllNodes(world: World): Promise<StruckFault> {
  const { broker } = world;
  for (const { id } of broker.nodes) await broker.stopNode(id);
  const end = async (): Promise<void> => {
    for (const { id } of broker.nodes) await broker.startNode(id);
  };
  return { text: "no node is up", end };
}

function moveLeader(world: World, dice: Dice): StruckFault | undefined {
  const { broker } = world;
  const topics = broker.topics.filter(({ name }) => !isInternal(name));
  const places = topics.flatMap(({ name, partitions }) => partitions.map((_, partition) => ({ topic: name, partition })));
  if (places.length === 0) return undefined;
  return moveLeaderOf(world, dice.pick(places), dice);
}

/** Another node leads that partition from now on, if there is one that can. */
export function moveLeaderOf({ broker }: World, place: TopicPartition, dice: Dice): StruckFault | undefined {
  for (const { id } of dice.some(broker.nodes, broker.nodes.length)) {
    try {
      if (broker.leaderOf(place) === id) continue;
      broker.moveLeader(place, id);
      return { text: `${place.topic}-${place.partition} goes to node ${id}` };
    } catch {
      // That node has no replica of it: the next one may.
    }
  }
  return undefined;
}

function freezeMetadata({ broker, truth }: World, dice: Dice): StruckFault {
  const { id } = dice.pick(broker.nodes);
  broker.freezeMetadata(id);
  const tellsTheTruth = truth.standsStill();
  const end = (): void => {
    broker.thawMetadata(id);
    tellsTheTruth();
  };
  return { text: `node ${id} knows no news`, end };
}

/** One node goes on telling of leaders that all others know to be none any more. */
export const leadersMoveUnheard: FaultKind = {
  name: "leaders move unheard",
  weight: 4,
  strike: (world, dice) => {
    if (world.scenario.nodes === 1) return undefined;
    const { text, end } = freezeMetadata(world, dice);
    const moved = Array.from({ length: dice.between(1, MOST_MOVED) }, () => moveLeader(world, dice)?.text ?? "nothing goes");
    return { text: `${text}: ${moved.join("; ")}`, ...(end !== undefined && { end }) };
  },
};

/** Where coordinators keep their state. */
function isInternal(topic: string): boolean {
  return topic.startsWith("__");
}

function deleteTopic({ broker, scenario }: World, dice: Dice): StruckFault | undefined {
  const topics = broker.topics.filter(({ name }) => scenario.topicNames.includes(name));
  if (topics.length === 0) return undefined;
  const { name } = dice.pick(topics);
  broker.deleteTopic(name);
  return { text: `somebody deletes ${name}` };
}

function recreateTopic(world: World, dice: Dice): StruckFault | undefined {
  const deleted = deleteTopic(world, dice);
  world.truth.look();
  const gone = world.scenario.topicNames.filter((name) => world.truth.topic(name) === undefined);
  if (gone.length === 0) return deleted;
  const name = dice.pick(gone);
  const partitions = dice.between(1, 5);
  world.broker.createTopic(name, partitions);
  return { text: `${deleted?.text ?? ""}; somebody creates ${name} with ${partitions} partitions` };
}

function jump(world: World, dice: Dice): StruckFault {
  const ms = dice.integer(2 * MOST_JUMP_MS) - MOST_JUMP_MS;
  world.clientsWallClockMs += ms;
  return { text: `by ${ms} ms` };
}

function changeWeather({ broker }: World, dice: Dice): StruckFault {
  const before = broker.network.weather;
  const weather = drawWeather(dice);
  broker.network.weather = weather;
  const end = (): void => {
    broker.network.weather = before;
  };
  return { text: JSON.stringify(weather), end };
}

function cutConnections({ broker }: World, dice: Dice): StruckFault {
  if (dice.chance(0.3)) {
    broker.network.cutAll();
    return { text: "the network breaks all" };
  }
  const { id } = dice.pick(broker.nodes);
  broker.disconnectAll(id);
  return { text: `node ${id} ends its own` };
}

function stall(world: World, dice: Dice): StruckFault {
  const ms = dice.pick([30, 300, 1000, 5000]);
  world.stall(ms);
  return { text: `for ${ms} ms` };
}

function slowDown(world: World, slow: World["slowSockets"]): StruckFault {
  world.slowSockets = slow;
  const end = (): void => {
    world.slowSockets = FAST_SOCKETS;
  };
  return { text: JSON.stringify(slow), end };
}

export const slowSockets: FaultKind = {
  name: "kernels have no room",
  weight: 6,
  strike: (world, dice) => slowDown(world, { chance: dice.pick([0.2, 0.7, 1]), mostMs: dice.pick([50, 1000, 5000, 20_000]) }),
};

/** So long that requests are late, and not so long that they are all lost. */
export const crowdedKernels: FaultKind = {
  name: "kernels have hardly any room",
  weight: 1,
  strike: (world, dice) => slowDown(world, { chance: dice.pick([0.5, 0.8]), mostMs: dice.pick([600, 1000]) }),
};

export const wallClockJumps: FaultKind = { name: "wall clock jumps", weight: 2, strike: jump };

export const clusterFaults: readonly FaultKind[] = [
  { name: "node stops", weight: 5, strike: stopNode },
  { name: "all nodes stop", weight: 1, strike: stopAllNodes },
  { name: "leader moves", weight: 6, strike: moveLeader },
  { name: "metadata stands still", weight: 5, strike: freezeMetadata },
  leadersMoveUnheard,
  { name: "topic deleted", weight: 2, strike: deleteTopic },
  { name: "topic recreated", weight: 2, strike: recreateTopic },
  wallClockJumps,
  { name: "weather changes", weight: 3, strike: changeWeather },
  { name: "the event loop stalls", weight: 3, strike: stall },
  slowSockets,
  { name: "connections cut", weight: 3, strike: cutConnections },
];
