// What is in a partition, read over a bare connection: by whoever reads, not by the client that wrote it.

import { nodeCodecs, type RecordHeader } from "../../../src/index.ts";
import { type CompressionName, errorCode, type RecordBatch, readBatches, type TimestampType } from "../../../src/protocol/index.ts";
import { isAtLeast } from "../../support/kafka/old-kafka-mode.ts";
import type { Stage } from "./stage.ts";

/** Every broker since 0.11 takes it. */
const FETCH_VERSION = 4;
/** The first that may be answered with zstd. */
const FETCH_VERSION_WITH_ZSTD = 10;
const FETCH_BYTES = 10_000_000;

export interface LoggedRecord {
  readonly offset: number;
  readonly timestamp: number;
  readonly timestampType: TimestampType;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: readonly (readonly [key: string, value: string | null])[];
  /** The first offset of its batch. */
  readonly baseOffset: number;
  readonly compression: CompressionName;
  /** -1n for nobody's. */
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

export type Isolation = "read_uncommitted" | "read_committed";

/** Everything in a partition, in its order. With read_committed up to the first transaction that is open, and nothing that was aborted. */
export async function readLog(
  stage: Stage,
  topic: string,
  partition = 0,
  isolation: Isolation = "read_uncommitted",
): Promise<readonly LoggedRecord[]> {
  const { batches, aborted } = await batchesOf(stage, topic, partition, isolation);
  let open = [...aborted];
  return batches.flatMap((batch): LoggedRecord[] => {
    const ended = open.find((one) => one.producerId === batch.producerId && one.firstOffset <= batch.baseOffset);
    // The mark at the end of a transaction.
    if (batch.isControl) open = open.filter((one) => one !== ended);
    return batch.isControl || (ended !== undefined && batch.isTransactional) ? [] : recordsOf(batch);
  });
}

/** The values of a partition. */
export async function valuesOf(
  stage: Stage,
  topic: string,
  partition = 0,
  isolation: Isolation = "read_uncommitted",
): Promise<readonly (string | null)[]> {
  return (await readLog(stage, topic, partition, isolation)).map(({ value }) => value);
}

/** What readers of committed records see, once the ends of all transactions are marked: that is a moment after they are told. */
export async function committedValues(stage: Stage, topic: string, partition = 0): Promise<readonly (string | null)[]> {
  await untilAllEnded(stage, topic, partition);
  return valuesOf(stage, topic, partition, "read_committed");
}

/** Until no transaction in the partition is open. */
export async function untilAllEnded(stage: Stage, topic: string, partition = 0): Promise<void> {
  await stage.eventually(async () => {
    const { highWatermark, lastStableOffset } = await fetch(stage, topic, partition, 0, "read_committed");
    if (lastStableOffset < highWatermark)
      throw new Error(`a transaction is open in ${topic} ${partition}: ${lastStableOffset} of ${highWatermark}`);
  });
}

interface Batches {
  readonly batches: readonly RecordBatch[];
  readonly aborted: readonly { readonly producerId: bigint; readonly firstOffset: number }[];
}

async function batchesOf(stage: Stage, topic: string, partition: number, isolation: Isolation): Promise<Batches> {
  const batches: RecordBatch[] = [];
  const aborted = new Map<string, { readonly producerId: bigint; readonly firstOffset: number }>();
  for (let offset = 0; ; ) {
    const answer = await fetch(stage, topic, partition, offset, isolation);
    const end = isolation === "read_committed" ? answer.lastStableOffset : answer.highWatermark;
    const found = [...readBatches(answer.records ?? new Uint8Array(), { codecs: nodeCodecs })];
    for (const batch of found) await batch.decompress();
    batches.push(...found);
    for (const one of answer.abortedTransactions ?? []) aborted.set(`${one.producerId} ${one.firstOffset}`, one);
    const next = found.at(-1)?.nextOffset ?? offset;
    if (next >= end) return { batches, aborted: [...aborted.values()] };
    if (next === offset) throw new Error(`${topic} ${partition}: nothing is read at ${offset}, but it ends at ${end}`);
    offset = next;
  }
}

async function fetch(stage: Stage, topic: string, partition: number, fetchOffset: number, isolation: Isolation) {
  const isOld = !isAtLeast(stage.broker.release, "2.1");
  const body = {
    maxWaitMs: 0,
    minBytes: 0,
    maxBytes: FETCH_BYTES,
    isolationLevel: isolation === "read_committed" ? 1 : 0,
    topics: [{ topic, partitions: [{ partition, fetchOffset, partitionMaxBytes: FETCH_BYTES }] }],
  };
  const leader = await stage.leaderOf(topic, partition);
  const { responses } = await stage.ask("Fetch", isOld ? FETCH_VERSION : FETCH_VERSION_WITH_ZSTD, body, leader);
  const data = responses[0]?.partitions[0];
  if (data?.errorCode !== 0) throw new Error(`${topic} ${partition} is not read: ${errorCode(data?.errorCode ?? -1).name}`);
  return data;
}

function recordsOf(batch: RecordBatch): LoggedRecord[] {
  const { baseOffset, compression, producerId, producerEpoch, timestampType } = batch;
  return batch.records().map(({ offset, timestamp, key, value, headers }) => ({
    offset,
    timestamp,
    timestampType,
    key: textOf(key),
    value: textOf(value),
    headers: headers.map(([name, content]: readonly [string, RecordHeader[1]]) => [name, textOf(content)] as const),
    baseOffset,
    compression,
    producerId,
    producerEpoch,
  }));
}

function textOf(bytes: Uint8Array | string | null): string | null {
  return bytes === null || typeof bytes === "string" ? bytes : new TextDecoder().decode(bytes);
}
