/** kafkajs, through the functions its own connection and producer call: it has no public codec. It never checks a CRC. */
import { createRequire } from "node:module";
import { Digest, digestOfBatch, FETCH_VERSION, makeCrcInput, makeFetchFrame, makeRecords } from "./input.mjs";

const require = createRequire(import.meta.url);
const Decoder = require("kafkajs/src/protocol/decoder");
const crc32C = require("kafkajs/src/protocol/recordBatch/crc32C");
const fetchResponse = require(`kafkajs/src/protocol/requests/fetch/v${FETCH_VERSION}/response`);
const Record = require("kafkajs/src/protocol/recordBatch/record/v0");
const { RecordBatch } = require("kafkajs/src/protocol/recordBatch/v0");

/** As `processData` and `send` in kafkajs/src/network/connection.js, for a frame that arrived in one piece. */
async function decodeFetch(frame) {
  const decoder = new Decoder(frame);
  const size = decoder.readInt32();
  const response = new Decoder(decoder.readBytes(size));
  response.readInt32(); // correlation id
  return fetchResponse.parse(await fetchResponse.decode(response.readAll()));
}

/** All decode cases are the same work: kafkajs decodes every field of every record, whatever is read later. */
function decodeCase(readRecord) {
  const frame = makeFetchFrame();
  return {
    async run() {
      let sum = 0;
      for (const { partitions } of (await decodeFetch(frame)).responses) {
        for (const { messages } of partitions) for (const message of messages) sum += readRecord(message);
      }
      return sum;
    },
    async digest() {
      const digest = new Digest();
      for (const { partitions } of (await decodeFetch(frame)).responses) {
        for (const { messages } of partitions) for (const it of messages) digest.add(it.key, it.value, it.offset, it.timestamp);
      }
      return digest.toString();
    },
  };
}

const readValue = ({ value }) => value.length + value[0];
const readAllFields = ({ key, value, offset, timestamp }) => {
  if (offset === "" || timestamp === "") throw new Error("a record without offset or timestamp");
  return key.length + key[9] + value.length + value[0];
};

export const cases = {
  "decode-fetch": () => decodeCase(readValue),
  "decode-fetch-iterate": () => decodeCase(readValue),
  "decode-fetch-unchecked": () => decodeCase(readValue),
  "decode-fetch-fields": () => decodeCase(readAllFields),

  /** As `partitionsEncoder` in kafkajs/src/protocol/requests/produce/v3/request.js. */
  "encode-batch": () => {
    const messages = makeRecords();
    const firstTimestamp = messages[0].timestamp;
    const maxTimestamp = messages.at(-1).timestamp;
    const encode = () => {
      const records = messages.map((message, index) =>
        Record({ ...message, offsetDelta: index, timestampDelta: message.timestamp - firstTimestamp }),
      );
      return RecordBatch({ records, firstTimestamp, maxTimestamp, lastOffsetDelta: records.length - 1 });
    };
    return {
      run: async () => (await encode()).buffer.length,
      digest: async () => digestOfBatch((await encode()).buffer),
    };
  },

  crc32c: () => {
    const bytes = makeCrcInput();
    return { run: () => crc32C(bytes), digest: () => String(crc32C(bytes)) };
  },
};
