// The ways to read: poll, record by record, batch by batch, by handing records to a function. None loses a record or gives one twice.

import assert from "node:assert/strict";
import { type Consumer, type ConsumerRecord, KafkaError, WakeupError } from "../../../../src/index.ts";
import { more, offsetsIn, placesOf, read, textOf, valuesIn, written } from "../consuming.ts";
import { type Chapter, chapter } from "../contract.ts";
import { refusalOf, refused } from "../refusal.ts";
import type { Stage } from "../stage.ts";

const PARTITIONS = 4;
const RECORDS = 500;

/** RECORDS records in each partition, in batches of ten. */
async function full(stage: Stage): Promise<string> {
  const topic = await stage.topic({ numPartitions: PARTITIONS });
  const producer = stage.newProducer({ compression: "gzip" });
  for (let start = 0; start < RECORDS; start += 50) {
    const records = Array.from({ length: 50 }, (_, i) => ({ value: `${start + i}` }));
    for (let partition = 0; partition < PARTITIONS; partition++) {
      await producer.sendBatch(
        topic,
        records.map((record) => ({ ...record, partition })),
      );
    }
  }
  return topic;
}

function readsAll(stage: Stage, topic: string): Consumer {
  const consumer = stage.newConsumer();
  consumer.assign(Array.from({ length: PARTITIONS }, (_, partition) => ({ topic, partition })));
  return consumer;
}

/** Every record once, those of a partition in their order, each with the value that was written there. */
class Seen {
  readonly #next = new Map<number, number>();
  #count = 0;

