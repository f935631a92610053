// What clients do in groups of both protocols, as members or from outside.

import { coordinatorOf, type Deed, GROUPS, remember, type Setting, TOPICS } from "./deed.ts";

interface Member {
  readonly groupId: string;
  readonly memberId: string;
  generation: number;
}

export class GroupDeeds {
  readonly #setting: Setting;
  readonly #members: Member[] = [];
  readonly #consumers: Member[] = [];

  constructor(setting: Setting) {
    this.#setting = setting;
  }

  join(): Deed {
    const random = this.#setting.random;
    const groupId = random.pick(GROUPS);
    const member = random.below(2) === 0 ? random.pick([...this.#members, undefined]) : undefined;
    const groupInstanceId = random.below(4) === 0 ? `i${random.below(2)}` : null;
    const version = random.pick([3, 5, 9]);
    const names = random.pick([["range"], ["range", "other"], ["other"]]);
    const bytes = random.below(3);
    return [
      coordinatorOf(this.#setting, "group", member?.groupId ?? groupId),
      async (ask) => {
        const body = {
          groupId: member?.groupId ?? groupId,
          memberId: member?.memberId ?? "",
          protocolType: "consumer",
          sessionTimeoutMs: 6000 + random.below(10_000),
          rebalanceTimeoutMs: 1000 + random.below(20_000),
          protocols: names.map((name) => ({ name, metadata: new Uint8Array(bytes) })),
          ...(version >= 5 && { groupInstanceId }),
        };
        const joined = await ask("JoinGroup", body, version);
        // MEMBER_ID_REQUIRED: now it has one.
        if (joined.errorCode === 79 || joined.errorCode === 0)
          remember(this.#members, { groupId: body.groupId, memberId: joined.memberId, generation: joined.generationId });
      },
    ];
  }

  sync(): Deed {
    const member = this.#setting.random.pick([...this.#members, undefined]);
    const others = this.#members.map(({ memberId }) => ({ memberId, assignment: Buffer.of(1, 2) }));
    const isBeat = this.#setting.random.below(3) === 0;
    return [
      coordinatorOf(this.#setting, "group", member?.groupId),
      async (ask) => {
        if (member === undefined) return;
        const { groupId, memberId, generation: generationId } = member;
        if (isBeat) await ask("Heartbeat", { groupId, memberId, generationId });
        else await ask("SyncGroup", { groupId, memberId, generationId, assignments: others });
      },
    ];
  }

  leave(): Deed {
    const member = this.#setting.random.pick([...this.#members, undefined]);
    const instance = this.#setting.random.below(3) === 0 ? `i${this.#setting.random.below(2)}` : null;
    return [
      coordinatorOf(this.#setting, "group", member?.groupId),
      async (ask) => {
        if (member === undefined) return;
        const { groupId, memberId } = member;
        await ask("LeaveGroup", { groupId, members: [{ memberId: instance === null ? memberId : "", groupInstanceId: instance }] });
      },
    ];
  }

  commit(): Deed {
    const random = this.#setting.random;
    const member = random.pick([...this.#members, ...this.#consumers, undefined]);
    const name = random.pick(TOPICS);
    return [
      coordinatorOf(this.#setting, "group", member?.groupId ?? "g0"),
      async (ask) => {
        const topics = [{ name, partitions: [{ partitionIndex: 0, committedOffset: 3 }] }];
        const { groupId = "g0", memberId = "", generation: generationIdOrMemberEpoch = -1 } = member ?? {};
        await ask("OffsetCommit", { groupId, memberId, generationIdOrMemberEpoch, topics }, 9);
      },
    ];
  }

  consume(): Deed {
    const random = this.#setting.random;
    const known = random.below(4) > 0 ? random.pick([...this.#consumers, undefined]) : undefined;
    const groupId = known?.groupId ?? random.pick(GROUPS);
    const memberId = known?.memberId ?? `m${random.below(6)}`;
    const instanceId = random.below(4) === 0 ? `i${random.below(2)}` : null;
    const kind = random.below(10);
    const names = random.pick([TOPICS, TOPICS.slice(0, 1), TOPICS.slice(1), []]);
    const regex = random.pick([null, null, "", "t[01]", "t.*"]);
    const owned = random.below(3) > 0;
    return [
      coordinatorOf(this.#setting, "group", groupId),
      async (ask) => {
        const isNew = known === undefined || kind === 0;
        const memberEpoch = isNew
          ? 0
          : kind === 1
            ? random.pick([-1, -2])
            : known.generation + (kind === 2 ? random.pick([-1, 1]) : 0);
        const body = {
          groupId,
          memberId,
          memberEpoch,
          instanceId,
          rebalanceTimeoutMs: isNew ? 5000 + random.below(10_000) : -1,
          subscribedTopicNames: isNew || kind === 3 ? names : null,
          subscribedTopicRegex: isNew || kind === 4 ? regex : null,
          topicPartitions: isNew ? [] : owned ? this.#owned(groupId, memberId) : null,
        };
        const answer = await ask("ConsumerGroupHeartbeat", body, 1);
        if (answer.errorCode !== 0) return;
        if (known !== undefined) known.generation = answer.memberEpoch;
        else remember(this.#consumers, { groupId, memberId, generation: answer.memberEpoch });
      },
    ];
  }

  read(): Deed {
    const groupId = this.#setting.random.pick(GROUPS);
    return [
      coordinatorOf(this.#setting, "group", groupId),
      async (ask) => {
        await ask("OffsetFetch", { groups: [{ groupId, topics: null }], requireStable: true });
        await ask("DescribeGroups", { groups: [groupId] });
        await ask("ConsumerGroupDescribe", { groupIds: [groupId] });
        await ask("ListTransactions", {});
      },
    ];
  }

  /** What an obedient member would say: that it has given up what it was to give up. */
  #owned(groupId: string, memberId: string): { topicId: string; partitions: number[] }[] {
    const group = this.#setting.cluster.groups.get(groupId);
    const member = group?.protocol === "consumer" ? group.member(memberId) : undefined;
    return Array.from(member?.assigned ?? [], ([topicId, partitions]) => ({ topicId, partitions: [...partitions.keys()] }));
  }
}
