import {
  CREATE_TOPICS_BROKER_DEFAULT,
  type CreatableTopic,
  type CreateTopicResult,
  CreateTopics,
  type CreateTopicsRequest,
  type Draft,
} from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { MAX_PARTITIONS_PER_REQUEST, refusalOfNewTopic, TOO_MANY_PARTITIONS } from "../cluster/new-topic-rules.ts";
import { isRefusal, type Refusal, refusal } from "../cluster/refusal.ts";
import type { NewTopic } from "../cluster/topics.ts";
import { checkedTopicConfigs, describedTopicConfigs } from "../configs/resources/topic-resource.ts";
import { codeOf } from "../error-codes.ts";
import type { RequestContext } from "../request-context.ts";

const CLUSTER_METADATA = "__cluster_metadata";

export const handler: Handler = defineHandler(CreateTopics, {
  faultScope: "topic",
  answer(request, context) {
    const { topics } = request;
    if (totalPartitions(topics, context.cluster) > MAX_PARTITIONS_PER_REQUEST) {
      return { topics: topics.map(({ name }) => refused(name, TOO_MANY_PARTITIONS)) };
    }
    const echo = new ConfigEcho(context);
    const times = timesOf(topics);
    const once = topics.filter(({ name }) => times.get(name) === 1);
    const twice = [...times].filter(([, count]) => count > 1);
    return {
      topics: [
        ...once.map((topic) => created(topic, request, echo, context)),
        ...twice.map(([name]) => refused(name, refusal("INVALID_REQUEST", "Duplicate topic name."))),
      ],
    };
  },
  refuse: ({ topics }, errorCode) => ({ topics: topics.map(({ name }) => ({ name, errorCode, errorMessage: null })) }),
});

function created(topic: CreatableTopic, { validateOnly }: CreateTopicsRequest, echo: ConfigEcho, context: RequestContext) {
  const { cluster } = context;
  const { name } = topic;
  const fault = context.faultAt(name);
  const injected = fault && { name, errorCode: fault.errorCode, errorMessage: fault.message ?? null };
  if (injected !== undefined && !fault?.afterApply) return injected;
  const wanted = newTopicFrom(topic);
  const refusalOfTopic = isRefusal(wanted) ? wanted : refusalOfNewTopic(cluster, wanted);
  if (isRefusal(wanted) || refusalOfTopic !== undefined) return injected ?? refused(name, refusalOfTopic!);
  const made = validateOnly ? undefined : cluster.topics.create(wanted);
  return (
    injected ?? {
      name,
      // Nobody will ever see the id of what was only validated; a real broker makes one up, too.
      topicId: made?.id ?? cluster.random.uuid(),
      errorMessage: null,
      numPartitions: wanted.assignment?.length ?? wanted.partitions ?? cluster.configs.int("num.partitions"),
      replicationFactor:
        wanted.assignment?.[0]?.length ?? wanted.replicationFactor ?? cluster.configs.int("default.replication.factor"),
      configs: echo.of(wanted.configs ?? new Map()),
    }
  );
}

/** What the request asks for, in the cluster's terms; or what makes no sense whatever the cluster is like. */
function newTopicFrom({ name, numPartitions, replicationFactor, assignments, configs }: CreatableTopic): NewTopic | Refusal {
  if (name === CLUSTER_METADATA) return refusal("INVALID_REQUEST", `Creation of internal topic ${name} is prohibited.`);
  const withoutValue = configs.filter(({ value }) => value === null);
  if (withoutValue.length > 0) {
    const names = withoutValue.map((config) => config.name).join(",");
    return refusal("INVALID_CONFIG", `Null value not supported for topic configs: ${names}`);
  }
  const settings = new Map(configs.map((config) => [config.name, config.value ?? ""]));
  if (assignments.length === 0) {
    return {
      name,
      configs: settings,
      ...(numPartitions !== CREATE_TOPICS_BROKER_DEFAULT && { partitions: numPartitions }),
      ...(replicationFactor !== CREATE_TOPICS_BROKER_DEFAULT && { replicationFactor }),
    };
  }
  const tooMuch = replicationFactor !== CREATE_TOPICS_BROKER_DEFAULT ? "replication factor" : "numPartitions";
  if (replicationFactor !== CREATE_TOPICS_BROKER_DEFAULT || numPartitions !== CREATE_TOPICS_BROKER_DEFAULT) {
    return refusal("INVALID_REQUEST", `A manual partition assignment was specified, but ${tooMuch} was not set to -1.`);
  }
  const assignment = assignmentFrom(assignments);
  return isRefusal(assignment) ? assignment : { name, configs: settings, assignment };
}

/** The replicas by partition; partitions may come in any order. */
function assignmentFrom(assignments: CreatableTopic["assignments"]): readonly (readonly number[])[] | Refusal {
  const byPartition = new Map<number, readonly number[]>();
  for (const { partitionIndex, brokerIds } of assignments) {
    if (byPartition.has(partitionIndex)) {
      const which = `for partition ${partitionIndex}`;
      return refusal("INVALID_REPLICA_ASSIGNMENT", `Found multiple manual partition assignments ${which}`);
    }
    byPartition.set(partitionIndex, brokerIds);
  }
  const ordered: (readonly number[])[] = [];
  for (let index = 0; index < byPartition.size; index++) {
    const brokerIds = byPartition.get(index);
    if (brokerIds === undefined) {
      return refusal("INVALID_REPLICA_ASSIGNMENT", "partitions should be a consecutive 0-based integer sequence");
    }
    ordered.push(brokerIds);
  }
  return ordered;
}

function refused(name: string, { error, message }: Refusal): Draft<CreateTopicResult> {
  return { name, errorCode: codeOf(error), errorMessage: message };
}

function timesOf(topics: readonly CreatableTopic[]): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  for (const { name } of topics) times.set(name, (times.get(name) ?? 0) + 1);
  return times;
}

function totalPartitions(topics: readonly CreatableTopic[], { configs }: Cluster): number {
  const byDefault = configs.int("num.partitions");
  return topics.reduce((total, { numPartitions, assignments }) => {
    const own = numPartitions === CREATE_TOPICS_BROKER_DEFAULT ? byDefault : Math.max(0, numPartitions);
    return total + (assignments.length > 0 ? assignments.length : own);
  }, 0);
}

/** The configuration of a new topic as the answer tells it; most topics have the same, so that it is made once. */
class ConfigEcho {
  readonly #context: RequestContext;
  #withoutSettings: CreateTopicResult["configs"] | undefined;

  constructor(context: RequestContext) {
    this.#context = context;
  }

  of(settings: ReadonlyMap<string, string>): CreateTopicResult["configs"] {
    if (settings.size > 0) return this.#describe(settings);
    this.#withoutSettings ??= this.#describe(settings);
    return this.#withoutSettings;
  }

  #describe(settings: ReadonlyMap<string, string>): CreateTopicResult["configs"] {
    const checked = checkedTopicConfigs(settings);
    if (isRefusal(checked)) return [];
    return describedTopicConfigs(checked, this.#context.node.configs).map(({ definition, value, source }) => ({
      name: definition.name,
      value,
      readOnly: false,
      configSource: source,
      isSensitive: false,
    }));
  }
}
