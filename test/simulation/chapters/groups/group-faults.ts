// What goes wrong for groups: coordinators that move, load or forget, answers lost and late.

import type { ApiName, ErrorName } from "../../../../src/protocol/index.ts";
import { wallClockJumps } from "../../faults/cluster-faults.ts";
import type { FaultKind, StruckFault } from "../../faults/fault-kind.ts";
import type { Dice } from "../../world/dice.ts";
import type { World } from "../../world/world.ts";

const REQUESTS: readonly ApiName[] = [
  "JoinGroup",
  "SyncGroup",
  "Heartbeat",
  "Heartbeat",
  "LeaveGroup",
  "ConsumerGroupHeartbeat",
  "ConsumerGroupHeartbeat",
  "OffsetCommit",
  "OffsetFetch",
  "FindCoordinator",
];

const COORDINATOR: readonly ErrorName[] = ["COORDINATOR_NOT_AVAILABLE", "NOT_COORDINATOR", "COORDINATOR_LOAD_IN_PROGRESS"];

/** Whoever hears it believes that the group goes on without him. */
const MEMBERSHIP: readonly ErrorName[] = ["UNKNOWN_MEMBER_ID", "REBALANCE_IN_PROGRESS"];

export function groupFaults(groupId: string): readonly FaultKind[] {
  const target = (dice: Dice) => ({
    api: dice.pick(REQUESTS),
    times: dice.pick([1, 1, 2, 4]),
    skip: dice.pick([0, 0, 1, 4]),
  });

  const refuse = (world: World, dice: Dice): StruckFault => {
    const fault = { ...target(dice), error: dice.pick(COORDINATOR), afterApply: dice.chance(0.3) };
    world.injectedErrors.add(fault.error);
    const struck = world.broker.faults.failNext(fault);
    return { text: JSON.stringify(fault), end: () => struck.cancel() };
  };

  const forget = (world: World, dice: Dice): StruckFault => {
    const isNew = dice.chance(0.4);
    const api: ApiName = isNew ? "ConsumerGroupHeartbeat" : dice.pick(["Heartbeat", "Heartbeat", "SyncGroup"] as const);
    const error = isNew ? dice.pick(["UNKNOWN_MEMBER_ID", "FENCED_MEMBER_EPOCH"] as const) : dice.pick(MEMBERSHIP);
    const fault = { api, error, times: dice.between(1, 3) };
    world.injectedErrors.add(error);
    const struck = world.broker.faults.failNext(fault);
    return { text: JSON.stringify(fault), end: () => struck.cancel() };
  };

  const lose = ({ broker }: World, dice: Dice): StruckFault => {
    const fault = { ...target(dice), afterApply: dice.chance(0.7) };
    const struck = dice.chance(0.6) ? broker.faults.disconnect({ ...fault, reset: false }) : broker.faults.neverAnswer(fault);
    return { text: JSON.stringify(fault), end: () => struck.cancel() };
  };

  const delay = ({ broker }: World, dice: Dice): StruckFault => {
    const fault = { ...target(dice), delayMs: dice.pick([50, 500, 3000, 9000]), afterApply: dice.chance(0.6) };
    const struck = broker.faults.delay(fault);
    return { text: JSON.stringify(fault), end: () => struck.cancel() };
  };

  const move = ({ broker }: World, dice: Dice): StruckFault | undefined => {
    const loadingMs = dice.pick([0, 100, 2000]);
    if (broker.coordinatorOf("group", groupId) < 0) return undefined;
    for (const { id } of dice.some(broker.nodes, broker.nodes.length)) {
      try {
        broker.moveCoordinator("group", groupId, id, { loadingMs });
        return { text: `node ${id} coordinates ${groupId}` };
      } catch {
        // That node cannot: the next one may.
      }
    }
    return undefined;
  };

  return [
    { name: "coordinator refuses", weight: 4, strike: refuse },
    { name: "member forgotten", weight: 4, strike: forget },
    { name: "answer to a member lost", weight: 4, strike: lose },
    { name: "answer to a member late", weight: 4, strike: delay },
    { name: "coordinator moves", weight: 3, strike: move },
    wallClockJumps,
  ];
}
