import { gzipSync } from "node:zlib";
import { beforeEach, describe, expect, it } from "vitest";
import { crc32c, encodeMessageSet, portableCodecs, RecordBatch, type RecordBatchInput } from "../../../protocol/index.ts";
import { BrokerConfigs } from "../../configs/broker-configs.ts";
import { TopicConfigs } from "../../configs/topic-configs.ts";
import { HeldClock } from "../../held-clock.ts";
import { AppendRefusal } from "../append-refusal.ts";
import { PartitionLog } from "../partition-log.ts";
import { brokerCodecs, MAX_UNFOLDED_BYTES } from "./broker-codecs.ts";

// What Apache Kafka 4.3.1 answered to each of these batches, one after the other, unless a test says otherwise.

const NOW = 1_767_225_600_000;
const CODEC_IDS = { gzip: 1, snappy: 2, lz4: 3 } as const;

let configs: Map<string, string>;
let clock: HeldClock;

beforeEach(() => {
  configs = new Map();
  clock = new HeldClock(NOW);
});

function logOf(name = "main-0"): PartitionLog {
  const broker = new BrokerConfigs(new Map());
  return new PartitionLog({ name, configs: new TopicConfigs(broker, configs), brokerConfigs: broker, clock });
}

function outcome(records: Uint8Array | null, version = 12, log: PartitionLog = logOf()): string {
  try {
    return `offset ${log.append(records, { produceVersion: version }).baseOffset}`;
  } catch (error) {
    if (error instanceof AppendRefusal) return error.errorName;
    throw error;
  }
}

function refusalOf(records: Uint8Array, log: PartitionLog = logOf()): AppendRefusal {
  try {
    log.append(records, { produceVersion: 12 });
  } catch (error) {
    if (error instanceof AppendRefusal) return error;
    throw error;
  }
  throw new Error("the batch was appended");
}

function batch(input: Partial<RecordBatchInput> = {}): Uint8Array {
  const records = ["a", "b", "c"].map((value) => ({ key: "k", value, timestamp: NOW }));
  return RecordBatch.encode({ records, ...input, codecs: brokerCodecs });
}

/** Changes the header and makes the checksum fit again. */
function edited(bytes: Uint8Array, edit: (view: DataView) => void): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const view = new DataView(copy.buffer);
  edit(view);
  if (copy.length >= 61) view.setUint32(17, crc32c(copy, 21));
  return copy;
}

/** A batch whose records are these bytes. */
function withSection(section: Uint8Array, count: number, attributes = 0): Uint8Array {
  return edited(Buffer.concat([batch().subarray(0, 61), section]), (view) => {
    view.setInt32(8, 61 + section.length - 12);
    view.setInt16(21, attributes);
    view.setInt32(23, count - 1);
    view.setInt32(57, count);
  });
}

function record(...body: number[]): Uint8Array {
  return Uint8Array.from([body.length << 1, ...body]);
}

function recordAt(offsetDelta: number): Uint8Array {
  return record(0, 0, offsetDelta << 1, 2, 107, 2, 118, 0);
}

function sectionOf(...deltas: number[]): Uint8Array {
  return Buffer.concat(deltas.map(recordAt));
}

function compressed(codec: keyof typeof CODEC_IDS, section: Uint8Array): Uint8Array {
  return codec === "gzip" ? gzipSync(section) : portableCodecs[codec].compress(section);
}

describe("the bytes of a produced partition", () => {
  it.each<[string, () => Uint8Array | null, string]>([
    ["nothing (Kafka gives no answer at all to null)", () => null, "INVALID_RECORD"],
    ["no bytes", () => new Uint8Array(), "INVALID_RECORD"],
    ["less than a length", () => batch().subarray(0, 11), "INVALID_RECORD"],
    ["less than a format", () => batch().subarray(0, 16), "INVALID_RECORD"],
    ["a batch without its last byte", () => batch().subarray(0, -1), "INVALID_RECORD"],
    ["two batches", () => Buffer.concat([batch(), batch()]), "INVALID_RECORD"],
    ["a batch and five bytes of a next one", () => Buffer.concat([batch(), new Uint8Array(5)]), "offset 0"],
    ["a batch and a part of another one", () => Buffer.concat([batch(), batch().subarray(0, 40)]), "offset 0"],
    ["a batch and what cannot be one", () => Buffer.concat([batch(), new Uint8Array(20)]), "CORRUPT_MESSAGE"],
    ["length 13", () => edited(batch(), (view) => view.setInt32(8, 13)), "CORRUPT_MESSAGE"],
    ["length -1", () => edited(batch(), (view) => view.setInt32(8, -1)), "CORRUPT_MESSAGE"],
    ["a length with no room for the header", () => edited(batch(), (view) => view.setInt32(8, 48)), "CORRUPT_MESSAGE"],
    ["format 3", () => edited(batch(), (view) => view.setInt8(16, 3)), "CORRUPT_MESSAGE"],
    ["format -1", () => edited(batch(), (view) => view.setInt8(16, -1)), "CORRUPT_MESSAGE"],
    ["a message of format 1", () => encodeMessageSet({ magic: 1, records: [{ value: "a" }] }), "INVALID_RECORD"],
  ])("with %s", (_, records, expected) => {
    expect(outcome(records())).toBe(expected);
  });
});

