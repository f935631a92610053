// Where a consumer reads: where it begins, where it is, where it is sent, and what becomes of positions that the log does not have.

import assert from "node:assert/strict";
import { LogTruncationError, NoOffsetError, OffsetOutOfRangeError, type OffsetReset } from "../../../../src/index.ts";
import { more, offsetsIn, placesOf, read, valuesIn, written } from "../consuming.ts";
import { type Chapter, chapter } from "../contract.ts";
import { refusalOf, refused } from "../refusal.ts";
import type { Stage } from "../stage.ts";

const AT = 1_700_000_000_000;
const HOUR_MS = 3_600_000;
/** The times are of 2023, which is longer ago than a broker keeps records. */
const FOREVER = { "retention.ms": "-1" } as const;

/** Five records in one partition, of a second each. */
async function five(stage: Stage): Promise<string> {
  const topic = await stage.topic({ configs: FOREVER });
  for (const [i, { value }] of written("a", "b", "c", "d", "e").entries()) {
    await stage.produce(topic, 0, [{ value, timestamp: AT + i * 1000 }]);
  }
  return topic;
}

/** What a consumer with this policy reads first, when it is sent to `offset` of a log that was cut to [3, 5). */
async function readsFirst(stage: Stage, autoOffsetReset: OffsetReset, offset: number): Promise<readonly string[]> {
  const topic = await five(stage);
  await stage.admin.deleteRecords([{ topic, partition: 0, offset: 3 }]);
  await stage.produce(topic, 0, [{ value: "young", timestamp: Date.now() }]);
  const consumer = stage.newConsumer({ autoOffsetReset });
  consumer.assign([{ topic, partition: 0, offset }]);
  return placesOf(await read(consumer, 1));
}

