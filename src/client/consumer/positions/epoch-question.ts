import {
  type LeaderEpochEndOffset,
  OffsetForLeaderEpoch,
  type OffsetForLeaderEpochRequest,
  type OffsetForLeaderEpochResponse,
} from "../../../protocol/index.ts";
import type { LeaderQuestion, PartitionRow } from "../../leaders/leader-request.ts";
import { byTopic, type PartitionItem } from "../../leaders/partition-item.ts";

export interface EpochQuery extends PartitionItem {
  /** Of the last record that was read. */
  readonly epoch: number;
  /** The epoch that the leader is believed to be in. */
  readonly leaderEpoch: number;
}

export type EpochRow = LeaderEpochEndOffset & PartitionRow;

/** Before, one needed rights on the cluster: nobody asks then, as in Java. */
const FIRST_VERSION_FOR_CONSUMERS = 3;
/** `replicaId` of whoever is no broker. */
const CLIENT = -1;

/** Where does that epoch end in the leader's log (KIP-320)? */
export function epochQuestion<Query extends EpochQuery>(): LeaderQuestion<
  Query,
  OffsetForLeaderEpochRequest,
  OffsetForLeaderEpochResponse,
  EpochRow
> {
  return {
    api: OffsetForLeaderEpoch,
    limitsOf: () => ({ atLeast: FIRST_VERSION_FOR_CONSUMERS }),
    body: (queries) => ({
      replicaId: CLIENT,
      topics: byTopic(queries, ({ partition, epoch, leaderEpoch }) => ({
        partition,
        currentLeaderEpoch: leaderEpoch,
        leaderEpoch: epoch,
      })).map(({ name, partitions }) => ({ topic: name, partitions })),
    }),
    rows: ({ topics }) => topics.flatMap(({ topic, partitions }) => partitions.map((row) => ({ ...row, topic }))),
  };
}
