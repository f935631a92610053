// The classic protocol of consumer groups, and what administrators see of groups.

import { encodeSubscription } from "../../../src/protocol/index.ts";
import type { RequestBody } from "../../live/exchange.ts";
import type { Conversation } from "../conversation.ts";
import { ASSIGNMENT, CONSUMER_RANGE, joinBody, joined, type Member, newConsumer, newMember, newOffsets } from "../preparations.ts";
import type { Script, Scripts } from "../script.ts";

const findCoordinator: Script = async (to, version) => {
  const ask = (label: string, keyType: number, ...keys: readonly string[]) =>
    to.compare(label, "FindCoordinator", version, { key: keys[0] ?? "", keyType, coordinatorKeys: keys });
  await ask("of a group", 0, "some-group");
  if (version >= 4) await ask("of two groups", 0, "some-group", "another");
  if (version >= 1) await ask("of a transaction", 1, "some-transaction");
  await ask("of an empty name", 0, "");
  if (version >= 4) await ask("of nothing", 0);
  if (version >= 1) await ask("of what does not exist", 9, "some-group");
};

const joinGroup: Script = async (to, version, { topic }) => {
  const send = (label: string, body: RequestBody<"JoinGroup">) => to.compare(label, "JoinGroup", version, body);
  const body = joinBody(to.name("group"), topic.name);
  const first = await send("a new group", body);
  const { memberId } = await send("with the member id", { ...body, memberId: first.memberId, reason: "again" });
  await send("again", { ...body, memberId });
  await send("an unknown member", { ...body, memberId: "nobody" });
  await send("other protocols", { ...body, memberId: "", protocols: [{ name: "other", metadata: new Uint8Array(0) }] });
  await send("another type", { ...body, memberId: "", protocolType: "connect" });
  await send("no type", { ...body, memberId: "", protocolType: "" });
  await send("no protocols", { ...body, memberId: "", protocols: [] });
  await send("an unknown group and member", { ...joinBody(to.name("group"), topic.name), memberId: "nobody" });
  await send("a short session", { ...body, sessionTimeoutMs: 1 });
  await send("a long session", { ...body, sessionTimeoutMs: 0x7fff_ffff });
  await send("no group", { ...body, groupId: "" });
  const consumers = await newConsumer(to, topic.name);
  await send("a group of the other protocol", { ...joinBody(consumers.groupId, topic.name), protocolType: "connect" });
  await secondMember(to, version, topic.name);
  if (version >= 5) await staticMember(to, version, topic.name);
};

/** Two members: who leads, what each is told, and what the first hears while the second comes. */
async function secondMember(to: Conversation, version: number, topic: string): Promise<void> {
  const first = await newMember(to, topic);
  // What they bring tells the two apart in the list of members, which has no order.
  const join = (memberId: string) => {
    const userData = Buffer.from(memberId === first.memberId ? "the first" : "the second");
    const metadata = encodeSubscription({ topics: [topic], userData });
    return joinBody(first.groupId, topic, { memberId, protocols: [{ name: "range", metadata }] });
  };
  const other = await to.another();
  try {
    const { memberId } = await other.prepareUntil("JoinGroup", 9, join(""), () => true);
    const second = other.compare("the second of two members", "JoinGroup", version, join(memberId));
    const isRebalancing = ({ errors }: { errors: readonly string[] }) => errors.includes("REBALANCE_IN_PROGRESS");
    await to.prepareUntil("Heartbeat", 4, first, isRebalancing);
    const { generationId } = await to.compare("the first of two members", "JoinGroup", version, join(first.memberId));
    await second;
    const assignments = [first.memberId, memberId].map((id) => ({ memberId: id, assignment: ASSIGNMENT }));
    await to.prepare("SyncGroup", 5, { ...first, generationId, ...CONSUMER_RANGE, assignments });
    await to.compare("nothing changes for the follower", "JoinGroup", version, join(memberId));
  } finally {
    await other.close();
  }
}

async function staticMember(to: Conversation, version: number, topic: string): Promise<void> {
  const groupInstanceId = "the-same-after-a-restart";
  const body = joinBody(to.name("group"), topic, { groupInstanceId });
  const member = await to.compare("a static member", "JoinGroup", version, body);
  const { generationId, memberId } = member;
  const assignments = [{ memberId, assignment: ASSIGNMENT }];
  await to.prepare("SyncGroup", 5, {
    groupId: body.groupId ?? "",
    generationId,
    memberId,
    groupInstanceId,
    ...CONSUMER_RANGE,
    assignments,
  });
  await to.compare("the static member restarted", "JoinGroup", version, body);
  await to.compare("its earlier self", "JoinGroup", version, { ...body, memberId });
  await to.compare("an unknown static member", "JoinGroup", version, { ...body, memberId: "x", groupInstanceId: "other" });
  const oddName = joinBody(to.name("group"), topic, { groupInstanceId: "not / a name" });
  await to.compare("an instance id that Java's clients would refuse", "JoinGroup", version, oddName);
}

