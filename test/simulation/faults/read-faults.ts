// What goes wrong for those who read: errors instead of records, damaged records, answers lost and late.

import type { RecordDamage } from "../../../src/broker/index.ts";
import type { ErrorName } from "../../../src/protocol/index.ts";
import type { Dice } from "../world/dice.ts";
import type { World } from "../world/world.ts";
import type { FaultKind, StruckFault } from "./fault-kind.ts";
import { nearbyFollowers } from "./nearby-followers.ts";

/** The requests of readers; the more often named, the more often struck. */
const REQUESTS = [
  "Fetch",
  "Fetch",
  "Fetch",
  "Fetch",
  "Fetch",
  "ListOffsets",
  "OffsetForLeaderEpoch",
  "OffsetCommit",
  "OffsetFetch",
] as const;

type ReadApi = (typeof REQUESTS)[number];

const COORDINATOR: readonly ErrorName[] = ["COORDINATOR_NOT_AVAILABLE", "NOT_COORDINATOR", "COORDINATOR_LOAD_IN_PROGRESS"];

/** What passes, and is no lie about the log: that an offset is out of range is said when it is. */
const PASSING: Readonly<Record<ReadApi, readonly ErrorName[]>> = {
  Fetch: [
    "NOT_LEADER_OR_FOLLOWER",
    "LEADER_NOT_AVAILABLE",
    "REPLICA_NOT_AVAILABLE",
    "UNKNOWN_TOPIC_OR_PARTITION",
    "FENCED_LEADER_EPOCH",
    "UNKNOWN_LEADER_EPOCH",
    "OFFSET_NOT_AVAILABLE",
    "KAFKA_STORAGE_ERROR",
    "UNKNOWN_SERVER_ERROR",
    "FETCH_SESSION_ID_NOT_FOUND",
    "INVALID_FETCH_SESSION_EPOCH",
    "REQUEST_TIMED_OUT",
  ],
  ListOffsets: ["NOT_LEADER_OR_FOLLOWER", "UNKNOWN_LEADER_EPOCH", "LEADER_NOT_AVAILABLE", "OFFSET_NOT_AVAILABLE"],
  OffsetForLeaderEpoch: ["NOT_LEADER_OR_FOLLOWER", "FENCED_LEADER_EPOCH", "UNKNOWN_LEADER_EPOCH", "KAFKA_STORAGE_ERROR"],
  OffsetCommit: [...COORDINATOR, "UNKNOWN_TOPIC_OR_PARTITION", "REQUEST_TIMED_OUT"],
  OffsetFetch: [...COORDINATOR, "UNSTABLE_OFFSET_COMMIT"],
};

const LASTING: Readonly<Record<ReadApi, readonly ErrorName[]>> = {
  Fetch: ["TOPIC_AUTHORIZATION_FAILED", "CORRUPT_MESSAGE"],
  ListOffsets: ["TOPIC_AUTHORIZATION_FAILED"],
  OffsetForLeaderEpoch: ["TOPIC_AUTHORIZATION_FAILED"],
  OffsetCommit: ["GROUP_AUTHORIZATION_FAILED", "OFFSET_METADATA_TOO_LARGE"],
  OffsetFetch: ["GROUP_AUTHORIZATION_FAILED"],
};

const DAMAGES = [
  "wrong checksum",
  "flipped bit",
  "wrong record length",
  "wrong record count",
  "negative batch length",
  "cut off",
  "noise",
] as const satisfies readonly RecordDamage[];

function drawTarget({ broker, scenario }: World, dice: Dice) {
  return {
    api: dice.pick(REQUESTS),
    ...(scenario.nodes > 1 && dice.chance(0.3) && { node: dice.pick(broker.nodes).id }),
    times: dice.pick([1, 1, 2, 3, 6]),
    skip: dice.pick([0, 0, 0, 1, 2, 5]),
  };
}

/** Of the whole request, or of one partition among many. */
function drawPlace({ broker, scenario }: World, dice: Dice): { topic?: string; partition?: number } {
  if (dice.chance(0.4)) return {};
  const read = broker.topics.filter(({ name }) => !name.startsWith("__") && !scenario.topicNames.includes(name));
  if (read.length === 0) return {};
  const { name, partitions } = dice.pick(read);
  return { topic: name, partition: dice.integer(partitions.length) };
}

function refuse(world: World, dice: Dice, refusals: Readonly<Record<ReadApi, readonly ErrorName[]>>): StruckFault {
  const target = drawTarget(world, dice);
  const error = dice.pick(refusals[target.api]);
  const isOfAll = target.api === "OffsetFetch" || error.startsWith("FETCH_SESSION") || error === "INVALID_FETCH_SESSION_EPOCH";
  const fault = { ...target, error, ...(isOfAll ? {} : drawPlace(world, dice)) };
  world.injectedErrors.add(error);
  const struck = world.broker.faults.failNext(fault);
  return { text: JSON.stringify(fault), end: () => struck.cancel() };
}

function lose(world: World, dice: Dice): StruckFault {
  const fault = { ...drawTarget(world, dice), afterApply: dice.chance(0.8) };
  const { faults } = world.broker;
  const struck = dice.chance(0.6) ? faults.disconnect({ ...fault, reset: dice.chance(0.5) }) : faults.neverAnswer(fault);
  return { text: JSON.stringify(fault), end: () => struck.cancel() };
}

function delay(world: World, dice: Dice): StruckFault {
  const fault = { ...drawTarget(world, dice), delayMs: dice.pick([20, 200, 1000, 5000]), afterApply: dice.chance(0.6) };
  const struck = world.broker.faults.delay(fault);
  return { text: JSON.stringify(fault), end: () => struck.cancel() };
}

function throttle(world: World, dice: Dice): StruckFault {
  const fault = { ...drawTarget(world, dice), throttleMs: dice.pick([10, 300, 3000]) };
  const struck = world.broker.faults.throttle(fault);
  return { text: JSON.stringify(fault), end: () => struck.cancel() };
}

function damage(world: World, dice: Dice): StruckFault {
  const fault = { ...drawPlace(world, dice), times: dice.between(1, 3), damage: dice.pick(DAMAGES) };
  const struck = world.broker.faults.corruptRecords(fault);
  return { text: JSON.stringify(fault), end: () => struck.cancel() };
}

export const readFaults: readonly FaultKind[] = [
  { name: "reader refused for now", weight: 8, strike: (world, dice) => refuse(world, dice, PASSING) },
  { name: "reader refused", weight: 2, strike: (world, dice) => refuse(world, dice, LASTING) },
  { name: "records damaged", weight: 4, strike: damage },
  { name: "answer to a reader lost", weight: 4, strike: lose },
  { name: "answer to a reader late", weight: 4, strike: delay },
  { name: "reader throttled", weight: 2, strike: throttle },
  nearbyFollowers,
];
