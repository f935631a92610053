// Share groups (KIP-932) and streams groups (KIP-1071).

import { expect } from "vitest";
import type { RequestBody, ResponseBody } from "./exchange.ts";
import { type Live, type Topic, unique } from "./live.ts";
import * as refusals from "./refusals.ts";
import { type Script, type Scripts, STAGE_RECORDS } from "./script.ts";

const GROUP_CONFIG = 32;
const SET = 0;
const ACCEPT = 1;
const RELEASE = 2;
const RENEW = 4;
const MEBIBYTE = 1 << 20;

interface ShareMember {
  readonly groupId: string;
  readonly memberId: string;
  readonly memberEpoch: number;
}

/** A share group that begins at the topic's start, with one member that has its partitions. */
async function newShareMember(live: Live, topic: string): Promise<ShareMember> {
  const groupId = unique("share-group");
  const memberId = unique("share-consumer");
  const configs = [{ name: "share.auto.offset.reset", configOperation: SET, value: "earliest" }];
  await live.send("IncrementalAlterConfigs", 1, { resources: [{ resourceType: GROUP_CONFIG, resourceName: groupId, configs }] });
  const join = { groupId, memberId, memberEpoch: 0, subscribedTopicNames: [topic] };
  const joined = await live.send("ShareGroupHeartbeat", 1, join);
  const stay = { groupId, memberId, memberEpoch: joined.memberEpoch };
  if ((joined.assignment?.topicPartitions ?? []).length > 0) return stay;
  // Partitions are handed out once the share coordinator knows them, which takes a heartbeat or two.
  let memberEpoch = joined.memberEpoch;
  await live.until("ShareGroupHeartbeat", 1, stay, ({ body: { assignment, ...answer } }) => {
    memberEpoch = answer.memberEpoch;
    return (assignment?.topicPartitions ?? []).length > 0;
  });
  return { ...stay, memberEpoch };
}

async function leaveShareGroup(live: Live, { groupId, memberId }: ShareMember): Promise<void> {
  await live.send("ShareGroupHeartbeat", 1, { groupId, memberId, memberEpoch: -1 });
}

const shareGroupHeartbeat: Script = async (live, version) => {
  const { name } = await live.newTopic();
  const member = await newShareMember(live, name);
  await live.send("ShareGroupHeartbeat", version, { ...member, rackId: null });
  await live.send("ShareGroupHeartbeat", version, { ...member, memberEpoch: 77 }, refusals.fencedEpoch);
  await live.send("ShareGroupHeartbeat", version, { ...member, memberId: "nobody" }, refusals.unknownMember);
};

const shareGroupDescribe: Script = async (live, version) => {
  const topic = await live.newTopic();
  const { groupId, memberId } = await newShareMember(live, topic.name);
  const { groups } = await live.send("ShareGroupDescribe", version, { groupIds: [groupId], includeAuthorizedOperations: true });
  expect(groups[0]).toMatchObject({ groupState: "Stable", assignorName: "simple" });
  const assignment = { topicPartitions: [{ topicId: topic.id, topicName: topic.name, partitions: [0] }] };
  expect(groups[0]?.members).toMatchObject([{ memberId, assignment }]);
  await live.send("ShareGroupDescribe", version, { groupIds: ["no-such-group"] }, refusals.unknownGroup);
};

async function acquire(live: Live, version: number, topic: Topic, member: ShareMember): Promise<number> {
  const { groupId, memberId } = member;
  const topics = [{ topicId: topic.id, partitions: [{ partitionIndex: 0, acknowledgementBatches: [] }] }];
  const limits = { maxWaitMs: 500, minBytes: 1, maxBytes: MEBIBYTE, maxRecords: 100, batchSize: 100 };
  const open = await live.send("ShareFetch", version, { groupId, memberId, shareSessionEpoch: 0, ...limits, topics });
  const acquired = (body: typeof open) => body.responses[0]?.partitions[0]?.acquiredRecords ?? [];
  let body = open;
  let shareSessionEpoch = 1;
  // The first fetch may come back without records, while the partition is being loaded.
  for (; acquired(body).length === 0 && shareSessionEpoch < 20; shareSessionEpoch++) {
    body = await live.send("ShareFetch", version, { groupId, memberId, shareSessionEpoch, ...limits });
  }
  expect(acquired(body)).toEqual([{ firstOffset: 0, lastOffset: STAGE_RECORDS.length - 1, deliveryCount: 1 }]);
  return shareSessionEpoch;
}

