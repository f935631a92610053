import {
  CREATE_TOPICS_BROKER_DEFAULT,
  type CreatableTopic,
  type CreateTopicResult,
  CreateTopics,
  type CreateTopicsRequest,
  type Draft,
  errorByName,
  KafkaError,
  UnsupportedVersionError,
  ZERO_UUID,
} from "../../protocol/index.ts";
import type { AdminContext, CallOptions } from "./admin-context.ts";
import { ArgumentProblems, MOST_INT16, MOST_INT32, quoted } from "./arguments.ts";
import { type ConfigEntry, configEntriesFrom } from "./config-entry.ts";
import { type AnswerRow, askController } from "./controller-call.ts";
import { type ItemResult, settledItems } from "./item-result.ts";
import { requireKnown } from "./known-members.ts";
import { type ReplicaAssignment, replicasByPartition } from "./replica-assignment.ts";

export interface NewTopic {
  readonly name: string;
  /** Left out: as the broker's `num.partitions` says, which brokers before 2.4 cannot be asked for. */
  readonly numPartitions?: number;
  /** Left out: as the broker's `default.replication.factor` says, with the same exception. */
  readonly replicationFactor?: number;
  /** Which brokers shall hold each partition, instead of the two numbers. */
  readonly replicaAssignment?: ReplicaAssignment;
  /** E.g. `{ "retention.ms": "60000" }`. */
  readonly configs?: Readonly<Record<string, string>>;
}

export interface CreateTopicsOptions extends CallOptions {
  /** Only checks whether the topics could be created, the broker's policies included. Brokers before 0.10.2 cannot. */
  readonly validateOnly?: boolean;
  /** Whether to wait and ask again when a quota is exceeded (KIP-599). Default true. */
  readonly retryOnQuotaViolation?: boolean;
}

export interface CreatedTopic {
  /** Undefined with brokers before 2.8, and when it was only validated. */
  readonly topicId: string | undefined;
  /** Undefined with brokers before 2.4, and for who may not see the topic's configuration. So are the next two. */
  readonly numPartitions: number | undefined;
  readonly replicationFactor: number | undefined;
  readonly configs: ReadonlyMap<string, ConfigEntry> | undefined;
}

/**
 * An answer may be lost after the broker has done its work. The request is then sent again, as Java's client does, and a topic that
 * the first attempt has made fails with TOPIC_ALREADY_EXISTS, whose message says that this may be so.
 * A first attempt that was only held up may even be carried out after a later call has deleted the topic: Kafka's requests of this kind
 * have no identity by which a broker could tell.
 */
export async function createTopics(
  context: AdminContext,
  topics: readonly NewTopic[],
  options: CreateTopicsOptions = {},
): Promise<readonly ItemResult<{ readonly name: string }, CreatedTopic>[]> {
  const outcomes = await askController(context, {
    api: CreateTopics,
    items: new Map(topics.map((topic) => [topic.name, creatableFrom(topic)])),
    body: (items, version, timeoutMs) => requestFor(items, version, timeoutMs, options),
    rows: (response) => response.topics.map((row) => ({ ...row, key: row.name })),
    describe: (topic) => ({ topic }),
    retryOnQuotaViolation: options.retryOnQuotaViolation,
    tracesOfLostAnswer: {
      errorCodes: [errorByName("TOPIC_ALREADY_EXISTS").code],
      note: "an earlier attempt of this call got no answer and may have created it",
    },
  });
  if (options.validateOnly !== true) {
    for (const { item, outcome } of outcomes) if (!(outcome instanceof KafkaError)) context.freshTopics.created(item.name);
  }
  return settledItems(
    outcomes.map(({ item: { name }, outcome }) =>
      outcome instanceof KafkaError ? { name, error: outcome } : { name, ...createdFrom(outcome, options) },
    ),
  );
}

export function checkNewTopics(topics: readonly NewTopic[]): void {
  const problems = new ArgumentProblems("createTopics");
  problems.requireList("[{ name: 'orders' }]", topics);
  problems.requireNames(
    "topic",
    topics.map(({ name }) => name),
  );
  for (const topic of topics) checkNewTopic(problems, topic);
  problems.throwIfAny();
}

