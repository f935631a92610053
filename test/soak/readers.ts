/** Every way to read, and every way to be slow at it. */
import type { TopicPartition } from "../../src/index.ts";
import type { Keeper } from "./keeper.ts";
import type { Reader, ReaderPlan } from "./reader.ts";

const MEBIBYTE = 1_048_576;
const SMALL = { fetchMaxBytes: 4 * MEBIBYTE, maxPartitionFetchBytes: MEBIBYTE };
/** Less than the largest batches. */
const TINY = { fetchMaxBytes: 2 * MEBIBYTE, maxPartitionFetchBytes: 65_536 };
const POLL_MS = 500;
const GAP_MS = 3000;
const SWAP_MS = 20_000;
const HOLD_MS = 20_000;
const REWIND_MS = 60_000;
const RECORDS_A_BREATH = 20_000;

export function plansOf(keeper: Keeper): readonly ReaderPlan[] {
  return [
    { name: "run", topics: ["small", "medium"], limits: SMALL, read: (reader) => slowFunction(reader) },
    { name: "iterate", topics: ["mixed"], limits: SMALL, read: (reader) => slowBody(reader) },
    { name: "poll", topics: ["small", "mixed"], limits: TINY, read: (reader) => longGaps(reader) },
    { name: "batches", topics: ["medium", "mixed"], read: (reader) => slowBatches(reader) },
    { name: "paused", topics: ["packed", "mixed"], limits: SMALL, paused: 3, read: (reader) => pausing(reader) },
    { name: "held", topics: ["beside"], limits: SMALL, fetchMinBytes: MEBIBYTE, read: (reader) => oneHeld(reader) },
    { name: "keeper", topics: ["small", "packed"], limits: SMALL, read: (reader) => keeping(reader, keeper) },
  ];
}

async function slowFunction(reader: Reader): Promise<void> {
  await reader.consumer.run({
    concurrency: 4,
    signal: reader.signal,
    eachRecord: async (record) => {
      reader.took(record);
      await reader.pause(5);
    },
  });
}

async function slowBody(reader: Reader): Promise<void> {
  for await (const record of reader.consumer) {
    reader.took(record);
    await reader.pause(3);
  }
}

async function longGaps(reader: Reader): Promise<void> {
  while (!reader.isOver) {
    for (const record of await reader.consumer.poll({ timeoutMs: POLL_MS })) reader.took(record);
    await reader.pause(GAP_MS);
  }
}

async function slowBatches(reader: Reader): Promise<void> {
  for await (const batch of reader.consumer.batches()) {
    for (const record of batch) reader.took(record);
    await reader.pause(200);
  }
}

/** Every other partition is paused, then the others. */
async function pausing(reader: Reader): Promise<void> {
  const { consumer } = reader;
  let swapAt = 0;
  for (let turn = 0; !reader.isOver; ) {
    const assigned = consumer.assignment();
    if (performance.now() >= swapAt && assigned.length > 0) {
      consumer.resume(...consumer.paused());
      consumer.pause(...assigned.filter((_, index) => index % 2 === turn % 2));
      swapAt = performance.now() + SWAP_MS;
      turn++;
    }
    for (const record of await consumer.poll({ timeoutMs: POLL_MS })) reader.took(record);
    await reader.pause(POLL_MS);
  }
}

/** The trickle's records wait behind a function that takes very long, while the river flows. */
async function oneHeld(reader: Reader): Promise<void> {
  await reader.consumer.run({
    concurrency: 2,
    signal: reader.signal,
    eachBatch: (batch) => {
      for (const record of batch) reader.took(record);
      return batch.partition === 0 ? reader.pause(HOLD_MS) : undefined;
    },
  });
}

/** Reads fast, from the beginning again and again, and keeps a record of 100 bytes now and then. */
async function keeping(reader: Reader, keeper: Keeper): Promise<void> {
  const { consumer } = reader;
  let rewindAt = performance.now() + REWIND_MS;
  let breath = 0;
  for await (const record of consumer) {
    reader.took(record);
    keeper.take(record);
    if (++breath % RECORDS_A_BREATH !== 0) continue;
    await reader.pause(1000);
    if (reader.isOver || performance.now() < rewindAt) continue;
    rewindAt = performance.now() + REWIND_MS;
    reader.sought();
    const places: readonly TopicPartition[] = consumer.assignment();
    if (places.length > 0) consumer.seekToBeginning(...places);
  }
}