const shareFetch: Script = async (live, version) => {
  const topic = await live.newTopic();
  await live.produce(topic.name, { records: STAGE_RECORDS });
  const member = await newShareMember(live, topic.name);
  const { groupId, memberId } = member;
  const shareSessionEpoch = await acquire(live, version, topic, member);
  const limits = { maxWaitMs: 10, minBytes: 1, maxBytes: MEBIBYTE, maxRecords: 100, batchSize: 100 };
  const batches = (type: number) => [{ firstOffset: 0, lastOffset: 2, acknowledgeTypes: [type] }];
  const acknowledged = (type: number) => [
    { topicId: topic.id, partitions: [{ partitionIndex: 0, acknowledgementBatches: batches(type) }] },
  ];
  const fetch = { groupId, memberId, shareSessionEpoch, ...limits, topics: acknowledged(ACCEPT) };
  await live.send("ShareFetch", version, fetch);
  await live.send("ShareFetch", version, { ...fetch, shareSessionEpoch: 999 }, refusals.badShareEpoch);
  const forgottenTopicsData = [{ topicId: topic.id, partitions: [0] }];
  await live.send("ShareFetch", version, {
    groupId,
    memberId,
    shareSessionEpoch: shareSessionEpoch + 1,
    ...limits,
    forgottenTopicsData,
  });
};

const shareAcknowledge: Script = async (live, version) => {
  const topic = await live.newTopic();
  await live.produce(topic.name, { records: STAGE_RECORDS });
  const member = await newShareMember(live, topic.name);
  const { groupId, memberId } = member;
  let shareSessionEpoch = await acquire(live, 1, topic, member);
  const acknowledge = (firstOffset: number, lastOffset: number, type: number) => ({
    groupId,
    memberId,
    shareSessionEpoch: shareSessionEpoch++,
    topics: [
      {
        topicId: topic.id,
        partitions: [{ partitionIndex: 0, acknowledgementBatches: [{ firstOffset, lastOffset, acknowledgeTypes: [type] }] }],
      },
    ],
  });
  if (version >= 2) await live.send("ShareAcknowledge", version, { ...acknowledge(1, 1, RENEW), isRenewAck: true });
  await live.send("ShareAcknowledge", version, acknowledge(0, 0, ACCEPT));
  await live.send("ShareAcknowledge", version, acknowledge(1, 2, RELEASE));
  await live.send("ShareAcknowledge", version, acknowledge(1, 1, ACCEPT), refusals.notAcquired);
};

/** A share group whose member has left again; its partitions stay known. */
async function emptyShareGroup(live: Live, topic: Topic): Promise<string> {
  const member = await newShareMember(live, topic.name);
  await leaveShareGroup(live, member);
  return member.groupId;
}

const alterShareGroupOffsets: Script = async (live, version) => {
  const topic = await live.newTopic();
  await live.produce(topic.name, { records: STAGE_RECORDS });
  const groupId = await emptyShareGroup(live, topic);
  const topics = [{ topicName: topic.name, partitions: [{ partitionIndex: 0, startOffset: 2 }] }];
  const { responses } = await live.send("AlterShareGroupOffsets", version, { groupId, topics });
  expect(responses[0]).toMatchObject({ topicName: topic.name, topicId: topic.id });
  const { groupId: busy } = await newShareMember(live, topic.name);
  await live.send("AlterShareGroupOffsets", version, { groupId: busy, topics }, refusals.groupHasMembers);
};

const describeShareGroupOffsets: Script = async (live, version) => {
  const topic = await live.newTopic();
  await live.produce(topic.name, { records: STAGE_RECORDS });
  const groupId = await emptyShareGroup(live, topic);
  await live.send("AlterShareGroupOffsets", 0, {
    groupId,
    topics: [{ topicName: topic.name, partitions: [{ partitionIndex: 0, startOffset: 2 }] }],
  });
  const one = { groups: [{ groupId, topics: [{ topicName: topic.name, partitions: [0] }] }] };
  const { groups } = await live.send("DescribeShareGroupOffsets", version, one);
  expect(groups[0]?.topics).toMatchObject([{ topicId: topic.id, partitions: [{ partitionIndex: 0, startOffset: 2 }] }]);
  await live.send("DescribeShareGroupOffsets", version, { groups: [{ groupId, topics: null }] });
};

