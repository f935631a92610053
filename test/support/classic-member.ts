// A member of a classic group, for MembersStage.

import { Deadline } from "../../src/client/async/deadline.ts";
import type { TopicPartition } from "../../src/client/consumer/topic-partition.ts";
import { IllegalStateError } from "../../src/client/errors.ts";
import type { TopicRacks } from "../../src/client/group/assignors/assignor.ts";
import { builtInAssignor } from "../../src/client/group/assignors/built-in.ts";
import { ClassicMembership, type MembershipHost } from "../../src/client/group/classic/classic-membership.ts";
import { GroupCalls } from "../../src/client/group/classic/group-calls.ts";
import type { MembershipRules, Release } from "../../src/client/group/classic/membership-state.ts";
import type { HeldStage } from "./held-stage.ts";
import { GROUP, type MemberConnection, type MemberOptions, named, StagedMember } from "./members-stage.ts";

export class ClassicMember extends StagedMember implements MembershipHost {
  readonly membership: ClassicMembership;

  private constructor(stage: HeldStage, connection: MemberConnection, options: MemberOptions) {
    super(stage, connection, options);
    const { assignor = "range", instanceId } = options;
    const rules: MembershipRules = {
      protocol: assignor === "cooperative-sticky" ? "cooperative" : "eager",
      sessionTimeoutMs: 45_000,
      heartbeatIntervalMs: 3_000,
      maxPollIntervalMs: 300_000,
      isStatic: instanceId !== undefined,
      backoffMs: () => 100,
      tooSlow: (awayMs) => new IllegalStateError(`away for ${awayMs} ms`),
    };
    const times = { sessionTimeoutMs: 45_000, rebalanceTimeoutMs: 300_000 };
    const cluster = (): MemberConnection["cluster"] => connection.cluster;
    const calls = new GroupCalls({ cluster, groupId: GROUP, groupInstanceId: instanceId, ...times });
    const assignors = [builtInAssignor(assignor)];
    this.membership = new ClassicMembership({ rules, calls, assignors, rackId: undefined, clock: stage.clock, host: this });
  }

  static readonly open = (stage: HeldStage, connection: MemberConnection, options: MemberOptions): ClassicMember =>
    new ClassicMember(stage, connection, options);

  heldNow(): readonly TopicPartition[] {
    return this.held;
  }

  subscribe(...topics: readonly string[]): void {
    this.wanted = topics;
    this.membership.comeTogether("other topics");
  }

  async racksOf(topics: ReadonlySet<string>, deadline: Deadline): Promise<TopicRacks> {
    const found = await this.connection.cluster.topics([...topics], deadline);
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
    return this.tell(() => this.holdInstead(partitions).gone.length > 0);
  }

  unreadableMember(memberId: string): void {
    this.told.push(`unreadable ${memberId}`);
  }

  leave(): Promise<void> {
    this.isReading = false;
    return this.stage.when(this.membership.leave(new Deadline(this.stage.clock, 10_000)));
  }

  protected read(): void {
    this.membership.read();
  }

  protected end(): void {
    this.membership.close();
  }
}
