import {
  ListOffsets,
  type ListOffsetsPartitionResponse,
  type ListOffsetsRequest,
  type ListOffsetsResponse,
} from "../../protocol/index.ts";
import type { LeaderQuestion, PartitionRow } from "./leader-request.ts";
import { byTopic, type PartitionItem } from "./partition-item.ts";

export interface ListOffsetsQuestion<Item> {
  /** Up to the first open transaction, not to the high watermark. */
  readonly isReadCommitted: boolean;
  /** Milliseconds since 1970, or one of the sentinels. */
  readonly timestampOf: (item: Item) => number;
  /** The epoch that the leader is believed to be in; without it nobody checks. */
  readonly leaderEpochOf?: (item: Item) => number;
  /** The version that knows the timestamp first. */
  readonly sinceOf?: (item: Item) => number;
}

export type ListedRow = ListOffsetsPartitionResponse & PartitionRow;

const READ_UNCOMMITTED = 0;
const READ_COMMITTED = 1;
const FIRST_VERSION_WITH_ISOLATION = 2;
/** `replicaId` of whoever is no broker. */
const CLIENT = -1;
const NO_EPOCH = -1;

/** Which offset belongs to a time, or to an end of the log. */
export function listOffsetsQuestion<Item extends PartitionItem>(
  asked: ListOffsetsQuestion<Item>,
): LeaderQuestion<Item, ListOffsetsRequest, ListOffsetsResponse, ListedRow> {
  const { isReadCommitted, timestampOf, leaderEpochOf, sinceOf } = asked;
  const least = isReadCommitted ? FIRST_VERSION_WITH_ISOLATION : 0;
  return {
    api: ListOffsets,
    limitsOf: (item) => ({ atLeast: Math.max(sinceOf?.(item) ?? 0, least) }),
    body: (items, _version, timeoutMs) => ({
      replicaId: CLIENT,
      isolationLevel: isReadCommitted ? READ_COMMITTED : READ_UNCOMMITTED,
      topics: byTopic(items, (item) => ({
        partitionIndex: item.partition,
        currentLeaderEpoch: leaderEpochOf?.(item) ?? NO_EPOCH,
        timestamp: timestampOf(item),
      })),
      timeoutMs,
    }),
    rows: ({ topics }) =>
      topics.flatMap(({ name, partitions }) => partitions.map((row) => ({ ...row, topic: name, partition: row.partitionIndex }))),
  };
}
