import {
  DescribeConfigs,
  type DescribeConfigsRequest,
  type DescribeConfigsResource,
  type DescribedConfig,
  type Draft,
} from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import { isRefusal } from "../cluster/refusal.ts";
import type { ConfigType } from "../configs/config-definition.ts";
import { type ConfigEntry, DEFAULT_SOURCE, TOPIC_RESOURCE } from "../configs/resources/config-resource.ts";
import { resourceToDescribe } from "../configs/resources/find-resource.ts";
import { codeOf } from "../error-codes.ts";
import type { RequestContext } from "../request-context.ts";

/** `configType` of the answer. */
const TYPE_CODES: Readonly<Record<ConfigType, number>> = {
  boolean: 1,
  string: 2,
  int: 3,
  short: 4,
  long: 5,
  double: 6,
  list: 7,
  password: 9,
};

export const handler: Handler = defineHandler(DescribeConfigs, {
  faultScope: "topic",
  answer: (request, context) => ({
    results: distinct(request.resources).map((resource) => describe(resource, request, context)),
  }),
  refuse: (request, errorCode) => ({
    results: request.resources.map(({ resourceType, resourceName }) => ({
      errorCode,
      errorMessage: null,
      resourceType,
      resourceName,
    })),
  }),
});

/**
 * What is asked for twice is told once, other than in Kafka: a resource takes eight bytes to name, and tens of thousands to describe.
 * Clients do not see the difference, for they keep the answer by resource.
 */
function distinct(resources: readonly DescribeConfigsResource[]): readonly DescribeConfigsResource[] {
  const byQuestion = new Map<string, DescribeConfigsResource>();
  for (const resource of resources) {
    const { resourceType, resourceName, configurationKeys } = resource;
    const question = JSON.stringify([resourceType, resourceName, configurationKeys]);
    if (!byQuestion.has(question)) byQuestion.set(question, resource);
  }
  return [...byQuestion.values()];
}

function describe(asked: DescribeConfigsResource, request: DescribeConfigsRequest, context: RequestContext) {
  const { resourceType, resourceName, configurationKeys } = asked;
  const fault = resourceType === TOPIC_RESOURCE ? context.faultAt(resourceName) : undefined;
  if (fault !== undefined) return { resourceType, resourceName, errorCode: fault.errorCode, errorMessage: fault.message ?? null };
  const resource = resourceToDescribe(resourceType, resourceName, context);
  if (isRefusal(resource)) {
    return { resourceType, resourceName, errorCode: codeOf(resource.error), errorMessage: resource.message };
  }
  // No names at all means all names, too.
  const names = configurationKeys === null || configurationKeys.length === 0 ? undefined : new Set(configurationKeys);
  const entries = resource.describe().filter(({ definition }) => names?.has(definition.name) ?? true);
  return { resourceType, resourceName, configs: entries.map((entry) => describedEntry(entry, request, context.version)) };
}

function describedEntry(entry: ConfigEntry, request: DescribeConfigsRequest, version: number): Draft<DescribedConfig> {
  const { definition, source } = entry;
  const isSensitive = definition.type === "password";
  return {
    name: definition.name,
    value: isSensitive ? null : entry.value,
    readOnly: entry.isReadOnly,
    ...(version === 0 && { isDefault: source === DEFAULT_SOURCE }),
    configSource: source,
    isSensitive,
    synonyms: request.includeSynonyms
      ? entry.synonyms.map((synonym) => ({ ...synonym, value: isSensitive ? null : synonym.value }))
      : [],
    configType: TYPE_CODES[definition.type],
    documentation: request.includeDocumentation ? definition.documentation : null,
  };
}