describe("the header of a produced batch", () => {
  it.each<[string, (view: DataView) => void, string]>([
    ["base offset 5", (view) => view.setBigInt64(0, 5n), "INVALID_RECORD"],
    ["base offset -1", (view) => view.setBigInt64(0, -1n), "INVALID_RECORD"],
    ["a leader epoch", (view) => view.setInt32(12, 9), "offset 0"],
    ["codec 5", (view) => view.setInt16(21, 5), "UNKNOWN_SERVER_ERROR"],
    ["codec 7", (view) => view.setInt16(21, 7), "UNKNOWN_SERVER_ERROR"],
    ["count 0", (view) => view.setInt32(57, 0), "INVALID_RECORD"],
    ["count -1", (view) => view.setInt32(57, -1), "INVALID_RECORD"],
    ["count 2 and three records", (view) => view.setInt32(57, 2), "INVALID_RECORD"],
    ["last offset delta 5", (view) => view.setInt32(23, 5), "INVALID_RECORD"],
    ["last offset delta -1", (view) => view.setInt32(23, -1), "INVALID_RECORD"],
    ["the control bit", (view) => view.setInt16(21, 0x20), "INVALID_RECORD"],
    ["the delete horizon bit", (view) => view.setInt16(21, 0x40), "offset 0"],
    ["bits without a meaning", (view) => view.setInt16(21, 0x7f80), "offset 0"],
    ["a producer without sequence", (view) => view.setBigInt64(43, 901n), "INVALID_RECORD"],
    ["producer id -2", (view) => view.setBigInt64(43, -2n), "offset 0"],
    ["a sequence without producer", (view) => view.setInt32(53, 5), "offset 0"],
  ])("with %s", (_, edit, expected) => {
    expect(outcome(edited(batch(), edit))).toBe(expected);
  });

  it.each([
    [2, 1],
    [4, 3],
    [0x7fff_ffff, 0x7fff_fffe],
  ])("may not claim %i records, up to delta %i, for three", (count, delta) => {
    const claimed = edited(batch(), (view) => {
      view.setInt32(57, count);
      view.setInt32(23, delta);
    });
    expect(outcome(claimed)).toBe("INVALID_RECORD");
  });

  it("must have a checksum that fits", () => {
    const damaged = Uint8Array.from(batch());
    damaged[70]! ^= 1;
    expect(outcome(damaged)).toBe("CORRUPT_MESSAGE");
  });

  it("has its greatest timestamp mended, and the mark of the broker's time taken off", () => {
    const log = logOf();
    log.append(
      edited(batch(), (view) => view.setBigInt64(35, 5n)),
      { produceVersion: 12 },
    );
    log.append(
      edited(batch(), (view) => view.setInt16(21, 8)),
      { produceVersion: 12 },
    );
    for (const stored of log.records()) {
      expect([stored.maxTimestamp, stored.timestampType, stored.verifyCrc()]).toEqual([NOW, "CreateTime", true]);
    }
  });
});

