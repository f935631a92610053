// The cluster as a whole.

import assert from "node:assert/strict";
import { type Chapter, chapter } from "../contract.ts";
import { refused } from "../refusal.ts";

export const cluster: Chapter = chapter("Cluster", ({ contract }) => {
  contract("a cluster tells its brokers, with the addresses to reach them", async (stage) => {
    const { brokers } = await stage.admin.describeCluster();
    const addresses = brokers.map(({ host, port }) => `${host}:${port}`);
    for (const address of stage.bootstrapServers.split(",")) assert.ok(addresses.includes(address), addresses.join());
  });

  contract("the controller is one of the brokers", async (stage) => {
    const { controllerId, brokers } = await stage.admin.describeCluster();
    assert.ok(brokers.some(({ nodeId }) => nodeId === controllerId));
  });

  contract("a cluster tells its id, the same to everybody", async (stage) => {
    const [one, two] = await Promise.all([stage.newAdmin().describeCluster(), stage.newAdmin().describeCluster()]);
    assert.match(one.clusterId ?? "none", /^[\w-]{22}$/);
    assert.equal(two.clusterId, one.clusterId);
  });

  contract("every broker tells which versions it offers, and one that both know is used", async (stage) => {
    const { apiKeys } = await stage.ask("ApiVersions", 0, {});
    const [told] = await stage.admin.describeApiVersions();
    assert.deepEqual(
      told?.apis?.map(({ key, min, max }) => [key, min, max]),
      apiKeys
        .map(({ apiKey, minVersion, maxVersion }) => [apiKey, minVersion, maxVersion])
        .sort(([one = 0], [other = 0]) => one - other),
    );
    const topics = told?.apis?.find(({ name }) => name === "CreateTopics");
    assert.ok(topics?.usable !== undefined && topics.min <= topics.usable && topics.usable <= topics.max, JSON.stringify(topics));
  });

  contract(
    "what we may do with the cluster is told if asked for",
    async (stage) => {
      const { authorizedOperations } = await stage.admin.describeCluster({ includeAuthorizedOperations: true });
      assert.ok(authorizedOperations?.includes("alter"), String(authorizedOperations));
    },
    { needs: "authorized operations" },
  );

  contract(
    "the features that the cluster has agreed upon are told",
    async (stage) => {
      const { finalized, supported } = await stage.admin.describeFeatures();
      const level = finalized.get("metadata.version");
      const range = supported.get("metadata.version");
      assert.ok(level !== undefined && range !== undefined);
      assert.ok(range.min <= level.max && level.max <= range.max, JSON.stringify({ level, range }));
    },
    { needs: "features" },
  );

  contract(
    "a feature that there is not cannot be agreed upon",
    async (stage) => {
      const updated = stage.admin.updateFeatures({ "no.such.feature": 1 }, { validateOnly: true });
      const error = await refused("INVALID_UPDATE_VERSION", updated);
      assert.ok(error.message.includes("no.such.feature"), error.message);
    },
    { needs: "features agreed upon" },
  );
});
