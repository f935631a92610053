// KIP-848's consumer groups.

import type { RequestBody } from "../../live/exchange.ts";
import type { Conversation } from "../conversation.ts";
import { newConsumer, newMember, newTopic, UNKNOWN_TOPIC, untilGroupsKnow } from "../preparations.ts";
import type { Script, Scripts } from "../script.ts";

const consumerGroupHeartbeat: Script = async (to, version, { topic }) => {
  const send = (label: string, body: RequestBody<"ConsumerGroupHeartbeat">) =>
    to.compare(label, "ConsumerGroupHeartbeat", version, body);
  const groupId = to.name("consumers");
  const own = version >= 1 ? to.name("member") : "";
  const join = {
    groupId,
    memberId: own,
    memberEpoch: 0,
    rebalanceTimeoutMs: 30_000,
    subscribedTopicNames: [topic.name],
    serverAssignor: "uniform",
    topicPartitions: [],
    rackId: "a rack",
  };
  const member = await send("the first member", join);
  const memberId = member.memberId ?? "";
  const { memberEpoch } = member;
  const owned = member.assignment?.topicPartitions ?? [];
  await send("what it was given", { groupId, memberId, memberEpoch, topicPartitions: owned });
  await send("nothing new", { groupId, memberId, memberEpoch });
  await send("the whole truth again", { ...join, memberId, memberEpoch, topicPartitions: owned });
  await send("a subscription to more", { groupId, memberId, memberEpoch, subscribedTopicNames: [topic.name, UNKNOWN_TOPIC] });
  await consumerRefusals(to, version, { groupId, memberId, join });
  await configuredConsumer(to, version, topic.name);
  await secondConsumer(to, version);
  await staticConsumer(to, version, topic.name);
  if (version >= 1) await regexConsumer(to, version);
};

async function consumerRefusals(
  to: Conversation,
  version: number,
  { groupId, memberId, join }: { groupId: string; memberId: string; join: RequestBody<"ConsumerGroupHeartbeat"> },
): Promise<void> {
  const send = (label: string, body: RequestBody<"ConsumerGroupHeartbeat">) =>
    to.compare(label, "ConsumerGroupHeartbeat", version, body);
  const fresh = { ...join, memberId: version >= 1 ? "fresh" : "" };
  await send("an unknown member", { groupId, memberId: "nobody", memberEpoch: 5 });
  await send("an epoch of the future", { groupId, memberId, memberEpoch: 77 });
  await send("an epoch that makes no sense", { groupId, memberId, memberEpoch: -5 });
  await send("no group", { ...fresh, groupId: "" });
  await send("an unknown group", { groupId: "no-such-group", memberId: "nobody", memberEpoch: 5 });
  await send("no member id", { ...fresh, memberId: "", memberEpoch: 3 });
  await send("no timeout", { ...fresh, rebalanceTimeoutMs: -1 });
  await send("no subscription", { ...fresh, subscribedTopicNames: null });
  await send("owned partitions at once", { ...fresh, topicPartitions: [{ topicId: "AAAAAAAAAAAAAAAAAAABBA", partitions: [0] }] });
  await send("no owned partitions", { ...fresh, topicPartitions: null });
  await send("an unknown assignor", { ...fresh, serverAssignor: "magic" });
  await send("an empty assignor", { ...fresh, serverAssignor: "" });
  await send("an empty instance id", { ...fresh, instanceId: "" });
  await send("an empty rack", { ...fresh, rackId: "" });
  const classic = await newMember(to, join.subscribedTopicNames?.[0] ?? "");
  await send("a group of the classic protocol", { ...fresh, groupId: classic.groupId });
  await send("leaving", { groupId, memberId, memberEpoch: -1 });
  await send("leaving again", { groupId, memberId, memberEpoch: -1 });
}

/** What was set for a group is what its members are told. */
async function configuredConsumer(to: Conversation, version: number, topic: string): Promise<void> {
  const groupId = to.name("consumers");
  const group = { resourceType: 32, resourceName: groupId };
  const configs = [{ name: "consumer.heartbeat.interval.ms", configOperation: 0, value: "6000" }];
  await to.prepare("IncrementalAlterConfigs", 1, { resources: [{ ...group, configs }] });
  const known = { resources: [{ ...group, configurationKeys: ["consumer.heartbeat.interval.ms"] }] };
  await to.prepareUntil("DescribeConfigs", 4, known, ({ body: { results } }) => results[0]?.configs[0]?.value === "6000");
  const join = { groupId, memberEpoch: 0, rebalanceTimeoutMs: 30_000, subscribedTopicNames: [topic], topicPartitions: [] };
  const memberId = version >= 1 ? "configured" : "";
  await to.compare("a group with a heartbeat of its own", "ConsumerGroupHeartbeat", version, { ...join, memberId });
}

