// What is in a record that a producer sends, and that all of it arrives.

import assert from "node:assert/strict";
import { json, type ProducerOptions, strings } from "../../../../src/index.ts";
import { partitionForKey } from "../../../../src/protocol/index.ts";
import { isAtLeast } from "../../../support/kafka/old-kafka-mode.ts";
import type { Capability } from "../cannot-do.ts";
import { type Chapter, chapter } from "../contract.ts";
import { readLog } from "../log-reading.ts";
import { refusalOf, refused } from "../refusal.ts";
import type { Stage } from "../stage.ts";

const AT = 1_700_000_000_000;
/** The times are of 2023, which is longer ago than a broker keeps records. */
const FOREVER = { "retention.ms": "-1" } as const;

interface CodecCase {
  readonly codec: NonNullable<ProducerOptions["compression"]>;
  readonly levels: readonly number[];
  readonly needs: readonly Capability[];
}

const CODECS: readonly CodecCase[] = [
  { codec: "none", levels: [], needs: [] },
  { codec: "gzip", levels: [1, 9], needs: [] },
  { codec: "snappy", levels: [], needs: [] },
  { codec: "lz4", levels: [1, 17], needs: [] },
  { codec: "zstd", levels: [-7, 1, 19], needs: ["zstd"] },
];

/** All sorts of records in one batch, so that a reader has to find the end of each. */
const RECORDS = Array.from({ length: 200 }, (_, i) => ({
  key: i % 7 === 0 ? null : `key ${i}`,
  value: i % 11 === 0 ? null : `größer ${i} `.repeat(i % 40),
  headers: Array.from({ length: i % 3 }, (_header, n) => ["same", n === 1 ? null : `${i}`] as const),
  timestampMs: AT + ((i * 7919) % 100_000),
}));

async function sendsWith(stage: Stage, topic: string, options: Partial<ProducerOptions>): Promise<void> {
  const producer = stage.newProducer({ batchSize: 1_000_000, ...options });
  const told = await producer.sendBatch(topic, RECORDS);
  const { compression = "none" } = options;
  const log = await readLog(stage, topic);
  assert.deepEqual(
    log.map(({ key, value, headers, timestamp, timestampType }) => ({ key, value, headers, timestamp, timestampType })),
    RECORDS.map(({ timestampMs, ...rest }) => ({ ...rest, timestamp: timestampMs, timestampType: "CreateTime" })),
  );
  assert.deepEqual(
    told.map(({ offset, timestamp }) => [offset, timestamp]),
    RECORDS.map(({ timestampMs }, i) => [i, timestampMs]),
  );
  assert.deepEqual([...new Set(log.map((record) => record.compression))], [compression]);
}

