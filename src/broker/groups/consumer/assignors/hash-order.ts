/**
 * The order in which Java's hash tables hand out what was put into them. Kafka's assignors go through such tables, so which member
 * gets which partition hangs on it; whoever wants Kafka's result has to go in the same order.
 */

const SMALLEST_TABLE = 16;
const LOAD_FACTOR = 0.75;

/** By bucket; what shares a bucket stays in the order in which it came. `buckets` is a power of two. */
export function hashOrder<Item>(items: Iterable<Item>, hashOf: (item: Item) => number, buckets: (size: number) => number): Item[] {
  const all = [...items];
  const mask = buckets(all.length) - 1;
  const bucketOf = (item: Item): number => {
    const hash = hashOf(item);
    return (hash ^ (hash >>> 16)) & mask;
  };
  return all
    .map((item) => ({ item, bucket: bucketOf(item) }))
    .sort((one, other) => one.bucket - other.bucket)
    .map(({ item }) => item);
}

/** The buckets of a table that grew item by item: `new HashMap()`. */
export function bucketsWhenGrown(size: number): number {
  let buckets = SMALLEST_TABLE;
  while (size > buckets * LOAD_FACTOR) buckets *= 2;
  return buckets;
}

/** The buckets of a table that was made for its items: `new HashSet(collection)`. */
export function bucketsWhenCopied(size: number): number {
  const wanted = Math.floor(size / LOAD_FACTOR) + 1;
  let buckets = SMALLEST_TABLE;
  while (buckets < wanted) buckets *= 2;
  return buckets;
}

/** The four words of a topic id, each signed. */
function words(topicId: string): readonly [number, number, number, number] {
  const bytes = Buffer.from(topicId, "base64url");
  return [bytes.readInt32BE(0), bytes.readInt32BE(4), bytes.readInt32BE(8), bytes.readInt32BE(12)];
}

/** Kafka's `Uuid.hashCode`. */
export function topicIdHash(topicId: string): number {
  const [a, b, c, d] = words(topicId);
  return a ^ b ^ c ^ d;
}

/** Kafka's `Uuid.compareTo`: two signed numbers of 64 bits, the first one first. */
export function compareTopicIds(one: string, other: string): number {
  const [a, b, c, d] = words(one);
  const [e, f, g, h] = words(other);
  return a - e || (b >>> 0) - (f >>> 0) || c - g || (d >>> 0) - (h >>> 0);
}
