import type { ConsumerOptions } from "../../../../src/client/index.ts";
import { NEAR_RACK } from "../../faults/nearby-followers.ts";
import type { Dice } from "../../world/dice.ts";
import type { World } from "../../world/world.ts";
import { drawAdminOptions } from "../admin/admin-settings.ts";
import { drawDeserializer } from "./drawn-deserializer.ts";

export interface ReaderOptions extends ConsumerOptions<unknown, unknown> {
  readonly autoOffsetReset: "earliest" | "latest" | "none";
  readonly isolationLevel: "read_uncommitted" | "read_committed";
  /** Its default is to wait longer and longer while nothing comes. */
  readonly fetchMaxWaitMs: number | undefined;
}

const DEFAULT_WAIT_MS = 500;
/** What that grows to. */
const LONGEST_IDLE_WAIT_MS = 4000;

export function longestWaitMs({ fetchMaxWaitMs = LONGEST_IDLE_WAIT_MS }: ReaderOptions): number {
  return fetchMaxWaitMs;
}

/** Everything is drawn, so that the next option does not change the luck of those before. */
export function drawReaderOptions(world: World, dice: Dice, clientId: string, groupId: string | undefined): ReaderOptions {
  const common = drawAdminOptions(world, dice, clientId);
  const { requestTimeoutMs = 0 } = common;
  const waitMs = Math.min(dice.pick([200, DEFAULT_WAIT_MS, 1000, 3000]), requestTimeoutMs / 2);
  const autoOffsetReset = dice.pick(["earliest", "earliest", "earliest", "earliest", "latest", "none"] as const);
  const isAutomatic = dice.chance(0.6);
  const autoCommitIntervalMs = dice.pick([10, 200, 1000, 5000]);
  const [keyDeserializer, valueDeserializer] = [drawDeserializer(world, dice), drawDeserializer(world, dice)];
  return {
    ...common,
    fetchMaxWaitMs: waitMs === DEFAULT_WAIT_MS ? undefined : waitMs,
    autoOffsetReset,
    isolationLevel: dice.chance(0.6) ? "read_committed" : "read_uncommitted",
    maxPollRecords: dice.pick([500, 500, 50, 10]),
    fetchMinBytes: dice.pick([1, 1, 1, 1000]),
    fetchMaxBytes: dice.pick([1000, 20_000, 52_428_800, 52_428_800]),
    maxPartitionFetchBytes: dice.pick([300, 2000, 1_048_576, 1_048_576]),
    enableIncrementalFetchSessions: dice.chance(0.75),
    clientRack: dice.pick(["", NEAR_RACK, NEAR_RACK]),
    ...(groupId !== undefined && { groupId, enableAutoCommit: isAutomatic, autoCommitIntervalMs }),
    ...(keyDeserializer && { keyDeserializer }),
    ...(valueDeserializer && { valueDeserializer }),
  };
}
