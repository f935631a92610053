/**
 * InitProducerId (key 22): gives a producer the id and epoch that its batches carry. An idempotent producer asks any broker; a
 * transactional one asks the coordinator of its transactional id, which ends what an earlier producer of that id left open.
 *
 * From then on batches and requests with an older epoch are fenced: of two producers with one transactional id, the one that
 * asked last goes on.
 *
 * v0  the oldest version (KIP-98)
 * v1  as v0; on throttling the broker answers at once and mutes the connection (KIP-219)
 * v2  flexible
 * v3  the id and epoch that the producer has, so that it can go on after an error (KIP-360)
 * v4  as v3; the broker may answer PRODUCER_FENCED instead of INVALID_PRODUCER_EPOCH (KIP-588)
 * v5  as v4; the broker may answer TRANSACTION_ABORTABLE (KIP-890)
 * v6  two-phase commit: keep the open transaction (KIP-939); unstable, brokers do not list it
 */
import { type Layout, struct } from "../wire/wire.ts";
import { type Api, defineApi } from "./api.ts";

/** `producerId` of a producer that has none yet. */
export const NEW_PRODUCER_ID = -1n;
/** `producerEpoch` of a producer that has none yet. */
export const NEW_PRODUCER_EPOCH = -1;

export interface InitProducerIdRequest {
  /** The name under which a producer's transactions go on when it restarts; null for an idempotent producer without any. */
  readonly transactionalId: string | null;
  /**
   * How long a transaction may stay open until the coordinator aborts it. INVALID_TRANSACTION_TIMEOUT when it is above the
   * broker's `transaction.max.timeout.ms`. Without a transactional id of no effect.
   */
  readonly transactionTimeoutMs: number;
  /** The id that a transactional producer has and wants a new epoch for; -1 when it starts. */
  readonly producerId: bigint;
  /** The epoch that goes with `producerId`, -1 when the producer starts. One that is no longer current is fenced. */
  readonly producerEpoch: number;
  /** Whether somebody else decides when transactions end: the coordinator then never aborts them for their age. */
  readonly enable2Pc: boolean;
  /** Whether to leave an open transaction open, for the producer to end it. Otherwise the coordinator ends it. */
  readonly keepPreparedTxn: boolean;
}

export interface InitProducerIdResponse {
  /** How long this client should stay quiet because of a quota, 0 for not at all. */
  readonly throttleTimeMs: number;
  /** CONCURRENT_TRANSACTIONS: an earlier transaction is just being ended, try again. */
  readonly errorCode: number;
  /** The producer's id, -1 on errors. A new one as well when the epochs of the last one are used up. */
  readonly producerId: bigint;
  /** The epoch to use with it; 0 with a new id, -1 on errors. */
  readonly producerEpoch: number;
  /** With `keepPreparedTxn`: the id under which the open transaction was begun, -1 for none. */
  readonly ongoingTxnProducerId: bigint;
  /** The epoch that goes with `ongoingTxnProducerId`, -1 for none. */
  readonly ongoingTxnProducerEpoch: number;
}

const request: Layout<InitProducerIdRequest> = struct((wire, it) => ({
  transactionalId: wire.nullableString(it.transactionalId, ""),
  transactionTimeoutMs: wire.int32(it.transactionTimeoutMs),
  producerId: wire.since(3).int64(it.producerId, NEW_PRODUCER_ID),
  producerEpoch: wire.since(3).int16(it.producerEpoch, NEW_PRODUCER_EPOCH),
  enable2Pc: wire.since(6).boolean(it.enable2Pc),
  keepPreparedTxn: wire.since(6).boolean(it.keepPreparedTxn),
}));

const response: Layout<InitProducerIdResponse> = struct((wire, it) => ({
  throttleTimeMs: wire.int32(it.throttleTimeMs),
  errorCode: wire.int16(it.errorCode),
  producerId: wire.int64(it.producerId, -1n),
  producerEpoch: wire.int16(it.producerEpoch),
  ongoingTxnProducerId: wire.since(6).int64(it.ongoingTxnProducerId, -1n),
  ongoingTxnProducerEpoch: wire.since(6).int16(it.ongoingTxnProducerEpoch, -1),
}));

export const InitProducerId: Api<InitProducerIdRequest, InitProducerIdResponse> = defineApi({
  name: "InitProducerId",
  key: 22,
  versions: [0, 6],
  flexibleSince: 2,
  // Kafka may still change v6: only brokers with `unstable.api.versions.enable` list it.
  clientVersions: [0, 5],
  request,
  response,
});
