// What consumers see of transactions.

import assert from "node:assert/strict";
import type { Consumer, ConsumerOptions, Producer } from "../../../../src/index.ts";
import { more, offsetsIn, placesOf, read, valuesIn, written } from "../consuming.ts";
import { type Chapter, chapter } from "../contract.ts";
import { untilAllEnded } from "../log-reading.ts";
import type { Stage } from "../stage.ts";

async function transactional(stage: Stage): Promise<Producer> {
  const producer = stage.newProducer({ transactionalId: stage.uniqueName("producer") });
  await producer.initTransactions();
  return producer;
}

type End = "commitTransaction" | "abortTransaction";

async function transaction(producer: Producer, end: End, topic: string, ...values: readonly string[]): Promise<void> {
  producer.beginTransaction();
  await producer.sendBatch(topic, written(...values));
  await producer[end]();
}

function readerOf(stage: Stage, topic: string, options: Partial<ConsumerOptions> = {}): Consumer {
  const consumer = stage.newConsumer({ isolationLevel: "read_committed", ...options });
  consumer.assign([{ topic, partition: 0 }]);
  return consumer;
}

export const consumerTransactions: Chapter = chapter("Consumer's transactions", ({ contract }) => {
  contract("with read_committed what was committed is read, and nothing that was aborted", async (stage) => {
    const topic = await stage.topic();
    const producer = await transactional(stage);
    await transaction(producer, "commitTransaction", topic, "a", "b");
    await transaction(producer, "abortTransaction", topic, "not c");
    await transaction(producer, "commitTransaction", topic, "d");
    await untilAllEnded(stage, topic);
    const consumer = readerOf(stage, topic);
    assert.deepEqual(placesOf(await read(consumer, 3)), ["0/0 a", "0/1 b", "0/5 d"]);
    assert.deepEqual(await more(consumer), []);
  });

  contract("with read_uncommitted all of it is read, and no marker", async (stage) => {
    const topic = await stage.topic();
    const producer = await transactional(stage);
    await transaction(producer, "abortTransaction", topic, "a");
    await transaction(producer, "commitTransaction", topic, "b");
    producer.beginTransaction();
    await producer.send(topic, { value: "c" });
    const consumer = readerOf(stage, topic, { isolationLevel: "read_uncommitted" });
    assert.deepEqual(placesOf(await read(consumer, 3)), ["0/0 a", "0/2 b", "0/4 c"]);
    assert.deepEqual(await more(consumer), []);
  });

  contract(
    "two transactions of one producer that were aborted are both left out of one answer, what lies between is read",
    async (stage) => {
      const topic = await stage.topic();
      const producer = await transactional(stage);
      for (let i = 0; i < 3; i++) {
        await transaction(producer, "abortTransaction", topic, `not ${i}`, "nor this");
        await transaction(producer, "commitTransaction", topic, `${i}`);
      }
      await untilAllEnded(stage, topic);
      const consumer = readerOf(stage, topic);
      const records = await read(consumer, 3);
      assert.deepEqual(valuesIn(records), ["0", "1", "2"]);
      assert.deepEqual(offsetsIn(records), [3, 8, 13]);
    },
  );

  contract("transactions of several producers lie across each other, and each is read by its own end", async (stage) => {
    const topic = await stage.topic();
    const [one, two] = [await transactional(stage), await transactional(stage)];
    for (let i = 0; i < 4; i++) {
      for (const producer of [one, two]) producer.beginTransaction();
      await one.send(topic, { value: `one ${i}` });
      await two.send(topic, { value: `two ${i}` });
      await stage.produce(topic, 0, written(`none ${i}`));
      await one.send(topic, { value: `one ${i} again` });
      await one[i % 2 === 0 ? "commitTransaction" : "abortTransaction"]();
      await two[i < 2 ? "commitTransaction" : "abortTransaction"]();
    }
    await untilAllEnded(stage, topic);
    const expected = [0, 1, 2, 3].flatMap((i) => [
      ...(i % 2 === 0 ? [`one ${i}`] : []),
      ...(i < 2 ? [`two ${i}`] : []),
      `none ${i}`,
      ...(i % 2 === 0 ? [`one ${i} again`] : []),
    ]);
    assert.deepEqual(valuesIn(await read(readerOf(stage, topic), expected.length)), expected);
    // Batch by batch, so that every answer begins within some transaction.
    const slow = readerOf(stage, topic, { maxPartitionFetchBytes: 1, fetchMaxBytes: 1 });
    assert.deepEqual(valuesIn(await read(slow, expected.length)), expected);
  });

  contract("an open transaction holds back what comes after it, until it ends", async (stage) => {
    const topic = await stage.topic();
    const producer = await transactional(stage);
    await stage.produce(topic, 0, written("before"));
    producer.beginTransaction();
    await producer.send(topic, { value: "in it" });
    await stage.produce(topic, 0, written("after"));
    const consumer = readerOf(stage, topic);
    const place = { topic, partition: 0 };
    assert.deepEqual(valuesIn(await read(consumer, 1)), ["before"]);
    assert.deepEqual(await more(consumer), []);
    assert.deepEqual([await consumer.position(place), consumer.lag(place), consumer.highwater(place)], [1, 0, 3]);
    await producer.commitTransaction();
    assert.deepEqual(valuesIn(await read(consumer, 2)), ["in it", "after"]);
  });

  contract("positions go over what is not handed out: markers and what was aborted", async (stage) => {
    const topic = await stage.topic();
    const producer = await transactional(stage);
    await transaction(producer, "commitTransaction", topic, "a");
    await transaction(producer, "abortTransaction", topic, "not b");
    await untilAllEnded(stage, topic);
    const consumer = readerOf(stage, topic);
    const place = { topic, partition: 0 };
    await read(consumer, 1);
    await stage.eventually(async () => {
      assert.deepEqual(await more(consumer), []);
      assert.equal(await consumer.position(place), 4);
    });
    assert.deepEqual([consumer.lag(place), (await consumer.endOffsets([place]))[0]?.offset], [0, 4]);
  });

  contract("a seek into a transaction reads what is left of it, by its end", async (stage) => {
    const topic = await stage.topic();
    const producer = await transactional(stage);
    await transaction(producer, "abortTransaction", topic, "a", "b", "c");
    await transaction(producer, "commitTransaction", topic, "d", "e", "f");
    await untilAllEnded(stage, topic);
    const consumer = readerOf(stage, topic);
    consumer.seek({ topic, partition: 0 }, 1);
    assert.deepEqual(valuesIn(await read(consumer, 3)), ["d", "e", "f"]);
    consumer.seek({ topic, partition: 0 }, 5);
    assert.deepEqual(valuesIn(await read(consumer, 2)), ["e", "f"]);
  });

  contract("much that was aborted is gone over to what comes behind it", async (stage) => {
    const topic = await stage.topic();
    const producer = await transactional(stage);
    const many = Array.from({ length: 300 }, (_, i) => `not ${i} ${"x".repeat(1000)}`);
    await transaction(producer, "abortTransaction", topic, ...many);
    await transaction(producer, "commitTransaction", topic, "the last one");
    await untilAllEnded(stage, topic);
    const consumer = readerOf(stage, topic, { maxPartitionFetchBytes: 10_000 });
    assert.deepEqual(placesOf(await read(consumer, 1)), ["0/301 the last one"]);
  });
});