export const producerRecords: Chapter = chapter("Producer's records", ({ contract }) => {
  contract("a record is written with its key, value, headers and time, and its place is told", async (stage) => {
    const topic = await stage.topic({ numPartitions: 2, configs: FOREVER });
    const record = { key: "größe", value: "42 €", headers: [["trace", "abc"] as const], partition: 1, timestampMs: AT };
    const told = await stage.newProducer().send(topic, record);
    assert.deepEqual(told, { topic, partition: 1, offset: 0, timestamp: AT, serializedKeySize: 7, serializedValueSize: 6 });
    const [written] = await readLog(stage, topic, 1);
    assert.deepEqual(
      [written?.key, written?.value, written?.headers, written?.timestamp, written?.timestampType],
      ["größe", "42 €", [["trace", "abc"]], AT, "CreateTime"],
    );
  });

  contract("keys and values may be null or empty, which is not the same", async (stage) => {
    const topic = await stage.topic();
    const records = [
      { key: null, value: null },
      { key: "", value: "" },
      {},
      { key: "tombstone", value: null },
      { key: new Uint8Array(), value: new Uint8Array() },
    ];
    const told = await stage.newProducer().sendBatch(topic, records);
    assert.deepEqual(
      told.map(({ serializedKeySize, serializedValueSize }) => [serializedKeySize, serializedValueSize]),
      [
        [-1, -1],
        [0, 0],
        [-1, -1],
        [9, -1],
        [0, 0],
      ],
    );
    assert.deepEqual(
      (await readLog(stage, topic)).map(({ key, value }) => [key, value]),
      [
        [null, null],
        ["", ""],
        [null, null],
        ["tombstone", null],
        ["", ""],
      ],
    );
  });

  contract("headers keep their order, may repeat, and may have null, empty and binary values", async (stage) => {
    const topic = await stage.topic();
    const pairs = [
      ["b", "1"],
      ["a", null],
      ["b", ""],
      ["", "no name"],
      ["b", new Uint8Array([0x31, 0x32])],
    ] as const;
    const producer = stage.newProducer();
    await producer.send(topic, { value: "pairs", headers: pairs });
    await producer.send(topic, { value: "a map", headers: new Map([["x", "1"]]) });
    await producer.send(topic, { value: "an object", headers: { many: ["1", null], one: "2" } });
    assert.deepEqual(
      (await readLog(stage, topic)).map(({ headers }) => headers),
      [
        [
          ["b", "1"],
          ["a", null],
          ["b", ""],
          ["", "no name"],
          ["b", "12"],
        ],
        [["x", "1"]],
        [
          ["many", "1"],
          ["many", null],
          ["one", "2"],
        ],
      ],
    );
  });

  for (const { codec, levels, needs } of CODECS) {
    contract(
      `records of all sorts arrive as they were, with compression ${codec}`,
      async (stage) => {
        await sendsWith(stage, await stage.topic({ configs: FOREVER }), { compression: codec });
        for (const compressionLevel of levels) {
          await sendsWith(stage, await stage.topic({ configs: FOREVER }), { compression: codec, compressionLevel });
        }
      },
      { needs },
    );
  }

  contract("a topic that has a codec of its own keeps records in that one", async (stage) => {
    const topic = await stage.topic({ configs: { "compression.type": "gzip" } });
    await stage.newProducer({ compression: "lz4" }).send(topic, { value: "it ".repeat(1000) });
    const [written] = await readLog(stage, topic);
    assert.deepEqual([written?.compression, written?.value], ["gzip", "it ".repeat(1000)]);
  });

  contract("a batch that compression would not make smaller arrives as well", async (stage) => {
    const topic = await stage.topic();
    const value = new Uint8Array(10_000).map((_, i) => (i * i * 31 + i * 7 + (i >> 3)) & 0x7f);
    for (const compression of ["gzip", "snappy", "lz4"] as const) await stage.newProducer({ compression }).send(topic, { value });
    const text = new TextDecoder().decode(value);
    assert.deepEqual(
      (await readLog(stage, topic)).map((record) => record.value === text),
      [true, true, true],
    );
  });

  contract("the time of a record is that of sending, unless it has one", async (stage) => {
    const topic = await stage.topic({ configs: FOREVER });
    const producer = stage.newProducer();
    const before = Date.now();
    const now = await producer.send(topic, { value: "now" });
    const after = Date.now();
    assert.ok(now.timestamp >= before && now.timestamp <= after, `${now.timestamp} is not from ${before} to ${after}`);
    assert.equal((await producer.send(topic, { value: "then", timestampMs: AT })).timestamp, AT);
    assert.equal((await producer.send(topic, { value: "long ago", timestampMs: 0 })).timestamp, 0);
    assert.deepEqual(
      (await readLog(stage, topic)).map(({ timestamp }) => timestamp),
      [now.timestamp, AT, 0],
    );
  });

  contract("where the topic keeps the time of appending, it is that which is told", async (stage) => {
    const topic = await stage.topic({ configs: { "message.timestamp.type": "LogAppendTime" } });
    const told = await stage.newProducer().sendBatch(topic, [
      { value: "a", timestampMs: AT },
      { value: "b", timestampMs: AT + 1000 },
    ]);
    const log = await readLog(stage, topic);
    assert.deepEqual(
      log.map(({ timestamp, timestampType }) => [timestamp, timestampType]),
      told.map(({ timestamp }) => [timestamp, "LogAppendTime"]),
    );
    assert.ok((log[0]?.timestamp ?? 0) > AT);
  });

  contract("a time that the topic does not take is refused, and nothing is written", async (stage) => {
    const limit = isAtLeast(stage.broker.release, "3.6")
      ? "message.timestamp.before.max.ms"
      : "message.timestamp.difference.max.ms";
    const topic = await stage.topic({ configs: { [limit]: "60000" } });
    const producer = stage.newProducer();
    const error = await refused("INVALID_TIMESTAMP", producer.send(topic, { value: "old", timestampMs: AT }));
    assert.equal(error.verdict, "not persisted");
    assert.equal((await producer.send(topic, { value: "new" })).offset, 0);
  });

  contract("a record goes to the partition that it names", async (stage) => {
    const topic = await stage.topic({ numPartitions: 4 });
    const producer = stage.newProducer();
    const told = await producer.sendBatch(
      topic,
      [3, 0, 3, 2].map((partition) => ({ key: "same key", value: "it", partition })),
    );
    assert.deepEqual(
      told.map(({ partition, offset }) => [partition, offset]),
      [
        [3, 0],
        [0, 0],
        [3, 1],
        [2, 0],
      ],
    );
  });

  contract("a partition that there is not is refused", async (stage) => {
    const topic = await stage.topic({ numPartitions: 2 });
    const producer = stage.newProducer();
    for (const partition of [2, -1, 0.5]) {
      const error = await refusalOf(producer.send(topic, { value: "nowhere", partition }));
      assert.equal(error.verdict, "not persisted");
    }
    assert.equal((await producer.send(topic, { value: "it", partition: 1 })).offset, 0);
  });

  contract(
    "a partition that was added is found by naming it",
    async (stage) => {
      const topic = await stage.topic();
      const producer = stage.newProducer();
      await producer.send(topic, { value: "it" });
      await stage.admin.createPartitions({ [topic]: 3 });
      await stage.untilLed(topic, 3);
      assert.equal((await producer.send(topic, { value: "it", partition: 2 })).partition, 2);
    },
    { needs: "added partitions" },
  );

  contract("keys decide the partition as in Java, whatever their type", async (stage) => {
    const topic = await stage.topic({ numPartitions: 7 });
    const keys = Array.from({ length: 50 }, (_, i) => `key-${i}-ü`);
    const producer = stage.newProducer();
    const asText = await producer.sendBatch(
      topic,
      keys.map((key) => ({ key, value: "it" })),
    );
    const asBytes = await producer.sendBatch(
      topic,
      keys.map((key) => ({ key: new TextEncoder().encode(key), value: "it" })),
    );
    const wanted = keys.map((key) => partitionForKey(new TextEncoder().encode(key), 7));
    assert.deepEqual(
      asText.map(({ partition }) => partition),
      wanted,
    );
    assert.deepEqual(
      asBytes.map(({ partition }) => partition),
      wanted,
    );
  });

  contract("serializers make bytes of keys and values", async (stage) => {
    const topic = await stage.topic();
    const producer = stage.newProducer<string, { readonly n: number }>({ keySerializer: strings, valueSerializer: json });
    await producer.send(topic, { key: "a", value: { n: 1 } });
    await producer.send(topic, { key: "a", value: null });
    assert.deepEqual(
      (await readLog(stage, topic)).map(({ key, value }) => [key, value]),
      [
        ["a", '{"n":1}'],
        ["a", null],
      ],
    );
  });
});
