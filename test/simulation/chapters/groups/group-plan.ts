import type { AssignorName } from "../../../../src/client/index.ts";
import { isSince, type KafkaRelease } from "../../../../src/protocol/index.ts";
import type { Dice } from "../../world/dice.ts";
import type { World } from "../../world/world.ts";
import { drawAdminOptions } from "../admin/admin-settings.ts";
import type { MemberOptions } from "./member.ts";

const FIRST_RELEASE_WITH_CONSUMER_PROTOCOL: KafkaRelease = "4.0";
/** KIP-345. */
const FIRST_RELEASE_WITH_STATIC_MEMBERS: KafkaRelease = "2.3";
/** KIP-447: members commit as such in transactions, and whoever has a partition next waits for what they have not ended. */
const FIRST_RELEASE_WITH_COPYING: KafkaRelease = "2.5";
const SESSION_MS = 6000;
const SHORTEST_ABSENCE_MS = 8000;
/** At least and at most: the coordinator gives it up, and the others read what it had. */
export const STRAYING_MS: readonly [number, number] = [12_000, 14_000];

interface PlannedTopic {
  readonly name: string;
  readonly partitions: number;
}

/** What the members of a group have in common. */
export interface GroupPlan {
  readonly id: string;
  readonly protocol: "classic" | "consumer" | "auto";
  readonly strategies: readonly AssignorName[];
  readonly isolationLevel: "read_uncommitted" | "read_committed";
  readonly topics: readonly PlannedTopic[];
  /** They have names, which their successors take over. */
  readonly isStatic: boolean;
  /** They copy what they read into other topics, in transactions that say where the group goes on, too. */
  readonly copies: boolean;
  /** Every now and then one of them stays away in the middle of its work, until the others have what it had. */
  readonly strays: boolean;
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
  const { release } = scenario;
  const strategies = dice.pick(STRATEGIES);
  const drawn = dice.pick(["classic", "classic", "classic", "consumer", "consumer", "auto"] as const);
  const isolationLevel = dice.pick(["read_committed", "read_uncommitted"] as const);
  const strays = dice.chance(0.4);
  const [isStatic, copies] = [dice.chance(0.3), dice.chance(strays ? 0.6 : 0.3) && isSince(release, FIRST_RELEASE_WITH_COPYING)];
  // By KIP-848 members are not told how long their session is: of the others, only classic ones can know that they have been away too long.
  const isClassic = (strays && !copies) || (drawn === "consumer" && !isSince(release, FIRST_RELEASE_WITH_CONSUMER_PROTOCOL));
  return {
    id,
    protocol: isClassic ? "classic" : drawn,
    strategies,
    isolationLevel: copies ? "read_committed" : isolationLevel,
    topics,
    isStatic: isStatic && isSince(release, FIRST_RELEASE_WITH_STATIC_MEMBERS),
    copies,
    strays,
  };
}

export function copyOf(topic: string): string {
  return `${topic}-copied`;
}

export function drawMemberOptions(
  world: World,
  dice: Dice,
  clientId: string,
  plan: GroupPlan,
  groupInstanceId: string | undefined,
): MemberOptions {
  const common = drawAdminOptions(world, dice, clientId);
  const [enableAutoCommit, autoCommitIntervalMs] = [dice.chance(0.6), dice.pick([10, 200, 1000, 5000])];
  const heartbeatIntervalMs = dice.pick([500, 1000, 2000]);
  return {
    ...common,
    groupId: plan.id,
    ...(groupInstanceId !== undefined && { groupInstanceId }),
    isolationLevel: plan.isolationLevel,
    autoOffsetReset: "earliest",
    enableAutoCommit: enableAutoCommit && !plan.copies,
    autoCommitIntervalMs,
    maxPollIntervalMs: dice.pick(plan.strays ? [SHORTEST_ABSENCE_MS] : [SHORTEST_ABSENCE_MS, 15_000, 30_000]),
    maxPollRecords: dice.pick([500, 50, 10, 2]),
    fetchMaxWaitMs: Math.min(dice.pick([100, 500]), (common.requestTimeoutMs ?? 0) / 2),
    groupProtocol: plan.protocol,
    ...(plan.protocol !== "consumer" && {
      heartbeatIntervalMs,
      sessionTimeoutMs: SESSION_MS,
      partitionAssignmentStrategy: plan.strategies,
    }),
  };
}
