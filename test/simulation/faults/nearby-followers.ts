// KIP-392 for a while: leaders send readers of a rack to a node that does not lead, which has what the leader had a moment ago, if it has
// it. The embedded broker itself sends nobody to followers, and its followers answer nobody.

import type { Asked } from "../../../src/broker/index.ts";
import {
  advertisedVersions,
  apis,
  type Draft,
  errorByName,
  type FetchPartition,
  type FetchPartitionData,
  type FetchRequest,
  type FetchResponse,
  isSince,
  type KafkaRelease,
} from "../../../src/protocol/index.ts";
import { BrokerClient } from "../../support/broker-client.ts";
import type { Dice } from "../world/dice.ts";
import type { World } from "../world/world.ts";
import type { FaultKind, StruckFault } from "./fault-kind.ts";

/** Where the follower is, and some of the readers. */
export const NEAR_RACK = "near";

const FIRST_RELEASE_WITH_FOLLOWERS: KafkaRelease = "2.3";
const FIRST_VERSION_WITH_FOLLOWERS = 11;
const LAST_VERSION_BY_NAME = 12;
const FOLLOWER_ID = "follower";
const PATIENCE_MS = 5000;

const NOT_LEADER = errorByName("NOT_LEADER_OR_FOLLOWER").code;
const OUT_OF_RANGE = errorByName("OFFSET_OUT_OF_RANGE").code;

interface Habits {
  readonly nodeId: number;
  /** How likely a leader sends a reader to it. */
  readonly namedChance: number;
  /** How long ago it was like its leader. */
  readonly lagMs: number;
  /** How likely it does not have the offset, being behind, or ahead of where its leader begins. */
  readonly lacksChance: number;
}

interface Row {
  readonly topic: string;
  readonly data: FetchPartitionData;
}

class NearbyFollower {
  readonly #world: World;
  readonly #dice: Dice;
  readonly #habits: Habits;
  /** By connection, topic and partition: what was asked for last. Within a session it is not named again. */
  readonly #asked = new Map<string, FetchPartition>();
  /** By client, topic and partition: whom a leader has sent here. */
  readonly #sent = new Set<string>();

  constructor(world: World, dice: Dice, habits: Habits) {
    this.#world = world;
    this.#dice = dice;
    this.#habits = habits;
  }

  async answer(request: FetchRequest, asked: Asked): Promise<unknown> {
    const isMeant = asked.version >= FIRST_VERSION_WITH_FOLLOWERS && request.rackId === NEAR_RACK;
    if (!isMeant || asked.clientId === FOLLOWER_ID) return asked.next();
    for (const { topic, topicId, partitions } of request.topics) {
      for (const one of partitions) this.#asked.set(keyOf(asked, this.#nameOf(topic, topicId), one.partition), one);
    }
    const answer = await asked.next();
    if (answer === asked.NO_ANSWER) return answer;
    const isFollower = asked.node === this.#habits.nodeId;
    return isFollower ? this.#asFollower(request, answer as FetchResponse, asked) : this.#asLeader(answer as FetchResponse, asked);
  }

  #asLeader(answer: FetchResponse, asked: Asked): Draft<FetchResponse> {
    const { nodeId, namedChance } = this.#habits;
    const responses = answer.responses.map((topic) => ({
      ...topic,
      partitions: topic.partitions.map((data) => {
        if (data.errorCode !== 0 || !this.#dice.chance(namedChance)) return data;
        this.#sent.add(`${asked.clientId} ${this.#nameOf(topic.topic, topic.topicId)}-${data.partitionIndex}`);
        return { ...data, preferredReadReplica: nodeId, records: null };
      }),
    }));
    return { ...answer, responses };
  }

  async #asFollower(request: FetchRequest, answer: FetchResponse, asked: Asked): Promise<Draft<FetchResponse>> {
    let isEmpty = true;
    const responses: { topic: string; topicId: string; partitions: Draft<FetchPartitionData>[] }[] = [];
    for (const { topic, topicId, partitions } of answer.responses) {
      const name = this.#nameOf(topic, topicId);
      const rows = partitions.map(async (data) =>
        data.errorCode === NOT_LEADER ? this.#read({ topic: name, data }, request, asked) : data,
      );
      const given = await Promise.all(rows);
      if (given.some(({ errorCode, records }) => errorCode !== 0 || (records?.length ?? 0) > 0)) isEmpty = false;
      responses.push({ topic, topicId, partitions: given });
    }
    await this.#world.wait(isEmpty ? request.maxWaitMs : this.#habits.lagMs);
    return { ...answer, responses };
  }

  async #read({ topic, data }: Row, { isolationLevel }: FetchRequest, asked: Asked): Promise<FetchPartitionData> {
    const question = this.#asked.get(keyOf(asked, topic, data.partitionIndex));
    if (question === undefined) return data;
    // Whoever still takes it for the leader has been given what is there by it: it cannot lack that now.
    const isSent = this.#sent.has(`${asked.clientId} ${topic}-${data.partitionIndex}`);
    if (isSent && this.#dice.chance(this.#habits.lacksChance)) return { ...data, errorCode: OUT_OF_RANGE };
    try {
      return (await this.#fetch(topic, question, isolationLevel)) ?? data;
    } catch {
      // The leader is down, or somebody has come between: it is answered as by a node that is no follower.
      return data;
    }
  }

  async #fetch(topic: string, question: FetchPartition, isolationLevel: number): Promise<FetchPartitionData | undefined> {
    const { broker, scenario } = this.#world;
    const { partition, fetchOffset, partitionMaxBytes } = question;
    const version = Math.min(advertisedVersions(scenario.release).get(apis.Fetch.key)?.[1] ?? 0, LAST_VERSION_BY_NAME);
    const node = broker.leaderOf({ topic, partition });
    const client = await BrokerClient.connect(broker, { node, clientId: FOLLOWER_ID });
    try {
      const topics = [{ topic, partitions: [{ partition, fetchOffset, partitionMaxBytes }] }];
      const body = { maxWaitMs: 0, minBytes: 0, maxBytes: partitionMaxBytes, isolationLevel, topics };
      const answer = await Promise.race([client.ask("Fetch", body, version), this.#world.wait(PATIENCE_MS)]);
      return answer?.responses[0]?.partitions[0];
    } finally {
      client.close();
    }
  }

  #nameOf(topic: string, topicId: string): string {
    return topic === "" ? (this.#world.truth.nameOf(topicId) ?? "") : topic;
  }
}

function keyOf({ connection }: Asked, topic: string, partition: number): string {
  return `${connection} ${topic}-${partition}`;
}

function strike(world: World, dice: Dice): StruckFault | undefined {
  const { broker, scenario } = world;
  if (scenario.nodes === 1 || !isSince(scenario.release, FIRST_RELEASE_WITH_FOLLOWERS)) return undefined;
  const habits: Habits = {
    nodeId: dice.pick(broker.nodes).id,
    namedChance: dice.pick([0.3, 0.8]),
    lagMs: dice.pick([0, 0, 20, 300]),
    lacksChance: dice.pick([0, 0.1, 0.5]),
  };
  const follower = new NearbyFollower(world, dice.fork(), habits);
  const fault = broker.faults.on("Fetch", (request, asked) => follower.answer(request as unknown as FetchRequest, asked));
  return { text: JSON.stringify(habits), end: () => fault.cancel() };
}

export const nearbyFollowers: FaultKind = { name: "a follower is nearer", weight: 4, strike };
