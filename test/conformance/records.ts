/** Record batches of every format and codec: read as Java reads them, and written as Java writes them. */
import assert from "node:assert/strict";
import { nodeCodecs } from "../../src/client/compression/node-codecs.ts";
import { KafkaError } from "../../src/protocol/kafka-error.ts";
import type { BatchRecord } from "../../src/protocol/records/batch-record.ts";
import { parseControlRecord } from "../../src/protocol/records/control-record.ts";
import { encodeMessageSet } from "../../src/protocol/records/message-set-encoder.ts";
import { readBatches } from "../../src/protocol/records/read-batches.ts";
import { RecordBatch } from "../../src/protocol/records/record-batch.ts";
import type { BatchJson, BuiltRecordsFixture, InvalidRecordsFixture, RecordJson, RecordsFixture } from "../support/fixtures.ts";
import type { Tally } from "./tally.ts";

const OPTIONS = { checkCrc: false, codecs: nodeCodecs };

export async function checkRecords(fixtures: readonly RecordsFixture[], tally: Tally): Promise<void> {
  for (const fixture of fixtures) {
    // What Java's builder refuses has no bytes; our encoder's refusals are unit tests.
    if (fixture.builderError !== undefined) continue;
    await tally.checkLater(`records ${fixture.name}`, () => checkReading(fixture));
    if (fixture.byteExact) tally.check(`records ${fixture.name}, written again`, () => checkWriting(fixture));
  }
}

export async function checkInvalidRecords(fixtures: readonly InvalidRecordsFixture[], tally: Tally): Promise<void> {
  for (const fixture of fixtures) await tally.checkLater(`broken records ${fixture.name}`, () => checkReading(fixture));
}

/** Batch by batch as Java sees them, up to the place where Java refuses: there we refuse too, with a typed error. */
async function checkReading({ hex, json }: BuiltRecordsFixture): Promise<void> {
  const batches = readBatches(Buffer.from(hex, "hex"), OPTIONS);
  for (const expected of json.batches) {
    if (await refused(expected.error, async () => checkBatch(batches.next().value, expected))) return;
  }
  await refused(json.error, async () => assert.equal(batches.next().done, true, "more batches than Java finds"));
}

/** Runs `check`; where Java threw, it must fail with one of our errors, and then this is true. */
async function refused(javaError: string | undefined, check: () => Promise<void>): Promise<boolean> {
  if (javaError === undefined) {
    await check();
    return false;
  }
  await assert.rejects(check, (error) => error instanceof KafkaError, `Java: ${javaError}`);
  return true;
}

async function checkBatch(batch: RecordBatch | undefined, expected: BatchJson): Promise<void> {
  assert.ok(batch, "fewer batches than Java finds");
  await batch.decompress();
  const ours: Record<string, unknown> = { ...legacyFields(batch), ...(batch.magic === 2 ? currentFields(batch) : {}) };
  const { records, invalid: _invalid, error: _error, ...fields } = expected;
  for (const [name, value] of Object.entries(fields)) assert.deepEqual(ours[name], value, name);
  const read = batch.records().map((record) => recordJson(batch, record));
  if (records !== undefined) assert.deepEqual(read, records);
}

function legacyFields(batch: RecordBatch): Partial<BatchJson> {
  return {
    magic: batch.magic,
    sizeInBytes: batch.sizeInBytes,
    baseOffset: String(batch.baseOffsetBig),
    lastOffset: String(batch.lastOffsetBig),
    nextOffset: String(batch.lastOffsetBig + 1n),
    compression: batch.compression,
    timestampType: batch.timestampType,
    maxTimestamp: String(batch.maxTimestampBig),
    crc: batch.crc,
    valid: batch.verifyCrc(),
  };
}

function currentFields(batch: RecordBatch): Partial<BatchJson> {
  return {
    baseTimestamp: String(batch.baseTimestampBig),
    partitionLeaderEpoch: batch.partitionLeaderEpoch,
    producerId: String(batch.producerId),
    producerEpoch: batch.producerEpoch,
    baseSequence: batch.baseSequence,
    lastSequence: batch.lastSequence,
    recordCount: batch.recordCount,
    transactional: batch.isTransactional,
    control: batch.isControl,
    ...(batch.deleteHorizonMs === undefined ? {} : { deleteHorizonMs: String(batch.deleteHorizonMs) }),
  };
}

function recordJson(batch: RecordBatch, record: BatchRecord): RecordJson {
  const isCurrent = batch.magic === 2;
  return {
    offset: String(record.offsetBig),
    timestamp: String(record.timestampBig),
    ...(isCurrent ? { sequence: record.sequence } : {}),
    key: hexOrNull(record.key),
    value: hexOrNull(record.value),
    ...(isCurrent ? { headers: record.headers.map(([key, value]) => [key, hexOrNull(value)] as const) } : {}),
    ...(batch.isControl ? { control: controlJson(record) } : {}),
  };
}

function controlJson({ key, value }: BatchRecord): NonNullable<RecordJson["control"]> {
  const { version, type, typeId, coordinatorEpoch } = parseControlRecord(key, value);
  return { keyVersion: version, type, typeId, ...(coordinatorEpoch === undefined ? {} : { coordinatorEpoch }) };
}

/** What is left of a partial batch at the end is not ours to write. */
function checkWriting({ hex, json }: BuiltRecordsFixture): void {
  const bytes = Buffer.from(hex, "hex").subarray(0, json.consumedBytes);
  const written = [...readBatches(bytes, OPTIONS)].map((batch) =>
    batch.magic === 2 ? RecordBatch.encode(batch.toInput()) : messageOf(batch),
  );
  assert.equal(Buffer.concat(written).toString("hex"), bytes.toString("hex"));
}

/** An uncompressed batch of the old formats is a single message. */
function messageOf(batch: RecordBatch): Uint8Array {
  const records = batch
    .records()
    .map(({ offsetBig: offset, timestampBig: timestamp, key, value }) => ({ offset, timestamp, key, value }));
  return encodeMessageSet({ magic: batch.magic, records, timestampType: batch.timestampType });
}

function hexOrNull(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString("hex");
}
