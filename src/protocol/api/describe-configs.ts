/**
 * DescribeConfigs (key 32): reads the settings of topics, brokers, groups and the like, with their origin. What concerns one
 * broker (its settings, its loggers) must be asked of that broker; any broker knows the rest.
 *
 * v0  the oldest version (KIP-133)
 * v1  origin of each value instead of `isDefault`, and what it overrides (KIP-226); the oldest version that Kafka 4 accepts
 * v2  as v1; on throttling the broker answers at once and mutes the connection (KIP-219)
 * v3  type and documentation of each setting (KIP-569)
 * v4  flexible
 */
import { type Layout, string, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

export interface DescribeConfigsRequest {
  readonly resources: readonly DescribeConfigsResource[];
  /** Whether the answer shall list what every value overrides. */
  readonly includeSynonyms: boolean;
  /** Whether the answer shall explain the settings. */
  readonly includeDocumentation: boolean;
}

export interface DescribeConfigsResource {
  /** 2 topic, 4 broker, 8 the loggers of a broker, 16 a client metrics subscription (KIP-714), 32 group. */
  readonly resourceType: number;
  /** Name of the topic, subscription or group; id of the broker in decimal, empty for the defaults of all brokers. */
  readonly resourceName: string;
  /** Which settings, null for all. Empty means all as well, but to old brokers none: better send null. */
  readonly configurationKeys: readonly string[] | null;
}

export interface DescribeConfigsResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  readonly results: readonly DescribeConfigsResult[];
}

/** The settings of one resource. */
export interface DescribeConfigsResult {
  /** E.g. UNKNOWN_TOPIC_OR_PARTITION, TOPIC_AUTHORIZATION_FAILED, or INVALID_REQUEST when another broker must be asked. */
  readonly errorCode: number;
  /** More about the error, null for nothing to add. */
  readonly errorMessage: string | null;
  /** As in the request. */
  readonly resourceType: number;
  /** As in the request. */
  readonly resourceName: string;
  readonly configs: readonly DescribedConfig[];
}

export interface DescribedConfig {
  /** E.g. `retention.ms`, or the name of a logger. */
  readonly name: string;
  /** The value in force, as text. Null when it is not set, or sensitive. */
  readonly value: string | null;
  /** Whether the value cannot be changed while the broker runs. */
  readonly readOnly: boolean;
  /** Whether nobody has set the value. v0 only, `configSource` has replaced it. */
  readonly isDefault: boolean;
  /**
   * Where the value comes from: 1 the topic, 2 this broker's dynamic settings, 3 the dynamic settings of all brokers, 4 the
   * broker's file, 5 Kafka's default, 6 a logger, 7 a client metrics subscription, 8 a group; 0 and -1 unknown.
   */
  readonly configSource: number;
  /** Whether the value is a secret, which is never told. */
  readonly isSensitive: boolean;
  /** Every place that sets the value, strongest first; the first is the value in force. Empty unless asked for. */
  readonly synonyms: readonly DescribedConfigSynonym[];
  /** 1 boolean, 2 string, 3 int, 4 short, 5 long, 6 double, 7 comma-separated list, 8 Java class, 9 password; 0 unknown. */
  readonly configType: number;
  /** What the setting is for, null unless asked for. May contain HTML. */
  readonly documentation: string | null;
}

/** One of the places that set a value. */
export interface DescribedConfigSynonym {
  /** The setting's name there: the broker's `log.retention.ms` is the default of a topic's `retention.ms`. */
  readonly name: string;
  /** Null when the value is not set, or sensitive. */
  readonly value: string | null;
  /** Numbered as `configSource`. */
  readonly source: number;
}

const request: Layout<DescribeConfigsRequest> = struct((wire, it) => ({
  resources: wire.array(it.resources, resource),
  includeSynonyms: wire.since(1).boolean(it.includeSynonyms),
  includeDocumentation: wire.since(3).boolean(it.includeDocumentation),
}));

const resource: Layout<DescribeConfigsResource> = struct((wire, it) => ({
  resourceType: wire.int8(it.resourceType),
  resourceName: wire.string(it.resourceName),
  configurationKeys: wire.nullableArray(it.configurationKeys, string, []),
}));

const response: Layout<DescribeConfigsResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  results: wire.array(it.results, result),
}));

const result: Layout<DescribeConfigsResult> = struct((wire, it) => ({
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.nullableString(it.errorMessage, ""),
  resourceType: wire.int8(it.resourceType),
  resourceName: wire.string(it.resourceName),
  configs: wire.array(it.configs, config),
}));

const config: Layout<DescribedConfig> = struct((wire, it) => ({
  name: wire.string(it.name),
  value: wire.nullableString(it.value, ""),
  readOnly: wire.boolean(it.readOnly),
  isDefault: wire.until(0).boolean(it.isDefault),
  configSource: wire.since(1).ignorable.int8(it.configSource, -1),
  isSensitive: wire.boolean(it.isSensitive),
  synonyms: wire.since(1).ignorable.array(it.synonyms, synonym),
  configType: wire.since(3).ignorable.int8(it.configType),
  documentation: wire.since(3).ignorable.nullableString(it.documentation, ""),
}));

const synonym: Layout<DescribedConfigSynonym> = struct((wire, it) => ({
  name: wire.string(it.name),
  value: wire.nullableString(it.value, ""),
  source: wire.int8(it.source),
}));

export const DescribeConfigs: Api<DescribeConfigsRequest, DescribeConfigsResponse> = defineApi({
  name: "DescribeConfigs",
  key: 32,
  versions: [0, 4],
  flexibleSince: 4,
  request,
  response,
});
