// Creating, growing and deleting topics, and where their replicas are.

import { expect } from "vitest";
import { unique, when } from "./live.ts";
import * as refusals from "./refusals.ts";
import type { Script, Scripts } from "./script.ts";

const createTopics: Script = async (live, version, { topic, brokerId }) => {
  const names = [unique("topic"), unique("topic")] as const;
  const assignments = [{ partitionIndex: 0, brokerIds: [brokerId] }];
  const body = {
    topics: [
      { name: names[0], numPartitions: 2, replicationFactor: 1, configs: [{ name: "retention.ms", value: "1234567" }] },
      { name: names[1], numPartitions: -1, replicationFactor: -1, assignments },
    ],
    timeoutMs: 5000,
  };
  await live.send("CreateTopics", version, { ...body, validateOnly: true });
  const { topics } = await live.send("CreateTopics", version, body);
  expect(topics.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
  const first = topics.find(({ name }) => name === names[0]);
  if (version >= 5) expect(first?.configs?.find(({ name }) => name === "retention.ms")?.value).toBe("1234567");
  const again = { topics: [{ name: topic.name, numPartitions: 1, replicationFactor: 1 }] };
  await live.send("CreateTopics", version, again, refusals.topicExists);
};

const createPartitions: Script = async (live, version, { brokerId }) => {
  const { name } = await live.newTopic();
  const to = (count: number) => ({ topics: [{ name, count, assignments: null }], timeoutMs: 5000 });
  await live.send("CreatePartitions", version, { ...to(2), validateOnly: true });
  await live.send("CreatePartitions", version, to(2));
  const assignments = [{ brokerIds: [brokerId] }];
  await live.send("CreatePartitions", version, { topics: [{ name, count: 3, assignments }], timeoutMs: 5000 });
  await live.send("CreatePartitions", version, to(1), refusals.fewerPartitions);
};

const deleteTopics: Script = async (live, version) => {
  const named = await live.newTopic();
  const timeoutMs = 5000;
  const byName = (name: string) => (version >= 6 ? { topics: [{ name }], timeoutMs } : { topicNames: [name], timeoutMs });
  await live.send("DeleteTopics", version, byName(named.name));
  await live.send("DeleteTopics", version, byName("no-such-topic"), refusals.unknownTopic);
  if (version < 6) return;
  const { name, id } = await live.newTopic();
  const { responses } = await live.send("DeleteTopics", version, { topics: [{ topicId: id }], timeoutMs });
  expect(responses).toMatchObject([{ name, topicId: id }]);
};

const electLeaders: Script = async (live, version, { topic }) => {
  const preferred = when(version >= 1, { electionType: 0 });
  await live.send("ElectLeaders", version, { ...preferred, topicPartitions: null, timeoutMs: 5000 });
  const asked = { topicPartitions: [{ topic: topic.name, partitions: [0, 1] }], timeoutMs: 5000 };
  await live.send("ElectLeaders", version, { ...preferred, ...asked }, refusals.noElectionNeeded);
};

const alterPartitionReassignments: Script = async (live, version, { topic, brokerId }) => {
  const to = (replicas: readonly number[] | null) => ({
    topics: [{ name: topic.name, partitions: [{ partitionIndex: 0, replicas }] }],
    timeoutMs: 5000,
    ...when(version >= 1, { allowReplicationFactorChange: false }),
  });
  await live.send("AlterPartitionReassignments", version, to([brokerId]));
  await live.send("AlterPartitionReassignments", version, to(null), refusals.noReassignment);
};

const listPartitionReassignments: Script = async (live, version, { topic }) => {
  await live.send("ListPartitionReassignments", version, { topics: null, timeoutMs: 5000 });
  const topics = [{ name: topic.name, partitionIndexes: [0, 1] }];
  await live.send("ListPartitionReassignments", version, { topics, timeoutMs: 5000 });
};

const alterReplicaLogDirs: Script = async (live, version, { topic, logDir }) => {
  const to = (path: string) => ({ dirs: [{ path, topics: [{ name: topic.name, partitions: [0] }] }] });
  await live.send("AlterReplicaLogDirs", version, to(logDir));
  await live.send("AlterReplicaLogDirs", version, to("/no/such/folder"), refusals.unknownLogDir);
};

const describeLogDirs: Script = async (live, version, { topic }) => {
  const all = await live.send("DescribeLogDirs", version, { topics: null });
  expect(all.results[0]?.topics.length).toBeGreaterThan(0);
  const { results } = await live.send("DescribeLogDirs", version, { topics: [{ topic: topic.name, partitions: [0] }] });
  expect(results[0]?.topics).toMatchObject([
    { name: topic.name, partitions: [{ partitionIndex: 0, offsetLag: 0, isFutureKey: false }] },
  ]);
  if (version >= 4) expect(results[0]?.totalBytes).toBeGreaterThan(0n);
};

export const topicScripts: Scripts = {
  CreateTopics: createTopics,
  CreatePartitions: createPartitions,
  DeleteTopics: deleteTopics,
  ElectLeaders: electLeaders,
  AlterPartitionReassignments: alterPartitionReassignments,
  ListPartitionReassignments: listPartitionReassignments,
  AlterReplicaLogDirs: alterReplicaLogDirs,
  DescribeLogDirs: describeLogDirs,
};