const syncGroup: Script = async (to, version, { topic }) => {
  const member = await joined(to, topic.name);
  const sync = {
    ...member,
    ...CONSUMER_RANGE,
    assignments: [{ memberId: member.memberId, assignment: Buffer.from("some bytes") }],
  };
  const send = (label: string, more: RequestBody<"SyncGroup"> = {}) =>
    to.compare(label, "SyncGroup", version, { ...sync, ...more });
  await send("another generation", { generationId: 99 });
  await send("an unknown member", { memberId: "nobody" });
  await send("another protocol", { protocolName: "other" });
  await send("another type", { protocolType: "connect" });
  await send("the assignment");
  await send("the assignment again", { assignments: [] });
  await send("an unknown group", { groupId: "no-such-group" });
  await send("no group", { groupId: "" });
  const missing = await joined(to, topic.name);
  await send("an assignment without the member", { ...missing, assignments: [] });
  await twoSyncing(to, version, topic.name);
  if (version < 3) return;
  const fenced = { ...member, groupInstanceId: "somebody" };
  await send("an unknown instance", fenced);
};

interface TwoMembers {
  readonly leader: Member;
  readonly follower: Member;
  /** The follower's connection. */
  readonly other: Conversation;
}

/** Two members of a classic group in the middle of a rebalance: both have joined, and nobody has an assignment yet. */
async function withTwoMembers(to: Conversation, topic: string, work: (members: TwoMembers) => Promise<void>): Promise<void> {
  const first = await newMember(to, topic);
  const { groupId } = first;
  const other = await to.another();
  try {
    const { memberId } = await other.prepareUntil("JoinGroup", 9, joinBody(groupId, topic), () => true);
    const second = other.prepare("JoinGroup", 9, joinBody(groupId, topic, { memberId }));
    await to.prepareUntil("Heartbeat", 4, first, ({ errors }) => errors.includes("REBALANCE_IN_PROGRESS"));
    const { generationId } = await to.prepare("JoinGroup", 9, joinBody(groupId, topic, { memberId: first.memberId }));
    await second;
    await work({ leader: { ...first, generationId }, follower: { groupId, memberId, generationId }, other });
  } finally {
    await other.close();
  }
}

/** The follower waits for the leader's assignment. */
async function twoSyncing(to: Conversation, version: number, topic: string): Promise<void> {
  await withTwoMembers(to, topic, async ({ leader, follower, other }) => {
    await to.compare("the leader, not synced yet", "Heartbeat", 4, leader);
    await to.compare("the leader of an earlier generation", "SyncGroup", version, {
      ...leader,
      ...CONSUMER_RANGE,
      generationId: 1,
    });
    const waiting = other.compare("the follower", "SyncGroup", version, { ...follower, ...CONSUMER_RANGE });
    const assignments = [leader, follower].map(({ memberId }, index) => ({ memberId, assignment: Buffer.from(`part ${index}`) }));
    await to.compare("the leader", "SyncGroup", version, { ...leader, ...CONSUMER_RANGE, assignments });
    await waiting;
    await to.compare("the group in order", "DescribeGroups", 6, { groups: [leader.groupId] });
    await other.compare("the follower, synced", "Heartbeat", 4, follower);
    await other.compare("the follower leaves", "LeaveGroup", 5, {
      groupId: leader.groupId,
      members: [{ memberId: follower.memberId }],
    });
    await to.compare("the leader hears of it", "Heartbeat", 4, leader);
    await to.compare("the leader syncs too late", "SyncGroup", version, { ...leader, ...CONSUMER_RANGE, assignments });
    await to.compare("the leader commits all the same", "OffsetCommit", 9, {
      groupId: leader.groupId,
      memberId: leader.memberId,
      generationIdOrMemberEpoch: leader.generationId,
      topics: [{ name: topic, partitions: [{ partitionIndex: 0, committedOffset: 1, committedMetadata: null }] }],
    });
  });
  await withTwoMembers(to, topic, async ({ leader, follower, other }) => {
    const waiting = other.compare("a follower whose leader leaves", "SyncGroup", version, { ...follower, ...CONSUMER_RANGE });
    await to.compare("the leader leaves", "LeaveGroup", 5, { groupId: leader.groupId, members: [{ memberId: leader.memberId }] });
    await waiting;
  });
}

const heartbeat: Script = async (to, version, { topic }) => {
  const fresh = await joined(to, topic.name);
  const member = await newMember(to, topic.name);
  const send = (label: string, more: RequestBody<"Heartbeat"> = {}) =>
    to.compare(label, "Heartbeat", version, { ...member, ...more });
  await send("a member");
  await send("before its assignment", fresh);
  await send("an unknown member", { memberId: "nobody" });
  await send("another generation", { generationId: 99 });
  await send("an unknown group", { groupId: "no-such-group" });
  await send("no group", { groupId: "" });
  await send("an unknown instance", { groupInstanceId: "somebody" });
  const consumer = await newConsumer(to, topic.name);
  await send("a consumer of the other protocol", {
    groupId: consumer.groupId,
    memberId: consumer.memberId,
    generationId: consumer.memberEpoch,
  });
};

