// Committed offsets.

import type { RequestBody } from "../../live/exchange.ts";
import { newConsumer, newMember, newOffsets, newTopic, type Topic, UNKNOWN_TOPIC, UNKNOWN_TOPIC_ID } from "../preparations.ts";
import type { Script, Scripts } from "../script.ts";

const NOWHERE: Topic = { name: UNKNOWN_TOPIC, id: UNKNOWN_TOPIC_ID };

const offsetCommit: Script = async (to, version, { topic }) => {
  const at = ({ name, id }: Topic, partitionIndex = 0, committedMetadata: string | null = "some metadata") => ({
    name,
    topicId: id,
    partitions: [{ partitionIndex, committedOffset: 2, committedLeaderEpoch: 0, committedMetadata }],
  });
  const groupId = to.name("offsets");
  const alone = { groupId, generationIdOrMemberEpoch: -1, topics: [at(topic)] };
  const send = (label: string, more: RequestBody<"OffsetCommit"> = {}) =>
    to.compare(label, "OffsetCommit", version, { ...alone, ...more });
  await send("without a member");
  await send("null metadata", { topics: [at(topic, 0, null)] });
  await send("too much metadata", { topics: [at(topic, 0, "x".repeat(5000))] });
  await send("an unknown partition", { topics: [at(topic, 77)] });
  await send("an unknown topic", { topics: [at(NOWHERE)] });
  await send("a good and an unknown topic", { topics: [at(NOWHERE), at(topic)] });
  await send("no topics", { topics: [] });
  await send("no group", { groupId: "" });
  await send("several topics", { topics: [at(topic, 1), at(NOWHERE), at(topic, 0)] });
  await send("a generation of no group", { groupId: to.name("offsets"), generationIdOrMemberEpoch: 3, memberId: "nobody" });
  await send("a generation of an empty group", { generationIdOrMemberEpoch: 3, memberId: "nobody" });
  const { generationId, ...member } = await newMember(to, topic.name);
  const ours = { ...member, generationIdOrMemberEpoch: generationId };
  await send("a member", ours);
  await send("another generation", { ...ours, generationIdOrMemberEpoch: 99 });
  await send("an unknown member", { ...ours, memberId: "nobody" });
  await send("without a member in a group that has some", { groupId: member.groupId });
  await send("an unknown instance", { ...ours, groupInstanceId: "somebody" });
  const { memberEpoch, ...consumer } = await newConsumer(to, topic.name);
  const theirs = { ...consumer, generationIdOrMemberEpoch: memberEpoch };
  await send("a consumer", theirs);
  await send("a consumer of another epoch", { ...theirs, generationIdOrMemberEpoch: 99 });
  await send("a consumer of an earlier epoch", { ...theirs, generationIdOrMemberEpoch: 0 });
  await send("an unknown consumer", { ...theirs, memberId: "nobody" });
  await send("without a member in a group of consumers", { groupId: consumer.groupId });
};

const offsetFetch: Script = async (to, version, { topic }) => {
  const groupId = await newOffsets(to, topic, 2);
  const asked = ({ name, id }: Topic, ...partitionIndexes: readonly number[]) => ({ name, topicId: id, partitionIndexes });
  type AskedTopic = ReturnType<typeof asked>;
  const ask = (label: string, group: string, topics: readonly AskedTopic[] | null, more: object = {}) => {
    const byName = topics?.map(({ name, partitionIndexes }) => ({ name, partitionIndexes })) ?? null;
    return to.compare(label, "OffsetFetch", version, {
      groupId: group,
      topics: byName,
      groups: [{ groupId: group, topics, ...more }],
      requireStable: true,
    });
  };
  await ask("one with, one without an offset", groupId, [asked(topic, 0, 1)]);
  await ask("an unknown partition", groupId, [asked(topic, 77)]);
  await ask("an unknown topic", groupId, [asked(NOWHERE, 0)]);
  await ask("no topics", groupId, []);
  if (version >= 2) await ask("everything", groupId, null);
  await ask("an unknown group", "no-such-group", [asked(topic, 0)]);
  if (version >= 2) await ask("everything of an unknown group", "no-such-group", null);
  await ask("no group", "", [asked(NOWHERE, 0)]);
  const member = await newMember(to, topic.name);
  await ask("a group with members", member.groupId, [asked(topic, 0)]);
  if (version < 8) return;
  const groups = [groupId, "no-such-group"].map((id) => ({ groupId: id, topics: [asked(topic, 0)] }));
  await to.compare("two groups", "OffsetFetch", version, { groups });
  await to.compare("no groups", "OffsetFetch", version, { groups: [] });
  if (version < 9) return;
  const { groupId: consumers, ...consumer } = await newConsumer(to, topic.name);
  await ask("a consumer", consumers, [asked(topic, 0)], consumer);
  await ask("a consumer of another epoch", consumers, [asked(topic, 0)], { ...consumer, memberEpoch: 77 });
  await ask("an unknown consumer", consumers, [asked(topic, 0)], { ...consumer, memberId: "nobody" });
  await ask("an unknown consumer, everything", consumers, null, { ...consumer, memberId: "nobody" });
  await ask("a member epoch in a classic group", member.groupId, [asked(topic, 0)], { memberId: "nobody", memberEpoch: 3 });
};

const offsetDelete: Script = async (to, version, { topic }) => {
  const remove = (label: string, groupId: string, name = topic.name, ...indexes: readonly number[]) => {
    const partitions = (indexes.length === 0 ? [0] : indexes).map((partitionIndex) => ({ partitionIndex }));
    return to.compare(label, "OffsetDelete", version, { groupId, topics: [{ name, partitions }] });
  };
  const groupId = await newOffsets(to, topic);
  await remove("an offset", groupId);
  await remove("the offset again", groupId);
  const another = await newOffsets(to, topic);
  await remove("an unknown partition", another, topic.name, 77);
  await remove("an unknown topic", another, UNKNOWN_TOPIC);
  await remove("a partition without an offset", another, topic.name, 0, 1);
  await remove("an unknown group", "no-such-group");
  await remove("no group", "");
  const member = await newMember(to, topic.name);
  await remove("a topic that a member reads", member.groupId);
  const other = await newTopic(to);
  await remove("a topic that no member reads", member.groupId, other.name);
  const consumer = await newConsumer(to, topic.name);
  await remove("a topic that a consumer reads", consumer.groupId);
  await to.compare("no topics", "OffsetDelete", version, { groupId: another, topics: [] });
};

export const offsetScripts: Scripts = { OffsetCommit: offsetCommit, OffsetFetch: offsetFetch, OffsetDelete: offsetDelete };
