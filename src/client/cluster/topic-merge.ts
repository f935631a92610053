/** What an answer says of one topic, put together with what is known of it. */
import { errorByName, type MetadataPartition, type MetadataTopic, ZERO_UUID } from "../../protocol/index.ts";
import { classOfCode } from "./error-classes.ts";
import type { PartitionMetadata, TopicMetadata } from "./metadata-snapshot.ts";

/**
 * How many answers in a row may lack a known topic or partition before it is believed to be gone (M6), or, without topic ids, say an
 * older leader epoch before the topic is believed to be another one of that name (M8).
 */
export const TOLERATED_GAPS = 5;

/** What one answer makes of one topic. */
export interface MergedTopic {
  /** Undefined when there is none (any more). */
  readonly topic: TopicMetadata | undefined;
  /** Why it could not be had; 0 for nothing wrong. */
  readonly problem: number;
  /** The answer lacked something that is known, or it is older. */
  readonly isLacking: boolean;
}

const NONE = 0;
const UNKNOWN_TOPIC = errorByName("UNKNOWN_TOPIC_OR_PARTITION").code;
const NO_LEADER = -1;
const NO_EPOCH = -1;
const NOBODY: readonly number[] = Object.freeze([]);

/**
 * @param answered undefined when the topic was asked for and the answer says nothing of it
 * @param hasReliableEpochs from Metadata v9 on: before, brokers passed on epochs of their own old copy (KAFKA-9212)
 * @param gaps how many answers before this one have lacked something
 */
export function mergeTopic(
  known: TopicMetadata | undefined,
  answered: MetadataTopic | undefined,
  hasReliableEpochs: boolean,
  gaps: number,
): MergedTopic {
  const error = answered?.errorCode ?? UNKNOWN_TOPIC;
  if (answered === undefined || error !== NONE) return refused(known, error, gaps);
  const same = known !== undefined && !isOtherTopic(known, answered) ? known : undefined;
  const inOrder = areInOrder(answered.partitions) ? answered.partitions : sorted(answered.partitions);
  // M7: a topic has at least one partition, so this one is still being made.
  if (inOrder.length === 0) return refused(known, UNKNOWN_TOPIC, gaps);
  const trust = { hasEpochs: hasReliableEpochs, hasIds: answered.topicId !== ZERO_UUID, isTolerant: gaps < TOLERATED_GAPS };
  const gathered = gather(same, inOrder, trust);
  if (gathered === undefined) return refused(known, UNKNOWN_TOPIC, gaps);
  return { topic: topicFrom(same, answered, gathered.partitions), problem: NONE, isLacking: gathered.isLacking };
}

/** M8: deleted and created again. Without ids on both sides only older epochs, again and again, tell so. */
function isOtherTopic(known: TopicMetadata, { topicId }: MetadataTopic): boolean {
  return known.topicId !== undefined && topicId !== ZERO_UUID && known.topicId !== topicId;
}

/** What is known holds on for a while: a broker that has just started, or lags behind, knows less than we do. */
function refused(known: TopicMetadata | undefined, problem: number, gaps: number): MergedTopic {
  const isTolerated = gaps < TOLERATED_GAPS && classOfCode(problem, "Metadata").remedy !== "fatal";
  return { topic: isTolerated ? known : undefined, problem, isLacking: known !== undefined && isTolerated };
}

function topicFrom(
  known: TopicMetadata | undefined,
  answered: MetadataTopic,
  partitions: readonly PartitionMetadata[],
): TopicMetadata {
  // That an older broker says no id does not take the topic's away.
  const topicId = answered.topicId === ZERO_UUID ? known?.topicId : answered.topicId;
  const { isInternal } = answered;
  if (known !== undefined && known.partitions === partitions && known.topicId === topicId && known.isInternal === isInternal)
    return known;
  return { name: answered.name ?? "", topicId, isInternal, partitions };
}

function areInOrder(partitions: readonly MetadataPartition[]): boolean {
  for (let index = 0; index < partitions.length; index++) if (partitions[index]?.partitionIndex !== index) return false;
  return true;
}

