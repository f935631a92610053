/** A group as ConsumerGroupDescribe shows it. */
import {
  CONSUMER_MEMBER_TYPE,
  type ConsumerGroupDescribeAssignment,
  type DescribedConsumerGroup,
  type Draft,
} from "../../../protocol/index.ts";
import type { Topics } from "../../cluster/topics.ts";
import type { Partitions } from "./assignors/assignor.ts";
import type { ConsumerGroup } from "./consumer-group.ts";
import { type ConsumerMember, type HeldPartitions, partitionsOf } from "./member.ts";

export function describeGroup(group: ConsumerGroup): Draft<DescribedConsumerGroup> {
  return {
    groupId: group.id,
    groupState: group.state,
    groupEpoch: group.groupEpoch,
    assignmentEpoch: group.assignmentEpoch,
    assignorName: group.assignorName,
    members: Array.from(group.members, (member) => describeMember(member, group)),
  };
}

function describeMember(member: ConsumerMember, group: ConsumerGroup): Draft<DescribedConsumerGroup["members"][number]> {
  const { memberId, memberEpoch, instanceId, rackId, clientId, clientHost, subscribedTopicRegex } = member;
  const { topics } = group.cluster;
  return {
    memberId,
    memberEpoch,
    instanceId,
    rackId,
    clientId,
    clientHost,
    subscribedTopicNames: [...member.subscribedTopicNames],
    subscribedTopicRegex,
    assignment: describePartitions(withPending(member), topics),
    targetAssignment: describePartitions(group.targetOf(memberId), topics),
    memberType: CONSUMER_MEMBER_TYPE,
  };
}

/** What the member has to give up counts as its own until it has. */
function withPending({ assigned, pendingRevocation }: ConsumerMember): Partitions {
  const all: HeldPartitions = new Map(
    [...assigned, ...pendingRevocation].map(([topicId]) => [
      topicId,
      new Map([...(assigned.get(topicId) ?? []), ...(pendingRevocation.get(topicId) ?? [])]),
    ]),
  );
  return partitionsOf(all);
}

/** Topics that are gone are left out: they have no name. */
function describePartitions(partitions: Partitions, topics: Topics): Draft<ConsumerGroupDescribeAssignment> {
  return {
    topicPartitions: Array.from(partitions).flatMap(([topicId, numbers]) => {
      const topic = topics.byId(topicId);
      return topic === undefined ? [] : [{ topicId, topicName: topic.name, partitions: [...numbers] }];
    }),
  };
}
