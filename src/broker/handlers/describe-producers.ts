import { DescribeProducers, type DescribeProducersPartitionResult, type Draft } from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import { refusal } from "../cluster/refusal.ts";
import { invalidTopicName } from "../cluster/topics.ts";
import { codeOf, NONE } from "../error-codes.ts";
import { servedPartition } from "../log/served-partition.ts";
import type { RequestContext } from "../request-context.ts";

type PartitionAnswer = Draft<DescribeProducersPartitionResult>;

export const handler: Handler = defineHandler(DescribeProducers, {
  faultScope: "partition",
  answer: ({ topics }, context) => ({
    topics: topics.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((partitionIndex) => partitionAnswer(partitionIndex, name, context)),
    })),
  }),
  refuse: ({ topics }, errorCode) => ({
    topics: topics.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((partitionIndex) => ({ partitionIndex, errorCode, errorMessage: null })),
    })),
  }),
});

function partitionAnswer(partitionIndex: number, topicName: string, context: RequestContext): PartitionAnswer {
  const fault = context.faultAt(topicName, partitionIndex);
  if (fault !== undefined) return { partitionIndex, errorCode: fault.errorCode, errorMessage: fault.message ?? null };
  const unnamable = invalidTopicName(topicName);
  if (unnamable !== undefined) {
    const errorMessage = `Topic name is invalid: ${unnamable}`;
    return { partitionIndex, errorCode: codeOf("INVALID_TOPIC_EXCEPTION"), errorMessage };
  }
  const topic = context.cluster.topics.get(topicName);
  if (topic === undefined) {
    const { error, message } = refusal("UNKNOWN_TOPIC_OR_PARTITION");
    return { partitionIndex, errorCode: codeOf(error), errorMessage: message };
  }
  const partition = servedPartition(topic, partitionIndex, context.node);
  if (typeof partition === "string") return { partitionIndex, errorCode: codeOf(partition), errorMessage: null };
  return { partitionIndex, errorCode: NONE, errorMessage: null, activeProducers: partition.log.producers() };
}
