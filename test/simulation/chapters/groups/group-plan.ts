import type { AssignorName } from "../../../../src/client/index.ts";
import { isSince, type KafkaRelease } from "../../../../src/protocol/index.ts";
import type { Dice } from "../../world/dice.ts";
import type { World } from "../../world/world.ts";
import { drawAdminOptions } from "../admin/admin-settings.ts";
import type { MemberOptions } from "./member.ts";

const FIRST_RELEASE_WITH_CONSUMER_PROTOCOL: KafkaRelease = "4.0";
const SESSION_MS = 6000;

interface PlannedTopic {
  readonly name: string;
  readonly partitions: number;
}

/** What the members of a group have in common. */
export interface GroupPlan {
  readonly id: string;
  readonly protocol: "classic" | "consumer";
  readonly strategies: readonly AssignorName[];
  readonly isolationLevel: "read_uncommitted" | "read_committed";
  readonly topics: readonly PlannedTopic[];
}

const STRATEGIES: readonly (readonly AssignorName[])[] = [
  ["range"],
  ["roundrobin"],
  ["sticky"],
  ["cooperative-sticky"],
  ["cooperative-sticky"],
  ["range", "roundrobin"],
];

export function drawGroupPlan({ scenario }: World, dice: Dice, topics: readonly PlannedTopic[], id: string): GroupPlan {
  const strategies = dice.pick(STRATEGIES);
  const isNew = dice.chance(0.4);
  return {
    id,
    protocol: isNew && isSince(scenario.release, FIRST_RELEASE_WITH_CONSUMER_PROTOCOL) ? "consumer" : "classic",
    strategies,
    isolationLevel: dice.pick(["read_committed", "read_uncommitted"] as const),
    topics,
  };
}

export function drawMemberOptions(world: World, dice: Dice, clientId: string, plan: GroupPlan): MemberOptions {
  const common = drawAdminOptions(world, dice, clientId);
  const [enableAutoCommit, autoCommitIntervalMs] = [dice.chance(0.6), dice.pick([10, 200, 1000, 5000])];
  const heartbeatIntervalMs = dice.pick([500, 1000, 2000]);
  return {
    ...common,
    groupId: plan.id,
    isolationLevel: plan.isolationLevel,
    autoOffsetReset: "earliest",
    enableAutoCommit,
    autoCommitIntervalMs,
    maxPollIntervalMs: dice.pick([8000, 15_000, 30_000]),
    maxPollRecords: dice.pick([500, 50, 10, 2]),
    fetchMaxWaitMs: Math.min(dice.pick([100, 500]), (common.requestTimeoutMs ?? 0) / 2),
    ...(plan.protocol === "consumer"
      ? { groupProtocol: plan.protocol }
      : { heartbeatIntervalMs, sessionTimeoutMs: SESSION_MS, partitionAssignmentStrategy: plan.strategies }),
  };
}
