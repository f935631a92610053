import { IllegalStateError } from "../../errors.ts";
import type { AssignedPartition } from "../assignment/assigned-partition.ts";
import type { TopicPartition, TopicPartitionOffset } from "../topic-partition.ts";

/** What is to be committed for one partition. */
export interface CommitEntry extends TopicPartition {
  /** The next one to be read. */
  readonly offset: number;
  readonly metadata: string;
  /** Of the record before; -1 for unknown. */
  readonly leaderEpoch: number;
}

const NO_EPOCH = -1;

/** @throws IllegalStateError for what cannot be committed */
export function entriesFrom(call: string, offsets: readonly TopicPartitionOffset[]): readonly CommitEntry[] {
  const isList: boolean = Array.isArray(offsets);
  if (!isList) throw problem(call, "the offsets must be a list of { topic, partition, offset }");
  checkPartitions(call, offsets);
  return offsets.map(({ topic, partition, offset, metadata, leaderEpoch }) => {
    const place = nameOf({ topic, partition });
    if (!(Number.isSafeInteger(offset) && offset >= 0)) {
      throw problem(call, `${place}: ${String(offset)} is no offset; what is committed is the next one to be read`);
    }
    if (leaderEpoch !== undefined && !(Number.isInteger(leaderEpoch) && leaderEpoch >= NO_EPOCH)) {
      throw problem(call, `${place}: ${String(leaderEpoch)} is no leader epoch`);
    }
    if (metadata !== undefined && typeof metadata !== "string") throw problem(call, `${place}: metadata must be a text`);
    return { topic, partition, offset, metadata: metadata ?? "", leaderEpoch: leaderEpoch ?? NO_EPOCH };
  });
}

/** @throws IllegalStateError for what is no list of partitions, or has one twice */
export function checkPartitions(call: string, partitions: readonly TopicPartition[]): void {
  const seen = new Set<string>();
  for (const one of partitions) {
    if (typeof one !== "object" || one === null) throw problem(call, `${String(one)} is no { topic, partition }`);
    const { topic, partition } = one;
    if (typeof topic !== "string" || topic === "") throw problem(call, "every partition must have a topic");
    if (!(Number.isInteger(partition) && partition >= 0)) {
      throw problem(call, `topic '${topic}': ${String(partition)} is no partition`);
    }
    const name = nameOf(one);
    if (seen.has(name)) throw problem(call, `${name} stands there twice`);
    seen.add(name);
  }
}

/** How far it was handed out. `run` is handed whole batches: of what its function has not done with, only `run` knows. */
export function positionOf(one: AssignedPartition): CommitEntry | undefined {
  const { topic, partition, position, epoch, isHeld } = one;
  if (isHeld) return processedPartOf(one);
  return position === undefined ? undefined : { topic, partition, offset: position, metadata: "", leaderEpoch: epoch };
}

/** How far it was processed. The epoch that is known is that of the last record handed out, which may come after it. */
export function processedPartOf(one: AssignedPartition): CommitEntry | undefined {
  const { topic, partition, position, processedOffset, epoch } = one;
  if (processedOffset === undefined) return undefined;
  const leaderEpoch = processedOffset === position ? epoch : NO_EPOCH;
  return { topic, partition, offset: processedOffset, metadata: "", leaderEpoch };
}

/** As users have it. */
export function offsetOf({ topic, partition, offset, metadata, leaderEpoch }: CommitEntry): TopicPartitionOffset {
  return { topic, partition, offset, metadata, ...(leaderEpoch >= 0 && { leaderEpoch }) };
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `topic '${topic}' partition ${partition}`;
}

function problem(call: string, what: string): IllegalStateError {
  return new IllegalStateError(`${call}: ${what}`);
}
