import { DELETE_RECORDS_HIGH_WATERMARK, DeleteRecords, errorByName, KafkaError } from "../../protocol/index.ts";
import { askLeaders } from "../leaders/leader-call.ts";
import { byTopic, type PartitionItem } from "../leaders/partition-item.ts";
import type { AdminContext, CallOptions } from "./admin-context.ts";
import { ArgumentProblems, quoted } from "./arguments.ts";
import { checkPartitions } from "./check-partitions.ts";
import { type ItemResult, settledItems } from "./item-result.ts";

/** Which records a partition shall give up: those before `offset`, the first one to keep; with `highWatermark` all that are replicated. */
export interface RecordsToDelete extends PartitionItem {
  readonly offset: number | "highWatermark";
}

export type DeleteRecordsOptions = CallOptions;

export interface DeletedRecords {
  /** The first offset that is left, on all living replicas. */
  readonly lowWatermark: number;
}

const OFFSET_OUT_OF_RANGE = errorByName("OFFSET_OUT_OF_RANGE").code;

export async function deleteRecords(
  context: AdminContext,
  partitions: readonly RecordsToDelete[],
): Promise<readonly ItemResult<PartitionItem, DeletedRecords>[]> {
  const outcomes = await askLeaders(context, {
    api: DeleteRecords,
    items: partitions,
    body: (items, _version, timeoutMs) => ({
      topics: byTopic(items, ({ partition, offset }) => ({
        partitionIndex: partition,
        offset: offset === "highWatermark" ? DELETE_RECORDS_HIGH_WATERMARK : offset,
      })),
      timeoutMs,
    }),
    noteOn: ({ offset }, errorCode) =>
      errorCode === OFFSET_OUT_OF_RANGE
        ? `offset ${offset} lies beyond the high watermark: records up to there can be deleted`
        : undefined,
    rows: ({ topics }) =>
      topics.flatMap(({ name, partitions: rows }) => rows.map((row) => ({ ...row, topic: name, partition: row.partitionIndex }))),
  });
  return settledItems(
    outcomes.map(({ item: { topic, partition }, outcome }) =>
      outcome instanceof KafkaError
        ? { topic, partition, error: outcome }
        : { topic, partition, lowWatermark: outcome.lowWatermark },
    ),
  );
}

export function checkRecordsToDelete(partitions: readonly RecordsToDelete[]): void {
  const problems = new ArgumentProblems("deleteRecords");
  checkPartitions(problems, partitions);
  for (const { topic, partition, offset } of partitions) {
    const isFine = offset === "highWatermark" || (Number.isSafeInteger(offset) && offset >= 0);
    const where = `topic ${quoted(topic)} partition ${partition}`;
    problems.require(isFine, () => `${where}: offset is the first record to keep, or 'highWatermark', not ${quoted(offset)}`);
  }
  problems.throwIfAny();
}
