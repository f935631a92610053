import { IncrementalAlterConfigs } from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import { type ConfigOperation, settingsAfterChanges } from "../configs/config-changes.ts";
import { alterResources } from "../configs/resources/alter-resources.ts";

/** By `configOperation`. */
const OPERATIONS: readonly ConfigOperation[] = ["SET", "DELETE", "APPEND", "SUBTRACT"];

export const handler: Handler = defineHandler(IncrementalAlterConfigs, {
  faultScope: "topic",
  answer: ({ resources, validateOnly }, context) => ({
    responses: alterResources(
      resources,
      {
        validateOnly,
        settingsAfter: (resource, { configs }) =>
          settingsAfterChanges(
            resource,
            configs.map(({ name, value, configOperation }) => ({ name, value, operation: OPERATIONS[configOperation] })),
          ),
      },
      context,
    ),
  }),
  refuse: ({ resources }, errorCode) => ({
    responses: resources.map(({ resourceType, resourceName }) => ({ resourceType, resourceName, errorCode, errorMessage: null })),
  }),
});
