import {
  type Draft,
  NO_COMMITTED_OFFSET,
  OffsetFetch,
  type OffsetFetchGroup,
  type OffsetFetchGroupResult,
  type OffsetFetchPartitionResult,
  type OffsetFetchRequest,
  type OffsetFetchResponse,
  type OffsetFetchTopic,
  type OffsetFetchTopicResult,
  usesZooKeeper,
} from "../../protocol/index.ts";
import { defineHandler, type Handler } from "../api-handler.ts";
import { codeOf, NONE } from "../error-codes.ts";
import type { Group } from "../groups/groups.ts";
import type { RequestContext } from "../request-context.ts";

/** Up to this version offsets come from ZooKeeper, where those of newer commits are not. */
const LAST_VERSION_WITH_ZOOKEEPER = 0;
const FIRST_VERSION_WITH_GROUP_ERROR = 2;
const FIRST_VERSION_WITH_MANY_GROUPS = 8;
const FIRST_VERSION_WITH_TOPIC_IDS = 10;

type TopicResult = Draft<OffsetFetchTopicResult>;
type GroupResult = Draft<OffsetFetchGroupResult> & { readonly topics: readonly TopicResult[]; readonly errorCode: number };

export const handler: Handler = defineHandler(OffsetFetch, {
  faultScope: "partition",
  answer(request, context) {
    if (context.version <= LAST_VERSION_WITH_ZOOKEEPER) return fetchFromZooKeeper(request, context);
    const results = groupsOf(request, context.version).map((group) => fetchGroup(group, request.requireStable, context));
    return responseOf(results, request, context.version);
  },
  refuse(request, errorCode, { version }) {
    const results = groupsOf(request, version).map(({ groupId }) => ({ groupId, topics: [], errorCode }));
    return responseOf(results, request, version);
  },
});

function fetchFromZooKeeper(request: OffsetFetchRequest, context: RequestContext): Draft<OffsetFetchResponse> {
  const { cluster, version } = context;
  const { groupId } = request;
  if (!usesZooKeeper(cluster.release)) {
    return responseOf([{ groupId, topics: [], errorCode: codeOf("UNSUPPORTED_VERSION") }], request, version);
  }
  const answerFor = (topic: string, partitionIndex: number): Draft<OffsetFetchPartitionResult> => {
    const fault = context.faultAt(topic, partitionIndex);
    const exists = cluster.topics.get(topic)?.partition(partitionIndex) !== undefined;
    const offset = exists ? cluster.groups.zooKeeperOffsets.get(groupId, topic, partitionIndex) : undefined;
    if (fault !== undefined) return { ...nothingCommitted(partitionIndex), errorCode: fault.errorCode };
    if (offset !== undefined) return { ...nothingCommitted(partitionIndex), committedOffset: offset };
    return { ...nothingCommitted(partitionIndex), errorCode: codeOf("UNKNOWN_TOPIC_OR_PARTITION") };
  };
  const topics = (request.topics ?? []).map(({ name, partitionIndexes }) => ({
    name,
    partitions: partitionIndexes.map((partition) => answerFor(name, partition)),
  }));
  return { topics };
}

function groupsOf({ groups, groupId, topics }: OffsetFetchRequest, version: number): readonly OffsetFetchGroup[] {
  return version >= FIRST_VERSION_WITH_MANY_GROUPS ? groups : [{ groupId, topics, memberId: null, memberEpoch: -1 }];
}

function responseOf(results: readonly GroupResult[], request: OffsetFetchRequest, version: number): Draft<OffsetFetchResponse> {
  if (version >= FIRST_VERSION_WITH_MANY_GROUPS) return { groups: results };
  const [result = { topics: [], errorCode: NONE }] = results;
  if (version >= FIRST_VERSION_WITH_GROUP_ERROR || result.errorCode === NONE) return result;
  const failed = (partitionIndex: number) => ({ ...nothingCommitted(partitionIndex), errorCode: result.errorCode });
  return {
    topics: (request.topics ?? []).map(({ name, partitionIndexes }) => ({ name, partitions: partitionIndexes.map(failed) })),
  };
}

