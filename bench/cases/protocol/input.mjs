/**
 * What every client of the suite gets: the same records, and the same Fetch response frame around them. Written by hand from
 * Kafka's description of the format, with another program's CRC (npm's crc-32), so that no client is measured on bytes of its
 * own making.
 */
import crc32cOfPackage from "crc-32/crc32c.js";

export const RECORD_COUNT = 10_000;
/** As many records of this size as a producer with Kafka's default batch.size of 16 KiB would put into a batch. */
export const RECORDS_PER_BATCH = 150;
export const KEY_BYTES = 10;
export const VALUE_BYTES = 90;
/** The newest Fetch that all clients know; kafkajs stops here. */
export const FETCH_VERSION = 11;
export const CORRELATION_ID = 4711;
export const FIRST_OFFSET = 1_000_000;
export const FIRST_TIMESTAMP = 1_750_000_000_000;
export const CRC_INPUT_BYTES = 1 << 20;

/** The 10,000 records of 100 bytes: a key of 10 bytes, a value of 90, a timestamp, no headers. */
export function makeRecords() {
  const random = randomBytes(RECORD_COUNT * VALUE_BYTES);
  return Array.from({ length: RECORD_COUNT }, (_, index) => ({
    key: Buffer.from(`key-${String(index).padStart(KEY_BYTES - 4, "0")}`, "latin1"),
    // A copy each: views of one big buffer would all sit in the same cache lines' neighbourhood, which no application has.
    value: Buffer.from(random.subarray(index * VALUE_BYTES, (index + 1) * VALUE_BYTES)),
    timestamp: FIRST_TIMESTAMP + index,
  }));
}

/** A whole Fetch v11 response frame, length included: one topic, one partition, the records above in 67 batches. */
export function makeFetchFrame() {
  const records = makeRecords();
  const batches = [];
  for (let first = 0; first < records.length; first += RECORDS_PER_BATCH) {
    batches.push(batch(records.slice(first, first + RECORDS_PER_BATCH), FIRST_OFFSET + first));
  }
  const recordSet = Buffer.concat(batches);
  const end = FIRST_OFFSET + RECORD_COUNT;
  const body = Buffer.concat([
    int32(CORRELATION_ID),
    int32(0), // throttle_time_ms
    int16(0), // error_code
    int32(0), // session_id
    int32(1), // topics
    int16(5),
    Buffer.from("bench"),
    int32(1), // partitions
    int32(0), // partition_index
    int16(0), // error_code
    int64(end), // high_watermark
    int64(end), // last_stable_offset
    int64(0), // log_start_offset
    int32(-1), // aborted_transactions: null, as for read_uncommitted
    int32(-1), // preferred_read_replica
    int32(recordSet.length),
    recordSet,
  ]);
  return Buffer.concat([int32(body.length), body]);
}

export function makeCrcInput() {
  return randomBytes(CRC_INPUT_BYTES);
}

export function expectedCrc(bytes) {
  return crc32cOfPackage.buf(bytes) >>> 0;
}

/** Adds up what clients read, in an order-dependent way: equal digests mean equal keys, values, offsets and timestamps. */
export class Digest {
  #hash = 0x811c9dc5;
  #records = 0;
  #keyBytes = 0;
  #valueBytes = 0;

  add(key, value, offset, timestamp) {
    this.#records++;
    this.#keyBytes += key.length;
    this.#valueBytes += value.length;
    this.#bytes(key);
    this.#bytes(value);
    this.#bytes(Buffer.from(`${offset}@${timestamp}`));
  }

  toString() {
    return `${this.#records} records, ${this.#keyBytes} key bytes, ${this.#valueBytes} value bytes, hash ${this.#hash >>> 0}`;
  }

  #bytes(bytes) {
    for (let index = 0; index < bytes.length; index++) this.#hash = Math.imul(this.#hash ^ bytes[index], 0x01000193);
  }
}

/** The digest that every client must arrive at. */
export function expectedDigest(firstOffset) {
  const digest = new Digest();
  makeRecords().forEach(({ key, value, timestamp }, index) => {
    digest.add(key, value, firstOffset + index, timestamp);
  });
  return digest.toString();
}

/** Reads back a batch that a client encoded, with none of the clients' code, its CRC checked. */
export function digestOfBatch(bytes) {
  const batchLength = bytes.readInt32BE(8);
  if (batchLength !== bytes.length - 12) throw new Error(`the batch says ${batchLength} bytes and has ${bytes.length - 12}`);
  if (bytes[16] !== 2) throw new Error(`not a batch of format 2 but ${bytes[16]}`);
  const crc = expectedCrc(bytes.subarray(21));
  if (bytes.readUInt32BE(17) !== crc) throw new Error(`the batch says CRC ${bytes.readUInt32BE(17)} and has ${crc}`);
  const firstOffset = Number(bytes.readBigInt64BE(0));
  const firstTimestamp = Number(bytes.readBigInt64BE(27));
  const count = bytes.readInt32BE(57);
  if (bytes.readInt32BE(23) !== count - 1) throw new Error(`last offset delta ${bytes.readInt32BE(23)} with ${count} records`);
  const at = { bytes, position: 61 };
  const digest = new Digest();
  for (let index = 0; index < count; index++) {
    const end = readVarint(at) + at.position;
    at.position++; // attributes
    const timestamp = firstTimestamp + readVarint(at);
    const offset = firstOffset + readVarint(at);
    const key = readSized(at);
    const value = readSized(at);
    if (readVarint(at) !== 0 || at.position !== end) throw new Error(`record ${index} does not end where its length says`);
    digest.add(key, value, offset, timestamp);
  }
  if (at.position !== bytes.length) throw new Error("bytes behind the last record");
  return digest.toString();
}

function batch(records, baseOffset) {
  const { timestamp: baseTimestamp } = records[0];
  const parts = records.map(({ key, value, timestamp }, index) => {
    const body = [
      Buffer.of(0),
      varint(timestamp - baseTimestamp),
      varint(index),
      varint(key.length),
      key,
      varint(value.length),
      value,
    ];
    const bytes = Buffer.concat([...body, varint(0)]);
    return Buffer.concat([varint(bytes.length), bytes]);
  });
  const fromAttributes = Buffer.concat([
    int16(0), // attributes: uncompressed, CreateTime
    int32(records.length - 1), // last offset delta
    int64(baseTimestamp),
    int64(records.at(-1).timestamp),
    int64(-1), // producer id
    int16(-1), // producer epoch
    int32(-1), // base sequence
    int32(records.length),
    ...parts,
  ]);
  const fromLeaderEpoch = Buffer.concat([int32(0), Buffer.of(2), int32(expectedCrc(fromAttributes) | 0), fromAttributes]);
  return Buffer.concat([int64(baseOffset), int32(fromLeaderEpoch.length), fromLeaderEpoch]);
}

function randomBytes(size) {
  const bytes = Buffer.allocUnsafeSlow(size);
  let state = 0x9e3779b9;
  for (let index = 0; index < size; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[index] = state >>> 16;
  }
  return bytes;
}

function int16(value) {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int64(value) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}

function varint(value) {
  const bytes = [];
  let rest = value * 2;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.from([...bytes, rest]);
}

function readVarint(at) {
  let raw = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = at.bytes[at.position++];
    raw |= (byte & 0x7f) << shift;
    if (byte < 0x80) return (raw >>> 1) ^ -(raw & 1);
  }
}

function readSized(at) {
  const size = readVarint(at);
  at.position += size;
  return at.bytes.subarray(at.position - size, at.position);
}
