/** Record batches, and the compression inside them. */
import { OutputLimitError } from "../../src/protocol/records/compression/codec.ts";
import { compressLz4, decompressLz4 } from "../../src/protocol/records/compression/lz4-frame.ts";
import { compressSnappy, decompressSnappy } from "../../src/protocol/records/compression/snappy-framing.ts";
import { zstdFrames, zstdOutputBound } from "../../src/protocol/records/compression/zstd-frame.ts";
import { parseControlRecord } from "../../src/protocol/records/control-record.ts";
import { readBatches } from "../../src/protocol/records/read-batches.ts";
import { RecordBatch } from "../../src/protocol/records/record-batch.ts";
import { walkBatches } from "../../src/protocol/records/walk-record-batch.ts";
import { recordsFixtures } from "../support/fixtures.ts";
import { mendBatches, recordSeeds } from "./record-bytes.ts";
import { chosen, type Target } from "./target.ts";

const options = { maxOutputBytes: 1 << 20 };

/** Everything that a reader may ask a batch and its records. */
function readWhole(batch: RecordBatch): void {
  const { baseOffsetBig, lastOffsetBig, baseTimestampBig, maxTimestampBig, producerId, lastSequence, isControl } = batch;
  if (lastOffsetBig < baseOffsetBig - 2n ** 64n || maxTimestampBig === baseTimestampBig + 2n ** 65n)
    throw new Error("not an int64");
  if (!Number.isInteger(lastSequence) || producerId > 2n ** 63n) throw new Error("a field that its type cannot hold");
  for (const record of batch) {
    const { key, value, headers, offsetBig, timestampBig } = record;
    if (BigInt.asIntN(64, offsetBig) !== offsetBig || BigInt.asIntN(64, timestampBig) !== timestampBig)
      throw new Error("not an int64");
    if (headers.length > record.bytes.length) throw new Error("more headers than bytes");
    if (isControl) parseControlRecord(key, value);
  }
}

const batches: Target = {
  name: "record-batches",
  seeds: recordSeeds,
  mend: mendBatches,
  read: (input) => {
    for (const batch of readBatches(input, options)) readWhole(batch);
    const [first] = readBatches(input, options);
    if (first === undefined || first.magic !== 2 || first.compression !== "none") return;
    RecordBatch.decode(RecordBatch.encode(first.toInput()), options);
  },
};

const unchecked: Target = {
  name: "record-batches-unchecked",
  seeds: recordSeeds,
  read: (input) => {
    walkBatches(input, 0, input.length, () => undefined);
    for (const batch of readBatches(input, { ...options, checkCrc: false })) readWhole(batch);
  },
};

const codecs: readonly ((bytes: Uint8Array) => unknown)[] = [
  (bytes) => within(decompressSnappy(bytes, options)),
  (bytes) => within(decompressLz4(bytes, options)),
  (bytes) => within(decompressLz4(bytes, { ...options, magic: 0 })),
  (bytes) => zstdOutputBound(zstdFrames(bytes)),
];

function within(bytes: Uint8Array): void {
  if (bytes.length > options.maxOutputBytes) throw new Error(`${bytes.length} bytes in spite of ${OutputLimitError.name}`);
}

const ATTRIBUTES = 22;
const RECORDS = 61;
const CODECS = ["gzip", "snappy", "lz4", "zstd"];

/** The compressed part of Kafka's batches, each for its codec, and something of our own that is longer. */
function compressedSeeds(): readonly Uint8Array[] {
  const text = Buffer.from("the quick brown fox jumps over the lazy dog. ".repeat(40));
  const ofKafka = recordsFixtures().flatMap((it) => {
    if (it.builderError !== undefined || it.hex.length > 6000) return [];
    const batch = Buffer.from(it.hex, "hex");
    if (batch.length <= RECORDS || batch[16] !== 2) return [];
    const codec = CODECS[(batch[ATTRIBUTES]! & 7) - 1];
    const choice = codec === "snappy" ? 0 : codec === "lz4" ? 1 : codec === "zstd" ? 3 : undefined;
    return choice === undefined ? [] : [chosen(choice, batch.subarray(RECORDS))];
  });
  return [...ofKafka, chosen(0, compressSnappy(text)), chosen(1, compressLz4(text)), chosen(2, compressLz4(text))];
}

const compression: Target = {
  name: "compression",
  seeds: compressedSeeds,
  read: (input) => codecs[(input[0] ?? 0) % codecs.length]!(input.subarray(1)),
};

export const recordTargets: readonly Target[] = [batches, unchecked, compression];
