// The cluster itself. What would change its life is asked for ids that it does not have.

import { expect } from "vitest";
import { when } from "./live.ts";
import * as refusals from "./refusals.ts";
import type { Script, Scripts } from "./script.ts";

const NO_SUCH_NODE = 4711;
const SOME_DIRECTORY = "AAAAAAAAAAAAAAAAAAAAAQ";

const apiVersions: Script = async (live, version) => {
  const { apiKeys } = await live.send("ApiVersions", version, { clientSoftwareName: "kafkawire", clientSoftwareVersion: "0.1.0" });
  expect(apiKeys.length).toBeGreaterThan(40);
  if (version < 3) return;
  await live.send("ApiVersions", version, { clientSoftwareName: "", clientSoftwareVersion: "1" }, refusals.badSoftwareName);
};

const describeCluster: Script = async (live, version, { brokerId }) => {
  const fenced = when(version >= 2, { includeFencedBrokers: true });
  const { brokers } = await live.send("DescribeCluster", version, { includeClusterAuthorizedOperations: true, ...fenced });
  expect(brokers.map((broker) => broker.brokerId)).toEqual([brokerId]);
  if (version >= 1) await live.send("DescribeCluster", version, { endpointType: 2 }, refusals.brokersOnly);
};

const describeQuorum: Script = async (live, version, { brokerId }) => {
  const asked = (topicName: string) => ({ topics: [{ topicName, partitions: [{ partitionIndex: 0 }] }] });
  const { topics } = await live.send("DescribeQuorum", version, asked("__cluster_metadata"));
  expect(topics[0]?.partitions[0]?.currentVoters.map(({ replicaId }) => replicaId)).toEqual([brokerId]);
  await live.send("DescribeQuorum", version, asked("no-such-topic"), refusals.notMetadataTopic);
};

const updateFeatures: Script = async (live, version) => {
  const update = (maxVersionLevel: number) => ({
    timeoutMs: 5000,
    featureUpdates: [{ feature: "transaction.version", maxVersionLevel, ...when(version >= 1, { upgradeType: 1 }) }],
    ...when(version >= 1, { validateOnly: true }),
  });
  await live.send("UpdateFeatures", version, update(2));
  await live.send("UpdateFeatures", version, update(99), version >= 2 ? refusals.badFeature : refusals.badFeatures);
};

const unregisterBroker: Script = async (live, version) => {
  await live.send("UnregisterBroker", version, { brokerId: NO_SUCH_NODE }, refusals.unknownBroker);
};

const addRaftVoter: Script = async (live, version) => {
  const listeners = [{ name: "CONTROLLER", host: "127.0.0.1", port: 45_000 }];
  const voter = { clusterId: null, timeoutMs: 1000, voterId: NO_SUCH_NODE, voterDirectoryId: SOME_DIRECTORY, listeners };
  await live.send("AddRaftVoter", version, voter, refusals.staticQuorum);
};

const removeRaftVoter: Script = async (live, version) => {
  const voter = { clusterId: null, voterId: NO_SUCH_NODE, voterDirectoryId: SOME_DIRECTORY };
  await live.send("RemoveRaftVoter", version, voter, refusals.staticQuorum);
};

export const clusterScripts: Scripts = {
  ApiVersions: apiVersions,
  DescribeCluster: describeCluster,
  DescribeQuorum: describeQuorum,
  UpdateFeatures: updateFeatures,
  UnregisterBroker: unregisterBroker,
  AddRaftVoter: addRaftVoter,
  RemoveRaftVoter: removeRaftVoter,
};