describe("the records of a produced batch", () => {
  it.each<[string, Uint8Array, number, string]>([
    ["offsets 0, 2, 1 (which Kafka does not look at)", sectionOf(0, 2, 1), 3, "offset 0"],
    ["offsets 0, 0, 0", sectionOf(0, 0, 0), 3, "offset 0"],
    ["length 0", new Uint8Array(8), 1, "INVALID_RECORD"],
    ["a negative length", Uint8Array.from([1, 0, 0, 0, 0, 0, 0, 0]), 1, "INVALID_RECORD"],
    ["a length beyond the batch", Uint8Array.from([0x7e, 0, 0, 0, 0, 0, 0, 0]), 1, "INVALID_RECORD"],
    ["a key beyond the record", record(0, 0, 0, 100, 107, 2, 118, 0), 1, "INVALID_RECORD"],
    ["key length -2, as good as null", record(0, 0, 0, 3, 2, 118, 0), 1, "offset 0"],
    ["a value beyond the record", record(0, 0, 0, 2, 107, 100, 118, 0), 1, "INVALID_RECORD"],
    ["-1 headers", record(0, 0, 0, 2, 107, 2, 118, 1), 1, "INVALID_RECORD"],
    ["50 headers in no bytes", record(0, 0, 0, 2, 107, 2, 118, 100), 1, "INVALID_RECORD"],
    ["a header without a key", record(0, 0, 0, 2, 107, 2, 118, 2, 1, 0), 1, "INVALID_RECORD"],
    ["attributes", record(255, 0, 0, 2, 107, 2, 118, 0), 1, "offset 0"],
    ["bytes left over in a record", record(0, 0, 0, 2, 107, 2, 118, 0, 9, 9), 1, "INVALID_RECORD"],
    ["bytes left over behind the last", Buffer.concat([recordAt(0), Uint8Array.of(1, 2, 3)]), 1, "INVALID_RECORD"],
  ])("with %s", (_, section, count, expected) => {
    expect(outcome(withSection(section, count))).toBe(expected);
  });

  it.each(["gzip", "snappy", "lz4"] as const)("are unfolded from %s to be looked at", (codec) => {
    const attributes = CODEC_IDS[codec];
    const of = (section: Uint8Array, count: number) => outcome(withSection(compressed(codec, section), count, attributes));
    expect(of(sectionOf(0, 1, 2), 3)).toBe("offset 0");
    expect(of(sectionOf(0, 1, 2), 4)).toBe("INVALID_RECORD");
    expect(of(sectionOf(0, 1, 2), 2)).toBe("INVALID_RECORD");
    expect(of(record(0, 0, 0, 100, 107, 2, 118, 0), 1)).toBe("INVALID_RECORD");
    expect(of(Buffer.concat([recordAt(0), Uint8Array.of(9, 9, 9)]), 1)).toBe("INVALID_RECORD");
    expect(of(sectionOf(0, 2, 1), 3)).toBe("UNKNOWN_SERVER_ERROR");
    expect(outcome(withSection(new Uint8Array(40).fill(0x5a), 3, attributes))).toBe("UNKNOWN_SERVER_ERROR");
    expect(outcome(withSection(new Uint8Array(), 3, attributes))).toBe("UNKNOWN_SERVER_ERROR");
    expect(outcome(withSection(compressed(codec, sectionOf(0, 1, 2)).subarray(0, -4), 3, attributes))).toBe("UNKNOWN_SERVER_ERROR");
  });

  it("may not unfold to more than the broker can bear (Kafka has no such limit)", () => {
    const bomb = gzipSync(Buffer.alloc(MAX_UNFOLDED_BYTES + 1));
    expect(bomb.length).toBeLessThan(200_000);
    expect(outcome(withSection(bomb, 1, CODEC_IDS.gzip))).toBe("MESSAGE_TOO_LARGE");
  });

  it("may be in zstd from Produce v7 on", () => {
    const zstd = withSection(new Uint8Array(4), 1, 4);
    expect(outcome(zstd, 6)).toBe("UNSUPPORTED_COMPRESSION_TYPE");
    expect(outcome(zstd, 7)).toBe("UNKNOWN_SERVER_ERROR");
  });
});

describe("timestamps", () => {
  const at = (...timestamps: number[]) => batch({ records: timestamps.map((timestamp) => ({ key: "k", value: "v", timestamp })) });

  it("may be an hour ahead, and as old as they like", () => {
    expect(outcome(at(0, -1, NOW + 3_600_000))).toBe("offset 0");
  });

  it("that are further ahead are named one by one, in Kafka's words", () => {
    const { errorName, message, recordErrors } = refusalOf(at(NOW, NOW, NOW + 7_200_000));
    expect([errorName, message]).toEqual(["INVALID_TIMESTAMP", "One or more records have been rejected due to invalid timestamp"]);
    expect(recordErrors).toEqual([
      {
        batchIndex: 2,
        message:
          `Timestamp ${NOW + 7_200_000} of message with offset 2 is out of range. ` +
          `The timestamp should be within [-9223370269629175807, ${NOW + 3_600_000}]`,
      },
    ]);
  });

  it.each([2n ** 63n - 1n, -(2n ** 63n)])("of %i are refused and do not confuse the log", (timestamp) => {
    const extreme = edited(at(0), (view) => {
      view.setBigInt64(27, timestamp);
      view.setBigInt64(35, timestamp);
    });
    expect(outcome(extreme)).toBe("INVALID_TIMESTAMP");
  });

  it("are the broker's where the topic says so, and a producer may not pretend to be the broker", () => {
    configs.set("message.timestamp.type", "LogAppendTime");
    const log = logOf();
    clock.jump(1000);
    expect(log.append(batch(), { produceVersion: 12 }).logAppendTimeMs).toBe(NOW + 1000);
    const [stored] = log.records();
    expect([stored!.timestampType, stored!.maxTimestamp, stored!.verifyCrc()]).toEqual(["LogAppendTime", NOW + 1000, true]);
    const { errorName, recordErrors } = refusalOf(
      edited(batch(), (view) => view.setInt16(21, 8)),
      log,
    );
    expect(errorName).toBe("INVALID_TIMESTAMP");
    expect(recordErrors[0]!.message).toBe(
      `Invalid timestamp type in message DefaultRecord(offset=0, timestamp=${NOW}, key=1 bytes, value=1 bytes). ` +
        "Producer should not set timestamp type to LogAppendTime.",
    );
  });
});