const MEMBERS = {
  name: true,
  numPartitions: true,
  replicationFactor: true,
  replicaAssignment: true,
  configs: true,
} satisfies Readonly<Record<keyof NewTopic, true>>;

function checkNewTopic(problems: ArgumentProblems, topic: NewTopic): void {
  const { name, numPartitions, replicationFactor, replicaAssignment, configs } = topic;
  const where = `topic ${quoted(name)}`;
  requireKnown(problems, `${where}: the member`, topic, Object.keys(MEMBERS));
  if (numPartitions !== undefined) problems.requireInteger(`${where}: numPartitions`, numPartitions, 1, MOST_INT32);
  if (replicationFactor !== undefined) problems.requireInteger(`${where}: replicationFactor`, replicationFactor, 1, MOST_INT16);
  if (replicaAssignment !== undefined) {
    const hasNumbers = numPartitions !== undefined || replicationFactor !== undefined;
    problems.require(!hasNumbers, () => `${where}: either replicaAssignment, or numPartitions and replicationFactor`);
    replicasByPartition(problems, where, replicaAssignment);
  }
  for (const [config, value] of Object.entries(configs ?? {})) {
    problems.require(
      typeof value === "string",
      () => `${where}: the value of ${quoted(config)} must be text, not ${quoted(value)}`,
    );
  }
}

function creatableFrom({ name, numPartitions, replicationFactor, replicaAssignment, configs = {} }: NewTopic): CreatableTopic {
  const replicas = replicaAssignment === undefined ? [] : replicasByPartition(new ArgumentProblems(""), "", replicaAssignment);
  return {
    name,
    numPartitions: numPartitions ?? CREATE_TOPICS_BROKER_DEFAULT,
    replicationFactor: replicationFactor ?? CREATE_TOPICS_BROKER_DEFAULT,
    assignments: replicas.map((brokerIds, partitionIndex) => ({ partitionIndex, brokerIds })),
    configs: Object.entries(configs).map(([config, value]) => ({ name: config, value })),
  };
}

const FIRST_VERSION_THAT_VALIDATES = 1;
const FIRST_VERSION_WITH_DEFAULTS = 4;

function requestFor(
  topics: readonly CreatableTopic[],
  version: number,
  timeoutMs: number,
  { validateOnly = false }: CreateTopicsOptions,
): Draft<CreateTopicsRequest> {
  const place = { api: CreateTopics.name, version };
  if (validateOnly && version < FIRST_VERSION_THAT_VALIDATES) {
    throw new UnsupportedVersionError("brokers before 0.10.2 cannot only validate; leave out validateOnly", place);
  }
  const isByDefault = ({ numPartitions, replicationFactor, assignments }: CreatableTopic): boolean =>
    assignments.length === 0 &&
    (numPartitions === CREATE_TOPICS_BROKER_DEFAULT || replicationFactor === CREATE_TOPICS_BROKER_DEFAULT);
  const byDefault = topics.filter(isByDefault).map(({ name }) => quoted(name));
  if (byDefault.length > 0 && version < FIRST_VERSION_WITH_DEFAULTS) {
    const names = byDefault.join(", ");
    throw new UnsupportedVersionError(
      `brokers before 2.4 take no defaults; say numPartitions and replicationFactor of ${names}`,
      place,
    );
  }
  return { topics, timeoutMs, validateOnly };
}

function createdFrom(row: CreateTopicResult & AnswerRow, { validateOnly = false }: CreateTopicsOptions): CreatedTopic {
  const { topicId, numPartitions, replicationFactor, configs, topicConfigErrorCode } = row;
  const isTold = topicConfigErrorCode === 0 && numPartitions >= 0;
  return {
    topicId: validateOnly || topicId === ZERO_UUID ? undefined : topicId,
    numPartitions: isTold ? numPartitions : undefined,
    replicationFactor: isTold ? replicationFactor : undefined,
    configs: isTold ? configEntriesFrom(configs ?? []) : undefined,
  };
}
