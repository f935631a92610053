/** Features of the whole cluster, as `metadata.version` and `transaction.version` (KIP-584): which there are, and at which level. */
import {
  ApiVersions,
  type Draft,
  FEATURE_SAFE_DOWNGRADE,
  FEATURE_UNSAFE_DOWNGRADE,
  FEATURE_UPGRADE,
  KafkaError,
  UNKNOWN_FEATURES_EPOCH,
  UnsupportedVersionError,
  UpdateFeatures,
  type UpdateFeaturesRequest,
} from "../../protocol/index.ts";
import { CLIENT_SOFTWARE_NAME, CLIENT_SOFTWARE_VERSION } from "../connection/client-software.ts";
import { BrokerError } from "../errors.ts";
import { addressOf } from "../leaders/item-failure.ts";
import { brokerTimeoutMs } from "../leaders/leader-context.ts";
import { type AdminContext, type CallOptions, itemError } from "./admin-context.ts";
import { ArgumentProblems, MOST_INT16, quoted } from "./arguments.ts";
import { type ItemResult, settledItems } from "./item-result.ts";

export type DescribeFeaturesOptions = CallOptions;

/** Levels of a feature, both included. */
export interface FeatureLevels {
  readonly min: number;
  readonly max: number;
}

export interface FeaturesDescription {
  /** What the broker that was asked could run at, by name; empty with brokers before 2.7. */
  readonly supported: ReadonlyMap<string, FeatureLevels>;
  /** What the cluster runs at. A feature that is missing is at level 0. */
  readonly finalized: ReadonlyMap<string, FeatureLevels>;
  /** Grows with each change; undefined when the broker does not know. */
  readonly finalizedEpoch: bigint | undefined;
}

export async function describeFeatures({ cluster, deadline }: AdminContext): Promise<FeaturesDescription> {
  const answer = await cluster.ask(
    ApiVersions,
    { clientSoftwareName: CLIENT_SOFTWARE_NAME, clientSoftwareVersion: CLIENT_SOFTWARE_VERSION },
    { kind: "any" },
    { deadline, errorsIn: ({ errorCode }) => [errorCode] },
  );
  const { errorCode, supportedFeatures, finalizedFeatures, finalizedFeaturesEpoch } = answer.body;
  if (errorCode !== 0) throw new BrokerError(errorCode, { api: ApiVersions.name, broker: addressOf(answer) });
  return {
    supported: new Map(supportedFeatures.map(({ name, minVersion, maxVersion }) => [name, { min: minVersion, max: maxVersion }])),
    finalized: new Map(
      finalizedFeatures.map(({ name, minVersionLevel, maxVersionLevel }) => [name, { min: minVersionLevel, max: maxVersionLevel }]),
    ),
    finalizedEpoch: finalizedFeaturesEpoch === UNKNOWN_FEATURES_EPOCH ? undefined : finalizedFeaturesEpoch,
  };
}

const DIRECTIONS: ReadonlyMap<string, number> = new Map([
  ["upgrade", FEATURE_UPGRADE],
  ["safeDowngrade", FEATURE_SAFE_DOWNGRADE],
  ["unsafeDowngrade", FEATURE_UNSAFE_DOWNGRADE],
]);

/** The level to go to, 0 to switch the feature off; and whether it may be lower than now, and even lose metadata. */
export type FeatureUpdateWanted =
  | number
  | { readonly level: number; readonly direction?: "upgrade" | "safeDowngrade" | "unsafeDowngrade" };

export interface UpdateFeaturesOptions extends CallOptions {
  /** Only checks whether the updates could be made. Brokers before 3.3 cannot. */
  readonly validateOnly?: boolean;
}

/** Brokers since 4.1 make all updates or none: then the call fails as a whole. */
export async function updateFeatures(
  context: AdminContext,
  updates: Readonly<Record<string, FeatureUpdateWanted>>,
  { validateOnly = false }: UpdateFeaturesOptions = {},
): Promise<readonly ItemResult<{ readonly feature: string }>[]> {
  const answer = await context.cluster.ask(
    UpdateFeatures,
    (version) => requestFor(updates, version, { validateOnly, timeoutMs: brokerTimeoutMs(context) }),
    { kind: "controller" },
    { deadline: context.deadline, errorsIn: ({ errorCode }) => [errorCode] },
  );
  const about = { api: UpdateFeatures.name, broker: addressOf(answer) };
  const { errorCode, errorMessage, results } = answer.body;
  if (errorCode !== 0) throw new BrokerError(errorCode, about, errorMessage);
  const rows = new Map(results.map((row) => [row.feature, row]));
  return settledItems(
    Object.keys(updates).map((feature) => {
      // Without an error, a feature that is not mentioned was updated: the newest version mentions none.
      const row = rows.get(feature);
      const error = itemError(row?.errorCode ?? 0, row?.errorMessage, { ...about, resource: `feature '${feature}'` });
      return error instanceof KafkaError ? { feature, error } : { feature };
    }),
  );
}

export function checkFeatureUpdates(updates: Readonly<Record<string, FeatureUpdateWanted>>): void {
  const problems = new ArgumentProblems("updateFeatures");
  const entries = Object.entries(updates);
  problems.require(entries.length > 0, () => "no feature is named");
  for (const [feature, update] of entries) {
    const where = `feature ${quoted(feature)}`;
    problems.requireName("feature", feature);
    const { level, direction } = typeof update === "object" ? update : { level: update };
    problems.requireInteger(`${where}: the level`, level, 0, MOST_INT16);
    const isDirection = direction === undefined || DIRECTIONS.has(direction);
    problems.require(
      isDirection,
      () => `${where}: direction is one of ${[...DIRECTIONS.keys()].join(", ")}, not ${quoted(direction)}`,
    );
  }
  problems.throwIfAny();
}

const FIRST_VERSION_WITH_DIRECTIONS = 1;

function requestFor(
  updates: Readonly<Record<string, FeatureUpdateWanted>>,
  version: number,
  { validateOnly, timeoutMs }: { readonly validateOnly: boolean; readonly timeoutMs: number },
): Draft<UpdateFeaturesRequest> {
  const isOld = version < FIRST_VERSION_WITH_DIRECTIONS;
  const featureUpdates = Object.entries(updates).map(([feature, update]) => {
    const { level, direction = "upgrade" } = typeof update === "object" ? update : { level: update };
    if (isOld && (validateOnly || direction === "unsafeDowngrade")) {
      throw new UnsupportedVersionError("brokers before 3.3 neither validate updates nor make unsafe ones", {
        api: UpdateFeatures.name,
        version,
      });
    }
    return isOld
      ? { feature, maxVersionLevel: level, allowDowngrade: direction !== "upgrade" }
      : { feature, maxVersionLevel: level, upgradeType: DIRECTIONS.get(direction) ?? FEATURE_UPGRADE };
  });
  return { timeoutMs, featureUpdates, validateOnly };
}