describe("what a topic's configuration asks for", () => {
  it("keys, where it is compacted", () => {
    configs.set("cleanup.policy", "compact");
    const { errorName, message, recordErrors } = refusalOf(
      batch({ records: [{ value: "a" }, { key: "k" }, { value: "c" }] }),
      logOf("compacted-0"),
    );
    const objection = "Compacted topic cannot accept message without key in topic partition compacted-0";
    expect(errorName).toBe("INVALID_RECORD");
    expect(recordErrors).toEqual([
      { batchIndex: 0, message: objection },
      { batchIndex: 2, message: objection },
    ]);
    expect(message).toBe(
      "One or more records have been rejected due to 2 record errors in total, and only showing the first three errors at most: " +
        `[RecordError(batchIndex=0, message='${objection}'), RecordError(batchIndex=2, message='${objection}')]`,
    );
  });

  it("batches no larger than max.message.bytes, damaged or not, nor than segment.bytes", () => {
    const large = batch({ records: [{ value: "x".repeat(2000) }] });
    configs.set("max.message.bytes", "1000");
    expect(outcome(large)).toBe("MESSAGE_TOO_LARGE");
    configs.set("max.message.bytes", "1000000");
    configs.set("segment.bytes", "1000");
    expect(outcome(large)).toBe("RECORD_LIST_TOO_LARGE");
  });

  it.each(["gzip", "snappy", "lz4", "zstd"] as const)("batches in %s, whatever the producer chose", (compression) => {
    configs.set("compression.type", compression);
    const log = logOf();
    for (const codec of ["none", "gzip", "lz4"] as const) log.append(batch({ compression: codec }), { produceVersion: 12 });
    for (const stored of log.records()) {
      expect([stored.compression, stored.verifyCrc()]).toEqual([compression, true]);
      expect(stored.records().map(({ value }) => Buffer.from(value!).toString())).toEqual(["a", "b", "c"]);
    }
  });

  it("gzip at the level that the topic asks for", () => {
    const sizes = ["1", "9"].map((level) => {
      configs.set("compression.type", "gzip");
      configs.set("compression.gzip.level", level);
      const log = logOf();
      const values = Array.from({ length: 500 }, (_, index) => ({ value: `value ${index * 7919} of ${index % 13}` }));
      log.append(batch({ records: values }), { produceVersion: 12 });
      return log.records()[0]!.sizeInBytes;
    });
    expect(sizes[1]).toBeLessThan(sizes[0]!);
  });

  it("no compression at all", () => {
    configs.set("compression.type", "uncompressed");
    const log = logOf();
    log.append(batch({ compression: "gzip", producerId: 7n, producerEpoch: 1, baseSequence: 4 }), { produceVersion: 12 });
    expect(log.records()[0]).toMatchObject({ compression: "none", producerId: 7n, producerEpoch: 1, baseSequence: 4 });
  });
});

describe("message sets, as Produce before version 3 sends them", () => {
  const records = [
    { key: "a", value: "1", timestamp: NOW },
    { value: "2", timestamp: NOW },
  ];

  it.each([0, 1] as const)("of format %i become a batch of format 2", (magic) => {
    const log = logOf();
    expect(outcome(encodeMessageSet({ magic, records }), 2, log)).toBe("offset 0");
    const [stored] = log.records();
    expect([stored!.magic, stored!.recordCount, stored!.maxTimestamp]).toEqual([2, 2, magic === 0 ? -1 : NOW]);
  });

  it("stay compressed", () => {
    const log = logOf();
    expect(outcome(encodeMessageSet({ magic: 1, records, compression: "lz4" }), 2, log)).toBe("offset 0");
    expect(log.records()[0]).toMatchObject({ compression: "lz4", recordCount: 2 });
  });

  it("are refused when they are damaged, inside or outside", () => {
    const plain = encodeMessageSet({ magic: 1, records });
    plain[plain.length - 1]! ^= 1;
    expect(outcome(plain, 2)).toBe("CORRUPT_MESSAGE");
    expect(outcome(plain.subarray(0, 14), 2)).toBe("INVALID_RECORD");
    const wrapper = encodeMessageSet({ magic: 1, records, compression: "snappy" });
    expect(outcome(Buffer.concat([wrapper, wrapper]), 2)).toBe("INVALID_RECORD");
  });
});