function fetchGroup(request: OffsetFetchGroup, requireStable: boolean, context: RequestContext): GroupResult {
  const { cluster, node } = context;
  const { groupId, memberId, memberEpoch } = request;
  const group = cluster.groups.get(groupId);
  const isMember = memberId !== null || memberEpoch >= 0;
  const refusal =
    cluster.coordinators.refusal("group", groupId, node) ??
    (isMember ? group?.validateOffsetFetch({ memberId: memberId ?? "", memberEpoch }) : undefined);
  if (refusal !== undefined && refusal !== "GROUP_ID_NOT_FOUND") return { groupId, topics: [], errorCode: codeOf(refusal) };
  const reader = new OffsetReader(refusal === undefined ? group : undefined, requireStable, context);
  const topics = request.topics === null ? reader.allTopics() : request.topics.map((topic) => reader.topic(topic));
  return { groupId, topics, errorCode: NONE };
}

/** A group that does not exist reads as one that has committed nothing. */
class OffsetReader {
  readonly #group: Group | undefined;
  readonly #requireStable: boolean;
  readonly #context: RequestContext;

  constructor(group: Group | undefined, requireStable: boolean, context: RequestContext) {
    this.#group = group;
    this.#requireStable = requireStable;
    this.#context = context;
  }

  topic({ name, topicId, partitionIndexes }: OffsetFetchTopic): TopicResult {
    const goesById = this.#context.version >= FIRST_VERSION_WITH_TOPIC_IDS;
    const topicName = goesById ? this.#context.cluster.topics.byId(topicId)?.name : name;
    const partitions = partitionIndexes.map((partition) =>
      topicName === undefined ? unknownTopicId(partition) : this.#partition(topicName, partition),
    );
    return { name, topicId, partitions };
  }

  /** By id only what still has one. */
  allTopics(): readonly TopicResult[] {
    const goesById = this.#context.version >= FIRST_VERSION_WITH_TOPIC_IDS;
    const results: TopicResult[] = [];
    for (const [name, offsets] of this.#group?.offsets.all() ?? []) {
      const topicId = this.#context.cluster.topics.get(name)?.id;
      if (goesById && topicId === undefined) continue;
      const partitions = Array.from(offsets.keys(), (partition) => this.#partition(name, partition));
      results.push({ name, ...(topicId !== undefined && { topicId }), partitions });
    }
    return results;
  }

  #partition(topic: string, partitionIndex: number): Draft<OffsetFetchPartitionResult> {
    const fault = this.#context.faultAt(topic, partitionIndex);
    if (fault !== undefined) return { ...nothingCommitted(partitionIndex), errorCode: fault.errorCode };
    if (this.#requireStable && this.#group?.offsets.isUnstable(topic, partitionIndex) === true) {
      return { ...nothingCommitted(partitionIndex), errorCode: codeOf("UNSTABLE_OFFSET_COMMIT") };
    }
    const committed = this.#group?.offsets.get(topic, partitionIndex);
    if (committed !== undefined) {
      const { offset, leaderEpoch, metadata } = committed;
      return { partitionIndex, committedOffset: offset, committedLeaderEpoch: leaderEpoch, metadata, errorCode: NONE };
    }
    return nothingCommitted(partitionIndex);
  }
}

function nothingCommitted(partitionIndex: number): Draft<OffsetFetchPartitionResult> {
  return { partitionIndex, committedOffset: NO_COMMITTED_OFFSET, committedLeaderEpoch: -1, metadata: "", errorCode: NONE };
}

function unknownTopicId(partitionIndex: number): Draft<OffsetFetchPartitionResult> {
  return { ...nothingCommitted(partitionIndex), errorCode: codeOf("UNKNOWN_TOPIC_ID") };
}
