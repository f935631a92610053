// Records that are not as they should be: the consumer says so, where, gives what lies before, does not move over it, and goes on with
// other partitions. The faults are numbered as in the fault list.

import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { RecordDamage } from "../../src/broker/faults/record-faults.ts";
import { type Consumer, type Deserializer, strings } from "../../src/client/index.ts";
import { crc32c } from "../../src/protocol/index.ts";
import { errorsIn, ofPartition, outcomes, P0, P1, writeSingly } from "../support/consumer-outcomes.ts";
import { type ConsumerStage, consumerStage, placed, TOPIC, textOf } from "../support/consumer-stage.ts";

const FOREVER = { times: Number.POSITIVE_INFINITY };
const HERE = { topic: TOPIC, partition: 0 };

// Where the fields of a format 2 batch stand.
const BATCH_LENGTH = 8;
const MAGIC = 16;
const CRC = 17;
const ATTRIBUTES = 21;
const RECORDS = 61;
const LENGTH_COUNTS_FROM = 12;

/** Changes the batch with offset 1, wherever an answer has it. */
function damagedBatch(change: (batch: DataView) => void): RecordDamage {
  return (records) => {
    const copy = new Uint8Array(records);
    const all = new DataView(copy.buffer);
    for (let start = 0; start + RECORDS <= copy.length; start += LENGTH_COUNTS_FROM + all.getInt32(start + BATCH_LENGTH)) {
      if (all.getBigInt64(start) !== 1n) continue;
      change(new DataView(copy.buffer, start, LENGTH_COUNTS_FROM + all.getInt32(start + BATCH_LENGTH)));
      break;
    }
    return copy;
  };
}

/** The same, with a checksum that fits. */
function disguised(change: (batch: DataView) => void): RecordDamage {
  return damagedBatch((batch) => {
    change(batch);
    const bytes = new Uint8Array(batch.buffer, batch.byteOffset, batch.byteLength);
    batch.setUint32(CRC, crc32c(bytes, ATTRIBUTES, bytes.length));
  });
}

/** a, b, c of partition 0, the second damaged; x, y of partition 1. */
async function damaged(damage: RecordDamage, options: Parameters<typeof consumerStage>[0] = {}): Promise<ConsumerStage> {
  const stage = await consumerStage(options as object);
  await writeSingly(stage, ["a", "b", "c"], 0);
  await writeSingly(stage, ["x", "y"], 1);
  stage.broker.faults.corruptRecords({ ...HERE, ...FOREVER, damage });
  stage.consumer.assign([P0, P1]);
  return stage as ConsumerStage;
}

const wrongChecksum = damagedBatch((batch) => batch.setUint32(CRC, batch.getUint32(CRC) ^ 1));

/** Nine times 16 MiB of nothing. */
function bomb(records: Uint8Array): Uint8Array {
  const packed = gzipSync(Buffer.alloc(16 * 1024 * 1024));
  const batch = Buffer.concat([records.subarray(0, RECORDS), ...Array.from({ length: 9 }, () => packed)]);
  batch.writeInt32BE(batch.length - LENGTH_COUNTS_FROM, BATCH_LENGTH);
  batch.writeInt16BE(1, ATTRIBUTES);
  batch.writeUInt32BE(crc32c(batch, ATTRIBUTES, batch.length), CRC);
  return batch;
}

const DAMAGES: readonly (readonly [string, RecordDamage, string])[] = [
  ["F5: a checksum that does not fit", wrongChecksum, "CORRUPT_BATCH"],
  ["F8: more records than it has bytes", disguised((batch) => batch.setInt32(57, 0x7fff_ffff)), "MALFORMED_MESSAGE"],
  ["F8: a negative number of records", disguised((batch) => batch.setInt32(57, -1)), "MALFORMED_MESSAGE"],
  ["F8: fewer records than it has bytes", disguised((batch) => batch.setInt32(57, 0)), "MALFORMED_MESSAGE"],
  ["F8: a record of negative length", disguised((batch) => batch.setUint8(RECORDS, 0x01)), "MALFORMED_MESSAGE"],
  ["F8: a record that is longer than its batch", disguised((batch) => batch.setUint8(RECORDS, 0x7e)), "MALFORMED_MESSAGE"],
  ["F9: gzip that is none", disguised((batch) => batch.setInt16(ATTRIBUTES, 1)), ""],
  ["F9: snappy that is none", disguised((batch) => batch.setInt16(ATTRIBUTES, 2)), ""],
  ["F9: lz4 that is none", disguised((batch) => batch.setInt16(ATTRIBUTES, 3)), ""],
  ["F11: a codec that nobody knows", disguised((batch) => batch.setInt16(ATTRIBUTES, 7)), ""],
];

