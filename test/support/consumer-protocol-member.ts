// A member of a group whose coordinator assigns (KIP-848).

import { Deadline } from "../../src/client/async/deadline.ts";
import type { TopicPartition } from "../../src/client/consumer/topic-partition.ts";
import { IllegalStateError } from "../../src/client/errors.ts";
import {
  ConsumerProtocolMembership,
  type IdentifiedPartitions,
  type MemberHost,
} from "../../src/client/group/consumer-protocol/consumer-protocol-membership.ts";
import { type MemberGround, type MemberOptions, named, StagedMember } from "./staged-member.ts";

export class ConsumerProtocolMember extends StagedMember implements MemberHost {
  readonly membership: ConsumerProtocolMembership;

  private constructor(ground: MemberGround, options: MemberOptions) {
    super(ground, options);
    this.membership = new ConsumerProtocolMembership({
      rules: {
        isStatic: options.instanceId !== undefined,
        sessionTimeoutMs: 45_000,
        maxPollIntervalMs: 300_000,
        backoffMs: () => 100,
        tooSlow: (awayMs) => new IllegalStateError(`away for ${awayMs} ms`),
      },
      cluster: () => ground.cluster,
      groupId: options.groupId,
      groupInstanceId: options.instanceId,
      rackId: undefined,
      remoteAssignor: undefined,
      rebalanceTimeoutMs: 300_000,
      memberId: `${options.name}-member`,
      clock: ground.clock,
      host: this,
    });
  }

  static readonly open = (ground: MemberGround, options: MemberOptions): ConsumerProtocolMember =>
    new ConsumerProtocolMember(ground, options);

  heldNow(): readonly IdentifiedPartitions[] {
    const { topics } = this.ground.cluster.metadata;
    const ids = new Map<string, number[]>();
    for (const { topic, partition } of this.held) {
      const topicId = topics.get(topic)?.topicId ?? "";
      ids.set(topicId, [...(ids.get(topicId) ?? []), partition]);
    }
    return [...ids].map(([topicId, partitions]) => ({ topicId, partitions }));
  }

  subscribe(...topics: readonly string[]): void {
    this.wanted = topics;
    this.membership.subscribed();
  }

  pattern(): undefined {}

  rebalance(): void {}

  holdBack(): void {
    this.told.push("held back");
  }

  heartbeatAnswered(): void {}

  async reconcile(assigned: readonly IdentifiedPartitions[]): Promise<void> {
    const { cluster } = this.ground;
    await cluster.topics(this.wanted, new Deadline(this.ground.clock, 10_000));
    await this.tell(() => {
      const partitions = assigned.flatMap(({ topicId, partitions: of }): TopicPartition[] => {
        const topic = cluster.metadata.topicById(topicId)?.name;
        return topic === undefined ? [] : of.map((partition) => ({ topic, partition }));
      });
      this.holdInstead(partitions);
    });
  }

  release(): Promise<void> {
    return this.tell(() => {
      if (this.held.length > 0) this.told.push(`lost ${named(this.held)}`);
      this.held = [];
    });
  }
}
