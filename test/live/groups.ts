// Classic consumer groups and those of KIP-848, their offsets and their coordinators.

import { expect } from "vitest";
import { joinBody, type Live, unique, when } from "./live.ts";
import * as refusals from "./refusals.ts";
import type { Script, Scripts } from "./script.ts";

const COMMITTED = 2;

const findCoordinator: Script = async (live, version, { topic, brokerId, hasShareGroups }) => {
  const find = async (keyType: number, key: string): Promise<void> => {
    const asked = version >= 4 ? { keyType, coordinatorKeys: [key] } : { key, ...when(version >= 1, { keyType }) };
    const answer = await live.send("FindCoordinator", version, asked);
    const nodes = version >= 4 ? answer.coordinators : [answer];
    expect(nodes.map(({ nodeId }) => nodeId)).toEqual([brokerId]);
  };
  await find(0, "some-group");
  if (version >= 1) await find(1, "some-transaction");
  if (version >= 6 && hasShareGroups) await find(2, `some-group:${topic.id}:0`);
};

const joinGroup: Script = async (live, version, { topic }) => {
  const body = joinBody(unique("classic-group"), topic.name);
  const first = await live.send("JoinGroup", version, body, version >= 4 ? refusals.memberIdRequired : undefined);
  const { memberId } = first;
  expect(memberId).toContain("kafkawire-live");
  const { members, leader } = await live.send("JoinGroup", version, {
    ...body,
    memberId,
    ...when(version >= 8, { reason: "again" }),
  });
  expect({ leader, members: members.length }).toEqual({ leader: memberId, members: 1 });
  if (version < 5) return;
  const groupInstanceId = "the-same-after-a-restart";
  await live.send("JoinGroup", version, { ...joinBody(unique("classic-group"), topic.name), groupInstanceId });
};

const syncGroup: Script = async (live, version, { topic }) => {
  const groupId = unique("classic-group");
  const join = joinBody(groupId, topic.name);
  const { body } = await live.ask("JoinGroup", 9, join);
  const { memberId, generationId } = await live.send("JoinGroup", 9, { ...join, memberId: body.memberId });
  const assignment = Buffer.from("some bytes");
  const protocol = { protocolType: "consumer", protocolName: "range" };
  const sync = { groupId, generationId, memberId, ...protocol, assignments: [{ memberId, assignment }] };
  const answer = await live.send("SyncGroup", version, sync);
  expect(Buffer.from(answer.assignment).toString()).toBe("some bytes");
  await live.send("SyncGroup", version, { ...sync, memberId: "nobody" }, refusals.unknownMember);
};

const heartbeat: Script = async (live, version, { topic }) => {
  const member = await live.newMember(topic.name);
  await live.send("Heartbeat", version, member);
  await live.send("Heartbeat", version, { ...member, memberId: "nobody" }, refusals.unknownMember);
  await live.send("Heartbeat", version, { ...member, generationId: 99 }, refusals.otherGeneration);
};

const leaveGroup: Script = async (live, version, { topic }) => {
  const { groupId, memberId } = await live.newMember(topic.name);
  const leave = (id: string) =>
    version >= 3 ? { members: [{ memberId: id, ...when(version >= 5, { reason: "done" }) }] } : { memberId: id };
  await live.send("LeaveGroup", version, { groupId, ...leave("nobody") }, refusals.unknownMember);
  await live.send("LeaveGroup", version, { groupId, ...leave(memberId) });
};

const describeGroups: Script = async (live, version, { topic }) => {
  const { groupId } = await live.newMember(topic.name);
  const authorized = when(version >= 3, { includeAuthorizedOperations: true });
  const { groups } = await live.send("DescribeGroups", version, { groups: [groupId], ...authorized });
  expect(groups[0]).toMatchObject({ groupState: "Stable", protocolType: "consumer", protocolData: "range" });
  expect(groups[0]?.members[0]?.memberAssignment).not.toHaveLength(0);
  const missing = { groups: ["no-such-group"] };
  await live.send("DescribeGroups", version, missing, version >= 6 ? refusals.unknownGroup : undefined);
};

const listGroups: Script = async (live, version, { topic }) => {
  const { groupId } = await live.newMember(topic.name);
  const { groups } = await live.send("ListGroups", version, {});
  expect(groups.map((group) => group.groupId)).toContain(groupId);
  if (version < 4) return;
  const filtered = { statesFilter: ["Stable"], ...when(version >= 5, { typesFilter: ["classic"] }) };
  expect((await live.send("ListGroups", version, filtered)).groups.map((group) => group.groupId)).toContain(groupId);
};

const deleteGroups: Script = async (live, version, { topic }) => {
  const empty = await live.newOffsets(topic.name);
  const { groupId } = await live.newMember(topic.name);
  await live.send("DeleteGroups", version, { groupsNames: [empty] });
  await live.send("DeleteGroups", version, { groupsNames: [groupId] }, refusals.groupHasMembers);
  await live.send("DeleteGroups", version, { groupsNames: ["no-such-group"] }, refusals.unknownGroup);
};

const offsetCommit: Script = async (live, version, { topic }) => {
  const partition = { partitionIndex: 0, committedOffset: COMMITTED, committedLeaderEpoch: 0, committedMetadata: "metadata" };
  const topics = [
    { name: topic.name, topicId: topic.id, partitions: [partition, { ...partition, partitionIndex: 1, committedMetadata: null }] },
  ];
  await live.send("OffsetCommit", version, { groupId: unique("offsets"), topics });
  const { generationId, ...member } = await live.newMember(topic.name);
  await live.send("OffsetCommit", version, { ...member, generationIdOrMemberEpoch: generationId, topics });
  await live.send("OffsetCommit", version, { ...member, generationIdOrMemberEpoch: 99, topics }, refusals.otherGeneration);
  if (version < 9) return;
  const modern = await newConsumer(live, topic.name);
  await live.send("OffsetCommit", version, { ...modern, generationIdOrMemberEpoch: modern.memberEpoch, topics });
};

