import { AlterConfigs } from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import { refusal } from "../cluster/refusal.ts";
import { settingsAfterReplacement } from "../configs/config-changes.ts";
import { alterResources } from "../configs/resources/alter-resources.ts";
import { BROKER_LOGGER_RESOURCE } from "../configs/resources/config-resource.ts";

export const handler: Handler = defineHandler(AlterConfigs, {
  faultScope: "topic",
  answer: ({ resources, validateOnly }, context) => ({
    responses: alterResources(
      resources,
      {
        validateOnly,
        settingsAfter: (resource, { resourceType, configs }) =>
          resourceType === BROKER_LOGGER_RESOURCE
            ? refusal("INVALID_REQUEST", `Unknown resource type ${BROKER_LOGGER_RESOURCE}`)
            : settingsAfterReplacement(resource, configs),
      },
      context,
    ),
  }),
  refuse: ({ resources }, errorCode) => ({
    responses: resources.map(({ resourceType, resourceName }) => ({ resourceType, resourceName, errorCode, errorMessage: null })),
  }),
});
