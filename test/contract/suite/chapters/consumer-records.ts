// What a consumer finds in records is what was written.

import assert from "node:assert/strict";
import { DeserializationError, json, type ProducerOptions, type RecordHeader, strings } from "../../../../src/index.ts";
import type { RecordInput } from "../../../../src/protocol/index.ts";
import { isAtLeast } from "../../../support/kafka/old-kafka-mode.ts";
import type { Capability } from "../cannot-do.ts";
import { offsetsIn, read, textOf, valuesIn, written } from "../consuming.ts";
import { type Chapter, chapter } from "../contract.ts";
import { refusalOf } from "../refusal.ts";
import type { Stage } from "../stage.ts";

const AT = 1_700_000_000_000;
/** The times are of 2023, which is longer ago than a broker keeps records. */
const FOREVER = { "retention.ms": "-1" } as const;
/** So that a log is compacted as soon as there is a newer segment, and a cleaner looks, which it does every 15 seconds. */
const COMPACTED = {
  "cleanup.policy": "compact",
  "min.cleanable.dirty.ratio": "0.0001",
  "min.compaction.lag.ms": "0",
  "segment.ms": "1000",
} as const;
const KEYS = 3;
const UPDATES = 30;

const CODECS: readonly { readonly codec: NonNullable<ProducerOptions["compression"]>; readonly needs: readonly Capability[] }[] = [
  { codec: "none", needs: [] },
  { codec: "gzip", needs: [] },
  { codec: "snappy", needs: [] },
  { codec: "lz4", needs: [] },
  { codec: "zstd", needs: ["zstd"] },
];

/** All sorts of records; the longest are longer than any window of a codec. */
const RECORDS = Array.from({ length: 200 }, (_, i) => ({
  key: i % 7 === 0 ? null : `key ${i}`,
  value: i % 11 === 0 ? null : `größer ${i} `.repeat(i % 40 === 39 ? 9000 : i % 40),
  headers: Array.from({ length: i % 3 }, (_header, n) => ["same", n === 1 ? null : `${i}`] as const),
  timestampMs: AT + ((i * 7919) % 100_000),
}));

function textOrNull(bytes: Uint8Array | string | null): string | null {
  return bytes === null ? null : textOf(bytes);
}

function headersOf(headers: readonly RecordHeader[]): readonly (readonly [string, string | null])[] {
  return headers.map(([name, value]) => [name, textOrNull(value)]);
}

async function reader(stage: Stage, topic: string) {
  const consumer = stage.newConsumer();
  consumer.assign([{ topic, partition: 0 }]);
  return consumer;
}

