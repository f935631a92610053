/** What a group has committed, asked of its coordinator. */
import {
  type Draft,
  type ErrorName,
  errorByName,
  OffsetFetch,
  type OffsetFetchGroup,
  type OffsetFetchPartitionResult,
  type OffsetFetchRequest,
  type OffsetFetchResponse,
  type OffsetFetchTopicResult,
} from "../../../protocol/index.ts";
import type { Deadline } from "../../async/deadline.ts";
import type { CallContext } from "../../client-core.ts";
import { type BackoffSettings, backoffMs } from "../../cluster/backoff.ts";
import type { Cluster, ClusterAnswer } from "../../cluster/cluster.ts";
import { FailedAttempts } from "../../cluster/failed-attempts.ts";
import { nameOf, type Target } from "../../cluster/target.ts";
import { BrokerError } from "../../errors.ts";
import { PartitionMap, type TopicPartition } from "../topic-partition.ts";
import { type GroupIdentity, isSameIdentity } from "./group-identity.ts";
import { RequestTopics } from "./topic-ids.ts";

/** Where a group goes on in a partition, as it was committed. */
export interface CommittedOffset {
  /** The next one to be read. */
  readonly offset: number;
  /** What was said with the commit; empty for nothing. */
  readonly metadata: string;
  /** Of the record before, if that is known. */
  readonly leaderEpoch?: number;
}

export interface CommittedQuestion {
  readonly settings: BackoffSettings;
  readonly random: () => number;
  /** As of now. */
  readonly identity: () => GroupIdentity;
  /** The coordinator has something against who asked. */
  readonly onRefused?: ((error: BrokerError, identity: GroupIdentity) => void) | undefined;
}

/** KIP-447. */
const FIRST_WITH_STABLE_OFFSETS = 7;
/** KIP-709. */
const FIRST_WITH_MANY_GROUPS = 8;
const NO_WORD_OF_IT = errorByName("UNKNOWN_SERVER_ERROR").code;
/** Errors of single partitions, that say nothing against the rest of the answer. */
const OF_PARTITIONS: ReadonlySet<number> = codes(["UNSTABLE_OFFSET_COMMIT", "UNKNOWN_TOPIC_OR_PARTITION", "UNKNOWN_TOPIC_ID"]);
/** Of KIP-848, whose coordinators want to know who asks: in another epoch by now (G25), or not known any more (G24). */
const AGAINST_MEMBERS: ReadonlySet<string> = new Set<ErrorName>(["STALE_MEMBER_EPOCH", "UNKNOWN_MEMBER_ID", "FENCED_MEMBER_EPOCH"]);

/**
 * Of each partition, until the deadline; those are left out for which nothing is committed. An offset that an open transaction is about
 * to replace is never given (KIP-447): who went on from there would read twice what the transaction has read. As in Java that does not
 * depend on the isolation level, which says something else: which records are read. What the coordinator has against the member is the
 * membership's affair: it hears of it, and the question is asked again by whoever the member is then.
 *
 * @throws BrokerError of the group, or of the first partition that is refused; RequestTimeoutError with what had gone wrong last
 */
export async function fetchCommitted(
  { deadline, cluster }: CallContext,
  { settings, random, identity, onRefused }: CommittedQuestion,
  partitions: readonly TopicPartition[],
): Promise<PartitionMap<CommittedOffset>> {
  const committed = new PartitionMap<CommittedOffset>();
  const target: Target = { kind: "coordinator", type: "group", key: identity().groupId };
  const failed = new FailedAttempts(`${OffsetFetch.name} to ${nameOf(target)}`);
  let left = partitions;
  for (;;) {
    const asking = identity();
    const answered = await answerTo(cluster, deadline, target, asking, left);
    const isAgainst = answered instanceof BrokerError;
    if (isAgainst) onRefused?.(answered, asking);
    else left = left.filter((one) => !answered.settle(one, committed));
    const problem = isAgainst ? answered : answered.problems[0];
    if (problem === undefined) return committed;
    failed.add(problem);
    if (problem.code === "UNKNOWN_TOPIC_ID") await cluster.refresh(deadline, [...new Set(left.map(({ topic }) => topic))]);
    // Who is somebody else by now need not wait for that.
    if (!isAgainst || isSameIdentity(asking, identity())) await deadline.sleep(backoffMs(failed.count, settings, random));
    if (deadline.isOver) throw failed.timedOut(deadline.timeoutMs);
  }
}

