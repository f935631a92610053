import { connectionSettings } from "./common-settings.ts";
import { type ClientConfigSpec, parseConfig } from "./parse-config.ts";
import type { ProducerOptions, ResolvedProducerConfig } from "./producer-options.ts";
import { adaptProducer, producerRules } from "./producer-rules.ts";
import { producerSettings } from "./producer-settings.ts";
import { securitySettings } from "./security-settings.ts";
import type { SettingTable } from "./setting.ts";

export type { ProducerOptions, ResolvedProducerConfig };

/** All options of a Producer. */
export const allProducerSettings: SettingTable<ResolvedProducerConfig> = {
  ...connectionSettings,
  ...securitySettings,
  ...producerSettings,
};

const spec: ClientConfigSpec<ResolvedProducerConfig> = {
  client: "Producer",
  table: allProducerSettings,
  adapt: adaptProducer,
  rules: producerRules,
};

/** @throws ConfigError with all problems at once. */
export function resolveProducerConfig<K, V>(input: ProducerOptions<K, V>): ResolvedProducerConfig {
  return parseConfig(spec, allProducerSettings, input);
}
