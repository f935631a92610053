import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AdminStage } from "../../../test/support/admin-stage.ts";

const [UPGRADE, SAFE, UNSAFE] = [1, 2, 3];
const PREFIX = "The update failed for all features since the following feature had an error: ";

let stage: AdminStage;

beforeEach(async () => {
  stage = await AdminStage.open({ asVersion: "4.3" });
});

afterEach(async () => {
  expect(await stage.close()).toEqual([]);
});

type Update = readonly [feature: string, level: number, upgradeType: number];

function update(updates: readonly Update[], validateOnly = false) {
  const featureUpdates = updates.map(([feature, maxVersionLevel, upgradeType]) => ({ feature, maxVersionLevel, upgradeType }));
  return stage.client.ask("UpdateFeatures", { featureUpdates, validateOnly, timeoutMs: 1 }, 2);
}

async function levels(): Promise<ReadonlyMap<string, number>> {
  const { finalizedFeatures } = await stage.client.ask("ApiVersions", { clientSoftwareName: "x", clientSoftwareVersion: "1" }, 4);
  return new Map(finalizedFeatures.map(({ name, maxVersionLevel }) => [name, maxVersionLevel]));
}

describe("UpdateFeatures", () => {
  it("lowers and raises levels, which ApiVersions then tells with a newer epoch", async () => {
    const before = await stage.client.ask("ApiVersions", { clientSoftwareName: "x", clientSoftwareVersion: "1" }, 4);
    expect(await update([["transaction.version", 1, SAFE]])).toMatchObject({ errorCode: 0, errorMessage: null });
    expect((await levels()).get("transaction.version")).toBe(1);
    await update([["transaction.version", 2, UPGRADE]]);
    expect((await levels()).get("transaction.version")).toBe(2);
    const after = await stage.client.ask("ApiVersions", { clientSoftwareName: "x", clientSoftwareVersion: "1" }, 4);
    expect(after.finalizedFeaturesEpoch).toBeGreaterThan(before.finalizedFeaturesEpoch);
  });

  it("switches a feature off at level 0, which is then not listed", async () => {
    await update([["group.version", 0, UNSAFE]]);
    expect((await levels()).has("group.version")).toBe(false);
  });

  it("makes all updates or none", async () => {
    expect(
      await update([
        ["transaction.version", 1, SAFE],
        ["nope", 1, UPGRADE],
      ]),
    ).toMatchObject({ errorCode: 95 });
    expect((await levels()).get("transaction.version")).toBe(2);
  });

  it("only checks when it is told to", async () => {
    expect(await update([["transaction.version", 1, SAFE]], true)).toMatchObject({ errorCode: 0 });
    expect((await levels()).get("transaction.version")).toBe(2);
  });

  it("answers for each feature up to v1", async () => {
    const featureUpdates = [{ feature: "transaction.version", maxVersionLevel: 1, upgradeType: SAFE }];
    const { results } = await stage.client.ask("UpdateFeatures", { featureUpdates }, 1);
    expect(results).toMatchObject([{ feature: "transaction.version", errorCode: 0, errorMessage: "NONE" }]);
  });

  // The words are a 4.3.1 broker's.
  it.each([
    [["nope", 1, UPGRADE], "Invalid update version 1 for feature nope. Local controller 1 does not support this feature."],
    [
      ["group.version", 9, UPGRADE],
      "Invalid update version 9 for feature group.version. Local controller 1 only supports versions 0-1",
    ],
    [
      ["group.version", -1, UPGRADE],
      "Invalid update version -1 for feature group.version. A feature version cannot be less than 0.",
    ],
    [
      ["group.version", 0, UPGRADE],
      "Invalid update version 0 for feature group.version. Can't downgrade the version of this feature without setting the upgrade type to either safe or unsafe downgrade.",
    ],
    [
      ["transaction.version", 1, 9],
      "Invalid update version 1 for feature transaction.version. The controller does not support the given upgrade type.",
    ],
    [
      ["metadata.version", 20, SAFE],
      "Unsupported metadata.version downgrade from 30 to 20. Refusing to perform the requested downgrade because it might delete metadata information.",
    ],
    [
      ["metadata.version", 20, UNSAFE],
      "Unsupported metadata.version downgrade from 30 to 20. Unsafe metadata downgrade is not supported in this version.",
    ],
    [
      ["metadata.version", 99, UPGRADE],
      "Invalid update version 99 for feature metadata.version. Local controller 1 only supports versions 7-30",
    ],
  ] as const)("refuses %o", async (wanted, message) => {
    expect(await update([wanted])).toMatchObject({ errorCode: 95, errorMessage: PREFIX + message });
  });

  it("refuses a downgrade that would be an upgrade", async () => {
    await update([["transaction.version", 1, SAFE]]);
    const message = `${PREFIX}Invalid update version 2 for feature transaction.version. Can't downgrade to a newer version.`;
    expect(await update([["transaction.version", 2, UNSAFE]])).toMatchObject({ errorCode: 95, errorMessage: message });
  });
});
