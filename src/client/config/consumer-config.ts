import { connectionSettings } from "./common-settings.ts";
import type { ConsumerOptions, ParsedConsumerConfig, ResolvedConsumerConfig } from "./consumer-options.ts";
import { adaptConsumer, consumerRules } from "./consumer-rules.ts";
import { consumerSettings } from "./consumer-settings.ts";
import { type ClientConfigSpec, parseConfig } from "./parse-config.ts";
import { securitySettings } from "./security-settings.ts";
import type { SettingTable } from "./setting.ts";

/** All options of a Consumer. */
export const allConsumerSettings: SettingTable<ParsedConsumerConfig> = {
  ...connectionSettings,
  ...securitySettings,
  ...consumerSettings,
};

const spec: ClientConfigSpec<ResolvedConsumerConfig, ParsedConsumerConfig> = {
  client: "Consumer",
  table: allConsumerSettings,
  adapt: adaptConsumer,
  rules: consumerRules,
};

/** @throws ConfigError with all problems at once. */
export function resolveConsumerConfig(input: ConsumerOptions<unknown, unknown>): ResolvedConsumerConfig {
  return parseConfig(spec, allConsumerSettings, input);
}
