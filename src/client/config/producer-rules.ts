/** What a producer's options have to be together, and which defaults depend on others. */
import { adaptCommon, commonRules } from "./common-rules.ts";
import type { Rule } from "./parse-config.ts";
import type { PartitionerName, ResolvedProducerConfig } from "./producer-options.ts";

/** With more than this, brokers could not tell the order of batches that were sent again. */
const MOST_IN_FLIGHT_IN_ORDER = 5;

/** Those that leave it open where a record without a key goes: it stays with a partition until its batch is full. */
const STICKING_PARTITIONERS: ReadonlySet<PartitionerName> = new Set([
  "default",
  "random",
  "consistentRandom",
  "murmur2Random",
  "fnv1aRandom",
]);

/** The codecs that have levels. */
const LEVELS: ReadonlyMap<string, readonly [least: number, most: number]> = new Map([
  ["gzip", [1, 9]],
  ["lz4", [1, 17]],
  ["zstd", [-131_072, 22]],
]);

export function adaptProducer(config: ResolvedProducerConfig, given: ReadonlySet<string>): ResolvedProducerConfig {
  // What is delivered later than this would be of a transaction that the coordinator has aborted.
  const { transactionalId, transactionTimeoutMs } = config;
  const longest =
    transactionalId === undefined ? config.deliveryTimeoutMs : Math.min(config.deliveryTimeoutMs, transactionTimeoutMs);
  const deliveryTimeoutMs = Math.max(longest, leastDeliveryTimeout(config));
  const isCallTimeGiven = given.has("defaultApiTimeoutMs") && !given.has("maxBlockMs");
  return {
    ...adaptCommon(config, given),
    maxBlockMs: isCallTimeGiven ? config.defaultApiTimeoutMs : config.maxBlockMs,
    enableIdempotence: given.has("enableIdempotence") ? config.enableIdempotence : againstIdempotence(config).length === 0,
    deliveryTimeoutMs: given.has("deliveryTimeoutMs") ? config.deliveryTimeoutMs : deliveryTimeoutMs,
  };
}

