/** Where the fields of a batch stand, counted from its first byte. The first three are the same in every format. */

export const BASE_OFFSET = 0;
/** int32: how many bytes follow this field. */
export const BATCH_LENGTH = 8;
export const MAGIC = 16;
/** Base offset and length: they precede what the length counts. */
export const LOG_OVERHEAD = 12;

// Format 2 (KIP-98).
export const PARTITION_LEADER_EPOCH = 12;
export const CRC = 17;
/** The CRC covers everything from here on, so that a broker can rewrite the offset and the leader epoch in place. */
export const ATTRIBUTES = 21;
export const LAST_OFFSET_DELTA = 23;
export const BASE_TIMESTAMP = 27;
export const MAX_TIMESTAMP = 35;
export const PRODUCER_ID = 43;
export const PRODUCER_EPOCH = 51;
export const BASE_SEQUENCE = 53;
export const RECORD_COUNT = 57;
export const BATCH_HEADER_BYTES = 61;
/** Length, attributes, two deltas, two lengths and a header count, a byte each. */
export const MIN_RECORD_BYTES = 7;

// Formats 0 and 1. The timestamp exists in format 1 only and shifts what follows.
export const LEGACY_CRC = 12;
export const LEGACY_ATTRIBUTES = 17;
export const LEGACY_TIMESTAMP = 18;
/** Java's smallest believable length field: a format 0 message with a null key and a null value. */
export const LEGACY_MIN_LENGTH = 14;

/** "None": of producer id, producer epoch, sequence, leader epoch and timestamp alike. */
export const NONE = -1;
export const NO_PRODUCER_ID = -1n;
