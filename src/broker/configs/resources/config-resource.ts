/** What has a configuration that clients can read and change: a topic, a broker, all brokers, a group. */
import type { Refusal } from "../../cluster/refusal.ts";
import type { ConfigDefinition } from "../config-definition.ts";

/** `resourceType` of Kafka's APIs. */
export const TOPIC_RESOURCE = 2;
export const BROKER_RESOURCE = 4;
export const BROKER_LOGGER_RESOURCE = 8;
export const CLIENT_METRICS_RESOURCE = 16;
export const GROUP_RESOURCE = 32;

/** Where a value comes from: `configSource` of Kafka's APIs. */
export const TOPIC_SOURCE = 1;
export const DYNAMIC_BROKER_SOURCE = 2;
export const DYNAMIC_DEFAULT_BROKER_SOURCE = 3;
export const STATIC_BROKER_SOURCE = 4;
export const DEFAULT_SOURCE = 5;
export const GROUP_SOURCE = 8;

export interface ConfigResource {
  /** What was set for it, as it is kept. */
  readonly settings: ReadonlyMap<string, string>;
  /** Undefined for names that it cannot be configured with. */
  definition(name: string): ConfigDefinition | undefined;
  describe(): readonly ConfigEntry[];
  /** What would be kept if these names got these values, in place of those that they have; or why they cannot. */
  check(changes: ReadonlyMap<string, string>): ReadonlyMap<string, string> | Refusal;
  /** Why these names cannot be changed, whatever to. */
  refusalOfNames(names: readonly string[]): Refusal | undefined;
  /** Why these cannot be all of its settings, though each of them is fine. */
  refusalOfSettings?(settings: ReadonlyMap<string, string>): Refusal | undefined;
  /** Puts these, which were checked, in place of all settings. */
  replace(settings: ReadonlyMap<string, string>): void;
}

/** A value as DescribeConfigs tells it. */
export interface ConfigEntry {
  readonly definition: ConfigDefinition;
  readonly value: string | null;
  readonly source: number;
  readonly isReadOnly: boolean;
  /** All places that set it, strongest first. */
  readonly synonyms: readonly ConfigSynonym[];
}

export interface ConfigSynonym {
  readonly name: string;
  readonly value: string;
  readonly source: number;
}
