/**
 * The types of keys and values. The parts of a consumer hand records on without knowing what its deserializers make; that they make what
 * the consumer was declared with is the user's word, which is taken here and nowhere else.
 */
import type { ConsumerRecord } from "../records/consumer-record.ts";

export type AnyRecord = ConsumerRecord<unknown, unknown>;

export function typedRecord<K, V>(record: AnyRecord): ConsumerRecord<K, V>;
export function typedRecord(record: AnyRecord): AnyRecord {
  return record;
}

export function typedRecords<K, V>(records: readonly AnyRecord[]): readonly ConsumerRecord<K, V>[];
export function typedRecords(records: readonly AnyRecord[]): readonly AnyRecord[] {
  return records;
}

export function typedIterable<K, V>(records: Iterable<AnyRecord>): Iterable<ConsumerRecord<K, V>>;
export function typedIterable(records: Iterable<AnyRecord>): Iterable<AnyRecord> {
  return records;
}
