/**
 * DescribeTransactions (key 65): the present transaction of transactional ids. Administrators send it to the transaction
 * coordinator of these ids.
 *
 * v0  flexible; the only version (KIP-664)
 */
import { int32, type Layout, string, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

export interface DescribeTransactionsRequest {
  /** Empty for none: ListTransactions finds ids. */
  readonly transactionalIds: readonly string[];
}

export interface DescribeTransactionsResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /** One per id that was asked for. */
  readonly transactionStates: readonly DescribedTransaction[];
}

/** On errors, only `errorCode` and `transactionalId` say anything. */
export interface DescribedTransaction {
  /** E.g. NOT_COORDINATOR, TRANSACTIONAL_ID_NOT_FOUND or TRANSACTIONAL_ID_AUTHORIZATION_FAILED. */
  readonly errorCode: number;
  readonly transactionalId: string;
  /** `Empty`, `Ongoing`, `PrepareCommit`, `PrepareAbort`, `CompleteCommit`, `CompleteAbort` or `PrepareEpochFence`. */
  readonly transactionState: string;
  /** How long a transaction may be open before the coordinator aborts it. */
  readonly transactionTimeoutMs: number;
  /** When the present or last transaction began, -1 before the first. */
  readonly transactionStartTimeMs: number;
  /** The producer that has the transactional id now. */
  readonly producerId: bigint;
  /** Its epoch; producers with an older one are fenced. */
  readonly producerEpoch: number;
  /** Partitions of the transaction; once it is decided, those that lack a marker. Without topics that the client may not see. */
  readonly topics: readonly DescribedTransactionTopic[];
}

export interface DescribedTransactionTopic {
  readonly topic: string;
  readonly partitions: readonly number[];
}

const request: Layout<DescribeTransactionsRequest> = struct((wire, it) => ({
  transactionalIds: wire.array(it.transactionalIds, string),
}));

const response: Layout<DescribeTransactionsResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  transactionStates: wire.array(it.transactionStates, transaction),
}));

const transaction: Layout<DescribedTransaction> = struct((wire, it) => ({
  errorCode: wire.int16(it.errorCode),
  transactionalId: wire.string(it.transactionalId),
  transactionState: wire.string(it.transactionState),
  transactionTimeoutMs: wire.int32(it.transactionTimeoutMs),
  transactionStartTimeMs: wire.timestamp(it.transactionStartTimeMs),
  producerId: wire.int64(it.producerId),
  producerEpoch: wire.int16(it.producerEpoch),
  topics: wire.array(it.topics, topic),
}));

const topic: Layout<DescribedTransactionTopic> = struct((wire, it) => ({
  topic: wire.string(it.topic),
  partitions: wire.array(it.partitions, int32),
}));

export const DescribeTransactions: Api<DescribeTransactionsRequest, DescribeTransactionsResponse> = defineApi({
  name: "DescribeTransactions",
  key: 65,
  versions: [0, 0],
  flexibleSince: 0,
  request,
  response,
});
