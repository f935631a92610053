// What goes wrong for those who write: between their requests and the answers, and what brokers refuse them.

import type { ApiName, ErrorName } from "../../../src/protocol/index.ts";
import type { Dice } from "../world/dice.ts";
import type { World } from "../world/world.ts";
import type { FaultKind, StruckFault } from "./fault-kind.ts";

/** The requests of writers; the more often named, the more often struck. */
const REQUESTS: readonly ApiName[] = [
  "Produce",
  "Produce",
  "Produce",
  "Produce",
  "Produce",
  "InitProducerId",
  "AddPartitionsToTxn",
  "AddPartitionsToTxn",
  "AddOffsetsToTxn",
  "TxnOffsetCommit",
  "EndTxn",
  "EndTxn",
  "FindCoordinator",
];

interface Refusals {
  /** Said before anything was done, and it was not done. */
  readonly before: readonly ErrorName[];
  /** They leave open whether it was done. */
  readonly open?: readonly ErrorName[];
}

const COORDINATOR: readonly ErrorName[] = [
  "COORDINATOR_NOT_AVAILABLE",
  "NOT_COORDINATOR",
  "COORDINATOR_LOAD_IN_PROGRESS",
  "CONCURRENT_TRANSACTIONS",
];

/** Passing troubles. What would be a lie of the broker, as to refuse what it has written, is none of its faults. */
const PASSING: ReadonlyMap<ApiName, Refusals> = new Map<ApiName, Refusals>([
  [
    "Produce",
    {
      before: [
        "NOT_LEADER_OR_FOLLOWER",
        "LEADER_NOT_AVAILABLE",
        "UNKNOWN_TOPIC_OR_PARTITION",
        "NOT_ENOUGH_REPLICAS",
        "FENCED_LEADER_EPOCH",
        "THROTTLING_QUOTA_EXCEEDED",
        "CORRUPT_MESSAGE",
      ],
      open: ["REQUEST_TIMED_OUT", "NOT_ENOUGH_REPLICAS_AFTER_APPEND", "KAFKA_STORAGE_ERROR", "NETWORK_EXCEPTION"],
    },
  ],
  ["InitProducerId", { before: COORDINATOR, open: ["REQUEST_TIMED_OUT"] }],
  ["AddPartitionsToTxn", { before: [...COORDINATOR, "UNKNOWN_TOPIC_OR_PARTITION"], open: ["REQUEST_TIMED_OUT"] }],
  ["AddOffsetsToTxn", { before: COORDINATOR, open: ["REQUEST_TIMED_OUT"] }],
  ["TxnOffsetCommit", { before: [...COORDINATOR, "UNKNOWN_TOPIC_OR_PARTITION"], open: ["REQUEST_TIMED_OUT"] }],
  ["EndTxn", { before: COORDINATOR, open: ["REQUEST_TIMED_OUT"] }],
  ["FindCoordinator", { before: ["COORDINATOR_NOT_AVAILABLE"] }],
]);

const LASTING: ReadonlyMap<ApiName, Refusals> = new Map<ApiName, Refusals>([
  [
    "Produce",
    {
      before: [
        "TOPIC_AUTHORIZATION_FAILED",
        "POLICY_VIOLATION",
        "INVALID_RECORD",
        "OUT_OF_ORDER_SEQUENCE_NUMBER",
        "INVALID_PRODUCER_EPOCH",
      ],
      open: ["UNKNOWN_SERVER_ERROR"],
    },
  ],
  ["InitProducerId", { before: ["CLUSTER_AUTHORIZATION_FAILED", "TRANSACTIONAL_ID_AUTHORIZATION_FAILED"] }],
  ["AddPartitionsToTxn", { before: ["TOPIC_AUTHORIZATION_FAILED", "INVALID_PRODUCER_ID_MAPPING", "INVALID_TXN_STATE"] }],
  ["AddOffsetsToTxn", { before: ["GROUP_AUTHORIZATION_FAILED", "INVALID_PRODUCER_ID_MAPPING"] }],
  ["TxnOffsetCommit", { before: ["ILLEGAL_GENERATION", "GROUP_AUTHORIZATION_FAILED", "UNKNOWN_MEMBER_ID"] }],
  ["EndTxn", { before: ["TRANSACTIONAL_ID_AUTHORIZATION_FAILED"] }],
]);

function drawTarget({ broker, scenario }: World, dice: Dice, api: ApiName = dice.pick(REQUESTS)) {
  return {
    api,
    ...(scenario.nodes > 1 && dice.chance(0.3) && { node: dice.pick(broker.nodes).id }),
    times: dice.pick([1, 1, 2, 3, 6]),
    skip: dice.pick([0, 0, 0, 1, 2, 5]),
  };
}

