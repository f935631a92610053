/**
 * Control records: marks that brokers write between the data, at offsets of their own. A consumer reads transaction marks to
 * know what was aborted, skips all others, and delivers none.
 */
import { MalformedMessageError } from "../malformed-message-error.ts";
import { readInt16, readInt32, writeInt16, writeInt32 } from "./big-endian.ts";

/** `UNKNOWN` stands for types of later versions, which must be skipped and not refused. */
export type ControlRecordType =
  | "ABORT"
  | "COMMIT"
  | "LEADER_CHANGE"
  | "SNAPSHOT_HEADER"
  | "SNAPSHOT_FOOTER"
  | "KRAFT_VERSION"
  | "KRAFT_VOTERS"
  | "UNKNOWN";

/** The position is the number on the wire. */
const typeNames: readonly ControlRecordType[] = [
  "ABORT",
  "COMMIT",
  "LEADER_CHANGE",
  "SNAPSHOT_HEADER",
  "SNAPSHOT_FOOTER",
  "KRAFT_VERSION",
  "KRAFT_VOTERS",
];
const KEY_BYTES = 4;
const END_TRANSACTION_VALUE_BYTES = 6;

export interface ControlRecord {
  /** Version of the key's format; 0 so far. */
  readonly version: number;
  readonly type: ControlRecordType;
  readonly typeId: number;
  /** Of the transaction coordinator that ended the transaction; undefined unless the type is ABORT or COMMIT. */
  readonly coordinatorEpoch: number | undefined;
}

export function parseControlRecord(key: Uint8Array | null, value: Uint8Array | null): ControlRecord {
  if (key === null || key.length < KEY_BYTES) {
    throw new MalformedMessageError(`a control record's key has at least ${KEY_BYTES} bytes`, { path: "key" });
  }
  const version = readInt16(key, 0);
  if (version < 0) throw new MalformedMessageError(`a control record's key cannot have version ${version}`, { path: "key" });
  const typeId = readInt16(key, 2);
  const type = typeNames[typeId] ?? "UNKNOWN";
  const endsTransaction = type === "ABORT" || type === "COMMIT";
  return { version, type, typeId, coordinatorEpoch: endsTransaction ? coordinatorEpochOf(value) : undefined };
}

function coordinatorEpochOf(value: Uint8Array | null): number {
  if (value === null || value.length < END_TRANSACTION_VALUE_BYTES) {
    throw new MalformedMessageError(`a transaction mark's value has at least ${END_TRANSACTION_VALUE_BYTES} bytes`, {
      path: "value",
    });
  }
  return readInt32(value, 2);
}

/** Key and value of the mark that ends a transaction. It goes alone into a batch with `isControl` and `isTransactional`. */
export function encodeEndTransactionMarker(
  type: "ABORT" | "COMMIT",
  coordinatorEpoch: number,
): { readonly key: Uint8Array; readonly value: Uint8Array } {
  const key = new Uint8Array(KEY_BYTES);
  writeInt16(key, 2, typeNames.indexOf(type));
  const value = new Uint8Array(END_TRANSACTION_VALUE_BYTES);
  writeInt32(value, 2, coordinatorEpoch);
  return { key, value };
}