/** Partitions pass from one member to another. */
async function secondConsumer(to: Conversation, version: number): Promise<void> {
  const topic = await newTopic(to, 4);
  await untilGroupsKnow(to, topic.name);
  const groupId = to.name("consumers");
  const send = (label: string, body: RequestBody<"ConsumerGroupHeartbeat">) =>
    to.compare(label, "ConsumerGroupHeartbeat", version, { groupId, ...body });
  const join = { memberEpoch: 0, rebalanceTimeoutMs: 30_000, subscribedTopicNames: [topic.name], topicPartitions: [] };
  const id = (name: string) => (version >= 1 ? name : "");
  const first = await send("one of two", { ...join, memberId: id("one") });
  const one = { memberId: first.memberId ?? "", memberEpoch: first.memberEpoch };
  await send("one of two has what it was given", { ...one, topicPartitions: first.assignment?.topicPartitions ?? [] });
  const second = await send("two of two", { ...join, memberId: id("two") });
  const two = { memberId: second.memberId ?? "", memberEpoch: second.memberEpoch };
  const less = await send("one of two must give up", one);
  await send("two of two must wait", two);
  const kept = less.assignment?.topicPartitions ?? [];
  const bumped = await send("one of two has given up", { ...one, topicPartitions: kept });
  const given = await send("two of two is given its part", two);
  const own = { ...two, memberEpoch: given.memberEpoch };
  await send("two of two has its part", { ...own, topicPartitions: given.assignment?.topicPartitions ?? [] });
  await send("two of two leaves", { ...own, memberEpoch: -1 });
  await send("one of two takes all", { ...one, memberEpoch: bumped.memberEpoch });
}

async function staticConsumer(to: Conversation, version: number, topic: string): Promise<void> {
  const groupId = to.name("consumers");
  const send = (label: string, body: RequestBody<"ConsumerGroupHeartbeat">) =>
    to.compare(label, "ConsumerGroupHeartbeat", version, { groupId, instanceId: "fixed", ...body });
  const join = { memberEpoch: 0, rebalanceTimeoutMs: 30_000, subscribedTopicNames: [topic], topicPartitions: [] };
  const id = (name: string) => (version >= 1 ? name : "");
  const member = await send("a static member", { ...join, memberId: id("first-life") });
  const memberId = member.memberId ?? "";
  await send("the same instance while it lives", { ...join, memberId: id("impostor") });
  await send("the static member pauses", { memberId, memberEpoch: -2 });
  const back = await send("the static member comes back", { ...join, memberId: id("second-life") });
  await send("its earlier self", { memberId, memberEpoch: member.memberEpoch });
  await send("another instance", { memberId: back.memberId ?? "", memberEpoch: back.memberEpoch, instanceId: "other" });
  await send("the static member leaves", { memberId: back.memberId ?? "", memberEpoch: -1 });
}

async function regexConsumer(to: Conversation, version: number): Promise<void> {
  const name = to.name("regex-topic");
  await newTopic(to, 2, {}, name);
  const groupId = to.name("consumers");
  const join = { groupId, memberId: "r", memberEpoch: 0, rebalanceTimeoutMs: 30_000, topicPartitions: [] };
  const send = (label: string, body: RequestBody<"ConsumerGroupHeartbeat">) =>
    to.compare(label, "ConsumerGroupHeartbeat", version, body);
  await send("a broken expression", { ...join, groupId: to.name("consumers"), subscribedTopicRegex: "(" });
  const joinedByRegex = await send("an expression", { ...join, subscribedTopicRegex: `${name}.*` });
  const beat = { groupId, memberId: "r", memberEpoch: joinedByRegex.memberEpoch };
  await to.compareOnce(
    "what the expression finds",
    "ConsumerGroupHeartbeat",
    version,
    beat,
    ({ body, errors }) => errors.length > 0 || (body.assignment?.topicPartitions.length ?? 0) > 0,
  );
}

const consumerGroupDescribe: Script = async (to, version, { topic }) => {
  const ask = (label: string, ...groupIds: readonly string[]) =>
    to.compare(label, "ConsumerGroupDescribe", version, { groupIds, includeAuthorizedOperations: true });
  const { groupId } = await newConsumer(to, topic.name, { instanceId: "fixed", rackId: "a rack" });
  await ask("a stable group", groupId);
  await to.compare("without its operations", "ConsumerGroupDescribe", version, { groupIds: [groupId] });
  await newConsumer(to, topic.name, { groupId });
  await ask("two members", groupId);
  await ask("an unknown group", "no-such-group");
  await ask("no name", "");
  await ask("nothing");
  await ask("a group of the classic protocol", (await newMember(to, topic.name)).groupId);
  const left = await newConsumer(to, topic.name);
  await to.prepare("ConsumerGroupHeartbeat", 1, { ...left, memberEpoch: -1 });
  await ask("a group that everybody left", left.groupId);
  await ask("one known, one unknown", groupId, "no-such-group");
};

export const consumerGroupScripts: Scripts = {
  ConsumerGroupHeartbeat: consumerGroupHeartbeat,
  ConsumerGroupDescribe: consumerGroupDescribe,
};
