/** Record batches of ours, in every codec, small (on the event loop) and big (off it where a codec can): read by Kafka's classes. */
import assert from "node:assert/strict";
import { nodeCodecs } from "../../src/client/compression/node-codecs.ts";
import { type CompressionName, compressionNames } from "../../src/protocol/records/batch-attributes.ts";
import { RecordBatch } from "../../src/protocol/records/record-batch.ts";
import type { RecordInput } from "../../src/protocol/records/record-input.ts";
import type { BatchJson } from "../support/fixtures.ts";
import type { OracleServer } from "../support/oracle-server.ts";
import type { Tally } from "./tally.ts";

const TIMESTAMP = 1_700_000_000_000;

/** Names say what makes each set of records hard. */
const recordSets: readonly { name: string; records: readonly RecordInput[] }[] = [
  { name: "one empty record", records: [{ key: null, value: null, timestamp: TIMESTAMP }] },
  { name: "nulls, empties, repeated and odd headers", records: oddRecords() },
  { name: "timestamps 60 years apart", records: [0, 1_893_456_000_000, 5].map((timestamp) => ({ value: "v", timestamp })) },
  { name: "300 KiB of repetitive values", records: manyRecords((i) => `{"order":${i % 97},"item":"tea","price":"12.50"}`) },
  { name: "300 KiB of incompressible values", records: manyRecords(noise) },
];

export async function checkWrittenRecords(oracle: OracleServer, tally: Tally): Promise<void> {
  for (const { name, records } of recordSets) {
    for (const compression of compressionNames) {
      await tally.checkLater(`our batch of ${name}, ${compression}`, () => checkBatch(oracle, records, compression));
    }
  }
}

async function checkBatch(oracle: OracleServer, records: readonly RecordInput[], compression: CompressionName): Promise<void> {
  const bytes = await RecordBatch.encodeAsync({
    records,
    compression,
    codecs: nodeCodecs,
    producerId: 4001n,
    producerEpoch: 7,
    baseSequence: 42,
  });
  const answer = await oracle.ask({ op: "records", hex: Buffer.from(bytes).toString("hex") });
  assert.equal(answer.ok, true, answer.error);
  assert.equal(answer.trailingBytes, 0);
  const [batch, ...more] = (answer.batches ?? []) as unknown as readonly BatchJson[];
  assert.equal(more.length, 0);
  assert.equal(batch?.error, undefined);
  assert.equal(batch?.valid, true, batch?.invalid);
  assert.equal(batch?.compression, compression);
  assert.equal(batch?.lastSequence, 42 + records.length - 1);
  assert.deepEqual(
    batch?.records?.map(({ timestamp, key, value, headers }) => ({ timestamp, key, value, headers })),
    records.map(({ timestamp, key = null, value = null, headers = [] }) => ({
      timestamp: String(timestamp),
      key: hexOf(key),
      value: hexOf(value),
      headers: headers.map(([name, content]) => [name, hexOf(content)]),
    })),
  );
}

function hexOf(content: Uint8Array | string | null): string | null {
  return content === null ? null : Buffer.from(content).toString("hex");
}

function oddRecords(): readonly RecordInput[] {
  const headers = [
    ["__proto__", "1"],
    ["constructor", null],
    ["h", ""],
    ["h", "again"],
    ["", "no name"],
    ["ä漢😀", "name"],
  ] as const;
  return [
    { key: "", value: "", timestamp: TIMESTAMP },
    { key: "tombstone", value: null, timestamp: TIMESTAMP - 5 },
    { key: null, value: "\u0000\ufeff漢😀", timestamp: TIMESTAMP + 1, headers },
    { key: "k".repeat(200), value: "v".repeat(20_000), timestamp: TIMESTAMP },
  ];
}

function manyRecords(value: (index: number) => string | Uint8Array): readonly RecordInput[] {
  return Array.from({ length: 3000 }, (_, i) => ({ key: `key-${i}`, value: value(i), timestamp: TIMESTAMP + i }));
}

/** A hundred bytes that no codec can shorten; the same in every run. */
function noise(index: number): Uint8Array {
  const bytes = new Uint8Array(100);
  let state = index * 2_654_435_761 + 1;
  for (let i = 0; i < bytes.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}
