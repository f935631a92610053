import {
  DescribeConfigs,
  type DescribeConfigsRequest,
  type DescribeConfigsResult,
  type Draft,
  KafkaError,
  UnsupportedVersionError,
} from "../../protocol/index.ts";
import type { AdminContext, CallOptions } from "./admin-context.ts";
import { ArgumentProblems, quoted } from "./arguments.ts";
import { type ConfigEntry, codeOfSource, configEntriesFrom } from "./config-entry.ts";
import { type ConfigResource, type ConfigResourceType, checkResources, codeOfType } from "./config-resource.ts";
import { askUntilKnown } from "./fresh-topics.ts";
import { type ItemResult, settledItems } from "./item-result.ts";
import { askAboutResources, type ResourceAnswer } from "./resource-call.ts";

/** A resource, and which of its settings are wanted: all unless named. */
export interface ConfigQuery extends ConfigResource {
  readonly configs?: readonly string[];
}

export interface DescribeConfigsOptions extends CallOptions {
  /** Whether to tell every place that sets a value. Brokers before 1.1 cannot. */
  readonly includeSynonyms?: boolean;
  /** Whether to explain the settings. Brokers before 2.6 cannot. */
  readonly includeDocumentation?: boolean;
}

export interface DescribedConfigs {
  /** By name. */
  readonly configs: ReadonlyMap<string, ConfigEntry>;
}

export async function describeConfigs(
  context: AdminContext,
  queries: readonly ConfigQuery[],
  options: DescribeConfigsOptions = {},
): Promise<readonly ItemResult<ConfigResource, DescribedConfigs>[]> {
  const topicOf = ({ type, name }: ConfigQuery): string | undefined => (type === "topic" ? name : undefined);
  const outcomes = await askUntilKnown(context, queries, topicOf, (items) => describeOnce(context, items, options));
  return settledItems(
    Array.from(outcomes, ([{ type, name }, outcome]) =>
      outcome instanceof KafkaError ? { type, name, error: outcome } : { type, name, configs: configsFrom(outcome, type) },
    ),
  );
}

async function describeOnce(
  context: AdminContext,
  queries: readonly ConfigQuery[],
  options: DescribeConfigsOptions,
): Promise<ReadonlyMap<ConfigQuery, ResourceAnswer<DescribeConfigsResult> | KafkaError>> {
  const outcomes = await askAboutResources(context, {
    api: DescribeConfigs,
    items: queries,
    target: { kind: "any" },
    body: (items, version) => requestFor(items, version, options),
    rows: ({ results }) => results,
  });
  return new Map(outcomes.map(({ item, outcome }) => [item, outcome]));
}

export function checkConfigQueries(queries: readonly ConfigQuery[]): void {
  const problems = new ArgumentProblems("describeConfigs");
  checkResources(problems, queries);
  for (const { type, name, configs } of queries) {
    if (configs === undefined) continue;
    const where = `${type} ${quoted(name)}`;
    problems.require(configs.length > 0, () => `${where}: configs must name some settings, or be left out for all`);
    problems.requireNames("setting", configs);
  }
  problems.throwIfAny();
}

const FIRST_VERSION_WITH_SOURCES = 1;
const FIRST_VERSION_WITH_DOCUMENTATION = 3;

function requestFor(
  queries: readonly ConfigQuery[],
  version: number,
  { includeSynonyms = false, includeDocumentation = false }: DescribeConfigsOptions,
): Draft<DescribeConfigsRequest> {
  const place = { api: DescribeConfigs.name, version };
  if (includeSynonyms && version < FIRST_VERSION_WITH_SOURCES) {
    throw new UnsupportedVersionError("brokers before 1.1 do not tell synonyms; leave out includeSynonyms", place);
  }
  if (includeDocumentation && version < FIRST_VERSION_WITH_DOCUMENTATION) {
    throw new UnsupportedVersionError("brokers before 2.6 do not explain settings; leave out includeDocumentation", place);
  }
  return {
    resources: queries.map(({ type, name, configs }) => ({
      resourceType: codeOfType(type),
      resourceName: name,
      configurationKeys: configs ?? null,
    })),
    includeSynonyms,
    includeDocumentation,
  };
}

/** The oldest brokers only tell whether anybody has set a value; where, follows from whose it is, as in Java. */
function configsFrom(
  { row, version }: ResourceAnswer<DescribeConfigsResult>,
  type: ConfigResourceType,
): ReadonlyMap<string, ConfigEntry> {
  if (version >= FIRST_VERSION_WITH_SOURCES) return configEntriesFrom(row.configs);
  const setHere = type === "topic" ? "topic" : type === "broker" ? "staticBroker" : "unknown";
  return configEntriesFrom(
    row.configs.map((config) => ({ ...config, configSource: codeOfSource(config.isDefault ? "default" : setHere) })),
  );
}
