import {
  type Draft,
  type LeaderEpochEndOffset,
  OffsetForLeaderEpoch,
  type OffsetForLeaderEpochPartition,
} from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import { codeOf, NONE } from "../error-codes.ts";
import { servedPartition } from "../log/served-partition.ts";
import type { RequestContext } from "../request-context.ts";

export const handler: Handler = defineHandler(OffsetForLeaderEpoch, {
  faultScope: "partition",
  answer: ({ topics }, context) => ({
    topics: topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map((asked) => partitionAnswer(asked, topic, context)),
    })),
  }),
  refuse: ({ topics }, errorCode) => ({
    topics: topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ partition }) => ({ partition, errorCode })),
    })),
  }),
});

function partitionAnswer(
  asked: OffsetForLeaderEpochPartition,
  topicName: string,
  context: RequestContext,
): Draft<LeaderEpochEndOffset> {
  const { partition, leaderEpoch, currentLeaderEpoch } = asked;
  const fault = context.faultAt(topicName, partition);
  if (fault !== undefined) return { partition, errorCode: fault.errorCode };
  const served = servedPartition(context.cluster.topics.get(topicName), partition, context.node, currentLeaderEpoch);
  if (typeof served === "string") return { partition, errorCode: codeOf(served) };
  const { epoch, endOffset } = served.log.endOfEpoch(leaderEpoch);
  return { partition, errorCode: NONE, leaderEpoch: epoch, endOffset };
}