export const consumerPositions: Chapter = chapter("Consumer's positions", ({ contract }) => {
  contract("'earliest' begins at the first record that is left", async (stage) => {
    const topic = await five(stage);
    await stage.admin.deleteRecords([{ topic, partition: 0, offset: 2 }]);
    const consumer = stage.newConsumer({ autoOffsetReset: "earliest" });
    consumer.assign([{ topic, partition: 0 }]);
    assert.equal(await consumer.position({ topic, partition: 0 }), 2);
    assert.deepEqual(placesOf(await read(consumer, 3)), ["0/2 c", "0/3 d", "0/4 e"]);
  });

  contract("'latest' begins with what comes next", async (stage) => {
    const topic = await five(stage);
    const consumer = stage.newConsumer({ autoOffsetReset: "latest" });
    consumer.assign([{ topic, partition: 0 }]);
    assert.equal(await consumer.position({ topic, partition: 0 }), 5);
    await stage.produce(topic, 0, [{ value: "new" }]);
    assert.deepEqual(placesOf(await read(consumer, 1)), ["0/5 new"]);
  });

  contract("'none' begins nowhere: whoever reads is told for which partitions, until they are sought", async (stage) => {
    const topic = await stage.topic({ numPartitions: 2 });
    await stage.produce(topic, 0, written("a", "b"));
    const consumer = stage.newConsumer({ autoOffsetReset: "none" });
    const places = [0, 1].map((partition) => ({ topic, partition }));
    consumer.assign(places);
    const error = await refusalOf(consumer.poll({ timeoutMs: 10_000 }));
    assert.ok(error instanceof NoOffsetError, error.message);
    assert.deepEqual(error.partitions, places);
    await refused("NO_OFFSET", consumer.position({ topic, partition: 0 }));
    consumer.seek({ topic, partition: 0 }, 1);
    consumer.seekToEnd({ topic, partition: 1 });
    assert.deepEqual(placesOf(await read(consumer, 1)), ["0/1 b"]);
  });

  contract("a duration begins with what is not older than that", async (stage) => {
    const topic = await stage.topic({ configs: FOREVER });
    const now = Date.now();
    await stage.produce(topic, 0, [{ value: "old", timestamp: now - 2 * HOUR_MS }]);
    await stage.produce(topic, 0, [{ value: "young", timestamp: now }]);
    const consumer = stage.newConsumer({ autoOffsetReset: { durationMs: HOUR_MS } });
    consumer.assign([{ topic, partition: 0 }]);
    assert.deepEqual(placesOf(await read(consumer, 1)), ["0/1 young"]);
  });

  contract("a duration begins at the end where everything is older", async (stage) => {
    const topic = await five(stage);
    const consumer = stage.newConsumer({ autoOffsetReset: { durationMs: HOUR_MS } });
    consumer.assign([{ topic, partition: 0 }]);
    assert.equal(await consumer.position({ topic, partition: 0 }), 5);
  });

  for (const [offset, where] of [
    [0, "whose records were deleted"],
    [100, "that the log does not have yet"],
  ] as const) {
    contract(`a position ${where} goes on by the policy`, async (stage) => {
      assert.deepEqual(await readsFirst(stage, "earliest", offset), ["0/3 d"]);
      assert.deepEqual(await readsFirst(stage, { durationMs: HOUR_MS }, offset), ["0/5 young"]);
    });

    contract(`a position ${where} goes on with what comes next, with 'latest'`, async (stage) => {
      const topic = await five(stage);
      await stage.admin.deleteRecords([{ topic, partition: 0, offset: 3 }]);
      const consumer = stage.newConsumer({ autoOffsetReset: "latest" });
      const place = { topic, partition: 0 };
      consumer.assign([{ ...place, offset }]);
      await stage.eventually(async () => {
        assert.deepEqual(await more(consumer), []);
        assert.equal(await consumer.position(place), 5);
      });
      await stage.produce(topic, 0, written("new"));
      assert.deepEqual(placesOf(await read(consumer, 1)), ["0/5 new"]);
    });

    contract(`a position ${where} is an error with 'none', until it is sought`, async (stage) => {
      const topic = await five(stage);
      await stage.admin.deleteRecords([{ topic, partition: 0, offset: 3 }]);
      const consumer = stage.newConsumer({ autoOffsetReset: "none" });
      consumer.assign([{ topic, partition: 0, offset }]);
      const error = await refusalOf(consumer.poll({ timeoutMs: 10_000 }));
      assert.ok(error instanceof OffsetOutOfRangeError, error.message);
      assert.deepEqual(
        error.positions.map((it) => [it.topic, it.partition, it.offset]),
        [[topic, 0, offset]],
      );
      consumer.seek({ topic, partition: 0 }, 4);
      assert.deepEqual(placesOf(await read(consumer, 1)), ["0/4 e"]);
    });
  }

  contract("records deleted while they are read are left out, and what is left is read", async (stage) => {
    const topic = await five(stage);
    const consumer = stage.newConsumer({ maxPartitionFetchBytes: 1, fetchMaxBytes: 1 });
    consumer.assign([{ topic, partition: 0 }]);
    assert.deepEqual(placesOf(await read(consumer, 1)), ["0/0 a"]);
    consumer.pause({ topic, partition: 0 });
    await stage.admin.deleteRecords([{ topic, partition: 0, offset: 4 }]);
    consumer.seek({ topic, partition: 0 }, 1);
    consumer.resume({ topic, partition: 0 });
    assert.deepEqual(placesOf(await read(consumer, 1)), ["0/4 e"]);
  });

  contract("seeking goes to any offset, forth and back", async (stage) => {
    const topic = await five(stage);
    const consumer = stage.newConsumer();
    const place = { topic, partition: 0 };
    consumer.assign([place]);
    for (const offset of [3, 0, 4, 4, 1]) {
      consumer.seek(place, offset);
      assert.equal(await consumer.position(place), offset);
      assert.deepEqual(offsetsIn(await read(consumer, 1)), [offset]);
      assert.equal(await consumer.position(place), offset + 1);
    }
  });

  contract("seeking to the beginning and to the end is looked up when it is needed", async (stage) => {
    const topic = await five(stage);
    const consumer = stage.newConsumer({ autoOffsetReset: "none" });
    const place = { topic, partition: 0 };
    consumer.assign([place]);
    consumer.seekToEnd();
    assert.equal(await consumer.position(place), 5);
    consumer.seekToBeginning(place);
    assert.deepEqual(valuesIn(await read(consumer, 5)), ["a", "b", "c", "d", "e"]);
  });

  contract("what is paused is not read, what is resumed goes on where it was", async (stage) => {
    const topic = await stage.topic({ numPartitions: 2 });
    const [first, second] = [0, 1].map((partition) => ({ topic, partition }));
    assert.ok(first !== undefined && second !== undefined);
    await stage.produce(topic, 0, written("a", "b", "c"));
    const consumer = stage.newConsumer();
    consumer.assign([first, second]);
    assert.deepEqual(placesOf(await read(consumer, 1)), ["0/0 a"]);
    consumer.pause(first);
    assert.deepEqual(consumer.paused(), [first]);
    await stage.produce(topic, 1, written("x"));
    assert.deepEqual(placesOf(await read(consumer, 1)), ["1/0 x"]);
    assert.deepEqual(await more(consumer), []);
    assert.equal(await consumer.position(first), 1);
    consumer.resume(first);
    assert.deepEqual(placesOf(await read(consumer, 2)), ["0/1 b", "0/2 c"]);
  });

  contract("beginnings and ends are told for partitions that are not assigned", async (stage) => {
    const topic = await stage.topic({ numPartitions: 2 });
    await stage.produce(topic, 0, written("a", "b", "c"));
    await stage.admin.deleteRecords([{ topic, partition: 0, offset: 1 }]);
    const consumer = stage.newConsumer();
    const places = [0, 1].map((partition) => ({ topic, partition }));
    const told = (of: readonly { readonly partition: number; readonly offset: number }[]): unknown =>
      of.map(({ partition, offset }) => [partition, offset]);
    assert.deepEqual(told(await consumer.beginningOffsets(places)), [
      [0, 1],
      [1, 0],
    ]);
    assert.deepEqual(told(await consumer.endOffsets(places)), [
      [0, 3],
      [1, 0],
    ]);
  });

  contract("with read_committed a partition ends before the first transaction that is open", async (stage) => {
    const topic = await stage.topic();
    const producer = stage.newProducer({ transactionalId: stage.uniqueName("producer") });
    await producer.initTransactions();
    await stage.produce(topic, 0, written("before"));
    producer.beginTransaction();
    await producer.send(topic, { value: "open" });
    const place = { topic, partition: 0 };
    const ends = (isolationLevel: "read_committed" | "read_uncommitted"): Promise<readonly { readonly offset: number }[]> =>
      stage.newConsumer({ isolationLevel }).endOffsets([place]);
    assert.deepEqual([(await ends("read_committed"))[0]?.offset, (await ends("read_uncommitted"))[0]?.offset], [1, 2]);
    await producer.commitTransaction();
    await stage.eventually(async () => assert.equal((await ends("read_committed"))[0]?.offset, 3));
  });

  contract("a point in time is the first record that is as young or younger, or nothing", async (stage) => {
    const topic = await five(stage);
    const consumer = stage.newConsumer();
    const found = [];
    for (const ms of [-1, 0, 1, 1500, 4000, 4001]) {
      found.push(...(await consumer.offsetsForTimes([{ topic, partition: 0, timestampMs: AT + ms }])));
    }
    assert.deepEqual(
      found.map(({ offset, timestampMs }) => [offset, timestampMs === null ? null : timestampMs - AT]),
      [
        [0, 0],
        [0, 0],
        [1, 1000],
        [2, 2000],
        [4, 4000],
        [null, null],
      ],
    );
  });

  contract("offsets of a partition that there is not are asked for until the time is over", async (stage) => {
    const place = { topic: stage.uniqueName("missing"), partition: 0 };
    const consumer = stage.newConsumer();
    await consumer.topics();
    const options = { timeoutMs: 300 };
    await refused("REQUEST_TIMEOUT", consumer.beginningOffsets([place], options));
    await refused("REQUEST_TIMEOUT", consumer.endOffsets([place], options));
    await refused("REQUEST_TIMEOUT", consumer.offsetsForTimes([{ ...place, timestampMs: 0 }], options));
    consumer.assign([place]);
    await refused("REQUEST_TIMEOUT", consumer.position(place, options));
  });

  contract("the end of the log and how far it is away are known since the last fetch", async (stage) => {
    const topic = await five(stage);
    const consumer = stage.newConsumer();
    const place = { topic, partition: 0 };
    consumer.assign([place]);
    assert.deepEqual([consumer.highwater(place), consumer.lag(place)], [undefined, undefined]);
    await read(consumer, 2);
    await stage.eventually(async () => assert.deepEqual([consumer.highwater(place), consumer.lag(place)], [5, 3]));
    await read(consumer, 3);
    assert.deepEqual([consumer.highwater(place), consumer.lag(place)], [5, 0]);
  });

  contract("a position with the epoch of its leader is checked, and read on", async (stage) => {
    const topic = await five(stage);
    const consumer = stage.newConsumer();
    consumer.assign([{ topic, partition: 0, offset: 3, leaderEpoch: 0 }]);
    assert.deepEqual(placesOf(await read(consumer, 2)), ["0/3 d", "0/4 e"]);
  });

  contract(
    "a position behind the end of its epoch tells that the log was cut, or goes on where the logs part",
    async (stage) => {
      const topic = await five(stage);
      const place = { topic, partition: 0, offset: 100, leaderEpoch: 0 };
      const strict = stage.newConsumer({ autoOffsetReset: "none" });
      strict.assign([place]);
      const error = await refusalOf(strict.poll({ timeoutMs: 10_000 }));
      assert.ok(error instanceof LogTruncationError, error.message);
      const consumer = stage.newConsumer();
      consumer.assign([place]);
      assert.deepEqual(await more(consumer), []);
      await stage.produce(topic, 0, written("new"));
      assert.deepEqual(placesOf(await read(consumer, 1)), ["0/5 new"]);
    },
    { needs: "checked positions" },
  );
});