/** By index, each once, the last one said of it. */
function sorted(partitions: readonly MetadataPartition[]): readonly MetadataPartition[] {
  const byIndex = new Map<number, MetadataPartition>();
  for (const partition of partitions) if (partition.partitionIndex >= 0) byIndex.set(partition.partitionIndex, partition);
  return [...byIndex.values()].sort((one, other) => one.partitionIndex - other.partitionIndex);
}

/** How far an answer is believed. */
interface Trust {
  readonly hasEpochs: boolean;
  readonly hasIds: boolean;
  /** What is known still holds against it. */
  readonly isTolerant: boolean;
}

interface Gathered {
  /** The known array itself when nothing has changed. */
  readonly partitions: readonly PartitionMetadata[];
  readonly isLacking: boolean;
}

/** Undefined when a partition is missing that has never been seen: half a topic is none. */
function gather(known: TopicMetadata | undefined, answered: readonly MetadataPartition[], trust: Trust): Gathered | undefined {
  const old = known?.partitions ?? [];
  const end = (answered.at(-1)?.partitionIndex ?? -1) + 1;
  // Before anything is made so large: only what is known can fill the holes.
  if (end > answered.length + old.length) return undefined;
  const { isTolerant, hasIds } = trust;
  const length = isTolerant ? Math.max(end, old.length) : end;
  const partitions: PartitionMetadata[] = [];
  let isChanged = length !== old.length;
  let isOlder = false;
  for (let index = 0, next = 0; index < length; index++) {
    const before = old[index];
    const said = answered[next]?.partitionIndex === index ? answered[next++] : undefined;
    const now = said !== undefined ? mergePartition(before, said, trust) : before && withoutAnswer(before, isTolerant);
    if (now === undefined) return undefined;
    if (now !== before) isChanged = true;
    if (trust.hasEpochs && said !== undefined && said.leaderEpoch < now.leaderEpoch) isOlder = true;
    partitions.push(now);
  }
  return { partitions: isChanged ? partitions : old, isLacking: answered.length < length || (isOlder && !hasIds) };
}

/** M6: keeps its leader for a while. */
function withoutAnswer(known: PartitionMetadata, isTolerated: boolean): PartitionMetadata {
  return isTolerated || known.leaderId === NO_LEADER ? known : { ...known, leaderId: NO_LEADER };
}

/** The known one itself when the answer says the same, or something older (M4). */
function mergePartition(
  known: PartitionMetadata | undefined,
  said: MetadataPartition,
  { hasEpochs, hasIds, isTolerant }: Trust,
): PartitionMetadata {
  const leaderEpoch = hasEpochs ? said.leaderEpoch : NO_EPOCH;
  if (known !== undefined) {
    if (hasEpochs && leaderEpoch < known.leaderEpoch && (hasIds || isTolerant)) return known;
    if (saysTheSame(known, said, leaderEpoch)) return known;
  }
  // Lists are copied to their size: decoded ones have grown, and keep room for more.
  const replicas = known !== undefined && areEqual(known.replicas, said.replicaNodes) ? known.replicas : said.replicaNodes.slice();
  return {
    partition: said.partitionIndex,
    leaderId: said.leaderId,
    leaderEpoch,
    replicas,
    // Nearly always the same list, and there may be hundreds of thousands of them.
    inSyncReplicas: areEqual(replicas, said.isrNodes) ? replicas : said.isrNodes.slice(),
    offlineReplicas: said.offlineReplicas.length === 0 ? NOBODY : said.offlineReplicas.slice(),
  };
}

function saysTheSame(known: PartitionMetadata, said: MetadataPartition, leaderEpoch: number): boolean {
  return (
    known.leaderId === said.leaderId &&
    known.leaderEpoch === leaderEpoch &&
    areEqual(known.replicas, said.replicaNodes) &&
    areEqual(known.inSyncReplicas, said.isrNodes) &&
    areEqual(known.offlineReplicas, said.offlineReplicas)
  );
}

function areEqual(one: readonly number[], other: readonly number[]): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index++) if (one[index] !== other[index]) return false;
  return true;
}
