/** How an answer to Metadata becomes the next view of the cluster. Pure: no time, no connections. */
import type { MetadataBroker, MetadataResponse } from "../../protocol/index.ts";
import type { ClusterMetadata } from "./cluster-metadata.ts";
import type { ClusterBroker, TopicMetadata } from "./metadata-snapshot.ts";
import { mergeTopic } from "./topic-merge.ts";

/** What others may have to act upon. */
export type MetadataEvent =
  /** M8: the same name, another topic: what was known of offsets, epochs and sequences does not hold for it. */
  | { readonly kind: "topic recreated"; readonly topic: string; readonly oldTopicId: string; readonly newTopicId: string }
  /** M9, or fewer than before when a broker without topic ids has recreated the topic. */
  | { readonly kind: "partition count changed"; readonly topic: string; readonly from: number; readonly to: number }
  /** It was known, and is not there any more, or not for us. */
  | { readonly kind: "topic gone"; readonly topic: string; readonly errorCode: number };

export interface AnsweredFor {
  /** Of the answer. */
  readonly version: number;
  /** The topics that were asked for. */
  readonly asked: readonly string[];
  /** Whether a topic matters to anybody: what does not is forgotten, also when a broker tells of it unasked. */
  readonly isWanted: (topic: string) => boolean;
}

export interface MergedMetadata {
  /** The known one itself when the answer says nothing new. */
  readonly metadata: ClusterMetadata;
  readonly events: readonly MetadataEvent[];
}

/** Since then brokers pass on no leader epochs that are older than others they have passed on (KAFKA-9212). */
const FIRST_VERSION_WITH_RELIABLE_EPOCHS = 9;
const LAST_PORT = 65_535;

/** The brokers of an answer that can be connected to. None: it comes from a broker that is still starting (M12). */
export function brokersIn({ brokers }: MetadataResponse): readonly MetadataBroker[] {
  return brokers.filter(({ nodeId, host, port }) => nodeId >= 0 && host !== "" && port > 0 && port <= LAST_PORT);
}

/** Everything but an empty list of brokers, which the caller must have refused (M12). */
export function mergeMetadata(known: ClusterMetadata, response: MetadataResponse, answered: AnsweredFor): MergedMetadata {
  const topics = new TopicsMerge(known, answered);
  topics.forgetUnwanted();
  for (const topic of response.topics) if (topic.name !== null && answered.isWanted(topic.name)) topics.merge(topic.name, topic);
  // Not only when there are fewer: others may stand in their places, or the same twice.
  topics.missing(response, answered.asked);
  const metadata = known.with({
    // Brokers before 0.10.1 have none, and one that has not heard of it yet takes nothing away.
    clusterId: response.clusterId ?? known.clusterId,
    controllerId: response.controllerId,
    brokers: mergeBrokers(known.brokers, brokersIn(response)),
    topics: topics.topics.current,
    problems: topics.problems.current,
    lacking: topics.lacking.current,
  });
  return { metadata, events: topics.events };
}

function mergeBrokers(
  known: ReadonlyMap<number, ClusterBroker>,
  said: readonly MetadataBroker[],
): ReadonlyMap<number, ClusterBroker> {
  const next = new Map<number, ClusterBroker>();
  let isChanged = false;
  for (const broker of said) {
    const before = known.get(broker.nodeId);
    const now = sameBroker(before, broker);
    if (now !== before) isChanged = true;
    next.set(broker.nodeId, now);
  }
  return isChanged || next.size !== known.size ? next : known;
}

/** The known object itself, where it says the same. */
export function sameBroker(known: ClusterBroker | undefined, { nodeId, host, port, rack }: MetadataBroker): ClusterBroker {
  if (known !== undefined && known.host === host && known.port === port && known.rack === (rack ?? undefined)) return known;
  return { nodeId, host, port, rack: rack ?? undefined };
}

/** A map that is copied when the first thing in it changes. */
class CopyOnWrite<V> {
  current: ReadonlyMap<string, V>;
  #copy: Map<string, V> | undefined;

  constructor(map: ReadonlyMap<string, V>) {
    this.current = map;
  }

  set(key: string, value: V | undefined): void {
    if (this.current.get(key) === value) return;
    this.#copy ??= new Map(this.current);
    this.current = this.#copy;
    if (value === undefined) this.#copy.delete(key);
    else this.#copy.set(key, value);
  }
}

class TopicsMerge {
  readonly topics: CopyOnWrite<TopicMetadata>;
  readonly problems: CopyOnWrite<number>;
  readonly lacking: CopyOnWrite<number>;
  readonly events: MetadataEvent[] = [];
  readonly #known: ClusterMetadata;
  readonly #answered: AnsweredFor;

  constructor(known: ClusterMetadata, answered: AnsweredFor) {
    this.#known = known;
    this.#answered = answered;
    this.topics = new CopyOnWrite(known.topics);
    this.problems = new CopyOnWrite(known.problems);
    this.lacking = new CopyOnWrite(known.lacking);
  }

  forgetUnwanted(): void {
    const { isWanted } = this.#answered;
    for (const map of [this.topics, this.problems, this.lacking] as const) {
      for (const name of map.current.keys()) if (!isWanted(name)) map.set(name, undefined);
    }
  }

  merge(name: string, said: MetadataResponse["topics"][number] | undefined): void {
    const before = this.topics.current.get(name);
    const gaps = this.#known.lacking.get(name) ?? 0;
    const { topic, problem, isLacking } = mergeTopic(
      before,
      said,
      this.#answered.version >= FIRST_VERSION_WITH_RELIABLE_EPOCHS,
      gaps,
    );
    this.topics.set(name, topic);
    this.problems.set(name, problem === 0 ? undefined : problem);
    this.lacking.set(name, isLacking ? gaps + 1 : undefined);
    if (before !== undefined && before !== topic) this.#tell(before, topic, problem);
  }

  /** What was asked for and is not in the answer at all. */
  missing(response: MetadataResponse, asked: readonly string[]): void {
    const left = new Set(asked);
    for (const { name } of response.topics) if (name !== null) left.delete(name);
    for (const name of left) if (this.#answered.isWanted(name)) this.merge(name, undefined);
  }

  #tell(before: TopicMetadata, now: TopicMetadata | undefined, errorCode: number): void {
    const topic = before.name;
    if (now === undefined) this.events.push({ kind: "topic gone", topic, errorCode });
    else if (before.topicId !== undefined && now.topicId !== undefined && before.topicId !== now.topicId) {
      this.events.push({ kind: "topic recreated", topic, oldTopicId: before.topicId, newTopicId: now.topicId });
    } else if (before.partitions.length !== now.partitions.length) {
      this.events.push({ kind: "partition count changed", topic, from: before.partitions.length, to: now.partitions.length });
    }
  }
}
