import { describe, expect, it } from "vitest";
import { apiRows } from "../../../test/support/fixtures.ts";
import { isFlexible, requestHeaderVersion, responseHeaderVersion } from "./api.ts";
import { apiByKey, apis } from "./apis.ts";

const rows = new Map(apiRows().map((row) => [row.apiKey, row]));

describe("the registry", () => {
  it("has each API once, ascending by key, and by its name", () => {
    const keys = apis.map(({ key }) => key);
    expect(keys).toEqual([...new Set(keys)].toSorted((one, other) => one - other));
    expect(apis.Fetch.key).toBe(1);
    expect(apiByKey(1)).toBe(apis.Fetch);
    expect(Object.keys(apis)).toHaveLength(apis.length);
    expect(Object.isFrozen(apis)).toBe(true);
  });

  it("does not know other keys", () => {
    for (const key of [-1, 4, 1000, Number.NaN]) expect(apiByKey(key)).toBeUndefined();
  });

  it("has every API that Kafka's clients call", () => {
    const missing = apiRows().filter((row) => row.clientFacing === true && apiByKey(row.apiKey) === undefined);
    expect(missing.map(({ name }) => name)).toEqual([]);
  });
});

describe("each API", () => {
  it.each(apis.map((api) => [api.name, api] as const))(
    "%s has the name, versions and headers that Kafka's ApiKeys has",
    (_name, api) => {
      const row = rows.get(api.key);
      expect(row?.name).toBe(api.name);
      expect(api.versions[1]).toBe(row?.max);
      const [first, last] = api.clientVersions;
      expect([first >= api.versions[0], last <= api.versions[1], first <= last]).toEqual([true, true, true]);
      expect(last).toBeLessThanOrEqual(row?.maxStable ?? -1);
      for (const [version, headers] of Object.entries(row?.headerVersions ?? {})) {
        if (Number(version) < api.versions[0] || Number(version) > api.versions[1]) continue;
        const ours = [requestHeaderVersion(api, Number(version)), responseHeaderVersion(api, Number(version))];
        expect({ version, headers: ours }).toEqual({ version, headers });
        expect(isFlexible(api, Number(version))).toBe(headers[0] >= 2);
      }
    },
  );
});
