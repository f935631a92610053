/**
 * AddOffsetsToTxn (key 25): tells the transaction coordinator that a transaction is about to commit offsets of a group, so that
 * it will mark its end in the group's partition of `__consumer_offsets`, too. Producers send it before TxnOffsetCommit.
 *
 * Where the feature `transaction.version` is 2 producers leave it out: TxnOffsetCommit v5 does it for them.
 *
 * v0  the oldest version (KIP-98)
 * v1  as v0; on throttling the broker answers at once and mutes the connection (KIP-219)
 * v2  as v1; the broker may answer PRODUCER_FENCED instead of INVALID_PRODUCER_EPOCH (KIP-588)
 * v3  flexible
 * v4  as v3; the broker may answer TRANSACTION_ABORTABLE (KIP-890)
 */
import { type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

export interface AddOffsetsToTxnRequest {
  /** Whose transaction it is. */
  readonly transactionalId: string;
  /** The producer's id, from InitProducerId or the last EndTxn. */
  readonly producerId: bigint;
  /** The producer's epoch. An older one than the coordinator knows is fenced. */
  readonly producerEpoch: number;
  /** The group whose offsets will be committed. Its own coordinator is not asked: the group need not exist. */
  readonly groupId: string;
}

export interface AddOffsetsToTxnResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /** CONCURRENT_TRANSACTIONS: the producer's last transaction is still being ended, try again. */
  readonly errorCode: number;
}

const request: Layout<AddOffsetsToTxnRequest> = struct((wire, it) => ({
  transactionalId: wire.string(it.transactionalId),
  producerId: wire.int64(it.producerId),
  producerEpoch: wire.int16(it.producerEpoch),
  groupId: wire.string(it.groupId),
}));

const response: Layout<AddOffsetsToTxnResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  errorCode: wire.int16(it.errorCode),
}));

export const AddOffsetsToTxn: Api<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse> = defineApi({
  name: "AddOffsetsToTxn",
  key: 25,
  versions: [0, 4],
  flexibleSince: 3,
  request,
  response,
});
