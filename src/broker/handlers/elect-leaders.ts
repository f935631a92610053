import {
  type Draft,
  ElectLeaders,
  type ElectLeadersPartitionResult,
  type ElectLeadersRequest,
  type ElectLeadersResponse,
  PREFERRED_ELECTION,
  UNCLEAN_ELECTION,
} from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import { NO_LEADER, type Partition } from "../cluster/partition.ts";
import { type Refusal, refusal } from "../cluster/refusal.ts";
import { codeOf, NONE } from "../error-codes.ts";
import type { RequestContext } from "../request-context.ts";

export const handler: Handler = defineHandler(ElectLeaders, {
  faultScope: "partition",
  answer(request, context) {
    const { electionType, topicPartitions } = request;
    if (electionType !== PREFERRED_ELECTION && electionType !== UNCLEAN_ELECTION) {
      return refused(request, codeOf("INVALID_REQUEST"), context, `Unknown election type ${electionType}`);
    }
    if (topicPartitions === null) return { replicaElectionResults: electedEverywhere(electionType, context) };
    return {
      replicaElectionResults: topicPartitions.map(({ topic, partitions }) => ({
        topic,
        partitionResult: partitions.map((index) => elected({ topic, index, electionType }, context)),
      })),
    };
  },
  refuse: (request, errorCode, context) => refused(request, errorCode, context, null),
});

function refused(
  { topicPartitions }: ElectLeadersRequest,
  errorCode: number,
  { version }: RequestContext,
  errorMessage: string | null,
): Draft<ElectLeadersResponse> {
  return {
    ...(version >= 1 && { errorCode }),
    replicaElectionResults: (topicPartitions ?? []).map(({ topic, partitions }) => ({
      topic,
      partitionResult: partitions.map((partitionId) => ({ partitionId, errorCode, errorMessage })),
    })),
  };
}

/** Who asks for all partitions hears of those that something was done or wrong with; topics without any are named all the same. */
function electedEverywhere(electionType: number, context: RequestContext) {
  const notNeeded = codeOf("ELECTION_NOT_NEEDED");
  return Array.from(context.cluster.topics, ({ name: topic, partitions }) => ({
    topic,
    partitionResult: partitions
      .map(({ index }) => elected({ topic, index, electionType }, context))
      .filter(({ errorCode }) => errorCode !== notNeeded),
  }));
}

function elected(
  { topic, index, electionType }: { readonly topic: string; readonly index: number; readonly electionType: number },
  context: RequestContext,
): Draft<ElectLeadersPartitionResult> {
  const fault = context.faultAt(topic, index);
  const outcome = fault === undefined || fault.afterApply ? elect(topic, index, electionType, context) : undefined;
  if (fault !== undefined) return { partitionId: index, errorCode: fault.errorCode, errorMessage: fault.message ?? null };
  if (outcome === undefined) return { partitionId: index, errorCode: NONE, errorMessage: null };
  return { partitionId: index, errorCode: codeOf(outcome.error), errorMessage: outcome.message };
}

function elect(topicName: string, index: number, electionType: number, { cluster }: RequestContext): Refusal | undefined {
  const topic = cluster.topics.get(topicName);
  if (topic === undefined) return refusal("UNKNOWN_TOPIC_OR_PARTITION", `No such topic as ${topicName}`);
  const partition = topic.partition(index);
  if (partition === undefined) return refusal("UNKNOWN_TOPIC_OR_PARTITION", `No such partition as ${topicName}-${index}`);
  if (electionType === PREFERRED_ELECTION) return electPreferred(partition);
  if (partition.leaderId !== NO_LEADER) return refusal("ELECTION_NOT_NEEDED");
  partition.elect((id) => cluster.node(id)?.isRunning === true);
  return hasLeader(partition) ? undefined : refusal("ELIGIBLE_LEADERS_NOT_AVAILABLE");
}

function electPreferred(partition: Partition): Refusal | undefined {
  const [preferred = NO_LEADER] = partition.replicas;
  if (partition.leaderId === preferred) return refusal("ELECTION_NOT_NEEDED");
  // A node that is down may still be in sync: the last one that was stays so.
  const canLead = !partition.offlineReplicas.includes(preferred) && partition.leaderId !== NO_LEADER;
  return canLead && partition.moveLeader(preferred) ? undefined : refusal("PREFERRED_LEADER_NOT_AVAILABLE");
}

function hasLeader({ leaderId }: Partition): boolean {
  return leaderId !== NO_LEADER;
}