  add({ partition, offset, value }: Pick<ConsumerRecord, "partition" | "offset" | "value">): void {
    assert.equal(offset, this.#next.get(partition) ?? 0, `partition ${partition}`);
    assert.equal(textOf(value), `${offset}`);
    this.#next.set(partition, offset + 1);
    this.#count++;
  }

  get isAll(): boolean {
    return this.#count === RECORDS * PARTITIONS;
  }
}

export const consumerReading: Chapter = chapter("Consumer's reading", ({ contract }) => {
  contract("poll gives every record once, those of a partition in their order, and no more than were asked for", async (stage) => {
    const consumer = readsAll(stage, await full(stage));
    const seen = new Seen();
    for (const most of [1, 7, 499, 500]) {
      const records = await consumer.poll({ timeoutMs: 10_000, maxRecords: most });
      assert.ok(records.count >= 1 && records.count <= most, `${records.count} of at most ${most}`);
      for (const record of records) seen.add(record);
    }
    while (!seen.isAll) for (const record of await read(consumer, 1)) seen.add(record);
    assert.deepEqual(await more(consumer), []);
  });

  contract("a poll tells the records of each partition, and where it goes on", async (stage) => {
    const topic = await stage.topic({ numPartitions: 2 });
    for (const partition of [0, 1]) await stage.produce(topic, partition, written("a", "b"));
    const consumer = stage.newConsumer();
    consumer.assign([0, 1].map((partition) => ({ topic, partition })));
    const next = new Map<number, number>();
    for (let count = 0; count < 4; ) {
      const records = await consumer.poll({ timeoutMs: 10_000 });
      assert.ok(!records.isEmpty);
      for (const place of records.partitions()) {
        assert.ok(records.records(place).every(({ partition }) => partition === place.partition));
      }
      for (const { partition, offset } of records.nextOffsets()) next.set(partition, offset);
      assert.equal(records.records(topic).length, records.count);
      count += records.count;
    }
    assert.deepEqual([next.get(0), next.get(1)], [2, 2]);
  });

  contract("a poll without time gives what is there already, and one in vain ends in time with nothing", async (stage) => {
    const topic = await stage.topic();
    const consumer = stage.newConsumer();
    consumer.assign([{ topic, partition: 0 }]);
    assert.equal((await consumer.poll({ timeoutMs: 200 })).count, 0);
    await stage.produce(topic, 0, written("a", "b"));
    assert.deepEqual(valuesIn(await read(consumer, 1)), ["a"]);
    assert.deepEqual(valuesIn(await consumer.poll()), ["b"]);
  });

  contract("a record that comes while a poll waits ends it", async (stage) => {
    const topic = await stage.topic();
    const consumer = stage.newConsumer({ fetchMaxWaitMs: 5000 });
    consumer.assign([{ topic, partition: 0 }]);
    assert.deepEqual(await more(consumer), []);
    const polling = consumer.poll({ timeoutMs: 20_000 });
    await stage.produce(topic, 0, written("late"));
    assert.deepEqual(placesOf(await polling), ["0/0 late"]);
  });

  contract("one record after the other, and another loop goes on behind the last one", async (stage) => {
    const consumer = readsAll(stage, await full(stage));
    const seen = new Seen();
    for (let loops = 0; !seen.isAll; loops++) {
      let count = 0;
      for await (const record of consumer.iterate({ timeoutMs: 10_000 })) {
        seen.add(record);
        if (++count === 700 || seen.isAll) break;
      }
      assert.ok(count > 0, `the loop ended after ${loops} loops`);
    }
    assert.deepEqual(await more(consumer), []);
  });

  contract("a loop ends after consumerTimeoutMs without a record, and may be begun again", async (stage) => {
    const topic = await stage.topic();
    const consumer = stage.newConsumer({ consumerTimeoutMs: 500 });
    consumer.assign([{ topic, partition: 0 }]);
    const values: string[] = [];
    for (const value of ["a", "b"]) {
      await stage.produce(topic, 0, written(value));
      await stage.eventually(async () => {
        for await (const record of consumer) values.push(textOf(record.value));
        assert.equal(values.at(-1), value);
      });
    }
    assert.deepEqual(values, ["a", "b"]);
  });

  contract("batch by batch as they lie in the log", async (stage) => {
    const consumer = readsAll(stage, await full(stage));
    const seen = new Seen();
    for await (const batch of consumer.batches({ timeoutMs: 10_000 })) {
      const records = [...batch];
      assert.deepEqual(
        [records.length, records[0]?.offset, records.at(-1)?.offset],
        [batch.count, batch.firstOffset, batch.lastOffset],
      );
      assert.equal(records.length, 50);
      for (const record of records) seen.add(record);
      if (seen.isAll) break;
    }
    assert.ok(seen.isAll);
  });

  for (const concurrency of [1, 3]) {
    contract(`a function gets every record, ${concurrency} at a time, each partition in its order`, async (stage) => {
      const consumer = readsAll(stage, await full(stage));
      const seen = new Seen();
      const end = new AbortController();
      let [running, most] = [0, 0];
      await consumer.run({
        concurrency,
        signal: end.signal,
        eachRecord: async (record) => {
          most = Math.max(most, ++running);
          await Promise.resolve();
          seen.add(record);
          running--;
          if (seen.isAll) end.abort();
        },
      });
      assert.ok(seen.isAll);
      assert.ok(most <= concurrency, `${most} at once`);
    });
  }

  contract("a function gets batches", async (stage) => {
    const consumer = readsAll(stage, await full(stage));
    const seen = new Seen();
    const end = new AbortController();
    await consumer.run({
      signal: end.signal,
      concurrency: PARTITIONS,
      eachBatch: (batch) => {
        for (const record of batch) seen.add(record);
        if (seen.isAll) end.abort();
      },
    });
    assert.ok(seen.isAll);
  });

  contract("a function gets records of a key in their order, of several keys at a time", async (stage) => {
    const topic = await stage.topic();
    const keys = ["a", "b", "c"];
    const records = Array.from({ length: 300 }, (_, i) => ({ key: keys[i % 3] ?? "", value: `${i}` }));
    await stage.newProducer().sendBatch(topic, records);
    const consumer = stage.newConsumer();
    consumer.assign([{ topic, partition: 0 }]);
    const end = new AbortController();
    const [busy, seen] = [new Set<string>(), new Map<string, number[]>()];
    let count = 0;
    await consumer.run({
      orderBy: "key",
      concurrency: 8,
      signal: end.signal,
      eachRecord: async ({ key, value }) => {
        const name = textOf(key);
        assert.ok(!busy.has(name), `two of ${name} at a time`);
        busy.add(name);
        await new Promise(setImmediate);
        busy.delete(name);
        seen.set(name, [...(seen.get(name) ?? []), Number(textOf(value))]);
        if (++count === records.length) end.abort();
      },
    });
    for (const [i, key] of keys.entries()) {
      assert.deepEqual(
        seen.get(key),
        Array.from({ length: 100 }, (_, n) => n * 3 + i),
      );
    }
  });

  contract("closing ends a run, when its function has finished what it had", async (stage) => {
    const topic = await stage.topic();
    await stage.produce(topic, 0, written("a", "b", "c"));
    const consumer = stage.newConsumer();
    consumer.assign([{ topic, partition: 0 }]);
    const values: string[] = [];
    let closing: Promise<void> | undefined;
    await consumer.run({
      eachRecord: async ({ value }) => {
        closing ??= consumer.close();
        await new Promise(setImmediate);
        values.push(textOf(value));
      },
    });
    await closing;
    assert.deepEqual(values, ["a"]);
  });

  contract("records that are written while they are read all come, once and in their order", async (stage) => {
    const topic = await stage.topic({ numPartitions: 2 });
    const consumer = stage.newConsumer();
    consumer.subscribe(topic);
    const producer = stage.newProducer({ batchSize: 500 });
    const sending = Promise.all(
      Array.from({ length: 2000 }, (_, i) => producer.send(topic, { value: `${Math.floor(i / 2)}`, partition: i % 2 })),
    );
    const records = await read(consumer, 2000);
    await sending;
    for (const partition of [0, 1]) {
      const values = valuesIn(records.filter((record) => record.partition === partition));
      assert.deepEqual(
        values,
        Array.from({ length: 1000 }, (_, i) => `${i}`),
      );
    }
    assert.deepEqual(await more(consumer), []);
  });

  contract("what a function throws ends its run, and whoever reads next begins with the record that failed", async (stage) => {
    const topic = await stage.topic();
    await stage.produce(topic, 0, written("a", "b", "c"));
    const consumer = stage.newConsumer();
    consumer.assign([{ topic, partition: 0 }]);
    const failure = new Error("not this one");
    const running = consumer.run({
      eachRecord: ({ value }) => {
        if (textOf(value) === "b") throw failure;
      },
    });
    await assert.rejects(running, failure);
    assert.deepEqual(valuesIn(await read(consumer, 2)), ["b", "c"]);
  });

  contract("wakeup interrupts whoever reads, and nothing is lost by it", async (stage) => {
    const topic = await stage.topic();
    const consumer = stage.newConsumer();
    consumer.assign([{ topic, partition: 0 }]);
    const polling = refusalOf(consumer.poll({ timeoutMs: 20_000 }));
    consumer.wakeup();
    assert.ok((await polling) instanceof WakeupError);
    await stage.produce(topic, 0, written("a"));
    assert.deepEqual(valuesIn(await read(consumer, 1)), ["a"]);
  });

  contract("closing ends loops and refuses what comes later, and may be done twice", async (stage) => {
    const topic = await stage.topic();
    await stage.produce(topic, 0, written("a"));
    const consumer = stage.newConsumer();
    consumer.assign([{ topic, partition: 0 }]);
    const values: string[] = [];
    for await (const { value } of consumer) {
      values.push(textOf(value));
      void consumer.close();
    }
    assert.deepEqual(values, ["a"]);
    await consumer.close();
    await refused("CLOSED", consumer.poll());
    assert.throws(() => consumer.seek({ topic, partition: 0 }, 0), KafkaError);
  });

  contract("records larger than what a fetch may bring are read all the same", async (stage) => {
    const topic = await stage.topic();
    const producer = stage.newProducer();
    for (const letter of ["a", "b", "c"]) await producer.send(topic, { value: letter.repeat(100_000) });
    const consumer = stage.newConsumer({ maxPartitionFetchBytes: 1000, fetchMaxBytes: 1000 });
    consumer.assign([{ topic, partition: 0 }]);
    const records = await read(consumer, 3);
    assert.deepEqual(
      records.map(({ value }) => [textOf(value).length, textOf(value)[0]]),
      [
        [100_000, "a"],
        [100_000, "b"],
        [100_000, "c"],
      ],
    );
  });

  contract("a hundred partitions are read, none is forgotten", async (stage) => {
    const topic = await stage.topic({ numPartitions: 100 });
    const producer = stage.newProducer();
    const sent = Array.from({ length: 1000 }, (_, i) => ({ value: `${i}`, partition: i % 100 }));
    await producer.sendBatch(topic, sent);
    const consumer = stage.newConsumer({ fetchMaxBytes: 2000, maxPartitionFetchBytes: 500 });
    consumer.subscribe(topic);
    const records = await read(consumer, 1000);
    assert.equal(new Set(valuesIn(records)).size, 1000);
    assert.deepEqual(new Set(records.map(({ partition }) => partition)).size, 100);
  });

  contract("without fetch sessions the same is read", async (stage) => {
    const topic = await stage.topic({ numPartitions: 3 });
    const consumer = stage.newConsumer({ enableIncrementalFetchSessions: false });
    consumer.subscribe(topic);
    for (const partition of [2, 0, 1, 2]) {
      await stage.produce(topic, partition, written("x"));
      assert.deepEqual(
        (await read(consumer, 1)).map((record) => record.partition),
        [partition],
      );
    }
  });

  contract("who waits for many bytes gets them together", async (stage) => {
    const topic = await stage.topic();
    const consumer = stage.newConsumer({ fetchMinBytes: 100_000, fetchMaxWaitMs: 20_000 });
    consumer.assign([{ topic, partition: 0, offset: 0 }]);
    assert.deepEqual(await more(consumer), []);
    await stage.produce(topic, 0, written("little"));
    assert.deepEqual(await more(consumer), []);
    await stage.produce(topic, 0, written("much".repeat(30_000)));
    assert.deepEqual(offsetsIn(await read(consumer, 2)), [0, 1]);
  });
});
