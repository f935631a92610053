/** Damage to the records of a fetch answer. Hostile bytes carry a valid checksum: it guards against accidents only. */
import { gzipSync } from "node:zlib";
import { crc32c, KafkaError, RecordBatch } from "../../protocol/index.ts";

export type RecordDamage =
  /** The stored checksum is wrong. */
  | "wrong checksum"
  /** A bit of the last record has changed; the checksum tells. */
  | "flipped bit"
  /** The first record's length is absurd; the checksum fits. */
  | "wrong record length"
  /** The batch claims more records than it has; the checksum fits. */
  | "wrong record count"
  /** The batch claims a length that no batch can have. */
  | "negative batch length"
  /** The answer ends in the middle of its first batch. */
  | "cut off"
  /** A small compressed batch that unfolds to 128 MiB. */
  | "decompression bomb"
  /** The answer holds nothing that could be a batch. */
  | "noise"
  | ((records: Uint8Array) => Uint8Array);

// Where the fields of a format 2 batch stand.
const BATCH_LENGTH = 8;
const CRC = 17;
const ATTRIBUTES = 21;
const RECORD_COUNT = 57;
const HEADER_BYTES = 61;
const LENGTH_COUNTS_FROM = 12;
const GZIP = 1;
const BOMB_BYTES = 128 * 1024 * 1024;

export function alteredRecords(damage: RecordDamage): (records: Uint8Array) => Uint8Array {
  if (typeof damage === "function") return damage;
  return (records) => {
    const copy = new Uint8Array(records);
    const size = copy.length < HEADER_BYTES ? undefined : sizeOfFirstBatch(copy);
    return size === undefined ? copy : damageFirstBatch(copy, size, damage);
  };
}

/** Undefined for an answer that ends inside its first batch, or has been damaged before: then that is all there is to be made of it. */
function sizeOfFirstBatch(bytes: Uint8Array): number | undefined {
  try {
    return RecordBatch.decode(bytes, { checkCrc: false }).sizeInBytes;
  } catch (error) {
    if (error instanceof KafkaError) return undefined;
    throw error;
  }
}

function damageFirstBatch(
  bytes: Uint8Array,
  size: number,
  damage: Exclude<RecordDamage, (records: Uint8Array) => Uint8Array>,
): Uint8Array {
  const view = new DataView(bytes.buffer);
  switch (damage) {
    case "wrong checksum":
      view.setUint32(CRC, view.getUint32(CRC) ^ 1);
      return bytes;
    case "flipped bit":
      bytes[size - 1]! ^= 1;
      return bytes;
    case "wrong record length":
      // A varint of five bytes: minus two thousand million.
      bytes.set([0xff, 0xff, 0xff, 0xff, 0x0f].slice(0, size - HEADER_BYTES), HEADER_BYTES);
      return withValidCrc(bytes, size);
    case "wrong record count":
      view.setInt32(RECORD_COUNT, 0x7fff_ffff);
      return withValidCrc(bytes, size);
    case "negative batch length":
      view.setInt32(BATCH_LENGTH, -1);
      return bytes;
    case "cut off":
      return bytes.slice(0, Math.ceil(size / 2));
    case "decompression bomb":
      return bombWithHeaderOf(bytes);
    case "noise":
      return bytes.map((_, index) => (index * 151 + 37) & 0xff);
  }
}

function withValidCrc(bytes: Uint8Array, size: number): Uint8Array {
  new DataView(bytes.buffer).setUint32(CRC, crc32c(bytes, ATTRIBUTES, size));
  return bytes;
}

let packedBomb: Uint8Array | undefined;

function bombWithHeaderOf(bytes: Uint8Array): Uint8Array {
  packedBomb ??= gzipSync(Buffer.alloc(BOMB_BYTES));
  const bomb = new Uint8Array(HEADER_BYTES + packedBomb.length);
  bomb.set(bytes.subarray(0, HEADER_BYTES));
  bomb.set(packedBomb, HEADER_BYTES);
  const view = new DataView(bomb.buffer);
  view.setInt32(BATCH_LENGTH, bomb.length - LENGTH_COUNTS_FROM);
  view.setInt16(ATTRIBUTES, (view.getInt16(ATTRIBUTES) & ~7) | GZIP);
  return withValidCrc(bomb, bomb.length);
}
