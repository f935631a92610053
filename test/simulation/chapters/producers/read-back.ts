// What lies in the logs when everything is over.

import { nodeCodecs } from "../../../../src/client/index.ts";
import {
  advertisedVersions,
  apis,
  type FetchPartitionData,
  parseControlRecord,
  type RecordBatch,
  readBatches,
} from "../../../../src/protocol/index.ts";
import { BrokerClient } from "../../../support/broker-client.ts";
import { RecordsChecker, type Verdict } from "../../../support/records-checker/records-checker.ts";
import type { LedgerTopic } from "../../../support/records-checker/records-ledger.ts";
import type { World } from "../../world/world.ts";
import { takesLateBatches } from "./late-batches.ts";
import type { RecordBook } from "./record-book.ts";

/** Versions that name topics. */
const FETCH_BY_NAME = 12;
const READ_COMMITTED = 1;
const EVERYTHING = 0x3fff_ffff;

export const NO_TRANSACTION_HANGS = "no transaction stays open for ever";

/** Reads all logs of the book's topics to their ends, and holds them against what producers were told. */
export async function readBack(world: World, book: RecordBook): Promise<Verdict> {
  const checker = new RecordsChecker(book.ledger);
  for (const topic of book.topics) {
    const partitions = world.broker.topics.find(({ name }) => name === topic.name)?.partitions ?? [];
    for (const [partition, { leaderId }] of partitions.entries()) {
      readLog(world, checker, topic, partition, await fetchLog(world, topic.name, partition, leaderId));
    }
  }
  return checker.verdict();
}

/** All of a log from an offset on, as the leader gives it to readers of what is committed. */
export async function fetchLog(
  { broker, clock, scenario }: World,
  topic: string,
  partition: number,
  node: number,
  fetchOffset = 0,
): Promise<FetchPartitionData> {
  const version = Math.min(advertisedVersions(scenario.release).get(apis.Fetch.key)?.[1] ?? 0, FETCH_BY_NAME);
  const client = await BrokerClient.connect(broker, { node, clientId: "reader" });
  const asked = { partition, fetchOffset, partitionMaxBytes: EVERYTHING };
  const fetching = client.ask(
    "Fetch",
    { maxWaitMs: 0, minBytes: 0, maxBytes: EVERYTHING, isolationLevel: READ_COMMITTED, topics: [{ topic, partitions: [asked] }] },
    version,
  );
  await clock.advance(0);
  const { responses } = await fetching;
  client.close();
  await clock.advance(0);
  const found = responses[0]?.partitions[0];
  if (found === undefined) throw new Error(`nobody can read ${topic}-${partition}`);
  return found;
}

function readLog(world: World, checker: RecordsChecker, topic: LedgerTopic, partition: number, found: FetchPartitionData): void {
  const { records, highWatermark, lastStableOffset, errorCode } = found;
  if (errorCode !== 0) throw new Error(`reading ${topic.name}-${partition} is answered with error ${errorCode}`);
  if (lastStableOffset !== highWatermark && !takesLateBatches(world)) {
    const text = `${topic.name}-${partition} ends at ${highWatermark}, and can be read up to ${lastStableOffset}`;
    world.violate(NO_TRANSACTION_HANGS, text);
  }
  const aborted = new AbortedBatches(found);
  for (const batch of readBatches(records ?? new Uint8Array(), { codecs: nodeCodecs })) {
    const isShown = !aborted.has(batch);
    if (batch.isControl) continue;
    for (const { offset, value } of batch.records()) {
      checker.saw("uncommitted", topic, partition, Number(offset), value ?? new Uint8Array());
      if (isShown) checker.saw("committed", topic, partition, Number(offset), value ?? new Uint8Array());
    }
  }
}

/** Which batches a reader of what is committed leaves out; to be asked in their order. */
export class AbortedBatches {
  readonly #coming: { readonly producerId: bigint; readonly firstOffset: bigint | number }[];
  readonly #aborted = new Set<bigint>();

  constructor({ abortedTransactions }: FetchPartitionData) {
    this.#coming = [...(abortedTransactions ?? [])].sort((one, other) => Number(one.firstOffset) - Number(other.firstOffset));
  }

  has(batch: RecordBatch): boolean {
    while (this.#coming[0] !== undefined && Number(this.#coming[0].firstOffset) <= batch.lastOffset) {
      this.#aborted.add(this.#coming.shift()?.producerId ?? -1n);
    }
    const { producerId } = batch;
    if (batch.isControl) {
      const [mark] = batch.records();
      if (mark !== undefined && parseControlRecord(mark.key, mark.value).type === "ABORT") this.#aborted.delete(producerId);
      return true;
    }
    return batch.isTransactional && this.#aborted.has(producerId);
  }
}
