import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FIXTURES_FOLDER } from "../../../test/support/fixtures.ts";
import { type ApiVersionsResponse, apiByKey, apis, decodeResponse, InvalidValueError } from "../../protocol/index.ts";
import { releaseHistory } from "./release-versions.ts";
import {
  advertisedVersions,
  decodableVersions,
  finalizedFeatures,
  type KafkaRelease,
  LATEST_RELEASE,
  offeredVersions,
  releases,
  supportedFeatures,
} from "./releases.ts";

/** What a real broker of the release answered; fixtures/README.md says how it was asked. */
interface RecordedAnswer {
  readonly release: KafkaRelease;
  readonly kafka: string;
  readonly mode: "zookeeper" | "kraft";
  readonly v0: string;
  readonly version: number;
  readonly answer: string;
}

const recorded: readonly RecordedAnswer[] = JSON.parse(readFileSync(join(FIXTURES_FOLDER, "broker-api-versions.json"), "utf8"));

/** Only brokers and controllers send these, so they are not in the registry. */
const BETWEEN_BROKERS = [4, 5, 6, 7, 56, 67, 83, 84, 85, 86, 87];

describe("the table of releases", () => {
  it("has a recorded answer of a real broker for each release", () => {
    expect(recorded.map(({ release }) => release)).toEqual(releases);
  });

  it.each(recorded)(
    "advertises for $release what a broker of Kafka $kafka ($mode) answered",
    ({ release, version, ...answers }) => {
      for (const body of [decoded(0, answers.v0), decoded(version, answers.answer)]) {
        const theirs = body.apiKeys.filter(({ apiKey }) => apiByKey(apiKey) !== undefined);
        const sorted = theirs.toSorted((one, other) => one.apiKey - other.apiKey);
        expect([...advertisedVersions(release)]).toEqual(sorted.map((it) => [it.apiKey, [it.minVersion, it.maxVersion]]));
      }
    },
  );

  it.each(recorded)("has for $release the features of a freshly formatted Kafka $kafka", ({ release, version, answer }) => {
    const body = decoded(version, answer);
    const supported = body.supportedFeatures.map((it) => [it.name, { min: it.minVersion, max: it.maxVersion }] as const);
    const finalized = body.finalizedFeatures.map((it) => [it.name, { min: it.minVersionLevel, max: it.maxVersionLevel }] as const);
    expect(supportedFeatures(release)).toEqual(new Map(supported));
    expect(finalizedFeatures(release)).toEqual(new Map(finalized));
  });

  it("leaves out only what brokers and controllers send to each other", () => {
    const offered = recorded.flatMap(({ v0 }) => decoded(0, v0).apiKeys.map(({ apiKey }) => apiKey));
    const leftOut = new Set(offered.filter((key) => apiByKey(key) === undefined));
    expect([...leftOut].toSorted((one, other) => one - other)).toEqual(BETWEEN_BROKERS);
  });

  it("never takes a version back: first and last only grow, and only KRaft's first release withdraws APIs", () => {
    const withdrawing = releaseHistory.filter(({ withdrawn }) => withdrawn !== undefined);
    expect(withdrawing.map(({ release }) => release)).toEqual(["3.3"]);
    for (const [index, release] of releases.entries()) {
      const before = index === 0 ? new Map() : offeredVersions(releases[index - 1]!);
      const now = offeredVersions(release);
      for (const [name, [first, last]] of now) {
        expect(first).toBeLessThanOrEqual(last);
        expect(first).toBeGreaterThanOrEqual(before.get(name)?.[0] ?? 0);
        expect(last).toBeGreaterThanOrEqual(before.get(name)?.[1] ?? 0);
      }
    }
  });

  it("tells each change once: no release repeats what the one before had", () => {
    for (const [index, { release, apis: changed = {}, withdrawn = [] }] of releaseHistory.entries()) {
      if (index === 0) continue;
      const before = offeredVersions(releases[index - 1]!);
      for (const [name, range] of Object.entries(changed))
        expect([release, name, range]).not.toEqual([release, name, before.get(name)]);
      for (const name of withdrawn) expect(before.has(name)).toBe(true);
    }
  });
});

