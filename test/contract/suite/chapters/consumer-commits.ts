// The offsets of a group, committed by a consumer that assigns its partitions itself.

import assert from "node:assert/strict";
import type { Consumer, ConsumerOptions, TopicPartition } from "../../../../src/index.ts";
import { more, placesOf, read, valuesIn, written } from "../consuming.ts";
import { type Chapter, chapter } from "../contract.ts";
import { refused } from "../refusal.ts";
import type { Stage } from "../stage.ts";

/** Brokers from 0.11 to 4.x take it. */
const JOIN_GROUP_VERSION = 2;
const SESSION_MS = 30_000;

/** One partition with five records, and a group that nobody else has. */
async function five(stage: Stage): Promise<{ readonly place: TopicPartition; readonly groupId: string }> {
  const topic = await stage.topic();
  await stage.produce(topic, 0, written("a", "b", "c", "d", "e"));
  return { place: { topic, partition: 0 }, groupId: stage.uniqueName("group") };
}

function readerOf(stage: Stage, place: TopicPartition, options: Partial<ConsumerOptions>): Consumer {
  const consumer = stage.newConsumer({ enableAutoCommit: false, ...options });
  consumer.assign([place]);
  return consumer;
}

/** What a group has committed, as somebody else sees it. */
async function committedBy(stage: Stage, groupId: string, place: TopicPartition): Promise<number | null> {
  const consumer = stage.newConsumer({ groupId, enableAutoCommit: false });
  const found = await consumer.committed(place);
  await consumer.close();
  return found === null ? null : found.offset;
}

