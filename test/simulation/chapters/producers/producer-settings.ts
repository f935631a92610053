import type { ProducerOptions } from "../../../../src/client/index.ts";
import { type CompressionName, isSince, type KafkaRelease } from "../../../../src/protocol/index.ts";
import type { Dice } from "../../world/dice.ts";
import type { World } from "../../world/world.ts";
import { drawAdminOptions } from "../admin/admin-settings.ts";
import { type DrawnSerializer, drawSerializer } from "./drawn-serializers.ts";

export interface WriterOptions extends ProducerOptions {
  readonly acks: "all" | 0 | 1;
  readonly enableIdempotence: boolean;
  readonly lingerMs: number;
  readonly requestTimeoutMs: number;
  readonly deliveryTimeoutMs: number;
  readonly maxBlockMs: number;
  readonly bufferMemory: number;
  readonly batchSize: number;
  readonly keySerializer?: DrawnSerializer;
  readonly valueSerializer?: DrawnSerializer;
}

const COMPRESSIONS: readonly CompressionName[] = ["none", "none", "none", "gzip", "lz4", "snappy", "zstd", "zstd"];
/** KIP-110. */
const FIRST_RELEASE_WITH_ZSTD: KafkaRelease = "2.1";
/** Usually nobody says how often, but for how long. */
const RETRIES = ["unlimited", "unlimited", "unlimited", "unlimited", "unlimited", "unlimited", 0, 1, 3, 10] as const;
const BATCH_SIZES = [0, 150, 400, 1500, 6000, 16_384] as const;

/** What any producer may be told, as users do. Everything is drawn, so that the next option does not change the luck of those before. */
export function drawWriterOptions(world: World, dice: Dice, clientId: string, transactionalId?: string): WriterOptions {
  const common = drawAdminOptions(world, dice, clientId);
  const requestTimeoutMs = common.requestTimeoutMs ?? 0;
  const lingerMs = dice.pick([0, 0, 0, 1, 5, 50, 500]);
  const acks = dice.pick(["all", "all", "all", "all", "all", "all", "all", 1, 0] as const);
  const wantsIdempotence = dice.chance(0.9);
  const inFlight = dice.pick([1, 2, 5, 5]);
  const maxRequestSize = dice.pick([3000, 20_000, 1_048_576]);
  const isTransactional = transactionalId !== undefined;
  const patienceMs = dice.pick([0, 200, 2000, 10_000, isTransactional ? 20_000 : 60_000]);
  const deliveryTimeoutMs = lingerMs + requestTimeoutMs + patienceMs;
  const enableIdempotence = isTransactional || (acks === "all" && wantsIdempotence);
  return {
    ...common,
    maxInFlightRequestsPerConnection: inFlight,
    acks: isTransactional ? "all" : acks,
    enableIdempotence,
    lingerMs,
    requestTimeoutMs,
    deliveryTimeoutMs,
    maxBlockMs: dice.pick([500, 3000, 15_000]),
    maxRequestSize,
    bufferMemory: maxRequestSize + dice.pick([0, 1000, 10_000, 10_000_000]),
    batchSize: dice.pick(BATCH_SIZES),
    compression: drawCompression(world, dice),
    partitionerAdaptive: dice.chance(0.5),
    ...(isTransactional && { transactionalId, transactionTimeoutMs: deliveryTimeoutMs + dice.pick([0, 1000, 5000]) }),
    ...drawRetries(dice, enableIdempotence),
    ...drawSerializers(world, dice),
  };
}

function drawCompression({ scenario }: World, dice: Dice): CompressionName {
  const drawn = dice.pick(COMPRESSIONS);
  return drawn === "zstd" && !isSince(scenario.release, FIRST_RELEASE_WITH_ZSTD) ? "gzip" : drawn;
}

function drawRetries(dice: Dice, enableIdempotence: boolean): Pick<WriterOptions, "retries"> {
  const retries = dice.pick(RETRIES);
  if (retries === "unlimited") return {};
  return { retries: enableIdempotence ? Math.max(1, retries) : retries };
}

function drawSerializers(world: World, dice: Dice): Pick<WriterOptions, "keySerializer" | "valueSerializer"> {
  const wait = (ms: number): Promise<void> => world.wait(ms);
  const [keySerializer, valueSerializer] = [drawSerializer(dice, wait), drawSerializer(dice, wait)];
  return { ...(keySerializer && { keySerializer }), ...(valueSerializer && { valueSerializer }) };
}
