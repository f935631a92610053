import {
  type DescribedTopic,
  type DescribedTopicPartition,
  DescribeTopicPartitions,
  type DescribeTopicPartitionsRequest,
  type DescribeTopicPartitionsResponse,
  type Draft,
  type TopicPartitionsCursor,
} from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import { ALL_TOPIC_OPERATIONS } from "../cluster/authorized-operations.ts";
import { NodeView } from "../cluster/node-view.ts";
import type { Partition } from "../cluster/partition.ts";
import { invalidTopicName, isInternalTopic } from "../cluster/topics.ts";
import { codeOf } from "../error-codes.ts";
import type { RequestContext } from "../request-context.ts";

export const handler: Handler = defineHandler(DescribeTopicPartitions, {
  faultScope: "topic",
  answer(request, context) {
    const { cursor, topics } = request;
    const isOutside = cursor !== null && topics.length > 0 && !topics.some(({ name }) => name === cursor.topicName);
    if (isOutside || (cursor !== null && cursor.partitionIndex < 0)) return refused(request, codeOf("INVALID_REQUEST"));
    return page(request, new NodeView(context.cluster, context.node), context);
  },
  refuse: refused,
});

function refused({ topics }: DescribeTopicPartitionsRequest, errorCode: number): Draft<DescribeTopicPartitionsResponse> {
  return { topics: topics.map(({ name }) => ({ errorCode, name })) };
}

function page(request: DescribeTopicPartitionsRequest, view: NodeView, context: RequestContext) {
  const { cursor, responsePartitionLimit } = request;
  const limit = context.node.configs.int("max.request.partition.size.limit");
  let room = Math.max(1, Math.min(limit, responsePartitionLimit));
  const topics: Draft<DescribedTopic>[] = [];
  for (const name of namesFrom(request, view)) {
    if (room === 0) return { topics, nextCursor: { topicName: name, partitionIndex: 0 } };
    const start = name === cursor?.topicName ? cursor.partitionIndex : 0;
    const { described, nextIndex } = describedTopic(name, { start, room }, view, context);
    topics.push(described);
    room -= described.partitions?.length ?? 0;
    if (nextIndex !== undefined) return { topics, nextCursor: { topicName: name, partitionIndex: nextIndex } };
  }
  return { topics, nextCursor: null };
}

/** In the order of their names, as Java compares strings, which is how JavaScript sorts them. */
function namesFrom({ topics, cursor }: DescribeTopicPartitionsRequest, view: NodeView): readonly string[] {
  const names = new Set((topics.length === 0 ? view.topics() : topics).map(({ name }) => name));
  return [...names].filter((name) => cursor === null || name >= cursor.topicName).sort();
}

interface Described {
  readonly described: Draft<DescribedTopic>;
  /** Where the topic goes on, if it does not fit. */
  readonly nextIndex: TopicPartitionsCursor["partitionIndex"] | undefined;
}

function describedTopic(
  name: string,
  { start, room }: { readonly start: number; readonly room: number },
  view: NodeView,
  context: RequestContext,
): Described {
  const topic = view.topic(name);
  const fault = context.faultAt(name);
  const operations = { topicAuthorizedOperations: ALL_TOPIC_OPERATIONS };
  if (topic === undefined || fault !== undefined) {
    const error = invalidTopicName(name) === undefined ? "UNKNOWN_TOPIC_OR_PARTITION" : "INVALID_TOPIC_EXCEPTION";
    const errorCode = fault?.errorCode ?? codeOf(error);
    return { described: { errorCode, name, isInternal: isInternalTopic(name), ...operations }, nextIndex: undefined };
  }
  const all = view.partitions(topic);
  const partitions = all.slice(start, start + room).map((partition) => describedPartition(partition, view));
  const nextIndex = start + room < all.length ? start + room : undefined;
  return { described: { name, topicId: topic.id, isInternal: topic.isInternal, partitions, ...operations }, nextIndex };
}

function describedPartition(partition: Partition, view: NodeView): Draft<DescribedTopicPartition> {
  const { leaderId, leaderEpoch } = view.leadership(partition);
  return {
    partitionIndex: partition.index,
    leaderId,
    leaderEpoch,
    replicaNodes: partition.replicas,
    isrNodes: partition.isr,
    // Whoever runs is in sync here, so that nobody else could take over.
    eligibleLeaderReplicas: [],
    lastKnownElr: [],
    offlineReplicas: partition.offlineReplicas,
  };
}
