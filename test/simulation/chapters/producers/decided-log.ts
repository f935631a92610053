import { nodeCodecs } from "../../../../src/client/index.ts";
import { type FetchPartitionData, parseControlRecord, type RecordBatch, readBatches } from "../../../../src/protocol/index.ts";
import type { World } from "../../world/world.ts";
import { fetchLog, type LogPlace, READ_UNCOMMITTED } from "./fetched-log.ts";
import type { LateBatches } from "./late-batches.ts";

export const NO_TRANSACTION_HANGS = "no transaction stays open for ever";

export interface DecidedBatch {
  readonly batch: RecordBatch;
  /** `open`: no mark tells of its end. What is in no transaction is committed. */
  readonly fate: "committed" | "aborted" | "open";
  /** It came when its transaction was over already. */
  readonly isLate: boolean;
}

export interface DecidedLog {
  readonly found: FetchPartitionData;
  /** Without the marks. */
  readonly batches: readonly DecidedBatch[];
  /** What belongs to transactions that ought to have been ended, and what keeps readers of what is committed back without being there. */
  readonly hanging: string | undefined;
}

/** A log to its very end, with what the marks of transactions make of it. */
export async function decidedLog(world: World, late: LateBatches, place: LogPlace): Promise<DecidedLog> {
  const { topic, partition } = place;
  const found = await fetchLog(world, place, READ_UNCOMMITTED);
  const all = [...readBatches(found.records ?? new Uint8Array(), { codecs: nodeCodecs })];
  const batches = all
    .filter(({ isControl }) => !isControl)
    .map((batch): DecidedBatch => {
      if (!batch.isTransactional) return { batch, fate: "committed", isLate: false };
      const end = all.find((one) => one.isControl && one.producerId === batch.producerId && one.baseOffset > batch.lastOffset);
      // A mark of the same epoch ends the transaction that it was sent in.
      const isLate = end?.producerEpoch !== batch.producerEpoch && late.has(world, topic, partition, batch);
      return { batch, fate: end === undefined ? "open" : fateBy(end), isLate };
    });
  return { found, batches, hanging: hangingIn(place, found, batches) };
}

function fateBy(mark: RecordBatch): "committed" | "aborted" {
  const [record] = mark.records();
  return record !== undefined && parseControlRecord(record.key, record.value).type === "COMMIT" ? "committed" : "aborted";
}

function hangingIn(
  { topic, partition }: LogPlace,
  { highWatermark, lastStableOffset }: FetchPartitionData,
  batches: readonly DecidedBatch[],
): string | undefined {
  const open = batches.filter(({ fate }) => fate === "open");
  const guilty = open.find(({ isLate }) => !isLate);
  if (guilty === undefined && (open.length > 0 || lastStableOffset === highWatermark)) return undefined;
  const what = guilty === undefined ? "" : `, and nobody ends what begins at ${guilty.batch.baseOffset}`;
  return `${topic}-${partition} ends at ${highWatermark}, and can be read up to ${lastStableOffset}${what}`;
}
