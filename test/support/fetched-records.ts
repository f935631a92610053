// Answers to fetches, made by hand, and what a consumer makes of them.

import { nodeCodecs } from "../../src/client/compression/node-codecs.ts";
import { AssignedPartition } from "../../src/client/consumer/assignment/assigned-partition.ts";
import type { AbortedTransaction } from "../../src/client/consumer/records/aborted-transactions.ts";
import type { ConsumerRecord } from "../../src/client/consumer/records/consumer-record.ts";
import type { FetchedBatch } from "../../src/client/consumer/records/fetched-batch.ts";
import { FetchedPart } from "../../src/client/consumer/records/fetched-part.ts";
import { RecordSettings, type RecordSettingsInit } from "../../src/client/consumer/records/record-settings.ts";
import { type Codecs, encodeEndTransactionMarker, RecordBatch, type RecordBatchInput } from "../../src/protocol/index.ts";

export interface AnswerOptions extends Partial<RecordSettingsInit> {
  readonly fetchOffset?: number;
  readonly aborted?: readonly AbortedTransaction[] | null;
  readonly codecs?: Codecs;
  /** In the course that it has now. Default: topic `orders`, partition 3. */
  readonly partition?: AssignedPartition;
}

/** What a consumer gets of a partition in an answer with these batches. */
export function fetched(batches: readonly Uint8Array[], options: AnswerOptions = {}): FetchedPart {
  const { fetchOffset = 0, aborted = null, partition, ...settings } = options;
  return new FetchedPart({
    partition: partition ?? new AssignedPartition("orders", 3),
    course: partition?.course ?? 1,
    fetchOffset,
    records: Buffer.concat(batches),
    aborted,
    settings: new RecordSettings({ checkCrcs: true, codecs: nodeCodecs, ...settings }),
  });
}

/** A batch whose records have these values, from this offset on. */
export function batchOf(
  baseOffset: number,
  values: readonly (string | null)[],
  fields: Partial<RecordBatchInput> = {},
): Uint8Array {
  return RecordBatch.encode({ codecs: nodeCodecs, baseOffset, records: values.map((value) => ({ value })), ...fields });
}

/** The mark that ends a transaction, at this offset. */
export function markerOf(baseOffset: number, type: "ABORT" | "COMMIT", producerId: bigint): Uint8Array {
  const records = [encodeEndTransactionMarker(type, 0)];
  return RecordBatch.encode({ baseOffset, records, producerId, producerEpoch: 0, isControl: true, isTransactional: true });
}

/** One batch after the other, whether they are there at once or not. */
export async function batchesOf(part: FetchedPart): Promise<FetchedBatch[]> {
  const batches: FetchedBatch[] = [];
  for (;;) {
    const batch = await part.next();
    if (batch === undefined) return batches;
    batches.push(batch);
  }
}

export async function recordsOf(part: FetchedPart): Promise<ConsumerRecord<unknown, unknown>[]> {
  const records: ConsumerRecord<unknown, unknown>[] = [];
  for (const batch of await batchesOf(part)) while (!batch.isDone) await batch.take(records, 100);
  return records;
}

/** `12:text`, the offset and the value. */
export function told(records: readonly ConsumerRecord<unknown, unknown>[]): string[] {
  return records.map(
    ({ offset, value }) => `${offset}:${value instanceof Uint8Array ? Buffer.from(value).toString() : String(value)}`,
  );
}

export async function toldOf(part: FetchedPart): Promise<string[]> {
  return told(await recordsOf(part));
}
