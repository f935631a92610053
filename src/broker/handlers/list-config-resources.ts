import { type Draft, ListConfigResources, type ListedConfigResource } from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import type { Cluster } from "../cluster/cluster.ts";
import {
  BROKER_LOGGER_RESOURCE,
  BROKER_RESOURCE,
  CLIENT_METRICS_RESOURCE,
  GROUP_RESOURCE,
  TOPIC_RESOURCE,
} from "../configs/resources/config-resource.ts";
import { codeOf } from "../error-codes.ts";

const namesByType: ReadonlyMap<number, (cluster: Cluster) => readonly string[]> = new Map([
  [GROUP_RESOURCE, (cluster) => cluster.groupConfigs.ids()],
  [CLIENT_METRICS_RESOURCE, () => []],
  [BROKER_LOGGER_RESOURCE, brokerNames],
  [BROKER_RESOURCE, brokerNames],
  [TOPIC_RESOURCE, (cluster) => Array.from(cluster.topics, ({ name }) => name)],
]);

export const handler: Handler = defineHandler(ListConfigResources, {
  answer({ resourceTypes }, { cluster, version }) {
    if (resourceTypes.some((type) => !namesByType.has(type))) return { errorCode: codeOf("UNSUPPORTED_VERSION") };
    // Version 0 knows of client metrics alone.
    const asked = new Set(
      version === 0 ? [CLIENT_METRICS_RESOURCE] : resourceTypes.length > 0 ? resourceTypes : namesByType.keys(),
    );
    const configResources: Draft<ListedConfigResource>[] = [];
    for (const [resourceType, namesOf] of namesByType) {
      if (!asked.has(resourceType)) continue;
      for (const resourceName of namesOf(cluster)) configResources.push({ resourceName, resourceType });
    }
    return { configResources };
  },
  refuse: (_request, errorCode) => ({ errorCode }),
});

function brokerNames(cluster: Cluster): readonly string[] {
  return cluster.runningNodes.map(({ id }) => String(id));
}