/** Or what the coordinator has against whoever asks. */
async function answerTo(
  cluster: Cluster,
  deadline: Deadline,
  target: Target,
  asking: GroupIdentity,
  partitions: readonly TopicPartition[],
): Promise<PartitionResults | BrokerError> {
  const topics = new RequestTopics(partitions, cluster.metadata);
  try {
    const answer = await cluster.ask(OffsetFetch, (version) => requestOf(asking, topics, version), target, {
      deadline,
      errorsIn: (response) => codesIn(response).filter((code) => !OF_PARTITIONS.has(code)),
      limits: topics.limits(0),
      lane: "main",
    });
    return new PartitionResults(answer, topics, asking.groupId);
  } catch (error) {
    if (error instanceof BrokerError && AGAINST_MEMBERS.has(error.code)) return error;
    throw error;
  }
}

function requestOf(identity: GroupIdentity, topics: RequestTopics<TopicPartition>, version: number): Draft<OffsetFetchRequest> {
  const { groupId, memberId, generationId, protocol } = identity;
  const wanted = topics.map((ofTopic) => ({ partitionIndexes: ofTopic.map(({ partition }) => partition) }));
  const requireStable = version >= FIRST_WITH_STABLE_OFFSETS;
  if (version < FIRST_WITH_MANY_GROUPS) return { groupId, topics: wanted, requireStable };
  const group: Draft<OffsetFetchGroup> = { groupId, topics: wanted };
  const isChecked = protocol === "consumer";
  return { groups: [isChecked ? { ...group, memberId, memberEpoch: generationId } : group], requireStable };
}

/** One answer, partition by partition. */
class PartitionResults {
  /** Why some partitions have to be asked for again. */
  readonly problems: BrokerError[] = [];
  readonly #results = new PartitionMap<OffsetFetchPartitionResult>();
  readonly #about: { readonly api: string; readonly group: string; readonly broker: string };

  /** @throws BrokerError of the group */
  constructor({ body, version, broker }: ClusterAnswer<OffsetFetchResponse>, topics: RequestTopics<TopicPartition>, group: string) {
    this.#about = { api: OffsetFetch.name, group, broker: `${broker.host}:${broker.port} (id ${broker.nodeId})` };
    const of = resultOf(body, version, group);
    if (of === undefined) throw new BrokerError(NO_WORD_OF_IT, this.#about, "the answer says nothing about it");
    if (of.errorCode !== 0) throw new BrokerError(of.errorCode, this.#about);
    for (const topic of of.topics) {
      const name = topics.nameOf(topic, version);
      if (name === undefined) continue;
      for (const result of topic.partitions) this.#results.set(name, result.partitionIndex, result);
    }
  }

  /**
   * Notes what is committed for the partition. False: it has to be asked for again.
   * @throws BrokerError if it is refused
   */
  settle(one: TopicPartition, committed: PartitionMap<CommittedOffset>): boolean {
    const { topic, partition } = one;
    const result = this.#results.get(topic, partition);
    const about = { ...this.#about, topic, partition };
    if (result === undefined) throw new BrokerError(NO_WORD_OF_IT, about, "the answer says nothing about it");
    const { errorCode, committedOffset: offset, committedLeaderEpoch: leaderEpoch, metadata } = result;
    if (errorCode === 0) {
      const place = { offset, metadata: metadata ?? "", ...(leaderEpoch >= 0 && { leaderEpoch }) };
      if (offset >= 0) committed.set(topic, partition, place);
      return true;
    }
    const error = new BrokerError(errorCode, about);
    // Nothing can be committed for what is not there.
    if (error.code === "UNKNOWN_TOPIC_OR_PARTITION") return true;
    if (!OF_PARTITIONS.has(errorCode)) throw error;
    this.problems.push(error);
    return false;
  }
}

interface GroupResult {
  readonly errorCode: number;
  readonly topics: readonly OffsetFetchTopicResult[];
}

function resultOf(body: OffsetFetchResponse, version: number, groupId: string): GroupResult | undefined {
  return version < FIRST_WITH_MANY_GROUPS ? body : body.groups.find((one) => one.groupId === groupId);
}

function codesIn({ errorCode, topics, groups }: OffsetFetchResponse): readonly number[] {
  const ofTopics = (all: readonly OffsetFetchTopicResult[]): readonly number[] =>
    all.flatMap(({ partitions }) => partitions.map((one) => one.errorCode));
  return [errorCode, ...ofTopics(topics), ...groups.flatMap((group) => [group.errorCode, ...ofTopics(group.topics)])];
}

function codes(names: readonly ErrorName[]): ReadonlySet<number> {
  return new Set(names.map((name) => errorByName(name).code));
}