function refuse(world: World, dice: Dice, refusals: ReadonlyMap<ApiName, Refusals>): StruckFault | undefined {
  const target = drawTarget(world, dice);
  const { before, open = [] } = refusals.get(target.api) ?? { before: [] };
  const errors = [...before, ...open];
  if (errors.length === 0) return undefined;
  const error = dice.pick(errors);
  const fault = { ...target, error, afterApply: open.includes(error) && dice.chance(0.6), ...drawPlace(world, dice, target.api) };
  world.injectedErrors.add(error);
  const struck = world.broker.faults.failNext(fault);
  return { text: JSON.stringify(fault), end: () => struck.cancel() };
}

/** Also for batches that are small enough, as it seems: single records fail of it. */
function refuseSize(world: World, dice: Dice): StruckFault {
  const error = dice.pick(["MESSAGE_TOO_LARGE", "RECORD_LIST_TOO_LARGE"] as const);
  const fault = { ...drawTarget(world, dice, "Produce"), error, ...drawPlace(world, dice, "Produce") };
  const struck = world.broker.faults.failNext(fault);
  return { text: JSON.stringify(fault), end: () => struck.cancel() };
}

/** For one partition among many in a request, where brokers can fail so. */
function drawPlace({ broker, scenario }: World, dice: Dice, api: ApiName): { topic?: string; partition?: number } {
  if (!["Produce", "AddPartitionsToTxn"].includes(api) || dice.chance(0.4)) return {};
  const written = broker.topics.filter(({ name }) => !name.startsWith("__") && !scenario.topicNames.includes(name));
  if (written.length === 0) return {};
  const { name, partitions } = dice.pick(written);
  return { topic: name, partition: dice.integer(partitions.length) };
}

/** Done, and nobody is told: the most dangerous of all. */
function loseAnswer(world: World, dice: Dice): StruckFault {
  const fault = { ...drawTarget(world, dice), afterApply: dice.chance(0.8) };
  const { faults } = world.broker;
  const struck = dice.chance(0.6) ? faults.disconnect({ ...fault, reset: dice.chance(0.5) }) : faults.neverAnswer(fault);
  return { text: JSON.stringify(fault), end: () => struck.cancel() };
}

function delayAnswer(world: World, dice: Dice): StruckFault {
  const fault = { ...drawTarget(world, dice), delayMs: dice.pick([20, 200, 1000, 5000, 15_000]), afterApply: dice.chance(0.6) };
  const struck = world.broker.faults.delay(fault);
  return { text: JSON.stringify(fault), end: () => struck.cancel() };
}

function throttle(world: World, dice: Dice): StruckFault {
  const fault = { ...drawTarget(world, dice, "Produce"), throttleMs: dice.pick([10, 300, 3000]) };
  const struck = world.broker.faults.throttle(fault);
  return { text: JSON.stringify(fault), end: () => struck.cancel() };
}

const answerLost: FaultKind = { name: "answer to a writer lost", weight: 10, strike: loseAnswer };

/** Written, and called in doubt, while others behind it are written and confirmed. */
export const notConfirmed: FaultKind = {
  name: "batch not confirmed",
  weight: 4,
  strike: (world, dice) => {
    const error = dice.pick(PASSING.get("Produce")?.open ?? []);
    const fault = {
      ...drawTarget(world, dice, "Produce"),
      times: 1,
      error,
      afterApply: true,
      ...drawPlace(world, dice, "Produce"),
    };
    world.injectedErrors.add(error);
    const struck = world.broker.faults.failNext(fault);
    return { text: JSON.stringify(fault), end: () => struck.cancel() };
  },
};

/** One batch is written and called in doubt, the answer about the next is lost, and then nobody may write any more for a moment. */
export const doubtOnDoubt: FaultKind = {
  name: "doubt on doubt",
  weight: 4,
  strike: (world, dice) => {
    const { faults } = world.broker;
    const target = { api: "Produce" as const, ...drawPlace(world, dice, "Produce") };
    const skip = dice.integer(3);
    const refused = "TOPIC_AUTHORIZATION_FAILED";
    world.injectedErrors.add("REQUEST_TIMED_OUT").add(refused);
    const struck = [
      faults.failNext({ ...target, skip, error: "REQUEST_TIMED_OUT", afterApply: true }),
      faults.disconnect({ ...target, skip: skip + 1, afterApply: true }),
      faults.failNext({ ...target, skip: skip + 2, error: refused }),
    ];
    const end = (): void => {
      for (const fault of struck) fault.cancel();
    };
    return { text: JSON.stringify({ ...target, skip }), end };
  },
};

export const produceFaults: readonly FaultKind[] = [
  doubtOnDoubt,
  answerLost,
  notConfirmed,
  { name: "answer to a writer late", weight: 6, strike: delayAnswer },
  { name: "writer refused for now", weight: 10, strike: (world, dice) => refuse(world, dice, PASSING) },
  { name: "batches too large", weight: 3, strike: refuseSize },
  { name: "writer refused", weight: 4, strike: (world, dice) => refuse(world, dice, LASTING) },
  { name: "writer throttled", weight: 3, strike: throttle },
];
