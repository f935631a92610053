// What goes wrong with answers: late, never, torn, somebody else's, or an error instead of them.

import type { Fault } from "../../../src/broker/index.ts";
import { type ApiName, type ErrorName, isSince, type KafkaRelease } from "../../../src/protocol/index.ts";
import type { Dice } from "../world/dice.ts";
import type { World } from "../world/world.ts";
import type { FaultKind, StruckFault } from "./fault-kind.ts";

const APIS: readonly ApiName[] = [
  "ApiVersions",
  "Metadata",
  "Metadata",
  "DescribeTopicPartitions",
  "DescribeCluster",
  "DescribeConfigs",
  "CreateTopics",
  "DeleteTopics",
  "CreatePartitions",
  "ListOffsets",
];

/** They go away by themselves. */
const RETRIABLE: readonly ErrorName[] = [
  "NOT_CONTROLLER",
  "REQUEST_TIMED_OUT",
  "NETWORK_EXCEPTION",
  "NOT_LEADER_OR_FOLLOWER",
  "LEADER_NOT_AVAILABLE",
  "FENCED_LEADER_EPOCH",
  "UNKNOWN_LEADER_EPOCH",
  "KAFKA_STORAGE_ERROR",
  "THROTTLING_QUOTA_EXCEEDED",
  "BROKER_NOT_AVAILABLE",
];

/** They mean what they say. */
const FATAL: readonly ErrorName[] = [
  "CLUSTER_AUTHORIZATION_FAILED",
  "TOPIC_AUTHORIZATION_FAILED",
  "POLICY_VIOLATION",
  "UNSUPPORTED_VERSION",
  "UNKNOWN_SERVER_ERROR",
  "INVALID_REQUEST",
];

interface Target {
  readonly api?: ApiName;
  readonly node?: number;
  readonly times: number;
  readonly skip: number;
}

function drawTarget(world: World, dice: Dice): Target {
  return {
    ...(dice.chance(0.6) && { api: dice.pick(APIS) }),
    ...(dice.chance(0.3) && { node: dice.pick(world.broker.nodes).id }),
    times: dice.between(1, 4),
    skip: dice.pick([0, 0, 0, 1, 5]),
  };
}

/** A kind whose particulars are drawn along with its target. */
function answerFault<Particulars extends object>(
  name: string,
  weight: number,
  draw: (dice: Dice) => Particulars,
  strike: (world: World, fault: Target & Particulars) => { cancel(): void } | undefined,
): FaultKind {
  return {
    name,
    weight,
    strike: (world, dice): StruckFault | undefined => {
      const fault = { ...drawTarget(world, dice), ...draw(dice) };
      const struck = strike(world, fault);
      return struck && { text: JSON.stringify(fault), end: () => struck.cancel() };
    },
  };
}

const drawDelay = (dice: Dice) => ({ delayMs: dice.pick([20, 200, 2000, 15_000]), afterApply: dice.chance(0.7) });
const drawDisconnect = (dice: Dice) => ({ afterApply: dice.chance(0.5), reset: dice.chance(0.5) });
const drawApplied = (dice: Dice) => ({ afterApply: dice.chance(0.5) });
const drawDribble = (dice: Dice) => ({ bytes: dice.pick([1, 7, 64]), everyMs: dice.pick([0, 1, 20]) });
const drawTorn = (dice: Dice) => ({ bytes: dice.integer(40), ending: dice.pick(["end", "reset", "silence"] as const) });
const drawDistance = (dice: Dice) => ({ by: dice.pick([1, 1, -1, 1000, 0x7fff_ffff]) });
const drawLength = (dice: Dice) => ({ length: dice.pick([-1, 0, 3, 5, 60, 100, 0x7fff_ffff]) });
const drawThrottle = (dice: Dice) => ({ throttleMs: dice.pick([10, 300, 3000]) });
const nothing = () => ({});

/** A TLS alert; a web server's greeting; an empty frame; a frame whose contents are noise. */
const GARBAGE: readonly string[] = [
  "15030300020250",
  Buffer.from("HTTP/1.1 400 Bad").toString("hex"),
  "00000000",
  "0000000c000000ffffffffff00ffffff",
];

export const answerFaults: readonly FaultKind[] = [
  answerFault("answers late", 8, drawDelay, ({ broker }, fault) => broker.faults.delay(fault)),
  answerFault("no answer", 4, drawApplied, ({ broker }, fault) => broker.faults.neverAnswer(fault)),
  answerFault("disconnects", 5, drawDisconnect, ({ broker }, fault) => broker.faults.disconnect(fault)),
  answerFault("dribbles", 3, drawDribble, ({ broker }, fault) => broker.faults.dribble(fault)),
  answerFault("torn answer", 3, drawTorn, ({ broker }, { ending, ...fault }) =>
    // Two linters take it for a promise; it is the broker's word, and nobody awaits it.
    // oxlint-disable-next-line unicorn/no-thenable
    broker.faults.partialFrame({ ...fault, /* biome-ignore lint/suspicious/noThenProperty: see above */ then: ending }),
  ),
  answerFault("wrong correlation id", 3, drawDistance, ({ broker }, fault) => broker.faults.wrongCorrelationId(fault)),
  answerFault("wrong length", 2, drawLength, ({ broker }, fault) => broker.faults.frameLength(fault)),
  answerFault("answers twice", 3, nothing, ({ broker }, fault) => broker.faults.duplicateAnswer(fault)),
  answerFault("throttles", 3, drawThrottle, ({ broker }, fault) => broker.faults.throttle(fault)),
  answerFault(
    "garbage",
    2,
    (dice) => ({ hex: dice.pick(GARBAGE) }),
    ({ broker }, { hex, ...fault }) => broker.faults.garbage({ ...fault, bytes: Buffer.from(hex, "hex") }),
  ),
  answerFault(
    "error that passes",
    6,
    (dice) => ({ error: dice.pick(RETRIABLE), ...drawApplied(dice) }),
    (world, fault) => failNext(world, fault),
  ),
  answerFault(
    "error that stays",
    3,
    (dice) => ({ error: dice.pick(FATAL), ...drawApplied(dice) }),
    (world, fault) => failNext(world, fault),
  ),
];

/** Before, an answer about all topics could not say that it is none: an empty list would be taken for the truth. */
const FIRST_RELEASE_WHOSE_METADATA_CAN_FAIL: KafkaRelease = "4.0";

function failNext(
  { broker, injectedErrors, scenario }: World,
  { api, ...fault }: Target & { readonly error: ErrorName; readonly afterApply: boolean },
): Fault | undefined {
  const canFail = isSince(scenario.release, FIRST_RELEASE_WHOSE_METADATA_CAN_FAIL);
  // Those of writers are refused in their own words (produce-faults.ts): others would be lies about what is in the log.
  const struck = (api === undefined ? [...new Set(APIS)] : [api]).filter((one) => canFail || one !== "Metadata");
  if (struck.length === 0) return undefined;
  injectedErrors.add(fault.error);
  return broker.faults.failNext({ ...fault, api: struck });
}
