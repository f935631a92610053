import { CreatePartitions, type CreatePartitionsResult, type CreatePartitionsTopic, type Draft } from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import type { Cluster } from "../cluster/cluster.ts";
import {
  MAX_PARTITIONS_PER_REQUEST,
  refusalOfReplicas,
  refusalOfStopped,
  TOO_MANY_PARTITIONS,
  unreachableFactor,
} from "../cluster/new-topic-rules.ts";
import { type Refusal, refusal } from "../cluster/refusal.ts";
import type { Topic } from "../cluster/topic.ts";
import { codeOf } from "../error-codes.ts";
import type { RequestContext } from "../request-context.ts";

export const handler: Handler = defineHandler(CreatePartitions, {
  faultScope: "topic",
  answer({ topics, validateOnly }, context) {
    const times = new Map<string, number>();
    for (const { name } of topics) times.set(name, (times.get(name) ?? 0) + 1);
    const twice = [...times].filter(([, count]) => count > 1).map(([name]) => name);
    return {
      results: [
        ...twice.map((name) => result(name, refusal("INVALID_REQUEST", "Duplicate topic name."))),
        ...topics.filter(({ name }) => times.get(name) === 1).map((topic) => enlarged(topic, validateOnly, context)),
      ],
    };
  },
  refuse: ({ topics }, errorCode) => ({ results: topics.map(({ name }) => ({ name, errorCode, errorMessage: null })) }),
});

function enlarged(wanted: CreatePartitionsTopic, validateOnly: boolean, context: RequestContext): Draft<CreatePartitionsResult> {
  const { cluster } = context;
  const { name, count, assignments } = wanted;
  const fault = context.faultAt(name);
  if (fault !== undefined && !fault.afterApply) return { name, errorCode: fault.errorCode, errorMessage: fault.message ?? null };
  const topic = cluster.topics.get(name);
  const refused = topic === undefined ? refusal("UNKNOWN_TOPIC_OR_PARTITION", null) : refusalOf(topic, wanted, cluster);
  if (topic !== undefined && refused === undefined && !validateOnly) {
    cluster.topics.addPartitions(
      topic,
      count,
      assignments?.map(({ brokerIds }) => brokerIds),
    );
  }
  if (fault !== undefined) return { name, errorCode: fault.errorCode, errorMessage: fault.message ?? null };
  return refused === undefined ? { name, errorMessage: null } : result(name, refused);
}

function refusalOf(topic: Topic, { name, count, assignments }: CreatePartitionsTopic, cluster: Cluster): Refusal | undefined {
  const present = topic.partitions.length;
  if (count === present) return refusal("INVALID_PARTITIONS", `Topic already has ${present} partition(s).`);
  if (count < present) {
    const problem = `${count} would not be an increase.`;
    return refusal("INVALID_PARTITIONS", `The topic ${name} currently has ${present} partition(s); ${problem}`);
  }
  const added = count - present;
  if (assignments === null) {
    if (added > MAX_PARTITIONS_PER_REQUEST) return TOO_MANY_PARTITIONS;
    const reason = unreachableFactor(cluster.nodes, topic.replicationFactor);
    return reason === undefined ? undefined : refusal("INVALID_REPLICATION_FACTOR", reason);
  }
  if (assignments.length !== added) {
    const given = `but only ${assignments.length} assignment(s) were specified.`;
    return refusal("INVALID_REPLICA_ASSIGNMENT", `Attempted to add ${added} additional partition(s), ${given}`);
  }
  for (const [index, { brokerIds }] of assignments.entries()) {
    const refused =
      refusalOfReplicas(cluster, brokerIds, topic.replicationFactor) ?? refusalOfStopped(cluster, brokerIds, present + index);
    if (refused !== undefined) return refused;
  }
  return undefined;
}

function result(name: string, { error, message }: Refusal): Draft<CreatePartitionsResult> {
  return { name, errorCode: codeOf(error), errorMessage: message };
}
