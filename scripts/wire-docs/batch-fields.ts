import * as attributes from "../../src/protocol/records/batch-attributes.ts";
import * as at from "../../src/protocol/records/batch-layout.ts";

/** Position in the batch, name, type, meaning. */
export type BatchFieldRow = readonly [position: number, name: string, type: string, meaning: string];

/** The header of a record batch of format 2. */
export const batchFields: readonly BatchFieldRow[] = [
  [at.BASE_OFFSET, "baseOffset", "int64", "Offset of the first record. Producers write 0; the leader puts the real one there."],
  [at.BATCH_LENGTH, "batchLength", "int32", "How many bytes follow this field."],
  [at.PARTITION_LEADER_EPOCH, "partitionLeaderEpoch", "int32", "Epoch of the leader that appended the batch; -1 from producers."],
  [at.MAGIC, "magic", "int8", "The format: 2. It stands at the same place in the formats 0 and 1."],
  [at.CRC, "crc", "uint32", "CRC-32C (Castagnoli) of everything from `attributes` to the end of the batch."],
  [at.ATTRIBUTES, "attributes", "int16", "Bits, see below."],
  [
    at.LAST_OFFSET_DELTA,
    "lastOffsetDelta",
    "int32",
    "Last offset of the batch, counted from `baseOffset`. Stays when compaction removes records.",
  ],
  [at.BASE_TIMESTAMP, "baseTimestamp", "int64", "The timestamp that those of the records are counted from, in milliseconds."],
  [at.MAX_TIMESTAMP, "maxTimestamp", "int64", "The largest timestamp; with log append time, the timestamp of every record."],
  [at.PRODUCER_ID, "producerId", "int64", "Who wrote the batch; -1 when the producer is not idempotent."],
  [
    at.PRODUCER_EPOCH,
    "producerEpoch",
    "int16",
    "Tells the producer from older ones with the same id; -1 when it is not idempotent.",
  ],
  [
    at.BASE_SEQUENCE,
    "baseSequence",
    "int32",
    "Sequence number of the first record; the others count up from it and, after 2^31 - 1, from 0 again. -1 for none.",
  ],
  [at.RECORD_COUNT, "recordCount", "int32", "How many records follow. 0 when compaction has removed all of them."],
  [at.BATCH_HEADER_BYTES, "records", "", "The records, one after the other; compressed as a whole if the attributes say so."],
];

/** Bits of the attributes, and what they say. */
export const attributeBits: readonly (readonly [bits: string, meaning: string])[] = [
  [
    bitsOf(attributes.CODEC_MASK),
    `Compression: ${attributes.compressionNames.map((name, number) => `${number} ${name}`).join(", ")}.`,
  ],
  [bitsOf(attributes.LOG_APPEND_TIME_BIT), "Timestamps: 0 the producer's (create time), 1 the broker's (log append time)."],
  [bitsOf(attributes.TRANSACTIONAL_BIT), "The batch is part of a transaction."],
  [bitsOf(attributes.CONTROL_BIT), "Control batch: it holds a mark for the client, and no data."],
  [bitsOf(attributes.DELETE_HORIZON_BIT), "`baseTimestamp` is the time from which tombstones may be dropped (KIP-534)."],
];

/** Names and types of a record's parts. */
export const recordFields: readonly (readonly [name: string, type: string, meaning: string])[] = [
  ["length", "varint", "How many bytes of the record follow."],
  ["attributes", "int8", "Unused."],
  ["timestampDelta", "varlong", "Timestamp, counted from `baseTimestamp`."],
  ["offsetDelta", "varint", "Offset, counted from `baseOffset`."],
  ["keyLength", "varint", "-1 for a null key."],
  ["key", "bytes", "Absent when the length is -1."],
  ["valueLength", "varint", "-1 for a null value, which marks the key as deleted in a compacted topic (a tombstone)."],
  ["value", "bytes", "Absent when the length is -1."],
  ["headerCount", "varint", "How many headers follow."],
  [
    "headers",
    "",
    "For each: `keyLength` (varint), `key` (UTF-8, never null), `valueLength` (varint, -1 for null), `value` (bytes).",
  ],
];

/** `0–2` of 0x07, `5` of 0x20. */
function bitsOf(mask: number): string {
  const bits = [...Array(16).keys()].filter((bit) => (mask >> bit) & 1);
  return bits.length === 1 ? String(bits[0]) : `${bits[0]}–${bits.at(-1)}`;
}
