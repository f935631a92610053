/**
 * What a release decides: the versions of each API and the features of the cluster. Where the same version was answered otherwise in
 * earlier days, and clients went by that, brokers ask `isSince`.
 */
import type { AnyApi, VersionRange } from "../api/api.ts";
import { apis } from "../api/apis.ts";
import { InvalidValueError } from "../invalid-value-error.ts";
import { type KafkaRelease, type ReleaseChanges, releaseHistory } from "./release-versions.ts";

export type { KafkaRelease } from "./release-versions.ts";

/** Oldest first. */
export const releases: readonly KafkaRelease[] = releaseHistory.map(({ release }) => release);

/** The newest one that we know, and the default. */
export const LATEST_RELEASE: KafkaRelease = "4.4";

/** Levels of a feature (KIP-584), both included. */
export interface FeatureRange {
  readonly min: number;
  readonly max: number;
}

/**
 * What a broker of this release advertises, as far as we can decode it, by API key and ascending. Everything that the release
 * offers to clients is here, whether our broker implements it or not.
 *
 * @throws InvalidValueError if there is no such release.
 */
export function advertisedVersions(release: KafkaRelease): ReadonlyMap<number, VersionRange> {
  return decodableVersions(offeredVersions(release), apis);
}

/** The part of each range that the registry can decode, by API key. */
export function decodableVersions(
  offered: ReadonlyMap<string, VersionRange>,
  registry: readonly AnyApi[],
): ReadonlyMap<number, VersionRange> {
  const decodable = new Map<number, VersionRange>();
  for (const { name, key, versions } of registry) {
    const range = intersection(offered.get(name), versions);
    if (range !== undefined) decodable.set(key, range);
  }
  return decodable;
}

/** What a broker of this release advertises, by API name, whether we can decode it or not. */
export function offeredVersions(release: KafkaRelease): ReadonlyMap<string, VersionRange> {
  const offered = new Map<string, VersionRange>();
  for (const changes of changesThrough(release)) {
    for (const name of changes.withdrawn ?? []) offered.delete(name);
    for (const [name, range] of Object.entries(changes.apis ?? {})) offered.set(name, range);
  }
  return offered;
}

/**
 * Levels at which a broker of this release could run, by feature. With ZooKeeper, before 3.3, there are none. Those that begin at
 * level 0 must be left out of an ApiVersions answer before version 4: Java's clients of that time refuse a 0 (KAFKA-17492).
 */
export function supportedFeatures(release: KafkaRelease): ReadonlyMap<string, FeatureRange> {
  const supported = new Map<string, FeatureRange>();
  for (const { supports = {} } of changesThrough(release)) {
    for (const [name, [min, max]] of Object.entries(supports)) supported.set(name, { min, max });
  }
  return supported;
}

/**
 * What a freshly formatted cluster of this release has agreed upon, by feature; whatever is missing is at level 0. A level is a
 * range on the wire: both its ends are the level in force.
 */
export function finalizedFeatures(release: KafkaRelease): ReadonlyMap<string, FeatureRange> {
  const finalized = new Map<string, FeatureRange>();
  for (const { finalizes = {} } of changesThrough(release)) {
    for (const [name, level] of Object.entries(finalizes)) finalized.set(name, { min: level, max: level });
  }
  return finalized;
}

/** Whether `release` is `first` or a later one. */
export function isSince(release: KafkaRelease, first: KafkaRelease): boolean {
  return releases.indexOf(release) >= releases.indexOf(first);
}

/** Through 3.2 the broker is one with ZooKeeper: see release-versions.ts. */
export function usesZooKeeper(release: KafkaRelease): boolean {
  return !isSince(release, "3.3");
}

function changesThrough(release: KafkaRelease): readonly ReleaseChanges[] {
  const index = releases.indexOf(release);
  if (index < 0) throw new InvalidValueError(`there is no Kafka release ${release}; known are ${releases.join(", ")}`);
  return releaseHistory.slice(0, index + 1);
}

function intersection(one: VersionRange | undefined, other: VersionRange): VersionRange | undefined {
  if (one === undefined) return undefined;
  const [first, last] = [Math.max(one[0], other[0]), Math.min(one[1], other[1])];
  return first <= last ? [first, last] : undefined;
}
