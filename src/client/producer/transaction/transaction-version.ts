import { EndTxn, Produce, TxnOffsetCommit } from "../../../protocol/index.ts";
import type { ClusterBroker } from "../../cluster/metadata-snapshot.ts";
import type { ConnectionPool } from "../../connection/connection-pool.ts";
import type { TransactionVersion } from "./transaction-state.ts";

const FEATURE = "transaction.version";
const EPOCH_FOR_EACH_TRANSACTION = 2;

/** The newest version of Produce that leaves transactions of version 1 as they are; the next adds partitions by itself. */
export const PRODUCE_BEFORE_V2 = 11;
export const FIRST_END_TXN_OF_V2 = 5;
/** The one with names of topics; from v6 on they would have to be ids. */
export const TXN_OFFSET_COMMIT_OF_V2 = 5;
/** KIP-360: the first that takes the epoch that a producer has. */
const FIRST_INIT_WITH_EPOCH = 3;

/**
 * T13: version 2 where the cluster has agreed upon it (KIP-584) and its coordinator speaks it. A cluster that is being upgraded agrees
 * last of all. Undefined while there is no connection to say it.
 */
export function transactionVersion(pool: ConnectionPool, coordinator: ClusterBroker): TransactionVersion | undefined {
  const versions = pool.open(coordinator, "coordinator")?.versions;
  if (versions === undefined) return undefined;
  if (pool.finalizedLevel(FEATURE) < EPOCH_FOR_EACH_TRANSACTION) return 1;
  const speaks =
    versions.supports(EndTxn, { atLeast: FIRST_END_TXN_OF_V2 }) &&
    versions.supports(Produce, { atLeast: PRODUCE_BEFORE_V2 + 1 }) &&
    versions.supports(TxnOffsetCommit, { atLeast: TXN_OFFSET_COMMIT_OF_V2 });
  return speaks ? 2 : 1;
}

/** By the version of InitProducerId that coordinator and client agreed upon. */
export function canTakeEpoch(version: number): boolean {
  return version >= FIRST_INIT_WITH_EPOCH;
}

/** For a producer that has an epoch already. */
export const WITH_EPOCH: { readonly atLeast: number } = { atLeast: FIRST_INIT_WITH_EPOCH };
