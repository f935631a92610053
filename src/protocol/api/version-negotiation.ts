import { UnsupportedVersionError } from "../unsupported-version-error.ts";
import type { AnyApi, VersionRange } from "./api.ts";

/** The versions of one API that a broker says it speaks (a row of the ApiVersions response). */
export interface AdvertisedVersions {
  readonly apiKey: number;
  readonly minVersion: number;
  readonly maxVersion: number;
}

/** What may lower the choice: a feature that the cluster has not enabled, or a caller that needs an older form. */
export interface NegotiationLimits {
  /**
   * The highest version that makes sense now. Known cases: Produce 11 inside a transaction unless `transaction.version` is 2
   * (KIP-890); Produce 12, Fetch 12, OffsetCommit 9, OffsetFetch 9 and TxnOffsetCommit 5 while a topic id is unknown (KIP-516).
   */
  readonly atMost?: number;
  /** The lowest version that has what the caller needs. */
  readonly atLeast?: number;
}

/**
 * The newest version that both sides speak. Unstable versions are never chosen, nor are versions meant for other brokers
 * (AddPartitionsToTxn 4 and up), nor Produce 0 to 2, which brokers of Kafka 4 advertise and refuse (KAFKA-18659): all that is in
 * the API's `clientVersions`.
 */
export function negotiateVersion(api: AnyApi, advertised: AdvertisedVersions | undefined, limits: NegotiationLimits = {}): number {
  if (advertised === undefined) {
    throw new UnsupportedVersionError("the broker does not offer this API; it is older, or the feature is switched off", {
      api: api.name,
    });
  }
  const [first, last] = wanted(api, limits);
  const version = Math.min(last, advertised.maxVersion);
  if (version >= Math.max(first, advertised.minVersion)) return version;
  const theirs = `${advertised.minVersion} to ${advertised.maxVersion}`;
  throw new UnsupportedVersionError(`we need a version from ${first} to ${last}, the broker speaks ${theirs}`, { api: api.name });
}

function wanted(api: AnyApi, { atMost = Number.POSITIVE_INFINITY, atLeast = 0 }: NegotiationLimits): VersionRange {
  const [first, last] = api.clientVersions;
  return [Math.max(first, atLeast), Math.min(last, atMost)];
}
