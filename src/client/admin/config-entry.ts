import type { DescribedConfig } from "../../protocol/index.ts";

const SOURCES = [
  "unknown",
  "topic",
  "dynamicBroker",
  "dynamicDefaultBroker",
  "staticBroker",
  "default",
  "dynamicBrokerLogger",
  "clientMetrics",
  "group",
] as const;

/**
 * Where a value comes from: the topic itself, the broker's dynamic settings, those of all brokers, the broker's file, Kafka's default,
 * a logger's level, a client metrics subscription, a group.
 */
export type ConfigSource = (typeof SOURCES)[number];

const TYPES = ["unknown", "boolean", "string", "int", "short", "long", "double", "list", "class", "password"] as const;

export type ConfigType = (typeof TYPES)[number];

/** A setting as a broker tells it. */
export interface ConfigEntry {
  readonly name: string;
  /** The value in force. Null when it is not set, or a secret. */
  readonly value: string | null;
  readonly source: ConfigSource;
  /** Whether nobody has set it: Kafka's own default is in force. */
  readonly isDefault: boolean;
  readonly isSensitive: boolean;
  readonly isReadOnly: boolean;
  /** `unknown` with brokers before 2.6, and in the answer to `createTopics`. */
  readonly type: ConfigType;
  /** Every place that sets the value, strongest first. Empty unless asked for. */
  readonly synonyms: readonly ConfigSynonym[];
  /** May contain HTML. Undefined unless asked for. */
  readonly documentation: string | undefined;
}

export interface ConfigSynonym {
  /** The setting's name there: the broker's `log.retention.ms` is the default of a topic's `retention.ms`. */
  readonly name: string;
  readonly value: string | null;
  readonly source: ConfigSource;
}

type Described = Pick<DescribedConfig, "name" | "value" | "readOnly" | "configSource" | "isSensitive"> &
  Partial<Pick<DescribedConfig, "synonyms" | "configType" | "documentation">>;

export function configEntriesFrom(configs: readonly Described[]): ReadonlyMap<string, ConfigEntry> {
  return new Map(configs.map((config) => [config.name, configEntryFrom(config)]));
}

function configEntryFrom(config: Described): ConfigEntry {
  const { name, value, configSource, isSensitive, readOnly, configType = 0, synonyms = [], documentation = null } = config;
  const source = sourceFromCode(configSource);
  return {
    name,
    value,
    source,
    isDefault: source === "default",
    isSensitive,
    isReadOnly: readOnly,
    type: TYPES[configType] ?? "unknown",
    synonyms: synonyms.map((synonym) => ({ name: synonym.name, value: synonym.value, source: sourceFromCode(synonym.source) })),
    documentation: documentation ?? undefined,
  };
}

function sourceFromCode(code: number): ConfigSource {
  return SOURCES[code] ?? "unknown";
}

export function codeOfSource(source: ConfigSource): number {
  return SOURCES.indexOf(source);
}
