import { encodeEndTransactionMarker, RecordBatch, type TimestampType } from "../../protocol/index.ts";

/** The end of a transaction, as its coordinator writes it into every partition. */
export interface EndMarker {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly type: "ABORT" | "COMMIT";
  readonly coordinatorEpoch: number;
  /** Level of `transaction.version` that the transaction ran under; from 2 on, the marker's epoch must be a new one. */
  readonly transactionVersion?: number;
}

/** Markers have no sequence number: they are sent by the coordinator. */
const NO_SEQUENCE = -1;

/** The batch of one record that the mark is in the log. */
export function encodeEndMarker(
  { producerId, producerEpoch, type, coordinatorEpoch }: EndMarker,
  { timestampType, timestamp }: { readonly timestampType: TimestampType; readonly timestamp: number },
): Uint8Array {
  return RecordBatch.encode({
    records: [{ ...encodeEndTransactionMarker(type, coordinatorEpoch), timestamp }],
    producerId,
    producerEpoch,
    baseSequence: NO_SEQUENCE,
    isTransactional: true,
    isControl: true,
    timestampType,
  });
}
