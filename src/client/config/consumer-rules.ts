/** What a consumer's options have to be together, and which defaults depend on others. */
import { adaptCommon, commonRules } from "./common-rules.ts";
import type { ParsedConsumerConfig, ResolvedConsumerConfig } from "./consumer-options.ts";
import type { Rule } from "./parse-config.ts";

/** With KIP-848 the broker decides these. */
const CLASSIC_ONLY = ["sessionTimeoutMs", "heartbeatIntervalMs", "partitionAssignmentStrategy"] as const;

/** Less than half of what may pass before a partition counts as stalled: a wait that is meant is not to look like a broker that is mute. */
const LONGEST_IDLE_WAIT_MS = 4000;

export function adaptConsumer(config: ParsedConsumerConfig, given: ReadonlySet<string>): ResolvedConsumerConfig {
  const answerBytes = config.fetchMaxBytes + config.maxPartitionFetchBytes;
  const receiveMessageMaxBytes = Math.max(config.receiveMessageMaxBytes, answerBytes);
  return {
    ...adaptCommon(config, given),
    enableAutoCommit: given.has("enableAutoCommit") ? config.enableAutoCommit : config.groupId !== undefined,
    receiveMessageMaxBytes: given.has("receiveMessageMaxBytes") ? config.receiveMessageMaxBytes : receiveMessageMaxBytes,
    fetchIdleWaitMs: given.has("fetchMaxWaitMs") ? config.fetchMaxWaitMs : idleWaitMs(config),
  };
}

/** Where the first byte ends a wait. Whoever waits for more bytes gets them so late, whether they are enough or not. */
function idleWaitMs({ fetchMinBytes, fetchMaxWaitMs, requestTimeoutMs }: ParsedConsumerConfig): number {
  if (fetchMinBytes > 1) return fetchMaxWaitMs;
  return Math.max(fetchMaxWaitMs, Math.min(LONGEST_IDLE_WAIT_MS, Math.floor(requestTimeoutMs / 2)));
}

export const consumerRules: readonly Rule<ResolvedConsumerConfig>[] = [
  ...commonRules,
  {
    between: ["heartbeatIntervalMs", "sessionTimeoutMs"],
    problem: ({ heartbeatIntervalMs, sessionTimeoutMs }) =>
      heartbeatIntervalMs < sessionTimeoutMs
        ? undefined
        : `heartbeatIntervalMs (${heartbeatIntervalMs}) must be less than sessionTimeoutMs (${sessionTimeoutMs}); a third of it is usual`,
  },
  {
    between: ["fetchMaxWaitMs", "requestTimeoutMs"],
    problem: ({ fetchMaxWaitMs, requestTimeoutMs }) =>
      fetchMaxWaitMs < requestTimeoutMs
        ? undefined
        : `fetchMaxWaitMs (${fetchMaxWaitMs}) must be less than requestTimeoutMs (${requestTimeoutMs}): fetches without records would time out`,
  },
  {
    between: ["receiveMessageMaxBytes", "fetchMaxBytes"],
    problem: ({ receiveMessageMaxBytes, fetchMaxBytes }) =>
      fetchMaxBytes <= receiveMessageMaxBytes
        ? undefined
        : `fetchMaxBytes (${fetchMaxBytes}) must not be more than receiveMessageMaxBytes (${receiveMessageMaxBytes}): answers would be refused`,
  },
  {
    between: ["groupId", "groupInstanceId"],
    problem: ({ groupId, groupInstanceId }) =>
      groupInstanceId !== undefined && groupId === undefined ? "groupInstanceId needs a groupId" : undefined,
  },
  {
    between: ["groupId", "enableAutoCommit"],
    problem: ({ groupId, enableAutoCommit }, given) =>
      groupId === undefined && enableAutoCommit && given.has("enableAutoCommit") ? "enableAutoCommit needs a groupId" : undefined,
  },
  {
    between: ["groupProtocol", "groupRemoteAssignor"],
    problem: ({ groupProtocol, groupRemoteAssignor }) =>
      groupProtocol === "classic" && groupRemoteAssignor !== undefined
        ? "groupRemoteAssignor has no effect with groupProtocol 'classic': use partitionAssignmentStrategy"
        : undefined,
  },
  ...CLASSIC_ONLY.map(
    (name): Rule<ResolvedConsumerConfig> => ({
      between: ["groupProtocol", name],
      problem: ({ groupProtocol }, given) =>
        groupProtocol === "consumer" && given.has(name)
          ? `${name} has no effect with groupProtocol 'consumer': the broker decides it`
          : undefined,
    }),
  ),
];
