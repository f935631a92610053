// A member of a classic group.

import type { Deadline } from "../../src/client/async/deadline.ts";
import type { TopicPartition } from "../../src/client/consumer/topic-partition.ts";
import { IllegalStateError } from "../../src/client/errors.ts";
import type { TopicRacks } from "../../src/client/group/assignors/assignor.ts";
import { builtInAssignor } from "../../src/client/group/assignors/built-in.ts";
import { ClassicMembership, type MembershipHost } from "../../src/client/group/classic/classic-membership.ts";
import { GroupCalls } from "../../src/client/group/classic/group-calls.ts";
import type { MembershipRules, Release } from "../../src/client/group/classic/membership-state.ts";
import type { KafkaError } from "../../src/protocol/index.ts";
import { type MemberGround, type MemberOptions, named, StagedMember } from "./staged-member.ts";

export class ClassicMember extends StagedMember implements MembershipHost {
  readonly membership: ClassicMembership;
  /** On something that takes for ever: what it has stays as it is. */
  isAtWork = false;

  private constructor(ground: MemberGround, options: MemberOptions) {
    super(ground, options);
    const { assignor = "range", groupId, instanceId, heartbeatIntervalMs = 3_000 } = options;
    const rules: MembershipRules = {
      protocol: assignor === "cooperative-sticky" ? "cooperative" : "eager",
      sessionTimeoutMs: 45_000,
      heartbeatIntervalMs,
      maxPollIntervalMs: 300_000,
      isStatic: instanceId !== undefined,
      backoffMs: () => 100,
      tooSlow: (awayMs) => new IllegalStateError(`away for ${awayMs} ms`),
    };
    const times = { sessionTimeoutMs: 45_000, rebalanceTimeoutMs: 300_000 };
    const cluster = (): MemberGround["cluster"] => ground.cluster;
    const calls = new GroupCalls({
      cluster,
      groupId,
      groupInstanceId: instanceId,
      ...times,
      clock: ground.clock,
      onAnswered: () => undefined,
    });
    const assignors = [builtInAssignor(assignor)];
    this.membership = new ClassicMembership({ rules, calls, assignors, rackId: undefined, clock: ground.clock, host: this });
  }

  static readonly open = (ground: MemberGround, options: MemberOptions): ClassicMember => new ClassicMember(ground, options);

  async partitionsOfTopics(deadline: Deadline): Promise<readonly TopicPartition[]> {
    const found = await this.ground.cluster.topics([...this.wanted], deadline);
    return [...found].flatMap(([topic, { partitions }]) => partitions.map(({ partition }) => ({ topic, partition })));
  }

  heldNow(): readonly TopicPartition[] {
    return this.held;
  }

  subscribe(...topics: readonly string[]): void {
    this.wanted = topics;
    this.membership.comeTogether("other topics");
  }

  async racksOf(topics: ReadonlySet<string>, deadline: Deadline): Promise<TopicRacks> {
    const found = await this.ground.cluster.topics([...topics], deadline);
    return new Map([...found].map(([topic, { partitions }]) => [topic, partitions.map(() => [])]));
  }

  release(release: Release): Promise<void> {
    return this.tell(() => {
      const gone = release === "unwanted" ? this.held.filter(({ topic }) => !this.wanted.includes(topic)) : this.held;
      this.held = this.held.filter((partition) => !gone.includes(partition));
      if (gone.length > 0) this.told.push(`${release === "lost" ? "lost" : "revoked"} ${named(gone)}`);
    });
  }

  settle(partitions: readonly TopicPartition[]): Promise<boolean> {
    if (this.isAtWork) return new Promise(() => undefined);
    return this.tell(() => this.holdInstead(partitions).gone.length > 0);
  }

  rebalance(): void {}

  cannotLook({ code }: KafkaError): void {
    this.told.push(`cannot look ${code}`);
  }

  unreadableMember(memberId: string): void {
    this.told.push(`unreadable ${memberId}`);
  }
}
