/**
 * EndTxn (key 26): commits or aborts the producer's transaction. Sent to the transaction coordinator, which answers as soon as
 * the decision is on record, and then has the leaders of all partitions write their markers (WriteTxnMarkers).
 *
 * Until that is done the next transaction is answered with CONCURRENT_TRANSACTIONS.
 *
 * v0  the oldest version (KIP-98)
 * v1  as v0; on throttling the broker answers at once and mutes the connection (KIP-219)
 * v2  as v1; the broker may answer PRODUCER_FENCED instead of INVALID_PRODUCER_EPOCH (KIP-588)
 * v3  flexible
 * v4  as v3; the broker may answer TRANSACTION_ABORTABLE (KIP-890)
 * v5  a new epoch for the next transaction; only where the feature `transaction.version` is 2 (KIP-890)
 */
import { type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

export interface EndTxnRequest {
  /** Whose transaction it is. */
  readonly transactionalId: string;
  /** The producer's id. */
  readonly producerId: bigint;
  /** The producer's epoch. An older one than the coordinator knows is fenced. */
  readonly producerEpoch: number;
  /** True to commit, false to abort. */
  readonly committed: boolean;
}

export interface EndTxnResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /** INVALID_TXN_STATE: nothing is open, or it was decided the other way. The same request again, with the same result, is fine. */
  readonly errorCode: number;
  /** The id for the next transaction: a new one when the epochs of the last one are used up. -1 on errors, and before v5. */
  readonly producerId: bigint;
  /** The epoch for the next transaction, so that no late batch of this one can slip in. -1 on errors, and before v5. */
  readonly producerEpoch: number;
}

const request: Layout<EndTxnRequest> = struct((wire, it) => ({
  transactionalId: wire.string(it.transactionalId),
  producerId: wire.int64(it.producerId),
  producerEpoch: wire.int16(it.producerEpoch),
  committed: wire.boolean(it.committed),
}));

const response: Layout<EndTxnResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  errorCode: wire.int16(it.errorCode),
  producerId: wire.since(5).ignorable.int64(it.producerId, -1n),
  producerEpoch: wire.since(5).ignorable.int16(it.producerEpoch, -1),
}));

export const EndTxn: Api<EndTxnRequest, EndTxnResponse> = defineApi({
  name: "EndTxn",
  key: 26,
  versions: [0, 5],
  flexibleSince: 3,
  request,
  response,
});