const offsetFetch: Script = async (live, version, { topic }) => {
  const groupId = await live.newOffsets(topic.name, COMMITTED);
  const topics = [{ name: topic.name, topicId: topic.id, partitionIndexes: [0, 1] }];
  const one = topics.map(({ name, partitionIndexes }) => ({ name, partitionIndexes }));
  const stable = when(version >= 7, { requireStable: true });
  const fetched = await live.send("OffsetFetch", version, {
    ...(version >= 8 ? { groups: [{ groupId, topics }] } : { groupId, topics: one }),
    ...stable,
  });
  const partitions = (version >= 8 ? fetched.groups[0]?.topics : fetched.topics)?.[0]?.partitions;
  expect(partitions?.map(({ committedOffset }) => committedOffset)).toEqual([COMMITTED, -1]);
  if (version >= 2) {
    const everything = version >= 8 ? { groups: [{ groupId, topics: null }] } : { groupId, topics: null };
    const answer = await live.send("OffsetFetch", version, everything);
    expect((version >= 8 ? answer.groups[0]?.topics : answer.topics)?.length).toBe(1);
  }
  if (version < 9) return;
  const modern = await newConsumer(live, topic.name);
  await live.send("OffsetFetch", version, { groups: [{ ...modern, topics }] });
  await live.send("OffsetFetch", version, { groups: [{ ...modern, memberEpoch: 77, topics }] }, refusals.staleEpoch);
};

const offsetDelete: Script = async (live, version, { topic }) => {
  const groupId = await live.newOffsets(topic.name);
  const topics = [{ name: topic.name, partitions: [{ partitionIndex: 0 }] }];
  await live.send("OffsetDelete", version, { groupId, topics });
  const member = await live.newMember(topic.name);
  await live.send("OffsetDelete", version, { groupId: member.groupId, topics }, refusals.groupReadsTopic);
};

interface Consumer {
  readonly groupId: string;
  readonly memberId: string;
  readonly memberEpoch: number;
}

/** A member of a KIP-848 group. */
async function newConsumer(live: Live, topic: string): Promise<Consumer> {
  const groupId = unique("consumer-group");
  const memberId = unique("consumer");
  const join = {
    groupId,
    memberId,
    memberEpoch: 0,
    rebalanceTimeoutMs: 30_000,
    subscribedTopicNames: [topic],
    topicPartitions: [],
  };
  const { memberEpoch } = await live.send("ConsumerGroupHeartbeat", 1, join);
  return { groupId, memberId, memberEpoch };
}

const consumerGroupHeartbeat: Script = async (live, version, { topic }) => {
  const groupId = unique("consumer-group");
  const join = { groupId, memberEpoch: 0, rebalanceTimeoutMs: 30_000, subscribedTopicNames: [topic.name], topicPartitions: [] };
  const joined = await live.send("ConsumerGroupHeartbeat", version, {
    ...join,
    ...(version >= 1 ? { memberId: unique("consumer"), subscribedTopicRegex: "" } : {}),
    serverAssignor: "uniform",
    rackId: "a rack",
  });
  const memberId = joined.memberId ?? "";
  expect(joined.assignment).toEqual({ topicPartitions: [{ topicId: topic.id, partitions: [0, 1] }] });
  const topicPartitions = joined.assignment?.topicPartitions ?? [];
  await live.send("ConsumerGroupHeartbeat", version, { groupId, memberId, memberEpoch: joined.memberEpoch, topicPartitions });
  const unknown = { groupId, memberId: "nobody", memberEpoch: 5 };
  await live.send("ConsumerGroupHeartbeat", version, unknown, refusals.unknownMember);
  await live.send("ConsumerGroupHeartbeat", version, { groupId, memberId, memberEpoch: 77 }, refusals.fencedEpoch);
  await live.send("ConsumerGroupHeartbeat", version, { groupId, memberId, memberEpoch: -1 });
  if (version < 1) return;
  const regex = { ...join, groupId: unique("consumer-group"), memberId: unique("consumer"), subscribedTopicNames: null };
  await live.send("ConsumerGroupHeartbeat", version, { ...regex, subscribedTopicRegex: "(" }, refusals.badRegex);
};

const consumerGroupDescribe: Script = async (live, version, { topic }) => {
  const { groupId, memberId } = await newConsumer(live, topic.name);
  const { groups } = await live.send("ConsumerGroupDescribe", version, { groupIds: [groupId], includeAuthorizedOperations: true });
  expect(groups[0]).toMatchObject({ groupState: "Stable", assignorName: "uniform" });
  expect(groups[0]?.members.map((member) => member.memberId)).toEqual([memberId]);
  await live.send("ConsumerGroupDescribe", version, { groupIds: ["no-such-group"] }, refusals.unknownGroup);
};

export const groupScripts: Scripts = {
  FindCoordinator: findCoordinator,
  JoinGroup: joinGroup,
  SyncGroup: syncGroup,
  Heartbeat: heartbeat,
  LeaveGroup: leaveGroup,
  DescribeGroups: describeGroups,
  ListGroups: listGroups,
  DeleteGroups: deleteGroups,
  OffsetCommit: offsetCommit,
  OffsetFetch: offsetFetch,
  OffsetDelete: offsetDelete,
  ConsumerGroupHeartbeat: consumerGroupHeartbeat,
  ConsumerGroupDescribe: consumerGroupDescribe,
};
