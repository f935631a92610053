import { adaptCommon, commonRules } from "./common-rules.ts";
import { connectionSettings } from "./common-settings.ts";
import { type ClientConfigSpec, parseConfig, type Rule } from "./parse-config.ts";
import { securitySettings } from "./security-settings.ts";
import type { SettingTable } from "./setting.ts";
import type { ResolvedShareConsumerConfig, ShareConsumerOptions } from "./share-consumer-options.ts";
import { shareConsumerSettings } from "./share-consumer-settings.ts";

/** All options of a ShareConsumer. */
export const allShareConsumerSettings: SettingTable<ResolvedShareConsumerConfig> = {
  ...connectionSettings,
  ...securitySettings,
  ...shareConsumerSettings,
};

/** A first batch that is larger than what was asked for comes all the same: Kafka's own default for the largest batch. */
const ROOM_BYTES = 1_048_576;

function adaptShareConsumer(config: ResolvedShareConsumerConfig, given: ReadonlySet<string>): ResolvedShareConsumerConfig {
  const { receiveMessageMaxBytes: own, fetchMaxBytes } = config;
  const receiveMessageMaxBytes = given.has("receiveMessageMaxBytes") ? own : Math.max(own, fetchMaxBytes + ROOM_BYTES);
  return { ...adaptCommon(config, given), receiveMessageMaxBytes };
}

const rules: readonly Rule<ResolvedShareConsumerConfig>[] = [
  ...commonRules,
  {
    between: ["groupId"],
    problem: ({ groupId }) => (groupId === undefined ? "groupId is needed: the name of the share group" : undefined),
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
];

const spec: ClientConfigSpec<ResolvedShareConsumerConfig> = {
  client: "ShareConsumer",
  table: allShareConsumerSettings,
  adapt: adaptShareConsumer,
  rules,
};

/** @throws ConfigError with all problems at once. */
export function resolveShareConsumerConfig(input: ShareConsumerOptions<unknown, unknown>): ResolvedShareConsumerConfig {
  return parseConfig(spec, allShareConsumerSettings, input);
}
