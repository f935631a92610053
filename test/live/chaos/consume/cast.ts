// Who takes part: groups of several kinds, and members of which each is another one, as a seed draws them.

import type { ConsumerOptions } from "../../../../src/index.ts";
import type { Dice } from "../../../simulation/world/dice.ts";
import type { CommitStyle, MemberSpec, WayName } from "./member-spec.ts";

export interface GroupRole {
  readonly name: string;
  readonly options: Omit<ConsumerOptions, "bootstrapServers">;
  /** Its members have names that survive them. */
  readonly isStatic?: boolean;
  /** Its members make mistakes on purpose: the checker has to see them. */
  readonly ways?: readonly WayName[];
}

export const TOPICS = { orders: 4, payments: 3 } as const;

/** How long a member of a classic group may be silent. */
export const SESSION_MS = 6000;
/** And of a KIP-848 group: the brokers do not tell it, and clients take it for granted. */
export const BROKERS_SESSION_MS = 45_000;

const HEARTBEAT_MS = 500;

/** In a KIP-848 group the brokers say how often. */
export const HEARTBEAT_PROPERTIES: Readonly<Record<string, string>> = {
  "group.consumer.min.heartbeat.interval.ms": String(HEARTBEAT_MS),
  "group.consumer.heartbeat.interval.ms": String(HEARTBEAT_MS),
};

/** Who is killed is missed as soon as in a classic group; but nobody who was stopped for longer knows of it. */
export const SHORT_SESSIONS: Readonly<Record<string, string>> = {
  ...HEARTBEAT_PROPERTIES,
  "group.consumer.min.session.timeout.ms": String(SESSION_MS),
  "group.consumer.session.timeout.ms": String(SESSION_MS),
};

/** In a KIP-848 group the brokers' word is law. */
const CLASSIC = { sessionTimeoutMs: SESSION_MS, heartbeatIntervalMs: HEARTBEAT_MS };

export const GROUPS: readonly GroupRole[] = [
  { name: "cooperative", options: { ...CLASSIC, partitionAssignmentStrategy: "cooperative-sticky" } },
  { name: "eager", options: { ...CLASSIC, partitionAssignmentStrategy: "range" } },
  { name: "static", options: { ...CLASSIC, partitionAssignmentStrategy: "sticky" }, isStatic: true },
  { name: "coordinated", options: { groupProtocol: "consumer" } },
];

/** Two ways to be wrong. */
export const CONTROL: readonly GroupRole[] = [
  { name: "careless", options: { ...CLASSIC, partitionAssignmentStrategy: "cooperative-sticky" }, ways: ["careless"] },
  { name: "leaping", options: { groupProtocol: "consumer" }, ways: ["leaping"] },
];

const ALL_WAYS: readonly WayName[] = ["poll", "iterate", "batches", "run", "run-batches", "run-by-key"];
const COMMITS: readonly CommitStyle[] = ["automatic", "automatic", "positions", "offsets", "async"];

export interface Place {
  readonly bootstrapServers: string;
  readonly role: GroupRole;
  /** For a static member: whoever comes there later is the same one for its group. */
  readonly slot: string;
  /** Nobody else's. */
  readonly member: string;
}

export function memberSpec(dice: Dice, { bootstrapServers, role, slot, member }: Place): MemberSpec {
  const { name, options, isStatic = false, ways = ALL_WAYS } = role;
  return {
    member,
    group: name,
    topics: Object.keys(TOPICS),
    way: dice.pick(ways),
    commits: dice.pick(COMMITS),
    isQuick: dice.chance(0.5),
    seed: dice.integer(0x7fff_ffff),
    options: {
      ...options,
      bootstrapServers,
      groupId: name,
      ...(isStatic && { groupInstanceId: slot }),
      autoOffsetReset: "earliest",
      autoCommitIntervalMs: dice.pick([200, 1000]),
      maxPollRecords: dice.pick([20, 500]),
      checkCrcs: dice.chance(0.5),
    },
  };
}
