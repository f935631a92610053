import {
  DeleteRecords,
  type DeleteRecordsPartition,
  type DeleteRecordsPartitionResult,
  type Draft,
  type ErrorName,
} from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import { codeOf, NONE } from "../error-codes.ts";
import { servedPartition } from "../log/served-partition.ts";
import type { RequestContext } from "../request-context.ts";

type PartitionAnswer = Draft<DeleteRecordsPartitionResult>;

/** `offset` that stands for the high watermark. */
const HIGH_WATERMARK = -1;
const UNKNOWN_LOW_WATERMARK = -1;

export const handler: Handler = defineHandler(DeleteRecords, {
  faultScope: "partition",
  answer: ({ topics }, context) => ({
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((asked) => partitionAnswer(asked, name, context)),
    })),
  }),
  refuse: ({ topics }, errorCode) => ({
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode, lowWatermark: UNKNOWN_LOW_WATERMARK })),
    })),
  }),
});

function partitionAnswer(asked: DeleteRecordsPartition, topicName: string, context: RequestContext): PartitionAnswer {
  const { partitionIndex } = asked;
  const fault = context.faultAt(topicName, partitionIndex);
  const faulty = { partitionIndex, errorCode: fault?.errorCode ?? NONE, lowWatermark: UNKNOWN_LOW_WATERMARK };
  if (fault !== undefined && !fault.afterApply) return faulty;
  const answer = deleteRecords(asked, topicName, context);
  return fault === undefined ? answer : faulty;
}

function deleteRecords(
  { partitionIndex, offset }: DeleteRecordsPartition,
  topicName: string,
  { cluster, node }: RequestContext,
): PartitionAnswer {
  const refused = (error: ErrorName) => ({ partitionIndex, errorCode: codeOf(error), lowWatermark: UNKNOWN_LOW_WATERMARK });
  const topic = cluster.topics.get(topicName);
  if (topic?.partition(partitionIndex) === undefined) return refused("UNKNOWN_TOPIC_OR_PARTITION");
  if (topic.isInternal) return refused("INVALID_TOPIC_EXCEPTION");
  const partition = servedPartition(topic, partitionIndex, node);
  if (typeof partition === "string") return refused(partition);
  if (!topic.configs.list("cleanup.policy").includes("delete")) return refused("POLICY_VIOLATION");
  const { log } = partition;
  const before = offset === HIGH_WATERMARK ? log.highWatermark : offset;
  if (before < 0 || before > log.highWatermark) return refused("OFFSET_OUT_OF_RANGE");
  log.deleteRecordsBefore(before);
  return { partitionIndex, errorCode: NONE, lowWatermark: log.logStartOffset };
}
