import {
  type AdvertisedVersions,
  type AnyApi,
  type ApiVersionsResponse,
  advertisedVersions,
  type KafkaRelease,
  type NegotiationLimits,
  negotiateVersion,
  supportedFeatures,
  UnsupportedVersionError,
} from "../../protocol/index.ts";

export interface FeatureLevels {
  readonly min: number;
  readonly max: number;
}

interface VersionsInit {
  readonly offered: ReadonlyMap<number, readonly [first: number, last: number]>;
  readonly supportedFeatures: ReadonlyMap<string, FeatureLevels>;
  readonly finalizedFeatures: ReadonlyMap<string, FeatureLevels>;
  readonly finalizedFeaturesEpoch: number;
}

const UNKNOWN_EPOCH = -1;

/** What a broker said that it speaks, on this connection: the next one may find it upgraded (C22). */
export class BrokerVersions {
  /** By API key: first and last version, also of APIs that we do not know. */
  readonly offered: ReadonlyMap<number, readonly [first: number, last: number]>;
  /** KIP-584, by name; empty where a broker has none. */
  readonly supportedFeatures: ReadonlyMap<string, FeatureLevels>;
  readonly finalizedFeatures: ReadonlyMap<string, FeatureLevels>;
  /** -1 where the broker did not say. */
  readonly finalizedFeaturesEpoch: number;

  private constructor(init: VersionsInit) {
    this.offered = init.offered;
    this.supportedFeatures = init.supportedFeatures;
    this.finalizedFeatures = init.finalizedFeatures;
    this.finalizedFeaturesEpoch = init.finalizedFeaturesEpoch;
  }

  static fromAnswer(answer: ApiVersionsResponse): BrokerVersions {
    return new BrokerVersions({
      offered: offeredRanges(answer.apiKeys),
      supportedFeatures: new Map(answer.supportedFeatures.map((it) => [it.name, { min: it.minVersion, max: it.maxVersion }])),
      finalizedFeatures: new Map(
        answer.finalizedFeatures.map((it) => [it.name, { min: it.minVersionLevel, max: it.maxVersionLevel }]),
      ),
      finalizedFeaturesEpoch: Number(answer.finalizedFeaturesEpoch),
    });
  }

  /** As the brokers of that release say it. What their cluster has agreed upon is not known then. */
  static ofRelease(release: KafkaRelease): BrokerVersions {
    return new BrokerVersions({
      offered: advertisedVersions(release),
      supportedFeatures: supportedFeatures(release),
      finalizedFeatures: new Map(),
      finalizedFeaturesEpoch: UNKNOWN_EPOCH,
    });
  }

  /** The newest version that both speak. @throws UnsupportedVersionError */
  choose(api: AnyApi, limits?: NegotiationLimits): number {
    const range = this.offered.get(api.key);
    const advertised = range === undefined ? undefined : { apiKey: api.key, minVersion: range[0], maxVersion: range[1] };
    return negotiateVersion(api, advertised, limits);
  }

  supports(api: AnyApi, limits?: NegotiationLimits): boolean {
    try {
      this.choose(api, limits);
      return true;
    } catch (error) {
      if (error instanceof UnsupportedVersionError) return false;
      throw error;
    }
  }
}

/** A range that holds no version offers none; of an API that is listed twice only what both rows say can be trusted. */
function offeredRanges(rows: readonly AdvertisedVersions[]): ReadonlyMap<number, readonly [number, number]> {
  const offered = new Map<number, readonly [number, number]>();
  for (const { apiKey, minVersion, maxVersion } of rows) {
    const [first, last] = offered.get(apiKey) ?? [0, Number.POSITIVE_INFINITY];
    offered.set(apiKey, [Math.max(first, minVersion), Math.min(last, maxVersion)]);
  }
  return new Map([...offered].filter(([, [first, last]]) => first <= last));
}