describe("a batch that cannot be read", () => {
  it.each(DAMAGES)(
    "%s: is an error with its place, after what lies before it; others go on; the position stays",
    async (_name, damage, code) => {
      const stage = await damaged(damage);
      const told = await outcomes(stage, 3, { timeoutMs: 5000, mostPolls: 20 });
      expect([ofPartition(told, 0), ofPartition(told, 1)]).toEqual([["0/0 a"], ["1/0 x", "1/1 y"]]);
      const { error } = await stage.failureOf(stage.consumer.poll({ timeoutMs: 5000 }));
      expect(error).toMatchObject({ name: "UnreadableRecordsError", topic: TOPIC, partition: 0, offset: 1, nextOffset: 2 });
      if (code !== "") expect(error).toMatchObject({ code });
      expect(String(error)).toContain("seek to offset 2");
      expect(await stage.consumer.position(P0)).toBe(1);
      await stage.write(["z"], { partition: 1 });
      const more = await outcomes(stage, 1, { timeoutMs: 5000, mostPolls: 10 });
      expect(more.at(-1)).toBe("1/2 z");
      stage.broker.faults.clear();
      stage.consumer.seek(P0, 2);
      expect((await outcomes(stage, 1)).at(-1)).toBe("0/2 c");
    },
  );

  it.each(DAMAGES)("%s: heals without a hand when the bytes come as they should", async (_name, damage) => {
    const stage = await damaged(damage);
    const told = await outcomes(stage, 4, { timeoutMs: 1000, mostPolls: 6 });
    expect(ofPartition(told, 0)).toEqual(["0/0 a"]);
    stage.broker.faults.clear();
    const healed = await outcomes(stage, 2, { timeoutMs: 60_000, mostPolls: 10 });
    expect(healed.filter((one) => !one.startsWith("!"))).toEqual(["0/1 b", "0/2 c"]);
  });

  it("F8: with a length that cannot be: nobody can tell where the next begins, and the error says no offset to go on at", async () => {
    const stage = await damaged(damagedBatch((batch) => batch.setInt32(BATCH_LENGTH, -1)));
    const told = await outcomes(stage, 3, { timeoutMs: 5000, mostPolls: 20 });
    expect([ofPartition(told, 0), ofPartition(told, 1)]).toEqual([["0/0 a"], ["1/0 x", "1/1 y"]]);
    const { error } = await stage.failureOf(stage.consumer.poll({ timeoutMs: 5000 }));
    expect(error).toMatchObject({ topic: TOPIC, partition: 0, offset: 1, nextOffset: undefined });
    expect(await stage.consumer.position(P0)).toBe(1);
    stage.broker.faults.clear();
    const healed = await outcomes(stage, 2, { mostPolls: 10 });
    expect(healed.filter((one) => !one.startsWith("!"))).toEqual(["0/1 b", "0/2 c"]);
  });

  it("F8: noise instead of records is an error, and no crash", async () => {
    const stage = await damaged("noise");
    const told = await outcomes(stage, 2, { timeoutMs: 5000, mostPolls: 20 });
    expect(ofPartition(told, 0)).toEqual([]);
    expect(ofPartition(told, 1)).toEqual(["1/0 x", "1/1 y"]);
    stage.broker.faults.clear();
    const healed = await outcomes(stage, 3, { mostPolls: 10 });
    expect(healed.filter((one) => !one.startsWith("!"))).toEqual(["0/0 a", "0/1 b", "0/2 c"]);
  });

  it("F11: a record format that nobody knows is an error that says so", async () => {
    const stage = await damaged((records) => {
      const copy = new Uint8Array(records);
      copy[MAGIC] = 9;
      return copy;
    });
    const told = await outcomes(stage, 2, { timeoutMs: 5000, mostPolls: 20 });
    expect(ofPartition(told, 1)).toEqual(["1/0 x", "1/1 y"]);
    const { error } = await stage.failureOf(stage.consumer.poll({ timeoutMs: 5000 }));
    expect(String(error)).toMatch(/format 9|magic/i);
    expect(await stage.consumer.position(P0)).toBe(0);
  });

  it("F10: a bomb that would unfold to 144 MiB is an error at the limit; others go on", async () => {
    const stage = await damaged(bomb);
    const patient = { timeoutMs: 10, mostPolls: 100_000, isPatient: true };
    const told = await outcomes(stage, 2, patient);
    expect(ofPartition(told, 1)).toEqual(["1/0 x", "1/1 y"]);
    let thrown: unknown;
    while (thrown === undefined) {
      await stage.poll({ timeoutMs: 10 }).catch((error: unknown) => {
        thrown = error;
      });
    }
    expect(thrown).toMatchObject({ topic: TOPIC, partition: 0, offset: 0, code: "OUTPUT_LIMIT" });
    expect(await stage.consumer.position(P0)).toBe(0);
    stage.broker.faults.clear();
    const healed = await outcomes(stage, 3, patient);
    expect(healed.filter((one) => !one.startsWith("!"))).toEqual(["0/0 a", "0/1 b", "0/2 c"]);
  });

  it("F5: is not looked for with checkCrcs: false", async () => {
    const stage = await damaged(wrongChecksum, { checkCrcs: false });
    const told = await outcomes(stage, 5);
    expect([errorsIn(told), ofPartition(told, 0)]).toEqual([[], ["0/0 a", "0/1 b", "0/2 c"]]);
  });

  it("F5: is an error of loops too, and another loop goes on with it", async () => {
    const stage = await damaged(wrongChecksum);
    const given: string[] = [];
    const loop = async (consumer: Consumer): Promise<void> => {
      for await (const record of consumer.iterate({ timeoutMs: 3000 }))
        if (record.partition === 0) given.push(textOf(record.value));
    };
    const { error } = await stage.failureOf(loop(stage.consumer));
    expect(error).toMatchObject({ code: "CORRUPT_BATCH", offset: 1 });
    stage.broker.faults.clear();
    await stage.when(loop(stage.consumer));
    expect(given).toEqual(["a", "b", "c"]);
  });
});

