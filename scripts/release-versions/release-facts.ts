// What is known of a release, once its broker and its classes have agreed.

import { type ApiVersionsResponse, apiByKey, decodeResponse, type VersionRange } from "../../src/protocol/index.ts";
import { type JarVersions, jarVersions } from "./jar-versions.ts";
import type { KafkaDistribution } from "./kafka-releases.ts";
import type { RecordedAnswer } from "./record-answers.ts";

export interface ReleaseFacts {
  readonly release: string;
  readonly kafka: string;
  readonly mode: RecordedAnswer["mode"];
  /** By the names of our registry. */
  readonly apis: ReadonlyMap<string, VersionRange>;
  /** What is offered, too, but is not for clients and so not in our registry, as this release calls it. */
  readonly apisBetweenBrokers: ReadonlyMap<number, string>;
  readonly supports: ReadonlyMap<string, VersionRange>;
  readonly finalizes: ReadonlyMap<string, number>;
  /** Undefined before 3.3. */
  readonly metadataVersionName: string | undefined;
}

/** Throws where the broker and the classes contradict each other: then a rule of the broker is missing in `jar-versions.ts`. */
export async function releaseFacts(distribution: KafkaDistribution, recorded: RecordedAnswer): Promise<ReleaseFacts> {
  const body = decoded(recorded.version, recorded.answer);
  const jar = await jarVersions(distribution);
  const inJar = lines(jar.apis.map(({ key, versions }) => [key, ...versions]));
  for (const answer of [body, decoded(0, recorded.v0)]) {
    const ofBroker = lines(answer.apiKeys.map(({ apiKey, minVersion, maxVersion }) => [apiKey, minVersion, maxVersion]));
    const contradictions = [...difference(ofBroker, inJar), ...difference(inJar, ofBroker)];
    if (contradictions.length > 0)
      throw new Error(`Kafka ${recorded.kafka}: broker and jar differ in ${contradictions.join("; ")} (key, first, last)`);
  }
  const finalizes = new Map(byName(body.finalizedFeatures).map(({ name, maxVersionLevel }) => [name, maxVersionLevel]));
  const metadataVersion = finalizes.get("metadata.version");
  return {
    ...distribution,
    kafka: recorded.kafka,
    mode: recorded.mode,
    ...sorted(jar),
    supports: new Map(byName(body.supportedFeatures).map((it) => [it.name, [it.minVersion, it.maxVersion]])),
    finalizes,
    metadataVersionName: metadataVersion === undefined ? undefined : jar.metadataVersions.get(metadataVersion),
  };
}

function sorted(jar: JarVersions): Pick<ReleaseFacts, "apis" | "apisBetweenBrokers"> {
  const apis = new Map<string, VersionRange>();
  const apisBetweenBrokers = new Map<number, string>();
  for (const { key, name, versions } of jar.apis) {
    const ours = apiByKey(key);
    if (ours === undefined) apisBetweenBrokers.set(key, name);
    else apis.set(ours.name, versions);
  }
  return { apis, apisBetweenBrokers };
}

function decoded(version: number, hex: string): ApiVersionsResponse {
  return decodeResponse({ api: "ApiVersions", version }, Buffer.from(hex, "hex")).body;
}

function lines(rows: readonly (readonly number[])[]): ReadonlySet<string> {
  return new Set(rows.map((row) => row.join(" ")));
}

function difference(one: ReadonlySet<string>, other: ReadonlySet<string>): readonly string[] {
  return [...one].filter((line) => !other.has(line));
}

function byName<Feature extends { readonly name: string }>(features: readonly Feature[]): readonly Feature[] {
  return features.toSorted((one, other) => (one.name < other.name ? -1 : 1));
}
