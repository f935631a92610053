// Our consumer at work: the four ways to read a topic to its end.

import { setTimeout as pause } from "node:timers/promises";
import { Consumer, type ConsumerOptions, type ConsumerRecord, type TopicPartition } from "../../../src/index.ts";
import type { Reading } from "../ours/our-scenarios.ts";
import type { Stage } from "../scenario.ts";

/** A record as it was read, or must be; bytes are hexadecimal. */
export type Row = readonly [
  partition: number,
  offset: number,
  timestamp: number,
  timestampType: string,
  key: string | null,
  value: string | null,
  headers: readonly (readonly [name: string, value: string | null])[],
];

interface Way {
  readonly name: string;
  readonly options: Partial<ConsumerOptions>;
  /** Ends, or is ended by the signal, when everything is read. */
  read(reading: Underway): Promise<void>;
}

interface Underway {
  readonly consumer: Consumer;
  see(record: ConsumerRecord): void;
  /** Aborted when all positions are at the ends. */
  readonly signal: AbortSignal;
}

const LOOK_EVERY_MS = 10;

export const WAYS: readonly Way[] = [
  {
    name: "poll",
    // Little at a time: what belongs together, as a batch or as a transaction, does not come together.
    options: { maxPartitionFetchBytes: 3000, fetchMaxBytes: 5000, maxPollRecords: 7 },
    async read({ consumer, see, signal }) {
      while (!signal.aborted) for (const record of await consumer.poll({ timeoutMs: 20 })) see(record);
    },
  },
  {
    name: "record iterator",
    options: {},
    async read({ consumer, see, signal }) {
      for await (const record of consumer.iterate({ signal })) see(record);
    },
  },
  {
    name: "batches",
    options: {},
    async read({ consumer, see, signal }) {
      for await (const batch of consumer.batches({ signal })) for (const record of batch) see(record);
    },
  },
  {
    name: "run",
    options: { enableIncrementalFetchSessions: false },
    async read({ consumer, see, signal }) {
      const eachRecord = async (record: ConsumerRecord): Promise<void> => {
        await Promise.resolve();
        see(record);
      };
      await consumer.run({ concurrency: 3, signal, eachRecord });
    },
  },
];

/** The records in the order in which they came, partition by partition. */
export async function readWith(way: Way, stage: Stage, { topic, partitions, isolation }: Reading): Promise<readonly Row[]> {
  const { bootstrapServers } = stage;
  const consumer = new Consumer({ bootstrapServers, autoOffsetReset: "earliest", isolationLevel: isolation, ...way.options });
  const rows: Row[] = [];
  const places = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
  const isRead = new AbortController();
  try {
    const ends = await consumer.endOffsets(places);
    consumer.assign(places);
    const isAtEnd = async (place: TopicPartition, i: number): Promise<boolean> =>
      (await consumer.position(place)) >= (ends[i]?.offset ?? Number.POSITIVE_INFINITY);
    const untilAtEnd = async (): Promise<void> => {
      while (!(await Promise.all(places.map(isAtEnd))).every(Boolean)) {
        await pause(LOOK_EVERY_MS, undefined, { signal: stage.signal });
      }
    };
    const watching = untilAtEnd().finally(() => isRead.abort());
    const reading = way.read({ consumer, see: (record) => rows.push(rowOf(record)), signal: isRead.signal });
    await Promise.all([watching, reading.catch(unlessEnded(isRead.signal))]);
  } finally {
    await consumer.close();
  }
  return rows.toSorted((a, b) => a[0] - b[0]);
}

/** A loop that waits for more is ended by its signal, and rejects with that. */
function unlessEnded(signal: AbortSignal): (error: unknown) => void {
  return (error) => {
    if (!signal.aborted || error !== signal.reason) throw error;
  };
}

function rowOf({ partition, offset, timestamp, timestampType, key, value, headers }: ConsumerRecord): Row {
  return [
    partition,
    offset,
    timestamp,
    timestampType,
    asHex(key),
    asHex(value),
    headers.map(([name, content]) => [name, asHex(content)] as const),
  ];
}

function asHex(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString("hex");
}
