/** kafkawire, through its public protocol codec. Batches are checked against their CRC unless the case says "unchecked". */
import { Digest, digestOfBatch, FETCH_VERSION, makeCrcInput, makeFetchFrame, makeRecords } from "./input.mjs";

// The runner measures a copy of the build, so that a build in the middle of a run cannot exchange what is measured.
const build = process.env.KAFKAWIRE_BUILD ?? new URL("../../../dist", import.meta.url).href;
const { crc32c, decodeResponse, RecordBatch, readBatches } = await import(`${build}/protocol/index.js`);

function* batchesOf(frame, options) {
  const { body } = decodeResponse({ api: "Fetch", version: FETCH_VERSION }, frame);
  for (const { partitions } of body.responses) for (const { records } of partitions) yield* readBatches(records, options);
}

function digestOf(frame) {
  const digest = new Digest();
  for (const batch of batchesOf(frame)) for (const it of batch) digest.add(it.key, it.value, it.offset, it.timestamp);
  return digest.toString();
}

/** With the cursor, which is the documented fast way: one object that is each record in turn. */
function decodeValues(options) {
  const frame = makeFetchFrame();
  return {
    run() {
      let sum = 0;
      for (const batch of batchesOf(frame, options)) {
        const cursor = batch.cursor();
        while (cursor.next()) {
          const value = cursor.value;
          sum += value.length + value[0];
        }
      }
      return sum;
    },
    digest: () => digestOf(frame),
  };
}

/** With the iterator: an object for each record, as the peers make them. */
function decodeRecords(readRecord) {
  const frame = makeFetchFrame();
  return {
    run() {
      let sum = 0;
      for (const batch of batchesOf(frame, { checkCrc: true })) for (const record of batch) sum += readRecord(record);
      return sum;
    },
    digest: () => digestOf(frame),
  };
}

export const cases = {
  "decode-fetch": () => decodeValues({ checkCrc: true }),
  "decode-fetch-unchecked": () => decodeValues({ checkCrc: false }),

  "decode-fetch-iterate": () => decodeRecords(({ value }) => value.length + value[0]),
  "decode-fetch-fields": () =>
    decodeRecords(({ key, value, offset, timestamp }) => {
      if (offset < 0 || timestamp < 0) throw new Error("a record without offset or timestamp");
      return key.length + key[9] + value.length + value[0];
    }),

  "encode-batch": () => {
    const records = makeRecords();
    return {
      run: () => RecordBatch.encode({ records }).length,
      // The independent reader wants a Buffer.
      digest: () => digestOfBatch(Buffer.from(RecordBatch.encode({ records }))),
    };
  },

  crc32c: () => {
    const bytes = makeCrcInput();
    return { run: () => crc32c(bytes), digest: () => String(crc32c(bytes)) };
  },
};
