import { describe, expect, it } from "vitest";
import {
  apiRows,
  dataFixtures,
  errorRows,
  invalidRecordsFixtures,
  messageFixtures,
  oldMessageFixtures,
  primitiveFixtures,
  recordsFixtures,
} from "./fixtures.ts";

describe("the fixtures in the repository", () => {
  it("cover every version of every API that clients call, in both directions", () => {
    const covered = new Set(messageFixtures().map((it) => `${it.name} ${it.kind} ${it.version}`));
    for (const api of apiRows().filter((row) => row.clientFacing)) {
      for (let version = api.min!; version <= api.max!; version += 1) {
        expect(covered).toContain(`${api.name} request ${version}`);
        expect(covered).toContain(`${api.name} response ${version}`);
      }
    }
  });

  it("hold dropped versions only where the current Kafka has none", () => {
    const oldest = new Map(apiRows().map((row) => [row.apiKey, row.min]));
    const old = oldMessageFixtures();
    expect(old.length).toBeGreaterThan(100);
    for (const fixture of old) expect(fixture.version).toBeLessThan(oldest.get(fixture.apiKey)!);
  });

  it("hold every other kind", () => {
    expect(dataFixtures().some((it) => it.message === "ConsumerProtocolSubscription" && it.version === 3)).toBe(true);
    expect(recordsFixtures().some((it) => it.builderError === undefined && it.byteExact)).toBe(true);
    expect(invalidRecordsFixtures().every((it) => it.hex.length > 0)).toBe(true);
    expect(new Set(primitiveFixtures().map((it) => it.type)).size).toBe(11);
    expect(errorRows().find((it) => it.code === 6)?.name).toBe("NOT_LEADER_OR_FOLLOWER");
  });
});