describe("answers with less, or more, than was asked for", () => {
  it.each([1, 7, 17, 60, 61, 75])("F6: the last %i bytes of an answer are missing: nothing is lost or doubled", async (bytes) => {
    const stage = await consumerStage();
    await writeSingly(stage, ["a", "b", "c", "d"]);
    stage.broker.faults.corruptRecords({ ...HERE, times: 3, damage: (records) => records.slice(0, records.length - bytes) });
    stage.consumer.assign([P0]);
    expect(await outcomes(stage, 4)).toEqual(["0/0 a", "0/1 b", "0/2 c", "0/3 d"]);
  });

  it("F7: a batch that is larger than all limits is read nevertheless, and what follows", async () => {
    const stage = await consumerStage({ maxPartitionFetchBytes: 100, fetchMaxBytes: 100 });
    await stage.write(["a".repeat(5000)]);
    await stage.write(["b"]);
    stage.consumer.assign([P0]);
    const told = await outcomes(stage, 2);
    expect(told.map((one) => one.length)).toEqual([5004, 5]);
  });

  it("F7: one that cannot be sent whole is an error that says which option to raise, once a poll; others go on", async () => {
    const stage = await consumerStage({ maxPartitionFetchBytes: 100, fetchMaxBytes: 100, receiveMessageMaxBytes: 1000 });
    await stage.write(["a".repeat(5000)]);
    await stage.write(["x"], { partition: 1 });
    stage.broker.faults.corruptRecords({ ...HERE, ...FOREVER, damage: (records) => records.slice(0, 100) });
    stage.consumer.assign([P0, P1]);
    const told = await outcomes(stage, 1, { timeoutMs: 10_000, mostPolls: 5 });
    expect(ofPartition(told, 1)).toEqual(["1/0 x"]);
    const { error } = await stage.failureOf(stage.consumer.poll({ timeoutMs: 10_000 }));
    expect(error).toMatchObject({ code: "FETCH_TOO_LARGE", ...P0, offset: 0 });
    expect(await stage.consumer.position(P0)).toBe(0);
  });

  it("F7, C11: one that is larger than the longest answer we take is an error that says which option to raise", async () => {
    const small = { maxPartitionFetchBytes: 100, fetchMaxBytes: 100, receiveMessageMaxBytes: 1000 };
    const stage = await consumerStage(small);
    await stage.write(["a".repeat(5000)]);
    stage.consumer.assign([P0]);
    const { error } = await stage.failureOf(stage.consumer.poll({ timeoutMs: 30_000 }));
    expect(error).toMatchObject({ code: "MALFORMED_MESSAGE", message: expect.stringContaining("raise receiveMessageMaxBytes") });
    expect(await stage.consumer.position(P0)).toBe(0);
  });

  it("F13: records below the position are left out: a seek into a batch begins there", async () => {
    const stage = await consumerStage();
    await stage.write(["a", "b", "c", "d"]);
    stage.consumer.assign([{ ...P0, offset: 2 }]);
    expect(await outcomes(stage, 2)).toEqual(["0/2 c", "0/3 d"]);
  });

  it("F13, F27: the same records again and again are given once, and not asked for in a hurry", async () => {
    const stage = await consumerStage();
    await writeSingly(stage, ["a", "b"]);
    let first: Uint8Array | undefined;
    stage.consumer.assign([P0]);
    stage.broker.faults.corruptRecords({ ...HERE, times: 5, damage: (records) => (first ??= records.slice()) });
    expect(await outcomes(stage, 2)).toEqual(["0/0 a", "0/1 b"]);
    await stage.write(["c"]);
    const asked = stage.count("Fetch");
    expect(await outcomes(stage, 1)).toEqual(["0/2 c"]);
    expect(stage.count("Fetch") - asked).toBeLessThan(10);
  });

  it("F12: batches that compaction has emptied are stepped over", async () => {
    const stage = await consumerStage();
    await writeSingly(stage, ["a", "b", "c"]);
    const emptied = (records: Uint8Array): Uint8Array => {
      const copy = new Uint8Array(records);
      const view = new DataView(copy.buffer);
      const start = LENGTH_COUNTS_FROM + view.getInt32(BATCH_LENGTH);
      const end = start + LENGTH_COUNTS_FROM + view.getInt32(start + BATCH_LENGTH);
      view.setInt32(start + BATCH_LENGTH, RECORDS - LENGTH_COUNTS_FROM);
      view.setInt32(start + 57, 0);
      view.setUint32(start + CRC, crc32c(copy, start + ATTRIBUTES, start + RECORDS));
      return Buffer.concat([copy.subarray(0, start + RECORDS), copy.subarray(end)]);
    };
    stage.broker.faults.corruptRecords({ ...HERE, damage: emptied });
    stage.consumer.assign([P0]);
    expect(await outcomes(stage, 2)).toEqual(["0/0 a", "0/2 c"]);
    expect(await stage.consumer.position(P0)).toBe(3);
  });
});

