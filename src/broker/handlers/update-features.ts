import { FEATURE_UPGRADE, UpdateFeatures } from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import { problemWithFeatureChange } from "../cluster/feature-rules.ts";
import { codeOf, NONE } from "../error-codes.ts";

/** All updates or none. Version 0 has a flag for downgrades, which Kafka no longer looks at: it can raise levels only. */
export const handler: Handler = defineHandler(UpdateFeatures, {
  answer({ featureUpdates, validateOnly }, { cluster, version }) {
    const { features, controllerId } = cluster;
    const changes = new Map(featureUpdates.map((update) => [update.feature, update]));
    for (const update of changes.values()) {
      const change = version === 0 ? { ...update, upgradeType: FEATURE_UPGRADE } : update;
      const problem = problemWithFeatureChange(features, change, controllerId);
      if (problem === undefined) continue;
      const errorMessage = `The update failed for all features since the following feature had an error: ${problem}`;
      return { errorCode: codeOf("INVALID_UPDATE_VERSION"), errorMessage };
    }
    if (!validateOnly) {
      for (const { feature, maxVersionLevel } of changes.values()) {
        if (maxVersionLevel !== features.level(feature)) features.set(feature, maxVersionLevel);
      }
    }
    const results = Array.from(changes.keys(), (feature) => ({ feature, errorCode: NONE, errorMessage: "NONE" }));
    return { errorMessage: null, results };
  },
  refuse: (_request, errorCode) => ({ errorCode, errorMessage: null }),
});
