/** @platformatic/kafka, through its public exports, as its own connection and producer use them. It never checks a CRC. */
import { DynamicBuffer } from "@platformatic/dynamic-buffer";
import { crc32c, createRecordsBatch, fetchV11, Reader } from "@platformatic/kafka";
import { Digest, digestOfBatch, FETCH_VERSION, makeCrcInput, makeFetchFrame, makeRecords } from "./input.mjs";

const FETCH_API_KEY = 1;
const FRAME_PREFIX = 4;

/**
 * As `#onData` in dist/network/connection.js, with the whole frame as one chunk. That is its best case: from a socket the frame
 * comes in chunks of 64 KB, and every read then searches the list of chunks.
 */
function decodeFetch(frame) {
  const buffer = new DynamicBuffer();
  buffer.append(frame);
  const reader = Reader.from(buffer);
  const size = reader.readInt32();
  const correlationId = reader.readInt32();
  const body = new Reader(buffer.subarray(reader.position, size + FRAME_PREFIX));
  return fetchV11.parseResponse(correlationId, FETCH_API_KEY, FETCH_VERSION, body);
}

/** All decode cases are the same work: every field of every record is decoded, whatever is read later. */
function decodeCase(readRecord) {
  const frame = makeFetchFrame();
  return {
    run() {
      let sum = 0;
      for (const { partitions } of decodeFetch(frame).responses) {
        for (const { records: batches } of partitions) {
          for (const batch of batches) for (const record of batch.records) sum += readRecord(record, batch);
        }
      }
      return sum;
    },
    digest() {
      const digest = new Digest();
      for (const { partitions } of decodeFetch(frame).responses) {
        for (const { records: batches } of partitions) {
          for (const batch of batches) {
            for (const it of batch.records) {
              digest.add(it.key, it.value, batch.firstOffset + BigInt(it.offsetDelta), batch.firstTimestamp + it.timestampDelta);
            }
          }
        }
      }
      return digest.toString();
    },
  };
}

const readValue = ({ value }) => value.length + value[0];
/** Offset and timestamp are added up as its messages stream does it. */
const readAllFields = ({ key, value, offsetDelta, timestampDelta }, { firstOffset, firstTimestamp }) => {
  const offset = firstOffset + BigInt(offsetDelta);
  const timestamp = firstTimestamp + timestampDelta;
  if (offset < 0n || timestamp < 0n) throw new Error("a record without offset or timestamp");
  return key.length + key[9] + value.length + value[0];
};

export const cases = {
  "decode-fetch": () => decodeCase(readValue),
  "decode-fetch-iterate": () => decodeCase(readValue),
  "decode-fetch-unchecked": () => decodeCase(readValue),
  "decode-fetch-fields": () => decodeCase(readAllFields),

  "encode-batch": () => {
    // Its producer works with bigint timestamps; made here, so that the conversion is not measured.
    const messages = makeRecords().map((record) => ({ ...record, timestamp: BigInt(record.timestamp) }));
    // A request is written to the socket as one Buffer: `.buffer` makes it.
    const encode = () => createRecordsBatch(messages).dynamicBuffer.buffer;
    return { run: () => encode().length, digest: () => digestOfBatch(encode()) };
  },

  crc32c: () => {
    // Its batches are DynamicBuffers; a plain Buffer would be copied first.
    const bytes = new DynamicBuffer(makeCrcInput());
    return { run: () => crc32c(bytes), digest: () => String(crc32c(bytes)) };
  },
};
