/**
 * ListTransactions (key 66): the transactional ids that a broker coordinates. Administrators send it to every broker, as each
 * knows only its own; DescribeTransactions tells more of single ids.
 *
 * v0  flexible; the oldest version (KIP-664)
 * v1  filter by duration (KIP-994)
 * v2  filter by a pattern of transactional ids (KIP-1152)
 */
import { int64, type Layout, string, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

/** `durationFilter` that lets every transaction through. */
export const ANY_TRANSACTION_DURATION = -1;

/** What to list. A transaction must pass all the filters. */
export interface ListTransactionsRequest {
  /** States to list, such as `Ongoing` (see DescribeTransactions); empty for all. */
  readonly stateFilters: readonly string[];
  /** Producers to list; empty for all. */
  readonly producerIdFilters: readonly bigint[];
  /** Lists only what began more than so many milliseconds ago; -1 for all. */
  readonly durationFilter: number;
  /** A regular expression in RE2 syntax that must match the whole id; null or empty for all. */
  readonly transactionalIdPattern: string | null;
}

export interface ListTransactionsResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /** E.g. COORDINATOR_LOAD_IN_PROGRESS, when to ask again, or INVALID_REGULAR_EXPRESSION. */
  readonly errorCode: number;
  /** Those of `stateFilters` that the broker does not know. They matched nothing. */
  readonly unknownStateFilters: readonly string[];
  /** Ids that the client may not see are left out. */
  readonly transactionStates: readonly ListedTransaction[];
}

export interface ListedTransaction {
  readonly transactionalId: string;
  /** The producer that has the id now. */
  readonly producerId: bigint;
  /** E.g. `Ongoing`, see DescribeTransactions. */
  readonly transactionState: string;
}

const request: Layout<ListTransactionsRequest> = struct((wire, it) => ({
  stateFilters: wire.array(it.stateFilters, string),
  producerIdFilters: wire.array(it.producerIdFilters, int64),
  durationFilter: wire.since(1).int53(it.durationFilter, ANY_TRANSACTION_DURATION),
  transactionalIdPattern: wire.since(2).nullableString(it.transactionalIdPattern),
}));

const response: Layout<ListTransactionsResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  errorCode: wire.int16(it.errorCode),
  unknownStateFilters: wire.array(it.unknownStateFilters, string),
  transactionStates: wire.array(it.transactionStates, transaction),
}));

const transaction: Layout<ListedTransaction> = struct((wire, it) => ({
  transactionalId: wire.string(it.transactionalId),
  producerId: wire.int64(it.producerId),
  transactionState: wire.string(it.transactionState),
}));

export const ListTransactions: Api<ListTransactionsRequest, ListTransactionsResponse> = defineApi({
  name: "ListTransactions",
  key: 66,
  versions: [0, 2],
  flexibleSince: 0,
  request,
  response,
});
