/**
 * UpdateFeatures (key 57): raises, lowers or switches off features of the whole cluster, e.g. `metadata.version` after an upgrade.
 * Sent to any broker, which forwards it to the controller; needs ALTER on the cluster. ApiVersions tells where they stand.
 *
 * v0  flexible; a flag allows downgrades (KIP-584)
 * v1  three kinds of update instead of the flag, and dry runs (KIP-778)
 * v2  one result for all, since all updates are made or none (KIP-1022)
 */
import { type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

/** `upgradeType` of an update that must not lower the level. */
export const FEATURE_UPGRADE = 1;
/** `upgradeType` of an update that lowers the level, unless metadata would be lost. */
export const FEATURE_SAFE_DOWNGRADE = 2;
/** `upgradeType` of an update that lowers the level even if metadata is lost. Kafka 4.3 still refuses it for `metadata.version`. */
export const FEATURE_UNSAFE_DOWNGRADE = 3;

export interface UpdateFeaturesRequest {
  /** How long the controller may take. */
  readonly timeoutMs: number;
  /** What to change, each feature once. */
  readonly featureUpdates: readonly FeatureUpdate[];
  /** True to check the updates without making them. */
  readonly validateOnly: boolean;
}

export interface FeatureUpdate {
  /** E.g. "metadata.version", "group.version", "transaction.version". */
  readonly feature: string;
  /** The level to go to, which every broker and controller must support; 0 switches the feature off. */
  readonly maxVersionLevel: number;
  /** True lets the level go down. Replaced by `upgradeType`. */
  readonly allowDowngrade: boolean;
  /** 1 up only, 2 down if nothing is lost, 3 down at any price. The level must move in that direction, or not at all. */
  readonly upgradeType: number;
}

export interface UpdateFeaturesResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /** INVALID_UPDATE_VERSION when an update was refused, among others. Any error means that nothing was changed. */
  readonly errorCode: number;
  /** Names the feature that was refused, and says why. Null or empty when there was no error. */
  readonly errorMessage: string | null;
  /** One for each feature. Current controllers fill it in only on success; for anything else read `errorCode`. */
  readonly results: readonly FeatureUpdateResult[];
}

export interface FeatureUpdateResult {
  readonly feature: string;
  /** Why this feature was not updated. */
  readonly errorCode: number;
  /** Null or empty when there was no error. */
  readonly errorMessage: string | null;
}

const request: Layout<UpdateFeaturesRequest> = struct((wire, it) => ({
  timeoutMs: wire.int32(it.timeoutMs, 60_000),
  featureUpdates: wire.array(it.featureUpdates, featureUpdate),
  validateOnly: wire.since(1).boolean(it.validateOnly),
}));

const featureUpdate: Layout<FeatureUpdate> = struct((wire, it) => ({
  feature: wire.string(it.feature),
  maxVersionLevel: wire.int16(it.maxVersionLevel),
  allowDowngrade: wire.until(0).boolean(it.allowDowngrade),
  upgradeType: wire.since(1).int8(it.upgradeType, FEATURE_UPGRADE),
}));

const response: Layout<UpdateFeaturesResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.nullableString(it.errorMessage, ""),
  results: wire.until(1).ignorable.array(it.results, result),
}));

const result: Layout<FeatureUpdateResult> = struct((wire, it) => ({
  feature: wire.string(it.feature),
  errorCode: wire.int16(it.errorCode),
  errorMessage: wire.nullableString(it.errorMessage, ""),
}));

export const UpdateFeatures: Api<UpdateFeaturesRequest, UpdateFeaturesResponse> = defineApi({
  name: "UpdateFeatures",
  key: 57,
  versions: [0, 2],
  flexibleSince: 0,
  request,
  response,
});
