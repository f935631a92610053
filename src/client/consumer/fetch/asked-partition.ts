import type { ResolvedConsumerConfig } from "../../config/consumer-options.ts";
import { knownEnd } from "../lag.ts";
import type { FetchSlot } from "./fetch-slot.ts";

/** What a broker is asked of one partition. */
export interface PartitionQuestion {
  readonly topic: string;
  readonly partition: number;
  /** Undefined where topics have none: before Kafka 2.8. */
  readonly topicId: string | undefined;
  readonly offset: number;
  /** Which leader is meant; -1 for whoever it is. */
  readonly leaderEpoch: number;
  readonly maxBytes: number;
  /** There is something to be had, as far as we know: the broker will not wait. */
  readonly isBehind: boolean;
  /** Asked of a replica that does not lead. */
  readonly isFollower: boolean;
}

/** The same, with what the answer has to be held against. */
export interface AskedPartition extends PartitionQuestion {
  readonly slot: FetchSlot;
  /** Where the partition was read then; an answer to any other course is nobody's. */
  readonly course: number;
}

export interface Leadership {
  readonly topicId: string | undefined;
  readonly leaderId: number;
  readonly leaderEpoch: number;
}

/** The question for a partition as it is now, to be put to that node. */
export function questionFor(
  slot: FetchSlot,
  nodeId: number,
  { topicId, leaderId, leaderEpoch }: Leadership,
  isolationLevel: ResolvedConsumerConfig["isolationLevel"],
): AskedPartition {
  const { partition, maxBytes } = slot;
  return {
    slot,
    topic: partition.topic,
    partition: partition.partition,
    topicId,
    offset: partition.fetchOffset,
    leaderEpoch,
    maxBytes,
    course: partition.course,
    isFollower: nodeId !== leaderId,
    isBehind: partition.fetchOffset < (knownEnd(partition, isolationLevel) ?? -1),
  };
}

/** Whether an answer to that is still of use: reading has not gone on elsewhere, and nobody else has answered it. */
export function isStillWanted({ slot, course, offset }: AskedPartition): boolean {
  const { partition } = slot;
  return (
    partition.isAssigned &&
    partition.course === course &&
    partition.fetchOffset === offset &&
    partition.whereabouts.kind === "known"
  );
}

/** Questions by what answers call their topics: by their ids, or by their names. */
export class QuestionIndex<Question extends PartitionQuestion> {
  readonly #byTopic = new Map<string, Map<number, Question>>();
  #usesIds: boolean;

  constructor(usesIds: boolean) {
    this.#usesIds = usesIds;
  }

  set(question: Question): void {
    const label = this.#labelOf(question);
    let ofTopic = this.#byTopic.get(label);
    if (ofTopic === undefined) {
      ofTopic = new Map();
      this.#byTopic.set(label, ofTopic);
    }
    ofTopic.set(question.partition, question);
  }

  delete(question: Question): void {
    const label = this.#labelOf(question);
    const ofTopic = this.#byTopic.get(label);
    if (ofTopic?.delete(question.partition) === true && ofTopic.size === 0) this.#byTopic.delete(label);
  }

  get(label: string, partition: number): Question | undefined {
    return this.#byTopic.get(label)?.get(partition);
  }

  /** The question about the same partition. */
  like(question: PartitionQuestion): Question | undefined {
    return this.get(this.#labelOf(question), question.partition);
  }

  /** Empty, and from now on by the one or the other. */
  restart(usesIds: boolean): void {
    this.#usesIds = usesIds;
    this.#byTopic.clear();
  }

  #labelOf({ topicId, topic }: PartitionQuestion): string {
    return this.#usesIds ? (topicId ?? topic) : topic;
  }
}