const deleteShareGroupOffsets: Script = async (live, version) => {
  const topic = await live.newTopic();
  const groupId = await emptyShareGroup(live, topic);
  const { responses } = await live.send("DeleteShareGroupOffsets", version, { groupId, topics: [{ topicName: topic.name }] });
  expect(responses).toMatchObject([{ topicName: topic.name, topicId: topic.id }]);
  const unknown = { groupId, topics: [{ topicName: "no-such-topic" }] };
  await live.send("DeleteShareGroupOffsets", version, unknown, refusals.unknownTopic);
};

interface StreamsJoin extends RequestBody<"StreamsGroupHeartbeat"> {
  readonly groupId: string;
  readonly memberId: string;
}

function joinStreams(topic: string): StreamsJoin {
  const topicConfigs = [{ key: "cleanup.policy", value: "compact" }];
  const changelog = { name: unique("changelog"), partitions: 0, replicationFactor: 1, topicConfigs };
  return {
    groupId: unique("streams-group"),
    memberId: unique("streams-member"),
    rebalanceTimeoutMs: 30_000,
    topology: { epoch: 1, subtopologies: [{ subtopologyId: "0", sourceTopics: [topic], stateChangelogTopics: [changelog] }] },
    activeTasks: [],
    standbyTasks: [],
    warmupTasks: [],
    processId: "process",
    userEndpoint: { host: "localhost", port: 45_000 },
    clientTags: [{ key: "zone", value: "a" }],
  };
}

/**
 * The coordinator hears of a new topic a moment after its leader does. Until then Kafka 4.3.1 has no answer for a member that names an
 * endpoint (EndpointToPartitionsManager: "No value present", which is UNKNOWN_SERVER_ERROR).
 */
function untilJoined(live: Live, version: number, join: StreamsJoin): Promise<ResponseBody<"StreamsGroupHeartbeat">> {
  return live.until("StreamsGroupHeartbeat", version, join, ({ errors }) => {
    expect(["", "UNKNOWN_SERVER_ERROR"]).toContain(errors.join());
    return errors.length === 0;
  });
}

const streamsGroupHeartbeat: Script = async (live, version) => {
  const { name } = await live.newTopic();
  const join = joinStreams(name);
  const { memberEpoch } = await untilJoined(live, version, join);
  const stay = { groupId: join.groupId, memberId: join.memberId, memberEpoch };
  const tasks = { activeTasks: [], standbyTasks: [], warmupTasks: [] };
  // The broker creates the changelog topic; with it there the member is given its task.
  const isActive = (answer: { body: { activeTasks: readonly unknown[] | null } }) => (answer.body.activeTasks ?? []).length === 1;
  await live.until("StreamsGroupHeartbeat", version, { ...stay, ...tasks }, isActive);
  await live.send("StreamsGroupHeartbeat", version, { ...stay, memberId: "nobody" }, refusals.unknownMember);
  await live.send("StreamsGroupHeartbeat", version, { ...stay, memberEpoch: -1 });
};

const streamsGroupDescribe: Script = async (live, version) => {
  const { name } = await live.newTopic();
  const join = joinStreams(name);
  await untilJoined(live, 0, join);
  const body = { groupIds: [join.groupId], includeAuthorizedOperations: true };
  const { groups } = await live.send("StreamsGroupDescribe", version, body);
  const { topology, members = [] } = groups[0] ?? {};
  expect(topology?.subtopologies).toMatchObject([{ subtopologyId: "0", sourceTopics: [name] }]);
  expect(members).toMatchObject([{ memberId: join.memberId, userEndpoint: { host: "localhost", port: 45_000 } }]);
  await live.send("StreamsGroupDescribe", version, { groupIds: ["no-such-group"] }, refusals.unknownGroup);
};

export const shareAndStreamsScripts: Scripts = {
  ShareGroupHeartbeat: shareGroupHeartbeat,
  ShareGroupDescribe: shareGroupDescribe,
  ShareFetch: shareFetch,
  ShareAcknowledge: shareAcknowledge,
  AlterShareGroupOffsets: alterShareGroupOffsets,
  DescribeShareGroupOffsets: describeShareGroupOffsets,
  DeleteShareGroupOffsets: deleteShareGroupOffsets,
  StreamsGroupHeartbeat: streamsGroupHeartbeat,
  StreamsGroupDescribe: streamsGroupDescribe,
};
