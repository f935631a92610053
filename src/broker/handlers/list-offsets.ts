import {
  type Draft,
  type ErrorName,
  isSince,
  ListOffsets,
  type ListOffsetsPartition,
  type ListOffsetsPartitionResponse,
  type ListOffsetsRequest,
  type ListOffsetsTopic,
  type ListOffsetsTopicResponse,
} from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import { codeOf, NONE } from "../error-codes.ts";
import { isTimestampSupported, listedOffset } from "../log/listed-offset.ts";
import { servedPartition } from "../log/served-partition.ts";
import type { RequestContext } from "../request-context.ts";

type PartitionAnswer = Draft<ListOffsetsPartitionResponse>;

const READ_UNCOMMITTED = 0;
const READ_COMMITTED = 1;
const FIRST_VERSION_WITH_EPOCHS = 4;
const FIRST_RELEASE_WITH_ONE_ANSWER = "4.0";

export const handler: Handler = defineHandler(ListOffsets, {
  faultScope: "partition",
  answer(request, context) {
    // Java throws for any other level, and nobody expects it.
    if (request.isolationLevel !== READ_UNCOMMITTED && request.isolationLevel !== READ_COMMITTED) {
      return this.refuse(request, codeOf("UNKNOWN_SERVER_ERROR"), context);
    }
    // Only since every answer is one offset does Kafka notice what is asked twice.
    if (context.version === 0)
      return { topics: request.topics.map((topic) => topicAnswer(topic, topic.partitions, new Set(), request, context)) };
    const twice = askedTwice(request);
    const asked = isSince(context.cluster.release, FIRST_RELEASE_WITH_ONE_ANSWER) ? eachOnce : partitionsOf;
    return { topics: request.topics.map((topic) => topicAnswer(topic, asked(topic), twice, request, context)) };
  },
  refuse: ({ topics }, errorCode) => ({
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
    })),
  }),
});

function topicAnswer(
  { name }: ListOffsetsTopic,
  partitions: readonly ListOffsetsPartition[],
  twice: ReadonlySet<string>,
  request: ListOffsetsRequest,
  context: RequestContext,
): Draft<ListOffsetsTopicResponse> {
  const answerTo = (asked: ListOffsetsPartition): PartitionAnswer => {
    const fault = context.faultAt(name, asked.partitionIndex);
    if (fault !== undefined) return { partitionIndex: asked.partitionIndex, errorCode: fault.errorCode };
    if (twice.has(placeOf(name, asked))) return failed(asked, "INVALID_REQUEST");
    if (!isTimestampSupported(asked.timestamp, context.version)) return failed(asked, "UNSUPPORTED_VERSION");
    return foundOffset(asked, name, request, context);
  };
  return { name, partitions: partitions.map(answerTo) };
}

function foundOffset(
  asked: ListOffsetsPartition,
  topicName: string,
  request: ListOffsetsRequest,
  context: RequestContext,
): PartitionAnswer {
  const { cluster, node, version } = context;
  const partition = servedPartition(cluster.topics.get(topicName), asked.partitionIndex, node, asked.currentLeaderEpoch);
  if (typeof partition === "string") return failed(asked, partition);
  const { partitionIndex, timestamp, maxNumOffsets } = asked;
  if (version === 0)
    return { partitionIndex, errorCode: NONE, oldStyleOffsets: partition.log.legacyOffsetsBefore(timestamp, maxNumOffsets) };
  const found = listedOffset(partition, timestamp, request.isolationLevel === READ_COMMITTED);
  if (found === undefined) return { partitionIndex, errorCode: NONE };
  const { leaderEpoch, ...timeAndOffset } = found;
  return { partitionIndex, errorCode: NONE, ...timeAndOffset, ...(version >= FIRST_VERSION_WITH_EPOCHS && { leaderEpoch }) };
}

function failed({ partitionIndex }: ListOffsetsPartition, error: ErrorName): PartitionAnswer {
  return { partitionIndex, errorCode: codeOf(error) };
}

/** Since 4.0 a partition has one answer, however often it is asked for. */
function eachOnce({ partitions }: ListOffsetsTopic): readonly ListOffsetsPartition[] {
  return [...new Map(partitions.map((asked) => [asked.partitionIndex, asked])).values()];
}

function partitionsOf({ partitions }: ListOffsetsTopic): readonly ListOffsetsPartition[] {
  return partitions;
}

function askedTwice({ topics }: ListOffsetsRequest): ReadonlySet<string> {
  const once = new Set<string>();
  const twice = new Set<string>();
  for (const { name, partitions } of topics) {
    for (const asked of partitions) (once.has(placeOf(name, asked)) ? twice : once).add(placeOf(name, asked));
  }
  return twice;
}

function placeOf(topic: string, { partitionIndex }: ListOffsetsPartition): string {
  return `${partitionIndex}/${topic}`;
}