export const consumerRecords: Chapter = chapter("Consumer's records", ({ contract }) => {
  contract("a record has its place, time, key, value, headers and sizes", async (stage) => {
    const topic = await stage.topic({ numPartitions: 2, configs: FOREVER });
    const headers = [
      ["b", "1"],
      ["a", null],
      ["b", ""],
    ] as const;
    await stage.newProducer().send(topic, { key: "größe", value: "42 €", headers, partition: 1, timestampMs: AT });
    const consumer = stage.newConsumer();
    consumer.subscribe(topic);
    const [record] = await read(consumer, 1);
    assert.ok(record !== undefined);
    assert.deepEqual([record.topic, record.partition, record.offset, record.timestamp], [topic, 1, 0, AT]);
    assert.deepEqual([textOrNull(record.key), textOrNull(record.value)], ["größe", "42 €"]);
    assert.deepEqual(headersOf(record.headers), headers);
    assert.deepEqual([record.timestampType, record.leaderEpoch], ["CreateTime", 0]);
    assert.deepEqual([record.serializedKeySize, record.serializedValueSize], [7, 6]);
  });

  contract("keys and values may be null or empty, which is not the same", async (stage) => {
    const topic = await stage.topic();
    const records: readonly RecordInput[] = [
      { key: null, value: null },
      { key: new Uint8Array(), value: new Uint8Array() },
    ];
    await stage.produce(topic, 0, records);
    assert.deepEqual(
      (await read(await reader(stage, topic), 2)).map((it) => [
        it.key?.length,
        it.value?.length,
        it.serializedKeySize,
        it.serializedValueSize,
      ]),
      [
        [undefined, undefined, -1, -1],
        [0, 0, 0, 0],
      ],
    );
  });

  for (const { codec, needs } of CODECS) {
    contract(
      `records of all sorts are read as they were written, with compression ${codec}`,
      async (stage) => {
        const topic = await stage.topic({ configs: FOREVER });
        const producer = stage.newProducer({ compression: codec, batchSize: 900_000 });
        await producer.sendBatch(topic, RECORDS);
        await producer.sendBatch(topic, RECORDS);
        assert.deepEqual(
          (await read(await reader(stage, topic), 400)).map(({ offset, key, value, headers, timestamp }) => ({
            offset,
            key: textOrNull(key),
            value: textOrNull(value),
            headers: headersOf(headers),
            timestampMs: timestamp,
          })),
          [...RECORDS, ...RECORDS].map((record, offset) => ({ offset, ...record })),
        );
      },
      { needs },
    );
  }

  contract("batches of different codecs, and records that are kept, do not get in each other's way", async (stage) => {
    const topic = await stage.topic();
    for (const compression of ["gzip", "none", "lz4", "snappy", "none"] as const) {
      await stage
        .newProducer({ compression })
        .sendBatch(topic, written(`${compression} a`.repeat(50), `${compression} b`.repeat(50)));
    }
    const kept = await read(await reader(stage, topic), 10);
    assert.deepEqual(
      valuesIn(kept),
      ["gzip", "none", "lz4", "snappy", "none"].flatMap((name) => [`${name} a`.repeat(50), `${name} b`.repeat(50)]),
    );
  });

  for (const format of ["0.9.0", "0.10.2"]) {
    contract(
      `records that a broker before 3.0 keeps in the format of ${format} are read, and those in the middle of a batch`,
      async (stage) => {
        const isKept = !isAtLeast(stage.broker.release, "3.0");
        const topic = await stage.topic({ configs: { ...FOREVER, ...(isKept && { "message.format.version": format }) } });
        for (const compression of ["none", "gzip", "snappy"] as const) {
          const records = Array.from({ length: 20 }, (_, i) => ({
            key: i % 3 === 0 ? null : `${i}`,
            value: `${i}`.repeat(i),
            timestampMs: AT + i,
          }));
          await stage.newProducer({ compression, enableIdempotence: false }).sendBatch(topic, records);
        }
        const consumer = await reader(stage, topic);
        const hasTimes = !isKept || format !== "0.9.0";
        assert.deepEqual(
          (await read(consumer, 60)).map(({ offset, key, value, timestamp }) => [
            offset,
            textOrNull(key),
            textOrNull(value),
            timestamp,
          ]),
          Array.from({ length: 60 }, (_, offset) => {
            const i = offset % 20;
            return [offset, i % 3 === 0 ? null : `${i}`, `${i}`.repeat(i), hasTimes ? AT + i : -1];
          }),
        );
        for (const offset of [7, 27, 47]) {
          consumer.seek({ topic, partition: 0 }, offset);
          assert.deepEqual(offsetsIn(await read(consumer, 2)), [offset, offset + 1]);
        }
      },
    );
  }

  contract("where the topic keeps the time of appending, it is that which records have", async (stage) => {
    const topic = await stage.topic({ configs: { "message.timestamp.type": "LogAppendTime" } });
    const told = await stage.newProducer({ compression: "gzip" }).sendBatch(topic, [
      { value: "a", timestampMs: AT },
      { value: "b", timestampMs: AT + 1000 },
    ]);
    const records = await read(await reader(stage, topic), 2);
    assert.deepEqual(
      records.map(({ timestamp, timestampType }) => [timestamp, timestampType]),
      told.map(({ timestamp }) => [timestamp, "LogAppendTime"]),
    );
    assert.ok((records[0]?.timestamp ?? 0) > AT);
  });

  contract("deserializers make keys and values of bytes, and get topic and headers", async (stage) => {
    const topic = await stage.topic();
    await stage.newProducer().send(topic, { key: "k", value: '{"a":1}', headers: [["h", "1"]] });
    const seen: unknown[] = [];
    const keyDeserializer = {
      deserialize: (bytes: Uint8Array | null, of: string, headers?: readonly RecordHeader[]): Promise<string> => {
        seen.push([of, headersOf(headers ?? [])]);
        return Promise.resolve(`${textOf(bytes)}!`);
      },
    };
    const consumer = stage.newConsumer({ keyDeserializer, valueDeserializer: json });
    consumer.assign([{ topic, partition: 0 }]);
    const [record] = await read(consumer, 1);
    assert.deepEqual([record?.key, record?.value, textOf(record?.rawKey)], ["k!", { a: 1 }, "k"]);
    assert.deepEqual(seen, [[topic, [["h", "1"]]]]);
  });

  contract("a record that cannot be deserialized is an error with its place and bytes, after those before it", async (stage) => {
    const topic = await stage.topic();
    await stage.produce(topic, 0, written('"a"', "no json", '"c"'));
    const consumer = stage.newConsumer({ keyDeserializer: strings, valueDeserializer: json });
    const place = { topic, partition: 0 };
    consumer.assign([place]);
    assert.deepEqual(valuesIn(await read(consumer, 1)), ["a"]);
    for (let times = 0; times < 3; times++) {
      const error = await refusalOf(consumer.poll({ timeoutMs: 10_000 }));
      assert.ok(error instanceof DeserializationError, error.message);
      assert.deepEqual([error.topic, error.partition, error.offset, textOf(error.value)], [topic, 0, 1, "no json"]);
      assert.equal(await consumer.position(place), 1);
    }
    consumer.seek(place, 2);
    assert.deepEqual(valuesIn(await read(consumer, 1)), ["c"]);
  });

  contract("of a compacted topic what is left is read, with its offsets", async (stage) => {
    const { brokers } = await stage.admin.describeCluster();
    const [told] = await stage.admin.describeConfigs([{ type: "broker", name: `${brokers[0]?.nodeId}` }]);
    assert.equal(told?.error === undefined && told?.configs.get("log.cleaner.enable")?.value, "true", "nothing is compacted here");
    const topic = await stage.topic({ configs: { ...COMPACTED, ...FOREVER } });
    const producer = stage.newProducer();
    const from = Date.now() - 1_000_000;
    // Each update is a segment of its own, by its time.
    for (let i = 0; i < UPDATES; i++) {
      await producer.send(topic, { key: `key ${i % KEYS}`, value: `${i}`, timestampMs: from + i * 10_000 });
    }
    const consumer = stage.newConsumer();
    const place = { topic, partition: 0 };
    consumer.assign([place]);
    await stage.eventually(async () => {
      consumer.seekToBeginning(place);
      const records = [];
      while ((await consumer.position(place)) < UPDATES) records.push(...(await consumer.poll({ timeoutMs: 1000 })));
      assert.deepEqual(offsetsIn(records), valuesIn(records).map(Number));
      assert.equal(new Set(records.slice(-KEYS).map(({ key }) => textOf(key))).size, KEYS);
      assert.ok(records.length < UPDATES, `${records.length} records: nothing has been compacted yet`);
    });
    // The middle of a gap is as good a place as any other.
    consumer.seek(place, 1);
    assert.ok((offsetsIn(await read(consumer, 1))[0] ?? 0) > 1);
  });
});
