/** What AlterConfigs and IncrementalAlterConfigs have in common: every resource succeeds or fails by itself, and comes once. */
import { isRefusal, type Refusal, refusal } from "../../cluster/refusal.ts";
import { codeOf, NONE } from "../../error-codes.ts";
import type { RequestContext } from "../../request-context.ts";
import type { Settings } from "../config-changes.ts";
import { type ConfigResource, TOPIC_RESOURCE } from "./config-resource.ts";
import { resourceToChange } from "./find-resource.ts";

interface NamedResource {
  readonly resourceType: number;
  readonly resourceName: string;
}

export interface AlterResult extends NamedResource {
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

export function alterResources<Change extends NamedResource>(
  changes: readonly Change[],
  options: { readonly validateOnly: boolean; settingsAfter(resource: ConfigResource, change: Change): Settings | Refusal },
  context: RequestContext,
): readonly AlterResult[] {
  const times = new Map<string, number>();
  for (const change of changes) times.set(keyOf(change), (times.get(keyOf(change)) ?? 0) + 1);
  return changes.map((change) => {
    const { resourceType, resourceName } = change;
    const fault = resourceType === TOPIC_RESOURCE ? context.faultAt(resourceName) : undefined;
    const outcome = fault === undefined || fault.afterApply ? alter(change) : undefined;
    if (fault !== undefined) return { resourceType, resourceName, errorCode: fault.errorCode, errorMessage: fault.message ?? null };
    if (outcome === undefined) return { resourceType, resourceName, errorCode: NONE, errorMessage: null };
    return { resourceType, resourceName, errorCode: codeOf(outcome.error), errorMessage: outcome.message };
  });

  function alter(change: Change): Refusal | undefined {
    if ((times.get(keyOf(change)) ?? 0) > 1) return refusal("INVALID_REQUEST", "Each resource must appear at most once.");
    const resource = resourceToChange(change.resourceType, change.resourceName, context);
    if (isRefusal(resource)) return resource;
    const settings = options.settingsAfter(resource, change);
    if (isRefusal(settings)) return settings;
    if (!options.validateOnly) resource.replace(settings);
    return undefined;
  }
}

function keyOf({ resourceType, resourceName }: NamedResource): string {
  return `${resourceType} ${resourceName}`;
}
