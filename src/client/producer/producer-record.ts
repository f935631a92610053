/** What is sent, before it has bytes. */

/** A header's value; null is not the same as empty. */
export type HeaderValue = Uint8Array | string | null;

/** Pairs, in their order; the same key may come again. */
export type RecordHeader = readonly [key: string, value: HeaderValue];

/** As pairs, as a Map, or as an object where a list of values repeats its key. */
export type RecordHeaders =
  | readonly RecordHeader[]
  | ReadonlyMap<string, HeaderValue>
  | Readonly<Record<string, HeaderValue | readonly HeaderValue[] | undefined>>;

export interface ProducerRecord<K = Uint8Array | string | null, V = Uint8Array | string | null> {
  /** Decides the partition, unless `partition` does; null or left out for none. */
  readonly key?: K | null | undefined;
  /** Null or left out: a tombstone, which has compaction forget the key. */
  readonly value?: V | null | undefined;
  readonly headers?: RecordHeaders | undefined;
  /** Instead of the partitioner's choice. */
  readonly partition?: number | undefined;
  /** Milliseconds since 1970; the time of sending, unless said otherwise. */
  readonly timestampMs?: number | undefined;
}
