/** The options of the Admin client. */
import type { ConnectionConfig, ConnectionOptions } from "./common-options.ts";
import { adaptCommon, commonRules } from "./common-rules.ts";
import { connectionSettings } from "./common-settings.ts";
import { type ClientConfigSpec, parseConfig } from "./parse-config.ts";
import type { SecurityConfig, SecurityOptions } from "./security-options.ts";
import { securitySettings } from "./security-settings.ts";
import type { SettingTable } from "./setting.ts";

/** Options of an Admin client: those that all clients have. docs/configuration.md lists them with their defaults. */
export interface AdminOptions extends ConnectionOptions, SecurityOptions {}

/** An Admin client's options after parsing: no gaps, and frozen. */
export type ResolvedAdminConfig = ConnectionConfig & SecurityConfig;

export const adminSettings: SettingTable<ResolvedAdminConfig> = { ...connectionSettings, ...securitySettings };

const spec: ClientConfigSpec<ResolvedAdminConfig> = {
  client: "Admin",
  table: adminSettings,
  adapt: adaptCommon,
  rules: commonRules,
};

/** @throws ConfigError with all problems at once. */
export function resolveAdminConfig(input: AdminOptions): ResolvedAdminConfig {
  return parseConfig(spec, adminSettings, input);
}
