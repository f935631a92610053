import {
  type Draft,
  errorByName,
  OffsetCommit,
  type OffsetCommitRequest,
  type OffsetCommitResponse,
} from "../../../protocol/index.ts";
import type { Deadline } from "../../async/deadline.ts";
import type { Cluster } from "../../cluster/cluster.ts";
import { PartitionMap } from "../topic-partition.ts";
import type { CommitEntry } from "./commit-entry.ts";
import { type GroupIdentity, isMember } from "./group-identity.ts";
import { RequestTopics } from "./topic-ids.ts";

/** KIP-345. */
const FIRST_WITH_INSTANCE_IDS = 7;
/** KIP-848: earlier ones do not know a member's epoch. */
const FIRST_FOR_CONSUMER_GROUPS = 9;
/** Of a partition that the answer says nothing about: the broker is broken. */
export const NO_WORD_OF_IT: number = errorByName("UNKNOWN_SERVER_ERROR").code;

/** What became of each partition. */
export interface CommitAnswer {
  codeOf(entry: CommitEntry): number | undefined;
  /** `host:port (id N)` of who answered. */
  readonly broker: string;
  /** From the request to its answer. */
  readonly tookMs: number;
}

/** One attempt: what went wrong is judged by the caller, partition by partition. */
export async function askToCommit(
  cluster: Cluster,
  deadline: Deadline,
  identity: GroupIdentity,
  entries: Iterable<CommitEntry>,
): Promise<CommitAnswer> {
  const topics = new RequestTopics(entries, cluster.metadata);
  const { clock } = deadline;
  let askedMs = clock.monotonic();
  const answer = await cluster.ask(
    OffsetCommit,
    () => {
      askedMs = clock.monotonic();
      return requestOf(identity, topics);
    },
    { kind: "coordinator", type: "group", key: identity.groupId },
    { deadline, retries: false, lane: "main", errorsIn: codesIn, limits: topics.limits(leastVersion(identity)) },
  );
  const { body, version, broker } = answer;
  const codes = new PartitionMap<number>();
  for (const topic of body.topics) {
    const name = topics.nameOf(topic, version);
    if (name === undefined) continue;
    for (const { partitionIndex, errorCode } of topic.partitions) codes.set(name, partitionIndex, errorCode);
  }
  return {
    codeOf: ({ topic, partition }) => codes.get(topic, partition),
    broker: `${broker.host}:${broker.port} (id ${broker.nodeId})`,
    tookMs: clock.monotonic() - askedMs,
  };
}

function requestOf(identity: GroupIdentity, topics: RequestTopics<CommitEntry>): Draft<OffsetCommitRequest> {
  const { groupId, generationId, memberId, groupInstanceId } = identity;
  return {
    groupId,
    generationIdOrMemberEpoch: generationId,
    memberId,
    // The coordinator takes a name for a claim to be a member.
    groupInstanceId: isMember(identity) ? groupInstanceId : null,
    topics: topics.map((ofTopic) => ({
      partitions: ofTopic.map(({ partition, offset, leaderEpoch, metadata }) => ({
        partitionIndex: partition,
        committedOffset: offset,
        committedLeaderEpoch: leaderEpoch,
        committedMetadata: metadata,
      })),
    })),
  };
}

function leastVersion(identity: GroupIdentity): number {
  if (!isMember(identity)) return 0;
  if (identity.protocol === "consumer") return FIRST_FOR_CONSUMER_GROUPS;
  return identity.groupInstanceId === null ? 0 : FIRST_WITH_INSTANCE_IDS;
}

function codesIn({ topics }: OffsetCommitResponse): readonly number[] {
  return topics.flatMap(({ partitions }) => partitions.map(({ errorCode }) => errorCode));
}
