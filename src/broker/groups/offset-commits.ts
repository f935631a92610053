/** What OffsetCommit and TxnOffsetCommit have in common. */
import type { ErrorName } from "../../protocol/index.ts";
import type { Topic } from "../cluster/topic.ts";
import { codeOf, NONE } from "../error-codes.ts";
import type { InjectedFault, RequestContext } from "../request-context.ts";
import type { Group } from "./groups.ts";
import type { OffsetCommitClaim } from "./offset-access.ts";
import { PartitionResults, type TopicReference } from "./partition-results.ts";

export interface CommitTopic extends TopicReference {
  readonly partitions: readonly CommitPartition[];
}

export interface CommitPartition {
  readonly partitionIndex: number;
  readonly committedOffset: number;
  readonly committedLeaderEpoch: number;
  readonly committedMetadata: string | null;
}

/** A commit for a partition that exists. */
export interface WantedCommit<Partition extends CommitPartition> {
  readonly reference: TopicReference;
  readonly topic: Topic;
  readonly partition: Partition;
  /** The answer to give when it has been carried out. */
  readonly fault: InjectedFault | undefined;
}

interface CommitSteps<Partition extends CommitPartition> {
  /** Whether this version of the request gives ids of topics, and no names. */
  readonly goesById: boolean;
  readonly decide: (partitions: OffsetCommitClaim["partitions"]) => ErrorName | undefined;
  readonly commit: (wanted: WantedCommit<Partition>) => void;
}

/**
 * Sorts out partitions that do not exist, whoever asks; then `decide` says once for all others whether the sender may commit, and
 * `commit` carries them out one by one.
 */
export function commitAll<Partition extends CommitPartition>(
  topics: readonly (TopicReference & { readonly partitions: readonly Partition[] })[],
  context: RequestContext,
  { goesById, decide, commit }: CommitSteps<Partition>,
): PartitionResults {
  const results = new PartitionResults();
  const wanted = topics.flatMap((topic) => existingPartitions(topic, goesById, context, results));
  if (wanted.length === 0) return results;
  const refusal = decide(wanted.map(({ topic, partition }) => ({ topic: topic.name, partition: partition.partitionIndex })));
  const maxLength = context.cluster.configs.int("offset.metadata.max.bytes");
  for (const one of wanted) {
    const { committedMetadata, partitionIndex } = one.partition;
    const error = refusal ?? ((committedMetadata?.length ?? 0) > maxLength ? "OFFSET_METADATA_TOO_LARGE" : undefined);
    if (error === undefined) commit(one);
    results.add(one.reference, partitionIndex, one.fault?.errorCode ?? (error === undefined ? NONE : codeOf(error)));
  }
  return results;
}

/** Every partition of the request with the same error. */
export function refuseCommits(topics: readonly CommitTopic[], errorCode: number): PartitionResults {
  const results = new PartitionResults();
  for (const topic of topics) for (const { partitionIndex } of topic.partitions) results.add(topic, partitionIndex, errorCode);
  return results;
}

function existingPartitions<Partition extends CommitPartition>(
  reference: TopicReference & { readonly partitions: readonly Partition[] },
  goesById: boolean,
  context: RequestContext,
  results: PartitionResults,
): WantedCommit<Partition>[] {
  const { topics } = context.cluster;
  const topic = goesById ? topics.byId(reference.topicId) : topics.get(reference.name);
  const unknown = goesById && topic === undefined ? "UNKNOWN_TOPIC_ID" : "UNKNOWN_TOPIC_OR_PARTITION";
  const wanted: WantedCommit<Partition>[] = [];
  for (const partition of reference.partitions) {
    const { partitionIndex } = partition;
    const fault = context.faultAt(topic?.name ?? reference.name, partitionIndex);
    if (fault !== undefined && !fault.afterApply) results.add(reference, partitionIndex, fault.errorCode);
    else if (topic?.partition(partitionIndex) !== undefined) wanted.push({ reference, topic, partition, fault });
    else results.add(reference, partitionIndex, codeOf(unknown));
  }
  return wanted;
}

/**
 * The group that offsets are committed for, or why they cannot be. Somebody who is no member may commit for a group that nobody has
 * heard of; that makes it a group.
 */
export function groupToCommitFor(
  groupId: string,
  claim: OffsetCommitClaim,
  context: RequestContext,
  errorWithoutGroup: ErrorName,
): Group | ErrorName {
  const { groups } = context.cluster;
  const isNoMember = claim.generationIdOrMemberEpoch < 0;
  const group = groups.get(groupId) ?? groups.classicGroup(groupId, { create: isNoMember });
  return group === undefined ? errorWithoutGroup : (group.validateOffsetCommit(claim) ?? group);
}
