import { describe, expect, it } from "vitest";
import { adminStage } from "../../../test/support/admin-client-stage.ts";
import { UnsupportedVersionError } from "../../protocol/index.ts";
import { BrokerError, IllegalStateError } from "../errors.ts";

describe("describeCluster", () => {
  it("tells brokers, controller and cluster id", async () => {
    const { admin, when, broker } = await adminStage({ nodes: 3, rack: ["a", "b", "c"] });
    const cluster = await when(admin.describeCluster());
    expect(cluster.clusterId).toBe(broker.clusterId);
    expect(cluster.brokers).toEqual(
      broker.nodes.map(({ id, host, port }, index) => ({ nodeId: id, host, port, rack: "abc"[index], isFenced: false })),
    );
    expect(broker.nodes.map(({ id }) => id)).toContain(cluster.controllerId);
    expect(cluster.authorizedOperations).toBeUndefined();
  });

  it("tells operations when asked for", async () => {
    const { admin, when } = await adminStage();
    const { authorizedOperations } = await when(admin.describeCluster({ includeAuthorizedOperations: true }));
    expect(authorizedOperations).toEqual([
      "create",
      "alter",
      "describe",
      "clusterAction",
      "describeConfigs",
      "alterConfigs",
      "idempotentWrite",
    ]);
  });

  it("tells of fenced brokers when asked for, where brokers can", async () => {
    const { admin, when, broker } = await adminStage();
    await when(admin.describeCluster({ includeFencedBrokers: true }));
    expect(broker.journal.requests("DescribeCluster")[0]?.body).toMatchObject({ includeFencedBrokers: true });
    const old = await adminStage({ asVersion: "3.9" });
    await expect(old.when(old.admin.describeCluster({ includeFencedBrokers: true }))).rejects.toThrow(UnsupportedVersionError);
  });

  it.each(["0.11", "1.1", "2.1", "2.7", "2.8", "3.9"] as const)("does so with brokers of %s", async (asVersion) => {
    const { admin, when, broker } = await adminStage({ nodes: 2, asVersion });
    const cluster = await when(admin.describeCluster());
    expect(cluster.clusterId).toBe(broker.clusterId);
    expect(cluster.brokers.map(({ nodeId }) => nodeId)).toEqual([1, 2]);
    expect([1, 2]).toContain(cluster.controllerId);
  });

  it("has Metadata tell the operations with brokers before 2.8, and says so with those before 2.3", async () => {
    const one = await adminStage({ asVersion: "2.7" });
    expect((await one.when(one.admin.describeCluster({ includeAuthorizedOperations: true }))).authorizedOperations).toContain(
      "alter",
    );
    const older = await adminStage({ asVersion: "2.1" });
    await expect(older.when(older.admin.describeCluster({ includeAuthorizedOperations: true }))).rejects.toThrow(/before 2\.3/);
  });

  it("throws what the broker refuses", async () => {
    const { admin, when, broker } = await adminStage();
    broker.faults.failNext({ api: "DescribeCluster", error: "CLUSTER_AUTHORIZATION_FAILED" });
    await expect(when(admin.describeCluster())).rejects.toMatchObject({ code: "CLUSTER_AUTHORIZATION_FAILED" });
  });
});

describe("describeFeatures and updateFeatures", () => {
  it("tells what is supported and in force, and changes it", async () => {
    const { admin, when } = await adminStage({ asVersion: "4.1" });
    const before = await when(admin.describeFeatures());
    expect(before.supported.get("group.version")).toEqual({ min: 0, max: 1 });
    expect(before.finalized.get("group.version")).toEqual({ min: 1, max: 1 });
    expect(before.finalizedEpoch).toBeTypeOf("bigint");
    const results = await when(admin.updateFeatures({ "group.version": { level: 0, direction: "safeDowngrade" } }));
    expect(results).toEqual([{ feature: "group.version" }]);
    const after = await when(admin.describeFeatures());
    expect(after.finalized.has("group.version")).toBe(false);
  });

  it("throws what the controller refuses, and names the feature", async () => {
    const { admin, when } = await adminStage();
    const refused = when(admin.updateFeatures({ "group.version": 99, "transaction.version": 2 }));
    await expect(refused).rejects.toBeInstanceOf(BrokerError);
    await expect(refused).rejects.toThrow("group.version");
  });

  it("changes nothing when it is only to validate", async () => {
    const { admin, when } = await adminStage();
    await when(admin.updateFeatures({ "group.version": { level: 0, direction: "safeDowngrade" } }, { validateOnly: true }));
    expect((await when(admin.describeFeatures())).finalized.has("group.version")).toBe(true);
  });

  it("M17: follows the controller", async () => {
    const { admin, when, broker } = await adminStage();
    broker.faults.failNext({ api: "UpdateFeatures", error: "NOT_CONTROLLER" });
    await when(admin.updateFeatures({ "group.version": 1 }));
    expect(broker.journal.requests("UpdateFeatures")).toHaveLength(2);
  });

  it("finds none with brokers that have none", async () => {
    const { admin, when } = await adminStage({ asVersion: "2.1" });
    expect(await when(admin.describeFeatures())).toEqual({ supported: new Map(), finalized: new Map(), finalizedEpoch: undefined });
    await expect(when(admin.updateFeatures({ "metadata.version": 1 }))).rejects.toThrow(UnsupportedVersionError);
  });

  it("refuses updates that cannot be", async () => {
    const { admin } = await adminStage();
    await expect(admin.updateFeatures({})).rejects.toThrow(IllegalStateError);
    await expect(admin.updateFeatures({ a: -1 })).rejects.toThrow("from 0 to 32767, not -1");
    // @ts-expect-error: no such direction
    await expect(admin.updateFeatures({ a: { level: 1, direction: "sideways" } })).rejects.toThrow("not 'sideways'");
  });
});

describe("describeApiVersions", () => {
  it("tells what each broker speaks, and what we use of it", async () => {
    const { admin, when } = await adminStage({ nodes: 2, asVersion: "3.9" });
    const brokers = await when(admin.describeApiVersions());
    expect(brokers.map(({ nodeId }) => nodeId)).toEqual([1, 2]);
    const produce = brokers[0]?.apis?.find(({ key }) => key === 0);
    expect(produce).toEqual({ key: 0, name: "Produce", min: 0, max: 11, usable: 11 });
    const keys = brokers[1]?.apis?.map(({ key }) => key) ?? [];
    expect(keys).toEqual(keys.toSorted((one, other) => one - other));
  });

  it("asks only those that are named, and tells of one that is down", async () => {
    const { admin, when, broker } = await adminStage({ nodes: 3 });
    expect(await when(admin.describeApiVersions({ nodeIds: [3] }))).toMatchObject([{ nodeId: 3 }]);
    await expect(when(admin.describeApiVersions({ nodeIds: [7] }))).rejects.toThrow("no broker has the id 7; there are 1, 2, 3");
    broker.faults.disconnect({ api: "ApiVersions", node: 2, times: Number.POSITIVE_INFINITY });
    const all = await when(admin.describeApiVersions({ timeoutMs: 5000 }));
    expect(all.map(({ error }) => error === undefined)).toEqual([true, false, true]);
  });
});
