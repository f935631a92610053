import type { TopicPartition } from "../../consumer/topic-partition.ts";
import {
  type Assignment,
  byMemberName,
  compareTexts,
  type GroupMember,
  type PartitionAssignor,
  subscribedTopics,
  type TopicRacks,
} from "./assignor.ts";

/** All partitions of all topics in their order, one for each member in turn, as far as it has subscribed to the topic. */
export const roundRobinAssignor: PartitionAssignor = {
  name: "roundrobin",
  assign(topics: TopicRacks, members: readonly GroupMember[]): Assignment {
    const assignment = new Map<string, TopicPartition[]>(members.map(({ memberId }) => [memberId, []]));
    const turns = [...members].sort(byMemberName).map((member) => ({ member, topics: new Set(member.topics) }));
    const known = subscribedTopics(topics, members);
    let turn = 0;
    for (const topic of [...known.keys()].sort(compareTexts)) {
      const { length } = known.get(topic) ?? [];
      for (let partition = 0; partition < length; partition++) {
        // Somebody has subscribed to it, or it would not be here.
        while (turns[turn % turns.length]?.topics.has(topic) !== true) turn++;
        const { member } = turns[turn++ % turns.length]!;
        assignment.get(member.memberId)?.push({ topic, partition });
      }
    }
    return assignment;
  },
};