export const consumerCommits: Chapter = chapter("Consumer's commits", ({ contract }) => {
  contract("a commit is of the position, and whoever comes next in the group goes on there", async (stage) => {
    const { place, groupId } = await five(stage);
    const consumer = readerOf(stage, place, { groupId });
    assert.equal(await consumer.committed(place), null);
    await read(consumer, 2);
    await consumer.commit();
    assert.equal((await consumer.committed(place))?.offset, 2);
    await consumer.close();
    const next = readerOf(stage, place, { groupId, autoOffsetReset: "none" });
    assert.equal(await next.position(place), 2);
    assert.deepEqual(valuesIn(await read(next, 3)), ["c", "d", "e"]);
  });

  contract("an offset is committed with metadata, of partitions that need not be assigned", async (stage) => {
    const topic = await stage.topic({ numPartitions: 3 });
    const groupId = stage.uniqueName("group");
    const consumer = stage.newConsumer({ groupId });
    await consumer.commit([
      { topic, partition: 0, offset: 7, metadata: "größer" },
      { topic, partition: 2, offset: 0 },
    ]);
    const found = await consumer.committed([0, 1, 2].map((partition) => ({ topic, partition })));
    assert.deepEqual(
      found.map((it) => it && [it.offset, it.metadata]),
      [[7, "größer"], null, [0, ""]],
    );
  });

  contract(
    "the epoch of the leader is committed with the offset",
    async (stage) => {
      const { place, groupId } = await five(stage);
      const consumer = readerOf(stage, place, { groupId });
      await consumer.commit([{ ...place, offset: 3, leaderEpoch: 0 }]);
      assert.equal((await consumer.committed(place))?.leaderEpoch, 0);
      await consumer.commit([{ ...place, offset: 4 }]);
      assert.equal((await consumer.committed(place))?.leaderEpoch, undefined);
      consumer.seek(place, 4);
      await read(consumer, 1);
      await consumer.commit();
      assert.deepEqual(await consumer.committed(place), { offset: 5, metadata: "", leaderEpoch: 0 });
    },
    { needs: "leader epochs" },
  );

  contract("more metadata than the broker keeps is refused, and nothing is committed", async (stage) => {
    const { place, groupId } = await five(stage);
    const consumer = readerOf(stage, place, { groupId });
    await refused("OFFSET_METADATA_TOO_LARGE", consumer.commit([{ ...place, offset: 1, metadata: "x".repeat(5000) }]));
    assert.equal(await consumer.committed(place), null);
  });

  contract("offsets of a topic that is not there are tried until the time is over, and none is committed there", async (stage) => {
    const consumer = stage.newConsumer({ groupId: stage.uniqueName("group") });
    const place = { topic: stage.uniqueName("missing"), partition: 0 };
    assert.equal(await consumer.committed(place), null);
    await refused("REQUEST_TIMEOUT", consumer.commit([{ ...place, offset: 1 }], { timeoutMs: 300 }));
    assert.equal(await consumer.committed(place), null);
  });

  contract("without a group there is nothing to commit to", async (stage) => {
    const { place } = await five(stage);
    const consumer = stage.newConsumer();
    consumer.assign([place]);
    await refused("ILLEGAL_STATE", consumer.commit());
    await refused("ILLEGAL_STATE", consumer.committed(place));
  });

  contract("commits that nobody waits for arrive in their order, and their callbacks are called in it", async (stage) => {
    const { place, groupId } = await five(stage);
    const consumer = readerOf(stage, place, { groupId });
    const told: unknown[] = [];
    for (let offset = 1; offset <= 20; offset++) {
      consumer.commitAsync([{ ...place, offset }], (offsets, error) => told.push([offsets[0]?.offset, error]));
    }
    await consumer.commit([{ ...place, offset: 21 }]);
    assert.deepEqual(
      told,
      Array.from({ length: 20 }, (_, i) => [i + 1, undefined]),
    );
    assert.equal((await consumer.committed(place))?.offset, 21);
    consumer.commitAsync([{ ...place, offset: 2 }]);
    await consumer.close();
    assert.equal(await committedBy(stage, groupId, place), 2);
  });

  contract("a commit that nobody waits for tells its failure to its callback", async (stage) => {
    const { place, groupId } = await five(stage);
    const consumer = readerOf(stage, place, { groupId });
    const told = new Promise<Error | undefined>((resolve) => {
      consumer.commitAsync([{ ...place, offset: 1, metadata: "x".repeat(5000) }], (_offsets, error) => resolve(error));
    });
    await refused(
      "OFFSET_METADATA_TOO_LARGE",
      told.then((error) => Promise.reject(error ?? new Error("nothing was refused"))),
    );
  });

  contract("auto-commit commits what was processed, and not what was only handed out", async (stage) => {
    const { place, groupId } = await five(stage);
    const consumer = readerOf(stage, place, { groupId, enableAutoCommit: true, autoCommitIntervalMs: 50 });
    await read(consumer, 2);
    await read(consumer, 1);
    await stage.eventually(async () => assert.equal(await committedBy(stage, groupId, place), 2));
  });

  contract("closing commits what was handed out", async (stage) => {
    const { place, groupId } = await five(stage);
    const consumer = readerOf(stage, place, { groupId, enableAutoCommit: true });
    await read(consumer, 3);
    await consumer.close();
    assert.equal(await committedBy(stage, groupId, place), 3);
  });

  contract("closing commits nothing without auto-commit, or where it is told so", async (stage) => {
    const { place, groupId } = await five(stage);
    const manual = readerOf(stage, place, { groupId });
    await read(manual, 3);
    await manual.close();
    const told = readerOf(stage, place, { groupId, enableAutoCommit: true });
    await read(told, 3);
    await told.close({ autocommit: false });
    assert.equal(await committedBy(stage, groupId, place), null);
  });

  contract("a loop commits up to the record that it was left at", async (stage) => {
    const { place, groupId } = await five(stage);
    const consumer = readerOf(stage, place, { groupId, enableAutoCommit: true });
    for await (const { offset } of consumer) if (offset === 3) break;
    await consumer.commit();
    assert.equal(await committedBy(stage, groupId, place), 4);
  });

  contract("a batch commits its own end", async (stage) => {
    const { place, groupId } = await five(stage);
    await stage.produce(place.topic, 0, written("f"));
    const consumer = readerOf(stage, place, { groupId });
    for await (const batch of consumer.batches()) {
      await batch.commit();
      break;
    }
    assert.equal(await committedBy(stage, groupId, place), 5);
  });

  contract("a run commits what its function has finished", async (stage) => {
    const { place, groupId } = await five(stage);
    const consumer = readerOf(stage, place, { groupId, enableAutoCommit: true });
    const failing = consumer.run({
      eachRecord: ({ offset }) => {
        if (offset === 3) throw new RangeError("enough");
      },
    });
    await assert.rejects(failing, RangeError);
    await consumer.close();
    assert.equal(await committedBy(stage, groupId, place), 3);
  });

  contract("a committed offset that the log has lost goes on by the policy", async (stage) => {
    const { place, groupId } = await five(stage);
    await readerOf(stage, place, { groupId }).commit([{ ...place, offset: 1 }]);
    await stage.admin.deleteRecords([{ ...place, offset: 3 }]);
    assert.deepEqual(placesOf(await read(readerOf(stage, place, { groupId }), 2)), ["0/3 d", "0/4 e"]);
  });

  contract("reading begins with what is committed when it begins", async (stage) => {
    const { place, groupId } = await five(stage);
    const consumer = readerOf(stage, place, { groupId });
    await consumer.commit([{ ...place, offset: 1 }]);
    assert.equal((await consumer.committed(place))?.offset, 1);
    await consumer.commit([{ ...place, offset: 3 }]);
    assert.deepEqual(placesOf(await read(consumer, 1)), ["0/3 d"]);
  });

  contract("seeking and assigning with an offset come before what is committed", async (stage) => {
    const { place, groupId } = await five(stage);
    const consumer = readerOf(stage, place, { groupId });
    await consumer.commit([{ ...place, offset: 1 }]);
    consumer.seek(place, 4);
    assert.deepEqual(placesOf(await read(consumer, 1)), ["0/4 e"]);
    const other = stage.newConsumer({ groupId });
    other.assign([{ ...place, offset: 3 }]);
    assert.deepEqual(placesOf(await read(other, 1)), ["0/3 d"]);
  });

  contract("offsets that a transaction commits are the group's when it has ended", async (stage) => {
    const { place, groupId } = await five(stage);
    const consumer = readerOf(stage, place, { groupId });
    const producer = stage.newProducer({ transactionalId: stage.uniqueName("producer") });
    await producer.initTransactions();
    for (const [end, offset] of [
      ["commitTransaction", 2],
      ["abortTransaction", 3],
    ] as const) {
      producer.beginTransaction();
      await producer.sendOffsetsToTransaction([{ ...place, offset }], consumer.groupMetadata());
      await producer[end]();
    }
    await stage.eventually(async () => assert.equal((await consumer.committed(place))?.offset, 2));
    assert.deepEqual(valuesIn(await read(readerOf(stage, place, { groupId }), 1)), ["c"]);
  });

  contract(
    "an offset that an open transaction is about to replace is waited for",
    async (stage) => {
      const { place, groupId } = await five(stage);
      const consumer = readerOf(stage, place, { groupId });
      await consumer.commit([{ ...place, offset: 1 }]);
      const producer = stage.newProducer({ transactionalId: stage.uniqueName("producer") });
      await producer.initTransactions();
      producer.beginTransaction();
      await producer.sendOffsetsToTransaction([{ ...place, offset: 4 }], consumer.groupMetadata());
      await refused("REQUEST_TIMEOUT", consumer.committed(place, { timeoutMs: 300 }));
      const waiting = consumer.committed(place);
      await producer.commitTransaction();
      assert.equal((await waiting)?.offset, 4);
    },
    { needs: "stable offsets" },
  );

  contract("while a group has members, who is none of them cannot commit", async (stage) => {
    const { place, groupId } = await five(stage);
    const consumer = readerOf(stage, place, { groupId });
    const protocols = [{ name: "range", metadata: new Uint8Array() }];
    const member = { groupId, sessionTimeoutMs: SESSION_MS, rebalanceTimeoutMs: SESSION_MS, protocolType: "consumer", protocols };
    await stage.eventually(async () => {
      const { errorCode } = await stage.ask("JoinGroup", JOIN_GROUP_VERSION, { ...member, memberId: "" });
      assert.equal(errorCode, 0);
    });
    await refused("COMMIT_FAILED", consumer.commit([{ ...place, offset: 1 }]));
    assert.deepEqual(
      await more(consumer),
      [0, 1, 2, 3, 4].map((offset) => `0/${offset} ${"abcde"[offset]}`),
    );
  });
});
