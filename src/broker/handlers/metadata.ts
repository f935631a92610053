import {
  type Draft,
  Metadata,
  type MetadataPartition,
  type MetadataRequest,
  type MetadataResponse,
  type MetadataTopic,
  ZERO_UUID,
} from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import { ALL_CLUSTER_OPERATIONS, ALL_TOPIC_OPERATIONS } from "../cluster/authorized-operations.ts";
import { createAutomatically } from "../cluster/automatic-topics.ts";
import { MAX_PARTITIONS_PER_REQUEST } from "../cluster/new-topic-rules.ts";
import { NodeView } from "../cluster/node-view.ts";
import { NO_LEADER, type Partition } from "../cluster/partition.ts";
import type { Topic } from "../cluster/topic.ts";
import { invalidTopicName, isInternalTopic } from "../cluster/topics.ts";
import { codeOf, NONE } from "../error-codes.ts";
import type { RequestContext } from "../request-context.ts";

export const handler: Handler = defineHandler(Metadata, {
  faultScope: "topic",
  answer(request, context) {
    if (hasTopicIdTooEarly(request, context.version)) return refused(request, codeOf("INVALID_REQUEST"));
    if (namesNothing(request)) return refused(request, codeOf("UNKNOWN_SERVER_ERROR"));
    const view = new NodeView(context.cluster, context.node);
    return {
      topics: topicsOf(request, view, context),
      brokers: view.liveNodes().map(({ id, host, port, rack }) => ({ nodeId: id, host, port, rack })),
      clusterId: context.cluster.id,
      controllerId: context.cluster.controllerId,
      ...(request.includeClusterAuthorizedOperations && { clusterAuthorizedOperations: ALL_CLUSTER_OPERATIONS }),
    };
  },
  refuse: refused,
});

function refused({ topics }: MetadataRequest, errorCode: number): Draft<MetadataResponse> {
  return { errorCode, topics: (topics ?? []).map(({ name, topicId }) => ({ errorCode, name: name ?? "", topicId })) };
}

/** The layout of v10 and v11 has ids already, but brokers accept none. */
function hasTopicIdTooEarly({ topics }: MetadataRequest, version: number): boolean {
  return version < 12 && topics !== null && topics.some(({ name, topicId }) => name === null || topicId !== ZERO_UUID);
}

/** Neither by name nor by id: Kafka trips over it, unless another topic is asked for by id. */
function namesNothing({ topics }: MetadataRequest): boolean {
  return topics?.some(({ name }) => name === null) === true && topics.every(({ topicId }) => topicId === ZERO_UUID);
}

function topicsOf(request: MetadataRequest, view: NodeView, context: RequestContext): readonly Draft<MetadataTopic>[] {
  const operations = request.includeTopicAuthorizedOperations ? { topicAuthorizedOperations: ALL_TOPIC_OPERATIONS } : {};
  const described = (topic: Topic) => ({ ...describedTopic(topic, view, context), ...operations });
  if (request.topics === null || (request.topics.length === 0 && context.version === 0)) return view.topics().map(described);
  const ids = new Set(request.topics.map(({ topicId }) => topicId));
  ids.delete(ZERO_UUID);
  if (ids.size > 0) {
    // Whoever asks for a single topic by id asks by id altogether.
    return Array.from(ids, (id) => {
      const topic = view.topicById(id);
      return topic === undefined ? { errorCode: codeOf("UNKNOWN_TOPIC_ID"), name: null, topicId: id } : described(topic);
    });
  }
  const names = new Set(request.topics.map(({ name }) => name ?? ""));
  const isCreated = request.allowAutoTopicCreation && canCreateMissing(names, view, context);
  return Array.from(names, (name) => {
    const topic = view.topic(name);
    return topic === undefined ? { ...missingTopic(name, isCreated, context), ...operations } : described(topic);
  });
}

/** Kafka has all of them made by one request to its controller, which refuses it as a whole when it is for too many. */
function canCreateMissing(names: ReadonlySet<string>, view: NodeView, { cluster: { configs } }: RequestContext): boolean {
  if (!configs.boolean("auto.create.topics.enable")) return false;
  let missing = 0;
  for (const name of names) if (view.topic(name) === undefined && invalidTopicName(name) === undefined) missing++;
  return missing * configs.int("num.partitions") <= MAX_PARTITIONS_PER_REQUEST;
}

function missingTopic(name: string, isCreated: boolean, context: RequestContext): Draft<MetadataTopic> {
  const { cluster } = context;
  const fault = context.faultAt(name);
  const topic = { name, isInternal: isInternalTopic(name) };
  if (fault !== undefined && !fault.afterApply) return { ...topic, errorCode: fault.errorCode };
  if (invalidTopicName(name) !== undefined) return { ...topic, errorCode: codeOf("INVALID_TOPIC_EXCEPTION") };
  const error = isCreated ? createAutomatically(cluster, name) : "UNKNOWN_TOPIC_OR_PARTITION";
  return { ...topic, errorCode: fault?.errorCode ?? codeOf(error) };
}

function describedTopic(topic: Topic, view: NodeView, context: RequestContext): Draft<MetadataTopic> {
  const { name, id: topicId, isInternal } = topic;
  const fault = context.faultAt(name);
  if (fault !== undefined) return { errorCode: fault.errorCode, name, topicId, isInternal };
  const describe = context.version === 0 ? partitionForOldestClients : partitionForClients;
  return {
    errorCode: NONE,
    name,
    topicId,
    isInternal,
    partitions: view.partitions(topic).map((partition) => describe(partition, view)),
  };
}

function partitionForClients(partition: Partition, view: NodeView): Draft<MetadataPartition> {
  const { leaderId, leaderEpoch } = view.leadership(partition);
  return {
    errorCode: leaderId === NO_LEADER ? codeOf("LEADER_NOT_AVAILABLE") : NONE,
    partitionIndex: partition.index,
    leaderId,
    leaderEpoch,
    replicaNodes: partition.replicas,
    isrNodes: partition.isr,
    offlineReplicas: partition.offlineReplicas,
  };
}

/** In v0 every replica that is named is a broker that is named, too. */
function partitionForOldestClients(partition: Partition, view: NodeView): Draft<MetadataPartition> {
  const described = partitionForClients(partition, view);
  const live = new Set(view.liveNodes().map(({ id }) => id));
  const isLive = (id: number) => live.has(id);
  const lacksReplicas = !partition.replicas.every(isLive) || !partition.isr.every(isLive);
  return {
    ...described,
    ...(described.errorCode === NONE && lacksReplicas && { errorCode: codeOf("REPLICA_NOT_AVAILABLE") }),
    replicaNodes: partition.replicas.filter(isLive),
    isrNodes: partition.isr.filter(isLive),
  };
}