describe("F28: a record that its deserializer does not read", () => {
  const picky: Deserializer<string> = {
    deserialize: (bytes) => {
      const text = textOf(bytes);
      if (text === "poison") throw new RangeError("not mine");
      return text;
    },
  };

  it("can be skipped by whoever reads, and the rest of its batch and of the topic is given once", async () => {
    const stage = await consumerStage<string | null, string>({ keyDeserializer: strings, valueDeserializer: picky });
    await stage.write(["a", "poison", "b", "poison", "c"]);
    await stage.write(["d"]);
    stage.consumer.assign([P0]);
    const given: string[] = [];
    const skipped: number[] = [];
    for (let polls = 0; polls < 20 && given.length < 4; polls++) {
      try {
        given.push(...placed(await stage.poll()));
      } catch (error) {
        if (!(typeof error === "object" && error !== null && "offset" in error)) throw error;
        skipped.push(Number(error.offset));
        stage.consumer.seek(P0, Number(error.offset) + 1);
      }
    }
    expect(given).toEqual(["0/0 a", "0/2 b", "0/4 c", "0/5 d"]);
    expect(skipped).toEqual([1, 3]);
  });

  it("is not committed, and neither is what comes behind it", async () => {
    const stage = await consumerStage<Uint8Array | null, string>({ groupId: "readers", valueDeserializer: picky });
    await stage.write(["a", "poison", "b"]);
    stage.consumer.assign([P0]);
    expect(await outcomes(stage, 3, { timeoutMs: 1000, mostPolls: 3 })).toEqual([
      "0/0 a",
      "! DESERIALIZATION",
      "! DESERIALIZATION",
    ]);
    await stage.when(stage.consumer.close());
    const other = stage.another({ groupId: "readers" });
    expect(await stage.when(other.committed(P0))).toMatchObject({ offset: 1 });
  });
});

describe("memory", () => {
  it("R2: a record that is kept does not keep the answer it came in", async () => {
    const stage = await consumerStage();
    await writeSingly(stage, ["a", "b"]);
    await stage.write(["c".repeat(900_000)]);
    stage.consumer.assign([P0]);
    const records = await stage.read(3);
    for (const { value } of records.slice(0, 2)) expect(value?.buffer.byteLength).toBeLessThan(20_000);
  });

  it("R4: a batch of many tiny records comes whole and in order, as much at a time as was asked for", async () => {
    const stage = await consumerStage({ maxPollRecords: 700 });
    const many = 20_000;
    await stage.write(Array.from({ length: many }, () => ""));
    stage.consumer.assign([P0]);
    let next = 0;
    while (next < many) {
      const polled = await stage.poll();
      expect(polled.length).toBeGreaterThan(0);
      expect(polled.length).toBeLessThanOrEqual(700);
      for (const { offset } of polled) if (offset === next) next++;
    }
    expect(next).toBe(many);
  });
});
