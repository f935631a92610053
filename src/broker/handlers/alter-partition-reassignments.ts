import {
  AlterPartitionReassignments,
  type AlterPartitionReassignmentsRequest,
  type Draft,
  type ReassignablePartition,
  type ReassignablePartitionResult,
} from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import { refusalOfReplicas } from "../cluster/new-topic-rules.ts";
import { type Refusal, refusal } from "../cluster/refusal.ts";
import { codeOf, NONE } from "../error-codes.ts";
import type { RequestContext } from "../request-context.ts";

/** Nothing has to be copied, so that a reassignment is complete when it is asked for: none is ever in progress. */
export const handler: Handler = defineHandler(AlterPartitionReassignments, {
  faultScope: "partition",
  answer: (request, context) => ({
    allowReplicationFactorChange: request.allowReplicationFactorChange,
    errorMessage: null,
    responses: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((partition) => reassigned(name, partition, request, context)),
    })),
  }),
  refuse: ({ topics, allowReplicationFactorChange }, errorCode) => ({
    allowReplicationFactorChange,
    errorCode,
    errorMessage: null,
    responses: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode, errorMessage: null })),
    })),
  }),
});

function reassigned(
  topic: string,
  wanted: ReassignablePartition,
  request: AlterPartitionReassignmentsRequest,
  context: RequestContext,
): Draft<ReassignablePartitionResult> {
  const { partitionIndex } = wanted;
  const fault = context.faultAt(topic, partitionIndex);
  const outcome = fault === undefined || fault.afterApply ? reassign(topic, wanted, request, context) : undefined;
  if (fault !== undefined) return { partitionIndex, errorCode: fault.errorCode, errorMessage: fault.message ?? null };
  if (outcome === undefined) return { partitionIndex, errorCode: NONE, errorMessage: null };
  return { partitionIndex, errorCode: codeOf(outcome.error), errorMessage: outcome.message };
}

function reassign(
  topicName: string,
  { partitionIndex, replicas }: ReassignablePartition,
  { allowReplicationFactorChange }: AlterPartitionReassignmentsRequest,
  { cluster }: RequestContext,
): Refusal | undefined {
  const topic = cluster.topics.get(topicName);
  if (topic === undefined) return refusal("UNKNOWN_TOPIC_OR_PARTITION", `Unable to find a topic named ${topicName}.`);
  const partition = topic.partition(partitionIndex);
  if (partition === undefined) {
    return refusal("UNKNOWN_TOPIC_OR_PARTITION", `Unable to find partition ${topicName}:${partitionIndex}.`);
  }
  if (replicas === null) return refusal("NO_REASSIGNMENT_IN_PROGRESS", null);
  const refused = refusalOfReplicas(cluster, replicas);
  if (refused !== undefined) return refused;
  const present = partition.replicas.length;
  if (!allowReplicationFactorChange && replicas.length !== present) {
    return refusal("INVALID_REPLICATION_FACTOR", `The replication factor is changed from ${present} to ${replicas.length}`);
  }
  partition.reassign(replicas, (id) => cluster.node(id)?.isRunning === true);
  return undefined;
}