const leaveGroup: Script = async (to, version, { topic }) => {
  const { groupId, memberId } = await newMember(to, topic.name);
  const leave = (label: string, id: string, group = groupId, groupInstanceId: string | null = null) =>
    to.compare(label, "LeaveGroup", version, {
      groupId: group,
      memberId: id,
      members: [{ memberId: id, groupInstanceId, reason: "done" }],
    });
  await leave("an unknown member", "nobody");
  await leave("the member", memberId);
  await leave("the member again", memberId);
  await leave("an unknown group", "nobody", "no-such-group");
  await leave("no group", "nobody", "");
  const consumer = await newConsumer(to, topic.name);
  await leave("a consumer of the other protocol", "nobody", consumer.groupId);
  if (version < 3) return;
  const group = to.name("group");
  await to.prepare("JoinGroup", 9, joinBody(group, topic.name, { groupInstanceId: "fixed" }));
  await leave("an unknown instance", "", group, "loose");
  await leave("an instance and the wrong member", "nobody", group, "fixed");
  await leave("by its instance alone", "", group, "fixed");
  await to.compare("no members", "LeaveGroup", version, { groupId: group, members: [] });
  const two = await newMember(to, topic.name);
  const members = [{ memberId: "nobody" }, { memberId: two.memberId }];
  await to.compare("one of two is unknown", "LeaveGroup", version, { groupId: two.groupId, members });
};

const describeGroups: Script = async (to, version, { topic }) => {
  const ask = (label: string, ...groups: readonly string[]) =>
    to.compare(label, "DescribeGroups", version, { groups, includeAuthorizedOperations: true });
  const { groupId } = await newMember(to, topic.name);
  await ask("a stable group", groupId);
  await to.compare("without its operations", "DescribeGroups", version, { groups: [groupId] });
  await ask("a group without assignment", (await joined(to, topic.name)).groupId);
  await ask("a group that only has offsets", await newOffsets(to, topic));
  await ask("an unknown group", "no-such-group");
  await ask("no name", "");
  await ask("nothing");
  await ask("a group of the other protocol", (await newConsumer(to, topic.name)).groupId);
  const left = await newMember(to, topic.name);
  await to.prepare("LeaveGroup", 5, { groupId: left.groupId, members: [{ memberId: left.memberId }] });
  await ask("a group that everybody left", left.groupId);
  const fixed = to.name("group");
  await to.prepare("JoinGroup", 9, joinBody(fixed, topic.name, { groupInstanceId: "fixed" }));
  await ask("a static member", fixed);
};

const listGroups: Script = async (to, version, { topic }) => {
  await newMember(to, topic.name);
  await newConsumer(to, topic.name);
  await newOffsets(to, topic);
  const ask = (label: string, more: RequestBody<"ListGroups">) => to.compare(label, "ListGroups", version, more);
  await ask("all", {});
  if (version >= 4) {
    await ask("the stable ones", { statesFilter: ["Stable"] });
    await ask("written otherwise", { statesFilter: ["stable"] });
    await ask("of no known state", { statesFilter: ["Dreaming"] });
    await ask("the empty ones", { statesFilter: ["Empty", "Dead"] });
  }
  if (version >= 5) {
    await ask("the classic ones", { typesFilter: ["classic"] });
    await ask("the consumers", { typesFilter: ["Consumer"] });
    await ask("of no known type", { typesFilter: ["dreamers"] });
    await ask("by state and type", { statesFilter: ["Stable"], typesFilter: ["consumer"] });
  }
};

const deleteGroups: Script = async (to, version, { topic }) => {
  const remove = (label: string, ...groupsNames: readonly string[]) => to.compare(label, "DeleteGroups", version, { groupsNames });
  const empty = await newOffsets(to, topic);
  await remove("an empty group", empty);
  await remove("the same again", empty);
  await remove("a group with members", (await newMember(to, topic.name)).groupId);
  await remove("a group of consumers with members", (await newConsumer(to, topic.name)).groupId);
  await remove("an unknown group", "no-such-group");
  await remove("no name", "");
  await remove("nothing");
  const another = await newOffsets(to, topic);
  await remove("an empty and an unknown group", another, "no-such-group");
  const alone = await newMember(to, topic.name);
  await to.prepare("LeaveGroup", 5, { groupId: alone.groupId, members: [{ memberId: alone.memberId }] });
  await remove("a group that everybody left", alone.groupId);
  await to.compare("joining what was deleted", "JoinGroup", 9, joinBody(alone.groupId, topic.name, { memberId: alone.memberId }));
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
};
