import { readdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AdminStage } from "../../../test/support/admin-stage.ts";
import { BrokerClient } from "../../../test/support/broker-client.ts";
import { apis, errorByName } from "../../protocol/index.ts";

const software = { clientSoftwareName: "a-client", clientSoftwareVersion: "1.0" };
const INVALID_REQUEST = errorByName("INVALID_REQUEST").code;

let stage: AdminStage;

beforeEach(async () => {
  stage = await AdminStage.open();
});

afterEach(async () => {
  expect(await stage.close()).toEqual([]);
});

describe("ApiVersions", () => {
  it("lists an API for every handler, and none that has none", async () => {
    const { apiKeys } = await stage.client.ask("ApiVersions", software, 4);
    const handlers = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"));
    expect(apiKeys).toHaveLength(handlers.length);
    expect(apiKeys.map(({ apiKey }) => apiKey)).not.toContain(apis.DescribeAcls.key);
  });

  it("lists the versions of the release that it passes for", async () => {
    const old = await AdminStage.open({ asVersion: "2.0" });
    const versionsOf = async (from: AdminStage, version: number) => {
      const { apiKeys } = await from.client.ask("ApiVersions", version >= 3 ? software : {}, version);
      const { minVersion, maxVersion } = apiKeys.find(({ apiKey }) => apiKey === apis.CreateTopics.key)!;
      return [minVersion, maxVersion];
    };
    expect([await versionsOf(old, 2), await versionsOf(stage, 4)]).toEqual([
      [0, 3],
      [2, 7],
    ]);
    await old.close();
  });

  it("leaves features that may be at level 0 out before v4", async () => {
    const names = async (version: number) =>
      (await stage.client.ask("ApiVersions", software, version)).supportedFeatures.map(({ name }) => name);
    expect(await names(3)).toEqual(["metadata.version"]);
    expect(await names(4)).toEqual(expect.arrayContaining(["metadata.version", "group.version", "transaction.version"]));
  });

  it("is where the broker learns what the client is, once, and tells the journal", async () => {
    const { journal } = stage.broker;
    await stage.client.ask("ApiVersions", { clientSoftwareName: "-", clientSoftwareVersion: "1" }, 3);
    await stage.client.ask("ApiVersions", software, 3);
    await stage.client.ask("ApiVersions", { ...software, clientSoftwareName: "another" }, 3);
    const long = { clientSoftwareName: "a".repeat(1000), clientSoftwareVersion: "1".repeat(1000) };
    await (await BrokerClient.connect(stage.broker)).ask("ApiVersions", long, 3);
    await (await BrokerClient.connect(stage.broker)).ask("ApiVersions", {}, 0);
    const remarks = journal.responses("ApiVersions").map(({ text }) => text);
    expect(remarks).toEqual([undefined, "is a-client 1.0", undefined, `is ${"a".repeat(60)} ${"1".repeat(60)}`, undefined]);
  });

  it.each(["", "-x", "x-", "a b", "x\n", "ü", ".", `${"a".repeat(99)}!`])(
    "refuses '%s' as the name or version of software",
    async (text) => {
      expect(await stage.client.ask("ApiVersions", { ...software, clientSoftwareName: text }, 3)).toMatchObject({
        errorCode: INVALID_REQUEST,
        apiKeys: [],
      });
      expect(await stage.client.ask("ApiVersions", { ...software, clientSoftwareVersion: text }, 3)).toMatchObject({
        errorCode: INVALID_REQUEST,
      });
    },
  );

  it.each(["x", "1", "a.b-c", "librdkafka"])("takes '%s' as the name of software", async (clientSoftwareName) => {
    expect(await stage.client.ask("ApiVersions", { ...software, clientSoftwareName }, 3)).toMatchObject({ errorCode: 0 });
  });

  it("sends clients that meant another node back to the bootstrap servers, from v5 on", async () => {
    const ask = (clusterId: string | null, nodeId: number) =>
      stage.client.ask("ApiVersions", { ...software, clusterId, nodeId }, 5).then(({ errorCode }) => errorCode);
    const rebootstrap = errorByName("REBOOTSTRAP_REQUIRED").code;
    const { clusterId } = stage.broker;
    expect([await ask(null, -1), await ask(clusterId, 1), await ask(clusterId, 2), await ask("another", 1)]).toEqual([
      0,
      0,
      rebootstrap,
      rebootstrap,
    ]);
    expect([await ask(clusterId, -1), await ask(null, 1)]).toEqual([INVALID_REQUEST, INVALID_REQUEST]);
  });
});
