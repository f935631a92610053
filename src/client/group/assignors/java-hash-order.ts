/**
 * The order in which Java's hash tables hand out what was put into them. The sticky assignors go through such tables, and which member
 * keeps one partition more hangs on it: whoever wants Java's result has to go in the same order.
 */
import type { TopicPartition } from "../../consumer/topic-partition.ts";

const SMALLEST_TABLE = 16;
const LOAD_FACTOR = 0.75;

/** `String.hashCode` */
export function textHash(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index++) hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0;
  return hash;
}

/** `TopicPartition.hashCode` */
export function partitionHash({ topic, partition }: TopicPartition): number {
  return (Math.imul(31, 31 + partition) + textHash(topic)) | 0;
}

/** The buckets of a table that has had so many entries at most. */
export function bucketsFor(mostEntries: number): number {
  let buckets = SMALLEST_TABLE;
  while (mostEntries > buckets * LOAD_FACTOR) buckets *= 2;
  return buckets;
}

/** By bucket; what shares a bucket stays in the order in which it came. */
export function inHashOrder<Item>(items: Iterable<Item>, hashOf: (item: Item) => number, mostEntries?: number): Item[] {
  const all = [...items];
  const mask = bucketsFor(mostEntries ?? all.length) - 1;
  const bucketOf = (item: Item): number => {
    const hash = hashOf(item);
    return (hash ^ (hash >>> 16)) & mask;
  };
  return all
    .map((item) => ({ item, bucket: bucketOf(item) }))
    .sort((one, other) => one.bucket - other.bucket)
    .map(({ item }) => item);
}