describe("the releases", () => {
  it("end with the newest, which is the default", () => {
    expect(releases.at(-1)).toBe(LATEST_RELEASE);
    expect(new Set(releases).size).toBe(releases.length);
  });

  it.each([
    ["0.11: transactions and record batches v2", "0.11", { Produce: [0, 3], Fetch: [0, 5], ApiVersions: [0, 1] }],
    ["1.1: incremental fetches (KIP-227)", "1.1", { Fetch: [0, 7] }],
    ["2.1: zstd (KIP-110)", "2.1", { Produce: [0, 7], Fetch: [0, 10] }],
    ["2.4: the first flexible versions (KIP-482)", "2.4", { ApiVersions: [0, 3], Metadata: [0, 9] }],
    ["3.1: topic ids in fetches (KIP-516)", "3.1", { Fetch: [0, 13] }],
    [
      "4.0: old versions dropped (KIP-896), except Produce's (KAFKA-18659)",
      "4.0",
      { Produce: [0, 12], Fetch: [4, 17], CreateTopics: [2, 7] },
    ],
  ] as const)("know %s", (_, release, expected) => {
    for (const [name, range] of Object.entries(expected)) expect(offeredVersions(release).get(name)).toEqual(range);
  });

  it("offer KIP-848 groups from 4.0 on as a finalized feature, share groups from 4.2", () => {
    const firstWith = (feature: string) => releases.find((release) => finalizedFeatures(release).has(feature));
    expect(firstWith("group.version")).toBe("4.0");
    expect(firstWith("transaction.version")).toBe("4.0");
    expect(firstWith("share.version")).toBe("4.2");
    expect(firstWith("metadata.version")).toBe("3.3");
    expect(firstWith("kraft.version")).toBeUndefined();
  });

  it("finalize a level that they support, and a higher metadata version each time", () => {
    let metadataVersion = 0;
    for (const release of releases) {
      const supported = supportedFeatures(release);
      for (const [name, { min, max }] of finalizedFeatures(release)) {
        expect(min).toBe(max);
        expect(min).toBeGreaterThanOrEqual(supported.get(name)!.min);
        expect(max).toBeLessThanOrEqual(supported.get(name)!.max);
      }
      const level = finalizedFeatures(release).get("metadata.version")?.max;
      if (level === undefined) continue;
      expect(level).toBeGreaterThan(metadataVersion);
      metadataVersion = level;
    }
  });

  it("that do not exist are refused with the list of those that do", () => {
    // @ts-expect-error: what JavaScript may pass
    expect(() => advertisedVersions("5.0")).toThrow(InvalidValueError);
    // @ts-expect-error: what JavaScript may pass
    expect(() => finalizedFeatures("2")).toThrow("there is no Kafka release 2; known are 0.11, 1.0");
  });
});

describe("what is advertised of what a release offers", () => {
  it("is all of it: so far no release offers to clients what we cannot decode", () => {
    // A difference belongs here with its reason, as ["RELEASE NAME", "why"].
    const reasons = new Map<string, string>([]);
    const differing = releases.flatMap((release) => {
      const advertised = advertisedVersions(release);
      const differs = ([name, range]: readonly [string, unknown]) => {
        const api = apis.find((it) => it.name === name);
        return api === undefined || String(advertised.get(api.key)) !== String(range);
      };
      return [...offeredVersions(release)].filter(differs).map(([name]) => `${release} ${name}`);
    });
    expect(differing).toEqual([...reasons.keys()]);
  });

  it("is cut to the versions that the registry has, and left out where it has none of them", () => {
    const registry = [
      { ...apis.Produce, versions: [3, 13] },
      { ...apis.Fetch, versions: [4, 18] },
      { ...apis.Metadata, versions: [5, 9] },
    ] as const;
    const offered = new Map([
      ["Produce", [0, 20]],
      ["Fetch", [0, 5]],
      ["Metadata", [0, 4]],
      ["TakeOver", [0, 0]],
    ] as const);
    expect([...decodableVersions(offered, registry)]).toEqual([
      [apis.Produce.key, [3, 13]],
      [apis.Fetch.key, [4, 5]],
    ]);
  });
});

function decoded(version: number, hex: string): ApiVersionsResponse {
  return decodeResponse({ api: "ApiVersions", version }, Buffer.from(hex, "hex")).body;
}
