/** The topics that are read: each written once, before all clients, and what a client must have found in it. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { Producer } from "../../src/client/producer/producer.ts";
import type { Stage } from "../real-broker/stage.ts";
import type { DataSet } from "./consume-suite.ts";

/** Between Java's default of 16 KB and the 1 MB of librdkafka and franz-go. */
const BATCH_BYTES = 65_536;
/** Long enough that batches become full. */
const LINGER_MS = 100;
/** After so many records others may have the event loop. */
const CHUNK = 1_000;
/** Of a value, what every client looks at: cases/consume/reading.mjs. */
const EARLY_BYTE = 8;
const LATE_BYTE = 2;

export interface DataTopic {
  readonly name: string;
  readonly data: DataSet;
  /** What a reader's sum must be after so many records of each partition. */
  readonly sumOf: (counts: readonly number[]) => number;
}

/** Record `i` goes to partition `i % partitions`, and so a partition's records are known by their offsets. */
export async function fillTopic(stage: Stage, data: DataSet, values: readonly Buffer[]): Promise<DataTopic> {
  const [name = ""] = await stage.topics.create(1, data.partitions);
  const producer = new Producer({
    bootstrapServers: stage.bootstrapServers,
    clientId: "bench",
    compression: data.codec,
    batchSize: BATCH_BYTES,
    lingerMs: LINGER_MS,
  });
  try {
    for (let index = 0; index < data.records; index++) {
      const record = { value: values[index % values.length] ?? null, partition: index % data.partitions };
      while (!producer.produce(name, record)) await producer.ready();
      if (index % CHUNK === 0) await nextTurn();
    }
    await producer.flush();
  } finally {
    await producer.close();
  }
  const logged = await stage.topics.records(name);
  if (logged !== data.records) throw new Error(`${data.records} records were to be read, and ${logged} are in the log`);
  return { name, data, sumOf: (counts) => sumOf(counts, data.partitions, values.map(lookedAt)) };
}

/** What a look at a value comes to. */
export function lookedAt(value: Buffer): number {
  return value.length + (value[EARLY_BYTE] ?? 0) + (value[value.length - LATE_BYTE] ?? 0);
}

function sumOf(counts: readonly number[], partitions: number, looks: readonly number[]): number {
  let sum = 0;
  for (const [partition, count] of counts.entries())
    for (let offset = 0; offset < count; offset++) sum += looks[(offset * partitions + partition) % looks.length] ?? 0;
  return sum;
}
