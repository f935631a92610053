// How records are sent: in which order, together with which others, and when they count as sent.

import assert from "node:assert/strict";
import { type KafkaError, type RecordMetadata, SendBatchError } from "../../../../src/index.ts";
import { type Chapter, chapter } from "../contract.ts";
import { type LoggedRecord, readLog, valuesOf } from "../log-reading.ts";
import { refusalOf, refused } from "../refusal.ts";
import type { Stage } from "../stage.ts";

const NEVER_MS = 100_000;
const NOBODY = -1n;

function numbered(count: number, bytes = 10): readonly { readonly value: string }[] {
  return Array.from({ length: count }, (_, i) => ({ value: `${i}`.padEnd(bytes, ".") }));
}

function values(records: readonly { readonly value: string }[]): readonly string[] {
  return records.map(({ value }) => value);
}

function batchesIn(log: readonly LoggedRecord[]): number {
  return new Set(log.map(({ baseOffset }) => baseOffset)).size;
}

export const producerSending: Chapter = chapter("Producer", ({ contract }) => {
  contract("a thousand sends that nobody waits for are written in their order, at consecutive offsets", async (stage) => {
    const topic = await stage.topic();
    const producer = stage.newProducer({ batchSize: 500 });
    const records = numbered(1000);
    const told = await Promise.all(records.map((record) => producer.send(topic, record)));
    assert.deepEqual(
      told.map(({ offset }) => offset),
      records.map((_, i) => i),
    );
    const log = await readLog(stage, topic);
    assert.deepEqual(
      log.map(({ value }) => value),
      values(records),
    );
    assert.ok(batchesIn(log) > 10, `they came in ${batchesIn(log)} batches`);
  });

  contract("sendBatch tells the places in the order of the records, over several partitions", async (stage) => {
    const topic = await stage.topic({ numPartitions: 3 });
    const records = numbered(30).map((record, i) => ({ ...record, partition: i % 3 }));
    const told = await stage.newProducer().sendBatch(topic, records);
    assert.deepEqual(
      told.map(({ partition, offset }) => [partition, offset]),
      records.map(({ partition }, i) => [partition, Math.floor(i / 3)]),
    );
    assert.deepEqual(await stage.newProducer().sendBatch(topic, []), []);
  });

  contract("sendBatch takes more than fits into a request, or into the memory", async (stage) => {
    const topic = await stage.topic();
    const records = numbered(3000, 1000);
    const producer = stage.newProducer({ maxRequestSize: 100_000, bufferMemory: 500_000 });
    const told = await producer.sendBatch(topic, records);
    assert.equal(told.at(-1)?.offset, 2999);
    assert.deepEqual(await valuesOf(stage, topic), values(records));
  });

  contract("produce tells each callback once, in the order of sending, and says when the memory is full", async (stage) => {
    const topic = await stage.topic();
    const producer = stage.newProducer({ bufferMemory: 50_000, maxRequestSize: 20_000 });
    const records = numbered(300, 1000);
    const told: (KafkaError | RecordMetadata | undefined)[] = [];
    let refusals = 0;
    for (const record of records) {
      const before = told.length;
      while (!producer.produce(topic, record, (error, metadata) => told.push(error ?? metadata))) {
        refusals += 1;
        await producer.ready();
      }
      if (refusals === 0) assert.equal(told.length, before);
    }
    await producer.flush();
    assert.ok(refusals > 0, "300,000 bytes were taken at once into a memory of 50,000");
    assert.deepEqual(
      told.map((it) => (it !== undefined && "offset" in it ? it.offset : it)),
      records.map((_, i) => i),
    );
    assert.deepEqual(await valuesOf(stage, topic), values(records));
  });

  contract("sending waits for memory, and nothing is lost or out of order", async (stage) => {
    const topic = await stage.topic();
    const producer = stage.newProducer({ bufferMemory: 40_000, maxRequestSize: 20_000, batchSize: 4000 });
    const records = numbered(500, 500);
    const told = await Promise.all(records.map((record) => producer.send(topic, record)));
    assert.deepEqual(
      told.map(({ offset }) => offset),
      records.map((_, i) => i),
    );
    assert.deepEqual(await valuesOf(stage, topic), values(records));
  });

  for (const acks of ["all", -1, 1] as const) {
    contract(`with acks ${acks} the offset is told`, async (stage) => {
      const topic = await stage.topic();
      const told = await stage.newProducer({ acks }).sendBatch(topic, numbered(3));
      assert.deepEqual(
        told.map(({ offset }) => offset),
        [0, 1, 2],
      );
      assert.deepEqual(await valuesOf(stage, topic), values(numbered(3)));
    });
  }

  contract("with acks 0 nobody tells the offset, and the records are written in their order all the same", async (stage) => {
    const topic = await stage.topic();
    const producer = stage.newProducer({ acks: 0, batchSize: 100 });
    const told = await producer.sendBatch(topic, numbered(100));
    assert.deepEqual([...new Set(told.map(({ offset }) => offset))], [-1]);
    await producer.close();
    await stage.eventually(async () => assert.equal((await readLog(stage, topic)).length, 100));
    assert.deepEqual(await valuesOf(stage, topic), values(numbered(100)));
  });

  contract("batches tell who has sent them, unless idempotence is off", async (stage) => {
    const topic = await stage.topic();
    const producers = [stage.newProducer(), stage.newProducer(), stage.newProducer({ enableIdempotence: false })];
    for (const producer of producers) await producer.send(topic, { value: "it" });
    const [first, second, third] = (await readLog(stage, topic)).map(({ producerId }) => producerId);
    assert.ok(first !== undefined && first > NOBODY && second !== undefined && second > NOBODY && first !== second);
    assert.equal(third, NOBODY);
  });

  contract("twenty producers at once write each record once", async (stage) => {
    const topic = await stage.topic();
    const producers = Array.from({ length: 20 }, () => stage.newProducer());
    const told = await Promise.all(producers.map((producer, i) => producer.send(topic, { value: `${i}` })));
    assert.deepEqual(
      told.map(({ offset }) => offset).toSorted((a, b) => a - b),
      producers.map((_, i) => i),
    );
    const log = await readLog(stage, topic);
    assert.deepEqual(
      told.map(({ offset }) => log[offset]?.value),
      producers.map((_, i) => `${i}`),
    );
  });

  contract("records that linger share a batch, and flush sends them at once", async (stage) => {
    const topic = await stage.topic();
    const producer = stage.newProducer({ lingerMs: NEVER_MS, deliveryTimeoutMs: 2 * NEVER_MS });
    const sent = Array.from({ length: 50 }, (_, i) => producer.send(topic, { value: `${i}` }));
    await producer.flush();
    assert.equal((await Promise.all(sent)).length, 50);
    assert.equal(batchesIn(await readLog(stage, topic)), 1);
    await producer.flush();
  });

  contract("records that are sent in the same moment share a batch without lingering", async (stage) => {
    const topic = await stage.topic();
    const producer = stage.newProducer();
    await producer.partitionsFor(topic);
    await Promise.all(numbered(50).map((record) => producer.send(topic, record)));
    assert.equal(batchesIn(await readLog(stage, topic)), 1);
  });

  contract("with batchSize 0 each record is a batch by itself", async (stage) => {
    const topic = await stage.topic();
    await stage.newProducer({ batchSize: 0 }).sendBatch(topic, numbered(20));
    const log = await readLog(stage, topic);
    assert.deepEqual([log.length, batchesIn(log)], [20, 20]);
  });

  contract("a record may be as large as a request may be, and not larger", async (stage) => {
    const topic = await stage.topic();
    const producer = stage.newProducer({ maxRequestSize: 500_000 });
    const told = await producer.send(topic, { value: "x".repeat(499_900) });
    assert.equal(told.serializedValueSize, 499_900);
    const error = await refused("MESSAGE_TOO_LARGE", producer.send(topic, { value: "x".repeat(500_000) }));
    assert.deepEqual([error.name, error.verdict, error.retriable], ["RecordTooLargeError", "not persisted", false]);
    assert.throws(() => producer.produce(topic, { value: "x".repeat(500_000) }), { name: "RecordTooLargeError" });
    assert.equal((await producer.send(topic, { value: "next" })).offset, 1);
  });

  for (const [kind, options] of [
    ["an idempotent producer", {}],
    // With more in flight, what is sent again may come behind what was sent later.
    ["another one with one request in flight", { enableIdempotence: false, maxInFlightRequestsPerConnection: 1 }],
  ] as const) {
    contract(`batches that the topic finds too large are split, in order with ${kind}`, async (stage) => {
      const topic = await stage.topic({ configs: { "max.message.bytes": "5000" } });
      const producer = stage.newProducer({ batchSize: 100_000, ...options });
      const records = numbered(300, 300);
      const told = await Promise.all(records.map((record) => producer.send(topic, record)));
      assert.deepEqual(
        told.map(({ offset }) => offset),
        records.map((_, i) => i),
      );
      assert.deepEqual(await valuesOf(stage, topic), values(records));
    });
  }

  for (const compression of ["gzip", "snappy", "lz4", "zstd"] as const) {
    const split = async (stage: Stage): Promise<void> => {
      const topic = await stage.topic({ configs: { "max.message.bytes": "3000" } });
      const producer = stage.newProducer({ batchSize: 200_000, compression });
      const records = Array.from({ length: 400 }, (_, i) => ({ value: `${i} ${(i * 2_654_435_761) % 4_294_967_296}`.repeat(4) }));
      await producer.sendBatch(topic, records);
      assert.deepEqual(await valuesOf(stage, topic), values(records));
    };
    contract(`batches that are too large with ${compression} are split as well`, split, {
      needs: compression === "zstd" ? "zstd" : [],
    });
  }

  contract("batches larger than a segment of the topic are split, and only a record that is larger fails", async (stage) => {
    const topic = await stage.topic({ configs: { "segment.bytes": "1048576", "max.message.bytes": "9000000" } });
    const producer = stage.newProducer({ batchSize: 8_000_000, maxRequestSize: 8_000_000 });
    const small = Array.from({ length: 10 }, (_, i) => ({ value: `${i} ${"x".repeat(200_000)}` }));
    const sent = small.map((record) => producer.send(topic, record));
    await refused("RECORD_LIST_TOO_LARGE", producer.send(topic, { value: "y".repeat(1_100_000) }));
    await Promise.all(sent);
    assert.equal((await producer.send(topic, { value: "next" })).offset, 10);
    assert.deepEqual(await valuesOf(stage, topic), [...values(small), "next"]);
  });

  contract("of records that share a batch, only the one that the topic finds too large fails", async (stage) => {
    const topic = await stage.topic({ configs: { "max.message.bytes": "1000" } });
    const producer = stage.newProducer();
    const records = [{ value: "a" }, { value: "x".repeat(2000) }, { value: "b" }];
    const error = await refusalOf(producer.sendBatch(topic, records));
    assert.ok(error instanceof SendBatchError);
    assert.deepEqual(
      error.failures.map((failure) => [failure.index, failure.error.code, failure.error.verdict]),
      [[1, "MESSAGE_TOO_LARGE", "not persisted"]],
    );
    assert.deepEqual(
      error.results.map((result) => result?.offset),
      [0, undefined, 1],
    );
    assert.deepEqual(await valuesOf(stage, topic), ["a", "b"]);
    assert.equal((await producer.send(topic, { value: "c" })).offset, 2);
  });

  contract(
    "a compacted topic takes no record without a key, and it is told which one that was",
    async (stage) => {
      const topic = await stage.topic({ configs: { "cleanup.policy": "compact" } });
      const producer = stage.newProducer();
      const error = await refusalOf(
        producer.sendBatch(topic, [{ key: "a", value: "1" }, { value: "2" }, { key: "b", value: "3" }]),
      );
      assert.ok(error instanceof SendBatchError, error.message);
      assert.deepEqual(
        error.failures.map((failure) => [failure.index, failure.error.code, failure.error.verdict]),
        [0, 1, 2].map((index) => [index, "INVALID_RECORD", "not persisted"]),
      );
      const notes = error.failures.map((failure) => failure.error.message.includes("this record was not the reason"));
      assert.deepEqual(notes, [true, false, true]);
      await refused("INVALID_RECORD", producer.send(topic, { value: "2" }));
      assert.equal((await producer.send(topic, { key: "a", value: "1" })).offset, 0);
    },
    { needs: "invalid records named" },
  );

  contract("a topic is created by sending to it, where broker and producer allow that", async (stage) => {
    const topic = stage.uniqueName();
    const told = await stage.newProducer().send(topic, { value: "it" });
    assert.deepEqual([told.topic, told.partition, told.offset], [topic, 0, 0]);
    assert.deepEqual(await valuesOf(stage, topic), ["it"]);
  });

  contract("a topic that there is not is waited for, and named when the time is over", async (stage) => {
    const topic = stage.uniqueName();
    const producer = stage.newProducer({ allowAutoCreateTopics: false });
    const error = await refusalOf(producer.send(topic, { value: "it" }, { timeoutMs: 500 }));
    assert.equal(error.verdict, "not persisted");
    assert.ok(error.message.includes(topic), error.message);
    const later = producer.send(topic, { value: "it" });
    await stage.admin.createTopics([{ name: topic, numPartitions: 1, replicationFactor: 1 }]);
    assert.equal((await later).offset, 0);
    assert.equal((await refusalOf(producer.partitionsFor(stage.uniqueName("none"), { timeoutMs: 500 }))).retriable, true);
  });

  contract("a name that no topic can have is refused at once", async (stage) => {
    const producer = stage.newProducer();
    for (const name of ["not a legal name", "x".repeat(250), ".."]) {
      const error = await refused("INVALID_TOPIC_EXCEPTION", producer.send(name, { value: "it" }));
      assert.equal(error.verdict, "not persisted");
    }
  });

  contract("partitionsFor tells leaders and replicas, in the order of the partitions", async (stage) => {
    const topic = await stage.topic({ numPartitions: 3 });
    const producer = stage.newProducer();
    const partitions = await producer.partitionsFor(topic);
    const [broker] = (await stage.admin.describeCluster()).brokers;
    const id = broker?.nodeId;
    assert.deepEqual(
      partitions.map(({ partition, leader, replicas, inSyncReplicas }) => [partition, leader, replicas, inSyncReplicas]),
      [0, 1, 2].map((partition) => [partition, id, [id], [id]]),
    );
    assert.equal(producer.bootstrapConnected(), true);
  });

  contract("close delivers what was sent, and afterwards nothing is taken", async (stage) => {
    const topic = await stage.topic();
    const producer = stage.newProducer({ lingerMs: NEVER_MS, deliveryTimeoutMs: 2 * NEVER_MS });
    const sent = numbered(10).map((record) => producer.send(topic, record));
    await producer.close();
    assert.deepEqual(
      (await Promise.all(sent)).map(({ offset }) => offset),
      numbered(10).map((_, i) => i),
    );
    const error = await refusalOf(producer.send(topic, { value: "late" }));
    assert.deepEqual([error.name, error.verdict], ["ClosedError", "not persisted"]);
    assert.throws(() => producer.produce(topic, { value: "late" }), { name: "ClosedError" });
    await producer.close();
    assert.equal((await readLog(stage, topic)).length, 10);
  });

  contract("a topic that was deleted and created again is written to from its beginning", async (stage) => {
    const topic = await stage.topic();
    const producer = stage.newProducer();
    await producer.sendBatch(topic, numbered(5));
    await stage.admin.deleteTopics([topic]);
    await stage.eventually(async () => stage.admin.createTopics([{ name: topic, numPartitions: 1, replicationFactor: 1 }]));
    await stage.untilLed(topic, 1);
    const told = await producer.sendBatch(topic, [{ value: "new 0" }, { value: "new 1" }]);
    assert.deepEqual(
      told.map(({ offset }) => offset),
      [0, 1],
    );
    assert.deepEqual(await valuesOf(stage, topic), ["new 0", "new 1"]);
  });

  contract("a call that is aborted ends, and the producer goes on", async (stage) => {
    const producer = stage.newProducer({ allowAutoCreateTopics: false });
    const abort = new AbortController();
    const sent = producer.send(stage.uniqueName("none"), { value: "it" }, { signal: abort.signal });
    abort.abort(new Error("not needed any more"));
    await assert.rejects(sent, /not needed any more/);
    const topic = await stage.topic();
    assert.equal((await producer.send(topic, { value: "it" })).offset, 0);
  });

  contract("metrics count what was sent", async (stage) => {
    const topic = await stage.topic();
    const producer = stage.newProducer();
    await producer.sendBatch(topic, numbered(7));
    const { "record-send-total": total } = producer.metrics()["producer-metrics"] ?? {};
    assert.equal(total, 7);
  });
});
