// How contracts read with a consumer.

import assert from "node:assert/strict";
import type { Consumer, ConsumerRecord } from "../../../src/index.ts";

const PATIENCE_MS = 20_000;
/** Long enough for a record that is there to be fetched. */
const A_MOMENT_MS = 300;

/** The next records, so many; fails if they do not come. */
export async function read<K, V>(consumer: Consumer<K, V>, count: number): Promise<ConsumerRecord<K, V>[]> {
  const records: ConsumerRecord<K, V>[] = [];
  while (records.length < count) {
    const polled = await consumer.poll({ timeoutMs: PATIENCE_MS, maxRecords: count - records.length });
    if (polled.isEmpty) assert.fail(`only ${records.length} of ${count} records came: ${placesOf(records).join(", ")}`);
    records.push(...polled);
  }
  return records;
}

/** Whatever comes within a moment, which is nothing if the contract is kept. */
export async function more<K, V>(consumer: Consumer<K, V>): Promise<readonly string[]> {
  return placesOf([...(await consumer.poll({ timeoutMs: A_MOMENT_MS }))]);
}

/** `0/17 value`: partition, offset, value. */
export function placesOf(records: Iterable<ConsumerRecord<unknown, unknown>>): readonly string[] {
  return [...records].map(({ partition, offset, value }) => `${partition}/${offset} ${textOf(value)}`);
}

export function valuesIn(records: Iterable<ConsumerRecord<unknown, unknown>>): readonly string[] {
  return [...records].map(({ value }) => textOf(value));
}

export function offsetsIn(records: Iterable<ConsumerRecord<unknown, unknown>>): readonly number[] {
  return [...records].map(({ offset }) => offset);
}

export function textOf(bytes: unknown): string {
  return bytes instanceof Uint8Array ? Buffer.from(bytes).toString() : String(bytes);
}

/** The records of partition 0, written one batch each. */
export function written(...values: readonly string[]): readonly { readonly value: string }[] {
  return values.map((value) => ({ value }));
}