/** Whoever names a transactional id wants idempotence, as whoever asks for it by name. */
export const producerRules: readonly Rule<ResolvedProducerConfig>[] = [
  ...commonRules,
  {
    between: ["enableIdempotence", "transactionalId", "acks", "retries", "maxInFlightRequestsPerConnection"],
    problem: (config, given) => {
      const wanted = config.transactionalId !== undefined ? "transactionalId" : "enableIdempotence";
      const isWanted = config.transactionalId !== undefined || (given.has("enableIdempotence") && config.enableIdempotence);
      const against = againstIdempotence(config);
      return isWanted && against.length > 0 ? `${wanted} needs ${against.join(" and ")}` : undefined;
    },
  },
  {
    between: ["enableIdempotence", "transactionalId"],
    problem: ({ transactionalId, enableIdempotence }, given) =>
      transactionalId !== undefined && given.has("enableIdempotence") && !enableIdempotence
        ? "transactionalId needs enableIdempotence: leave it out, or true"
        : undefined,
  },
  {
    between: ["deliveryTimeoutMs", "lingerMs", "requestTimeoutMs"],
    problem: (config) =>
      config.deliveryTimeoutMs >= leastDeliveryTimeout(config)
        ? undefined
        : `deliveryTimeoutMs (${config.deliveryTimeoutMs}) must be at least lingerMs + requestTimeoutMs (${leastDeliveryTimeout(config)})`,
  },
  {
    between: ["deliveryTimeoutMs", "transactionTimeoutMs"],
    problem: ({ deliveryTimeoutMs, transactionTimeoutMs, transactionalId }, given) =>
      transactionalId !== undefined && given.has("deliveryTimeoutMs") && deliveryTimeoutMs > transactionTimeoutMs
        ? `deliveryTimeoutMs (${deliveryTimeoutMs}) must not be more than transactionTimeoutMs (${transactionTimeoutMs}): the transaction would be aborted meanwhile`
        : undefined,
  },
  {
    between: ["compression", "compressionLevel"],
    problem: ({ compression, compressionLevel }) => {
      if (compressionLevel === undefined) return undefined;
      const levels = LEVELS.get(compression);
      if (levels === undefined) return `compressionLevel has no effect with compression '${compression}': leave it out`;
      const [least, most] = levels;
      const isIn = compressionLevel >= least && compressionLevel <= most;
      return isIn
        ? undefined
        : `compressionLevel (${compressionLevel}) must be from ${least} to ${most} with compression '${compression}'`;
    },
  },
  {
    between: ["partitionerRackAware", "clientRack"],
    problem: ({ partitionerRackAware, clientRack }) =>
      partitionerRackAware && clientRack.trim() === "" ? "partitionerRackAware needs clientRack" : undefined,
  },
  {
    between: ["transactionalId", "transactionTimeoutMs"],
    problem: ({ transactionalId }, given) =>
      given.has("transactionTimeoutMs") && transactionalId === undefined
        ? "transactionTimeoutMs has no effect without transactionalId: leave it out"
        : undefined,
  },
  {
    between: ["partitionerAdaptive", "partitionerAvailabilityTimeoutMs"],
    problem: ({ partitionerAdaptive, partitionerAvailabilityTimeoutMs }) =>
      partitionerAdaptive || partitionerAvailabilityTimeoutMs === 0
        ? undefined
        : "partitionerAvailabilityTimeoutMs has no effect without partitionerAdaptive: leave it out",
  },
  {
    between: [
      "partitioner",
      "partitionerAdaptive",
      "partitionerAvailabilityTimeoutMs",
      "partitionerIgnoreKeys",
      "partitionerRackAware",
    ],
    problem: (config) => {
      const unused = unusedPartitionerOption(config);
      const partitioner =
        typeof config.partitioner === "string" ? `the partitioner '${config.partitioner}'` : "a function as partitioner";
      return unused === undefined ? undefined : `${unused} has no effect with ${partitioner}: leave it out`;
    },
  },
  {
    between: ["maxRequestSize", "bufferMemory"],
    problem: ({ maxRequestSize, bufferMemory }) =>
      maxRequestSize <= bufferMemory
        ? undefined
        : `maxRequestSize (${maxRequestSize}) must not be more than bufferMemory (${bufferMemory}): the largest record would never fit`,
  },
];

function unusedPartitionerOption(
  config: ResolvedProducerConfig,
): "partitionerAvailabilityTimeoutMs" | "partitionerIgnoreKeys" | "partitionerRackAware" | "partitionerAdaptive" | undefined {
  if (typeof config.partitioner === "string" && STICKING_PARTITIONERS.has(config.partitioner)) return undefined;
  if (config.partitionerAvailabilityTimeoutMs > 0) return "partitionerAvailabilityTimeoutMs";
  if (config.partitionerIgnoreKeys) return "partitionerIgnoreKeys";
  if (config.partitionerRackAware) return "partitionerRackAware";
  return config.partitionerAdaptive ? undefined : "partitionerAdaptive";
}

function leastDeliveryTimeout({ lingerMs, requestTimeoutMs }: ResolvedProducerConfig): number {
  return lingerMs + requestTimeoutMs;
}

function againstIdempotence({ acks, retries, maxInFlightRequestsPerConnection }: ResolvedProducerConfig): readonly string[] {
  return [
    ...(acks === -1 ? [] : [`acks 'all', not ${acks}`]),
    ...(retries > 0 ? [] : ["retries of at least 1"]),
    ...(maxInFlightRequestsPerConnection <= MOST_IN_FLIGHT_IN_ORDER
      ? []
      : [`maxInFlightRequestsPerConnection of at most ${MOST_IN_FLIGHT_IN_ORDER}, not ${maxInFlightRequestsPerConnection}`]),
  ];
}
