/** Which changes of feature levels the controller allows (KIP-584, KIP-778), in its words. */
import { FEATURE_SAFE_DOWNGRADE, FEATURE_UNSAFE_DOWNGRADE, FEATURE_UPGRADE, type FeatureUpdate } from "../../protocol/index.ts";
import type { Features } from "./features.ts";

const METADATA_VERSION = "metadata.version";

type Change = Pick<FeatureUpdate, "feature" | "maxVersionLevel" | "upgradeType">;

/** Why the feature cannot change so; undefined when it can. */
export function problemWithFeatureChange(features: Features, change: Change, controllerId: number): string | undefined {
  const { feature, maxVersionLevel: level, upgradeType } = change;
  const problem =
    problemWithLevel(features, change, controllerId) ?? problemWithDirection(features.level(feature), level, upgradeType);
  if (problem !== undefined) return `Invalid update version ${level} for feature ${feature}. ${problem}`;
  const present = features.level(feature);
  if (feature !== METADATA_VERSION || level >= present) return undefined;
  const why =
    upgradeType === FEATURE_SAFE_DOWNGRADE
      ? "Refusing to perform the requested downgrade because it might delete metadata information."
      : "Unsafe metadata downgrade is not supported in this version.";
  return `Unsupported ${METADATA_VERSION} downgrade from ${present} to ${level}. ${why}`;
}

function problemWithLevel(features: Features, { feature, maxVersionLevel, upgradeType }: Change, controllerId: number) {
  const knownTypes = [FEATURE_UPGRADE, FEATURE_SAFE_DOWNGRADE, FEATURE_UNSAFE_DOWNGRADE];
  if (!knownTypes.includes(upgradeType)) return "The controller does not support the given upgrade type.";
  if (maxVersionLevel < 0) return "A feature version cannot be less than 0.";
  const supported = features.supported.get(feature);
  if (supported === undefined) return `Local controller ${controllerId} does not support this feature.`;
  if (maxVersionLevel >= supported.min && maxVersionLevel <= supported.max) return undefined;
  return `Local controller ${controllerId} only supports versions ${supported.min}-${supported.max}`;
}

function problemWithDirection(present: number, level: number, upgradeType: number): string | undefined {
  if (level < present && upgradeType === FEATURE_UPGRADE) {
    return "Can't downgrade the version of this feature without setting the upgrade type to either safe or unsafe downgrade.";
  }
  return level > present && upgradeType !== FEATURE_UPGRADE ? "Can't downgrade to a newer version." : undefined;
}
