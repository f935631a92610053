// Which partitions a consumer reads: those that it is given, or those of the topics that it asked for, as they come and go.

import assert from "node:assert/strict";
import type { RebalanceListener, TopicPartition } from "../../../../src/index.ts";
import { more, offsetsIn, placesOf, read, valuesIn } from "../consuming.ts";
import { type Chapter, chapter } from "../contract.ts";
import { refusalOf } from "../refusal.ts";
import type { Stage } from "../stage.ts";

/** Looks often for what has changed. */
const WATCHFUL = { metadataMaxAgeMs: 200 } as const;

/** `+ topic 0`, `- topic 1`, as the listener was told. */
class Told implements RebalanceListener {
  readonly calls: string[] = [];

  onPartitionsAssigned(partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) this.calls.push(`+ ${topic} ${partition}`);
  }

  onPartitionsRevoked(partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) this.calls.push(`- ${topic} ${partition}`);
  }
}

async function topicOf(stage: Stage, ...values: readonly string[]): Promise<string> {
  const topic = await stage.topic({ numPartitions: values.length });
  for (const [partition, value] of values.entries()) await stage.produce(topic, partition, [{ value }]);
  return topic;
}

export const consumerAssignment: Chapter = chapter("Consumer's assignment", ({ contract }) => {
  contract("partitions that are assigned are read, and no others", async (stage) => {
    const topic = await topicOf(stage, "a", "b", "c");
    const consumer = stage.newConsumer();
    const wanted = [0, 2].map((partition) => ({ topic, partition }));
    consumer.assign(wanted);
    assert.deepEqual(consumer.assignment(), wanted);
    assert.deepEqual(placesOf(await read(consumer, 2)).toSorted(), ["0/0 a", "2/0 c"]);
    assert.deepEqual(await more(consumer), []);
  });

  contract("partitions that stay assigned go on where they are", async (stage) => {
    const topic = await topicOf(stage, "a", "b");
    await stage.produce(topic, 0, [{ value: "a2" }]);
    const consumer = stage.newConsumer();
    consumer.assign([{ topic, partition: 0 }]);
    assert.deepEqual(placesOf(await read(consumer, 1)), ["0/0 a"]);
    consumer.assign([0, 1].map((partition) => ({ topic, partition })));
    assert.deepEqual(placesOf(await read(consumer, 2)).toSorted(), ["0/1 a2", "1/0 b"]);
    consumer.assign([{ topic, partition: 1 }]);
    await stage.produce(topic, 0, [{ value: "a3" }]);
    await stage.produce(topic, 1, [{ value: "b2" }]);
    assert.deepEqual(placesOf(await read(consumer, 1)), ["1/1 b2"]);
    assert.deepEqual(await more(consumer), []);
  });

  contract("a partition that is assigned with an offset is read from there", async (stage) => {
    const topic = await stage.topic();
    await stage.produce(topic, 0, [{ value: "a" }, { value: "b" }, { value: "c" }]);
    const consumer = stage.newConsumer();
    consumer.assign([{ topic, partition: 0, offset: 1 }]);
    assert.deepEqual(placesOf(await read(consumer, 2)), ["0/1 b", "0/2 c"]);
  });

  contract("subscribing reads all partitions of all topics, and tells the listener first", async (stage) => {
    const [one, two] = [await topicOf(stage, "a", "b"), await topicOf(stage, "c")];
    const consumer = stage.newConsumer();
    const told = new Told();
    consumer.subscribe([one, two], told);
    assert.deepEqual(consumer.subscription(), new Set([one, two]));
    assert.deepEqual(valuesIn(await read(consumer, 3)).toSorted(), ["a", "b", "c"]);
    assert.deepEqual(told.calls.toSorted(), [`+ ${one} 0`, `+ ${one} 1`, `+ ${two} 0`].toSorted());
  });

  contract("a topic that is not there yet is read when it is created", async (stage) => {
    const topic = stage.uniqueName();
    const consumer = stage.newConsumer(WATCHFUL);
    consumer.subscribe(topic);
    assert.deepEqual(await more(consumer), []);
    await stage.admin.createTopics([{ name: topic, numPartitions: 1, replicationFactor: 1 }]);
    await stage.untilLed(topic, 1);
    await stage.produce(topic, 0, [{ value: "a" }]);
    assert.deepEqual(placesOf(await read(consumer, 1)), ["0/0 a"]);
  });

  contract("a pattern reads the topics that fit, those that are created later included", async (stage) => {
    const prefix = stage.uniqueName("pattern");
    const create = async (suffix: string): Promise<string> => {
      const name = `${prefix}-${suffix}`;
      await stage.admin.createTopics([{ name, numPartitions: 1, replicationFactor: 1 }]);
      await stage.untilLed(name, 1);
      await stage.produce(name, 0, [{ value: suffix }]);
      return name;
    };
    await create("other");
    const first = await create("in-1");
    const consumer = stage.newConsumer(WATCHFUL);
    consumer.subscribe(new RegExp(`^${prefix}-in-`));
    assert.deepEqual(valuesIn(await read(consumer, 1)), ["in-1"]);
    const second = await create("in-2");
    assert.deepEqual(valuesIn(await read(consumer, 1)), ["in-2"]);
    assert.deepEqual(consumer.subscription(), new Set([first, second]));
    assert.deepEqual(await more(consumer), []);
  });

  contract(
    "partitions that are added are read from their beginning",
    async (stage) => {
      const topic = await topicOf(stage, "a");
      const consumer = stage.newConsumer(WATCHFUL);
      const told = new Told();
      consumer.subscribe(topic, told);
      assert.deepEqual(placesOf(await read(consumer, 1)), ["0/0 a"]);
      await stage.admin.createPartitions({ [topic]: 3 });
      await stage.untilLed(topic, 3);
      await stage.produce(topic, 2, [{ value: "c" }]);
      assert.deepEqual(placesOf(await read(consumer, 1)), ["2/0 c"]);
      assert.deepEqual(
        told.calls,
        [0, 1, 2].map((partition) => `+ ${topic} ${partition}`),
      );
    },
    { needs: "added partitions" },
  );

  contract("a topic that is deleted is let go of, the listener is told, and the others are read on", async (stage) => {
    const [kept, gone] = [await topicOf(stage, "a"), await topicOf(stage, "b")];
    const consumer = stage.newConsumer(WATCHFUL);
    const told = new Told();
    consumer.subscribe([kept, gone], told);
    await read(consumer, 2);
    await stage.admin.deleteTopics([gone]);
    await stage.eventually(async () => {
      assert.deepEqual(await more(consumer), []);
      assert.deepEqual(consumer.assignment(), [{ topic: kept, partition: 0 }]);
    });
    assert.deepEqual(told.calls.slice(2), [`- ${gone} 0`]);
    await stage.produce(kept, 0, [{ value: "a2" }]);
    assert.deepEqual(placesOf(await read(consumer, 1)), ["0/1 a2"]);
  });

  contract("a topic that is deleted and created again is read from its beginning", async (stage) => {
    const topic = await stage.topic();
    await stage.produce(topic, 0, [{ value: "old" }, { value: "old" }, { value: "old" }]);
    const consumer = stage.newConsumer(WATCHFUL);
    consumer.assign([{ topic, partition: 0 }]);
    await read(consumer, 3);
    await stage.admin.deleteTopics([topic]);
    await stage.eventually(() => stage.admin.createTopics([{ name: topic, numPartitions: 1, replicationFactor: 1 }]));
    await stage.untilLed(topic, 1);
    await stage.eventually(() => stage.produce(topic, 0, [{ value: "new" }]));
    const [first] = await read(consumer, 1);
    assert.deepEqual(placesOf(first === undefined ? [] : [first]), ["0/0 new"]);
  });

  contract("a subscription replaces the one before, and unsubscribing ends it", async (stage) => {
    const [one, two] = [await topicOf(stage, "a"), await topicOf(stage, "b")];
    const consumer = stage.newConsumer();
    consumer.subscribe(one);
    assert.deepEqual(valuesIn(await read(consumer, 1)), ["a"]);
    consumer.subscribe(two);
    assert.deepEqual(valuesIn(await read(consumer, 1)), ["b"]);
    await stage.produce(one, 0, [{ value: "a2" }]);
    assert.deepEqual(await more(consumer), []);
    consumer.unsubscribe();
    assert.deepEqual([consumer.assignment(), consumer.subscription()], [[], new Set()]);
    consumer.assign([{ topic: one, partition: 0 }]);
    assert.deepEqual(offsetsIn(await read(consumer, 2)), [0, 1]);
  });

  contract("a topic's name that is none is refused by a subscription before anybody is asked", async (stage) => {
    const consumer = stage.newConsumer();
    const subscribing = (async () => consumer.subscribe("not a topic"))();
    assert.equal((await refusalOf(subscribing)).code, "ILLEGAL_STATE");
  });

  contract("topics and partitions that there are, are told", async (stage) => {
    const topic = await stage.topic({ numPartitions: 3 });
    const consumer = stage.newConsumer();
    assert.ok((await consumer.topics()).has(topic));
    assert.deepEqual(await consumer.partitionsForTopic(topic), new Set([0, 1, 2]));
    const missing = stage.uniqueName("missing");
    assert.deepEqual(await consumer.partitionsForTopic(missing), new Set());
    assert.equal((await consumer.topics()).has(missing), false);
  });
});
