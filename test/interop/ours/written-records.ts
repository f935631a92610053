// What our producer writes for other people's clients to read, and what they have to see of it.

import { Producer, type ProducerOptions, type RecordMetadata } from "../../../src/index.ts";
import { createTopic } from "../create-topic.ts";
import type { Stage } from "../scenario.ts";
import { untilAllEnded } from "../transaction-ends.ts";

/** A record as a reader sees it, all of it text. */
export interface SeenRecord {
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: readonly (readonly [name: string, value: string | null])[];
}

type Written = Omit<SeenRecord, "offset">;

const CODECS = ["none", "gzip", "snappy", "lz4", "zstd"] as const;
const EACH = 200;
const IN_ORDER = 5000;
const FIRST_TIMESTAMP = 1_700_000_000_000;
/** The times are of 2023, which is longer ago than a broker keeps records. */
const FOREVER = { "retention.ms": "-1" } as const;
const SIZES = [1, 40, 3, 250, 0, 77, 5, 512];
const TRANSACTIONS = 24;

/** Every codec and everything that a record may have in partition 1, many small batches in partition 0. */
export async function writeEverything(stage: Stage, topic: string): Promise<readonly SeenRecord[]> {
  await createTopic(stage, topic, 3, FOREVER);
  const seen: SeenRecord[] = [];
  for (const compression of CODECS) {
    const records = Array.from({ length: EACH }, (_, i) => written(compression, i));
    seen.push(...(await send(stage, topic, records, { compression, batchSize: 4000 })));
  }
  const inOrder = Array.from({ length: IN_ORDER }, (_, i) => ({
    partition: 0,
    timestamp: FIRST_TIMESTAMP + i,
    key: null,
    value: `number ${i}`,
    headers: [],
  }));
  seen.push(...(await send(stage, topic, inOrder, { compression: "lz4", batchSize: 1000 })));
  return seen;
}

/** With the broker's times. */
export async function writeStamped(stage: Stage, topic: string): Promise<readonly SeenRecord[]> {
  await createTopic(stage, topic, 1, { "message.timestamp.type": "LogAppendTime" });
  const records = Array.from({ length: 10 }, (_, i) => ({ ...written("gzip", i), partition: 0 }));
  return send(stage, topic, records, { compression: "gzip" });
}

/** Transactions of many sizes, every third aborted; resolves to what was committed, when the ends of all are marked. */
export async function writeTransactions(stage: Stage, topic: string): Promise<readonly SeenRecord[]> {
  await createTopic(stage, topic, 2, FOREVER);
  const producer = ourProducer(stage, { transactionalId: stage.unique("id"), compression: "zstd", batchSize: 1000 });
  const committed: SeenRecord[] = [];
  try {
    await producer.initTransactions();
    for (let number = 0; number < TRANSACTIONS; number++) {
      const records = Array.from({ length: SIZES[number % SIZES.length] ?? 0 }, (_, i) => ({
        ...written(`transaction ${number}`, i),
        partition: i % 2,
      }));
      producer.beginTransaction();
      const told = await producer.sendBatch(topic, records.map(toRecord));
      if (number % 3 === 2) await producer.abortTransaction();
      else await producer.commitTransaction();
      if (number % 3 !== 2) committed.push(...records.map((record, i) => seenAt(record, told[i])));
    }
  } finally {
    await producer.close();
  }
  await untilAllEnded(stage, topic, 2);
  return committed;
}

export function ourProducer(stage: Stage, options: Partial<ProducerOptions> = {}): Producer {
  return new Producer({ bootstrapServers: stage.bootstrapServers, clientId: "kafkawire", ...options });
}

function written(word: string, i: number): Written {
  const headers = [
    ["same", `${i}`],
    ["größe", ""],
    ["same", null],
  ] as const;
  return {
    partition: 1,
    timestamp: FIRST_TIMESTAMP + ((i * 7919) % 100_000),
    key: i % 7 === 0 ? null : i % 7 === 1 ? "" : `key ${i}`,
    value: i % 11 === 0 ? null : `${word} größe ${i} `.repeat(i % 40),
    headers: headers.slice(0, i % 4),
  };
}

async function send(
  stage: Stage,
  topic: string,
  records: readonly Written[],
  options: Partial<ProducerOptions>,
): Promise<readonly SeenRecord[]> {
  const producer = ourProducer(stage, options);
  try {
    const told = await Promise.all(records.map((record) => producer.send(topic, toRecord(record))));
    return records.map((record, i) => seenAt(record, told[i]));
  } finally {
    await producer.close();
  }
}

function toRecord({ timestamp: timestampMs, ...rest }: Written) {
  return { ...rest, timestampMs };
}

function seenAt(record: Written, told: RecordMetadata | undefined): SeenRecord {
  return { ...record, offset: told?.offset ?? -1, timestamp: told?.timestamp ?? -1 };
}
